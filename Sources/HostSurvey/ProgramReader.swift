package import EBPFBackend
import LinuxHost
import Preflight
import RuleIR

/// Reads what the eBPF backend needs of this host; changes nothing.
package struct ProgramReader: Sendable {
    private let settings: EBPFSettings

    package init(_ settings: EBPFSettings) {
        self.settings = settings
    }

    func read(into survey: inout PreflightSurvey) {
        let host = EBPFHost(settings)
        var programs = ProgramSurvey()
        programs.kernel = host.release
        programs.hasLibrary = host.hasLibrary
        programs.cgroup = Self.place(host.cgroup)
        programs.cgroupMounts = (try? host.cgroupMounts()) ?? []
        programs.bpffs = Self.place(host.bpffs)
        programs.missingCapabilities = Privilege.missingForPrograms
        programs.lockdown = Self.lockdown
        programs.users = UserMap.entries.map {
            ProgramSurvey.MappedUsers(first: $0.first, outer: $0.outer, count: $0.count)
        }
        do throws(BackendError) {
            programs.features = try host.features().map {
                ProgramSurvey.Feature(name: $0.name, since: $0.since, problem: $0.problem)
            }
        } catch {
            survey.unseen.append(.init(.features, because: error.reason))
        }
        // Without a cgroup, there are no hooks.
        if programs.cgroup.path != nil {
            do throws(BackendError) {
                programs.programs = try host.foreignPrograms().map {
                    ProgramSurvey.Program(id: $0.id, name: $0.name, hook: $0.hook)
                }
            } catch {
                survey.unseen.append(.init(.programs, because: error.reason))
            }
        }
        survey.programs = programs
    }

    private static func place(
        _ find: () throws(BackendError) -> String
    ) -> ProgramSurvey.Place {
        do throws(BackendError) {
            return ProgramSurvey.Place(path: try find())
        } catch {
            guard case .unusable(_, _, let remedy) = error else {
                return ProgramSurvey.Place(problem: error.reason, remedy: "")
            }
            return ProgramSurvey.Place(problem: error.reason, remedy: remedy)
        }
    }

    /// The mode in brackets: `none [integrity] confidentiality`.
    private static var lockdown: String? {
        guard let text = try? KernelFile.contents(of: "/sys/kernel/security/lockdown"),
            let start = text.firstIndex(of: "[")
        else { return nil }
        let mode = text[text.index(after: start)...].prefix { $0 != "]" }
        return mode == "none" ? nil : String(mode)
    }
}
