/// The result of `config check` for a configuration without errors.
struct CheckReport: JSONReport {
    static let schema = "tproxy.check/1"

    var isValid = true
}
