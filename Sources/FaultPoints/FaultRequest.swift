#if FAULT_POINTS
    import Glibc

    /// A fault of a run: `STEP:N:FAULT`, such as `fileWrite:2:ENOSPC`; with `N+`, from the n-th on.
    ///
    /// A fault is an errno name, `kill` (SIGKILL to the process itself) or `stop` (SIGSTOP), each
    /// before the step or, with `-after`, after it; `short`; or `exit`.
    package struct FaultRequest: Hashable, Sendable {
        package enum Fault: Hashable, Sendable {
            /// The step isn't run, or is run, and returns the errno(3) value.
            case error(Int32)
            case kill
            /// The process stops until it is continued.
            case stop
            /// Half of the data read is lost.
            case short
            /// The step ends the process by exit(3), as libnftables does when memory is exhausted.
            case exit
        }

        /// The reason for which a text is no request.
        package struct Malformed: Error, Hashable, Sendable {
            package var words: String
        }

        package var step: SystemStep
        /// The 1-based occurrence of the step in the process.
        package var occurrence: Int
        package var isLasting: Bool
        package var fault: Fault
        /// Whether the fault follows the step.
        package var isAfter: Bool

        package init(
            _ step: SystemStep, _ occurrence: Int, _ fault: Fault, isAfter: Bool = false,
            isLasting: Bool = false
        ) {
            self.step = step
            self.occurrence = occurrence
            self.isLasting = isLasting
            self.fault = fault
            self.isAfter = isAfter
        }

        package init(_ text: String) throws(Malformed) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3 else {
                throw Malformed(words: "expected STEP:N:FAULT, as in fileWrite:2:ENOSPC")
            }
            guard let step = SystemStep.allCases.first(where: { "\($0)" == parts[0] }) else {
                let names = SystemStep.allCases.map { "\($0)" }.joined(separator: ", ")
                throw Malformed(words: "no step is called '\(parts[0])'; there are \(names)")
            }
            let isLasting = parts[1].hasSuffix("+")
            let digits = isLasting ? parts[1].dropLast() : parts[1]
            guard let occurrence = Int(digits), occurrence > 0, digits.first != "+" else {
                throw Malformed(words: "'\(parts[1])' is not a number from 1, or one with a +")
            }
            let isAfter = parts[2].hasSuffix(Self.after)
            let name = isAfter ? parts[2].dropLast(Self.after.count) : parts[2]
            guard let fault = Fault(String(name)), !isAfter || ![.short, .exit].contains(fault)
            else {
                let names = Fault.codes.map(\.name).joined(separator: ", ")
                throw Malformed(
                    words:
                        "no fault is called '\(parts[2])'; there are kill, stop, short, exit, and,"
                        + " also with -after, \(names)")
            }
            self.init(step, occurrence, fault, isAfter: isAfter, isLasting: isLasting)
        }

        package var text: String {
            "\(step):\(occurrence)\(isLasting ? "+" : ""):\(fault.name)\(isAfter ? Self.after : "")"
        }

        private static let after = "-after"

        func isMet(by step: SystemStep, _ occurrence: Int) -> Bool {
            self.step == step
                && (isLasting ? occurrence >= self.occurrence : occurrence == self.occurrence)
        }
    }

    extension FaultRequest.Fault {
        fileprivate static let codes: [(name: String, code: Int32)] = [
            ("EPERM", EPERM), ("ENOENT", ENOENT), ("EINTR", EINTR), ("EIO", EIO),
            ("EAGAIN", EAGAIN), ("ENOMEM", ENOMEM), ("EACCES", EACCES), ("EBUSY", EBUSY),
            ("EEXIST", EEXIST), ("ENODEV", ENODEV), ("EINVAL", EINVAL), ("EMFILE", EMFILE),
            ("ENOSPC", ENOSPC), ("EROFS", EROFS), ("EPIPE", EPIPE), ("ENOLCK", ENOLCK),
            ("EOPNOTSUPP", EOPNOTSUPP), ("ENOBUFS", ENOBUFS), ("EDQUOT", EDQUOT),
            ("ECHILD", ECHILD), ("EAFNOSUPPORT", EAFNOSUPPORT),
        ]

        fileprivate init?(_ name: String) {
            switch name {
            case "kill": self = .kill
            case "stop": self = .stop
            case "short": self = .short
            case "exit": self = .exit
            case _:
                guard let found = Self.codes.first(where: { $0.name == name }) else { return nil }
                self = .error(found.code)
            }
        }

        package var name: String {
            switch self {
            case .kill: "kill"
            case .stop: "stop"
            case .short: "short"
            case .exit: "exit"
            case .error(let code): Self.codes.first { $0.code == code }?.name ?? "\(code)"
            }
        }
    }
#endif
