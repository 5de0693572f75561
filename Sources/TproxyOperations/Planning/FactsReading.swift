package import Diagnostics
package import HostFacts
import JSON
import LinuxHost
import RuleIR
package import TproxyConfig

/// Host facts as they were read, and what is uncertain about them.
package struct FactsReading {
    package var facts: HostFacts
    package let notices: [Diagnostic]

    /// The facts of this host, as `config` asks for them.
    package init(of config: TproxyConfig) throws(OperationFailure) {
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
            facts = reading.facts
            notices = reading.doubts.map { .doubt($0) }
        } catch {
            throw OperationFailure(error.diagnostic(for: config))
        }
    }

    /// The facts that `tproxy facts` wrote.
    package init(from file: InputFile) throws(OperationFailure) {
        do {
            facts = try JSONValue(parsing: file.text).decoded(as: HostFacts.self)
            notices = []
        } catch let error as JSONProblem {
            throw OperationFailure(.invalidFacts(file.name, because: error.reason))
        } catch let error as DecodingError {
            throw OperationFailure(.invalidFacts(file.name, because: error.words))
        } catch {
            throw OperationFailure(.invalidFacts(file.name, because: "\(error)"))
        }
    }

    /// The facts of the file, or without one of this host.
    package init(_ path: String?, for config: TproxyConfig) throws(OperationFailure) {
        if let path {
            try self.init(from: InputFile(path))
        } else {
            try self.init(of: config)
        }
    }
}
