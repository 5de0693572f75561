import ArgumentParser
import Diagnostics
import FoundationEssentials
import HostFacts
import RuleIR
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
        return try Self.facts(of: InputFile(facts))
    }

    static func facts(of file: InputFile) throws(CommandFailure) -> HostFacts {
        guard JSONNesting.isBearable(file.text) else {
            throw CommandFailure(.invalidFacts(file.name, because: JSONNesting.problem))
        }
        do {
            return try JSONDecoder().decode(HostFacts.self, from: Data(file.text.utf8))
        } catch let error as DecodingError {
            throw CommandFailure(.invalidFacts(file.name, because: error.words))
        } catch {
            throw CommandFailure(.invalidFacts(file.name, because: "\(error)"))
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
            throw CommandFailure(error.diagnostic(for: config))
        }
    }
}
