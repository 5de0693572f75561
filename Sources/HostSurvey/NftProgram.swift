import LinuxHost

/// The program nft, used to list foreign tables.
enum NftProgram {
    /// The table can't be listed.
    struct Unreadable: Error {
        var reason: String
    }

    /// The limit of processor time in seconds: nft restarts whenever rules change, without limit.
    private static let mostSeconds: UInt32 = 10

    /// Returns the output of `nft -j list table`.
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
