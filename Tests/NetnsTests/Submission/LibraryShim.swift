import Foundation
import Testing
import TproxyTestSupport

/// A library that is loaded before libnftables (ld.so(8), LD_PRELOAD): it records every document,
/// and can end the process or refuse the document.
struct LibraryShim {
    enum Behaviour: String, CaseIterable, Sendable {
        /// libnftables runs as usual.
        case record
        /// The process gets SIGSEGV before libnftables begins.
        case dieBefore = "die-before"
        /// The process gets SIGSEGV when libnftables is done.
        case dieAfter = "die-after"
        /// The library ends the process, as libnftables does without memory.
        case exit
        /// The document is refused.
        case refuse
    }

    private let folder: TestFolder

    init() async throws {
        folder = try TestFolder()
        try Self.source.write(
            toFile: folder.path(of: "shim.c"), atomically: true, encoding: .utf8)
        let made = try await Command.run(
            "bash",
            [
                "-c",
                "$(dirname $(readlink -f $(command -v swift)))/clang -shared -fPIC -o $1 $2",
                "bash",
                folder.path(of: "shim.so"), folder.path(of: "shim.c"),
            ])
        try #require(made.status == 0, "\(made.errors)")
    }

    func environment(_ behaviour: Behaviour) -> [String: String] {
        [
            "LD_PRELOAD": folder.path(of: "shim.so"), "SHIM_BEHAVIOUR": behaviour.rawValue,
            "SHIM_RECORD": folder.path(of: "documents"),
        ]
    }

    /// The documents since the last call.
    func documents() throws -> [String] {
        let path = folder.path(of: "documents")
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        try FileManager.default.removeItem(atPath: path)
        return text.split(separator: "\u{1}").map(String.init)
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>

        int nft_run_cmd_from_buffer(void *context, const char *document) {
            int (*real)(void *, const char *) = dlsym(RTLD_NEXT, "nft_run_cmd_from_buffer");
            volatile int *nowhere = NULL;
            const char *behaviour = getenv("SHIM_BEHAVIOUR");
            FILE *record = fopen(getenv("SHIM_RECORD"), "a");
            fprintf(record, "%s\\001", document);
            fclose(record);
            if (!strcmp(behaviour, "die-before")) *nowhere = 1;
            if (!strcmp(behaviour, "exit")) exit(1);
            if (!strcmp(behaviour, "refuse")) return -1;
            int status = real(context, document);
            if (!strcmp(behaviour, "die-after")) *nowhere = 1;
            return status;
        }
        """
}
