import ArgumentParser
import Diagnostics
import Foundation
import HostFacts
import TproxyConfig

/// Where the host facts come from.
struct FactsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take the facts from this file instead of this host.",
            discussion: "'tproxy facts' writes such a file.", valueName: "file"))
    var facts: String?

    /// The facts of the file, or of this host.
    func load(for config: TproxyConfig) throws -> HostFacts {
        guard let facts else { return try readHost(for: config) }
        let file = try InputFile(facts)
        do {
            return try JSONDecoder().decode(HostFacts.self, from: Data(file.text.utf8))
        } catch let error as DecodingError {
            throw CommandFailure(.invalidFacts(file.name, because: Self.words(error)))
        }
    }

    private func readHost(for config: TproxyConfig) throws -> HostFacts {
        let query: ProxyUserQuery =
            switch config.kumaDPUser.value {
            case nil: .byDefault
            case .id(let id): .id(id)
            case .name(let name): .name(name)
            }
        do {
            let reading = try HostReader().read(
                proxyUser: query, resolvConfigPath: config.redirect.dns.resolvConfigPath.value,
                isCNIMode: config.cniMode.value)
            Console.report(reading.doubts.map { .doubt($0) })
            return reading.facts
        } catch {
            throw CommandFailure(error.diagnostic(at: config.kumaDPUser.origin.location))
        }
    }

    private static func words(_ error: DecodingError) -> String {
        switch error {
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is not valid JSON"
        case .dataCorrupted(let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            "at '\(path(context.codingPath))': \(context.debugDescription)"
        case .keyNotFound(let key, _): "key '\(key.stringValue)' is missing"
        @unknown default: "it is not valid"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
    }
}
