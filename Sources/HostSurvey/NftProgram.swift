import LinuxHost

/// The program nft, as it lists tables of others.
enum NftProgram {
    /// Why it can't.
    struct Unreadable: Error {
        var reason: String
    }

    /// nft reads again, without an end, while rules are changed without a pause.
    private static let mostSeconds: UInt32 = 10

    /// What `nft -j list table` prints.
    static func list(_ family: String, _ table: String) throws(Unreadable) -> String {
        guard let path = ProgramSearch.path(of: "nft") else {
            throw Unreadable(
                reason: "table \(family) \(table) may drop packets, and 'nft' isn't installed")
        }
        let run: ToolRun
        do throws(ToolRun.Failure) {
            run = try ToolRun(
                path, ["-j", "list", "table", family, table], seconds: mostSeconds)
        } catch {
            throw Unreadable(reason: "'\(path)': \(error.reason)")
        }
        guard run.status == 0 else {
            throw Unreadable(
                reason: "table \(family) \(table): \(run.errors.prefix { $0 != "\n" })")
        }
        return run.output
    }
}
