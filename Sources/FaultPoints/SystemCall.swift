// What stands at each step of the code. In release builds these are the calls alone.

/// Makes a call that answers -1 and sets errno(3) when it fails.
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

/// Makes a call that answers nil and sets errno(3) when it fails.
package func systemCall<Value>(_ step: SystemStep, _ call: () -> Value?) -> Value? {
    #if FAULT_POINTS
        FaultInjection.run(step, failing: FaultInjection.none, call)
    #else
        call()
    #endif
}

/// Makes a call for whose failure `failing` finds a value, or throws an error of its own.
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

/// What is wrong with the fault that the environment asks for; nil in release builds, which ask nobody.
package var faultComplaint: String? {
    #if FAULT_POINTS
        FaultInjection.complaint
    #else
        nil
    #endif
}
