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
