#if FAULT_POINTS
    import Glibc
    import Synchronization
#endif

// Called at each step of the code. In release builds these functions only make the call.

/// Makes a call that returns -1 and sets errno(3) on failure.
package func systemCall<Number: FixedWidthInteger & SignedInteger & Sendable>(
    _ step: SystemStep, _ call: () -> Number
) -> Number {
    #if FAULT_POINTS
        FaultInjection.run(
            step, failing: FaultInjection.minusOne, shortened: FaultInjection.half, call)
    #else
        call()
    #endif
}

/// Makes a call that returns nil and sets errno(3) on failure.
package func systemCall<Value>(_ step: SystemStep, _ call: () -> Value?) -> Value? {
    #if FAULT_POINTS
        FaultInjection.run(step, failing: FaultInjection.none, call)
    #else
        call()
    #endif
}

/// Makes a call; for a fault, `failing` returns the result or throws the error.
package func systemCall<Value, Failure: Error>(
    _ step: SystemStep, failing: (_ code: Int32) throws(Failure) -> Value,
    _ call: () throws(Failure) -> Value
) throws(Failure) -> Value {
    #if FAULT_POINTS
        try FaultInjection.run(step, failing: failing, call)
    #else
        try call()
    #endif
}

/// The error in the fault that the environment requests; nil in release builds, which ignore it.
package var faultComplaint: String? {
    #if FAULT_POINTS
        FaultInjection.complaint
    #else
        nil
    #endif
}

#if FAULT_POINTS
    /// Makes steps fail as `TPROXY_FAULT` requests, and writes the steps of the run to the file
    /// that `TPROXY_FAULT_TRACE` names.
    enum FaultInjection {
        private static let request: Result<FaultRequest, FaultRequest.Malformed>? = {
            guard let text = variable("TPROXY_FAULT") else { return nil }
            return Result { () throws(FaultRequest.Malformed) in try FaultRequest(text) }
        }()
        /// Each line is written at once: the next step may be the last.
        private static let trace: Int32? = {
            guard let path = variable("TPROXY_FAULT_TRACE") else { return nil }
            let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            return file < 0 ? nil : file
        }()
        private static let isIdle = request == nil && trace == nil
        private static let counts = Mutex<[SystemStep: Int]>([:])

        static var complaint: String? {
            guard case .failure(let problem) = request else { return nil }
            return "TPROXY_FAULT: \(problem.words)"
        }

        static func run<Value, Failure: Error>(
            _ step: SystemStep, failing: (Int32) throws(Failure) -> Value,
            shortened: (Value) -> Value = { $0 }, _ call: () throws(Failure) -> Value
        ) throws(Failure) -> Value {
            guard let request = pass(step) else { return try call() }
            if request.fault == .stop {
                return try stop(request.isAfter, call)
            }
            if request.isAfter {
                do throws(Failure) {
                    _ = try call()
                } catch {
                    // A step that has failed by itself is complete, too.
                    if request.fault == .kill { end() }
                    throw error
                }
            }
            switch request.fault {
            case .error(let code): return try failing(code)
            case .kill: end()
            case .stop: return try stop(false, call)
            case .short: return shortened(try call())
            case .exit: exit(2)
            }
        }

        static func minusOne<Number: SignedInteger>(_ code: Int32) -> Number {
            errno = code
            return -1
        }

        static func half<Number: BinaryInteger>(_ number: Number) -> Number { number / 2 }

        static func none<Value>(_ code: Int32) -> Value? {
            errno = code
            return nil
        }

        /// Counts an occurrence of the step; returns its fault, if it has one.
        private static func pass(_ step: SystemStep) -> FaultRequest? {
            guard !isIdle else { return nil }
            let occurrence = counts.withLock { counts in
                counts[step, default: 0] += 1
                return counts[step, default: 0]
            }
            var fault: FaultRequest?
            if case .success(let requested) = request, requested.isMet(by: step, occurrence) {
                fault = requested
            }
            if let trace {
                let line = Array((fault?.text ?? "\(step):\(occurrence)").utf8) + [0x0A]
                _ = unsafe write(trace, line, line.count)
            }
            return fault
        }

        private static func stop<Value, Failure: Error>(
            _ isAfter: Bool, _ call: () throws(Failure) -> Value
        ) throws(Failure) -> Value {
            if !isAfter { kill(getpid(), SIGSTOP) }
            let value = try call()
            let code = errno
            if isAfter { kill(getpid(), SIGSTOP) }
            errno = code
            return value
        }

        private static func end() -> Never {
            kill(getpid(), SIGKILL)
            // The signal ends the process before the call returns.
            _exit(128 + SIGKILL)
        }

        private static func variable(_ name: String) -> String? {
            unsafe getenv(name).map { unsafe String(cString: $0) }
        }
    }
#endif
