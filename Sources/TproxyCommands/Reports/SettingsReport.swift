import TproxyConfig

/// The result of `config show`.
struct SettingsReport: JSONReport {
    static let schema = "tproxy.settings/1"

    struct Setting: Encodable {
        var key: String
        var value: String
        var origin: String
    }

    var settings: [Setting]

    init(_ configuration: EffectiveConfiguration) {
        settings = configuration.rows.map {
            Setting(key: $0.path, value: $0.value, origin: $0.origin.description)
        }
    }

    var text: ReportText {
        var report = ReportText()
        report.add(
            TextTable(
                header: ["KEY", "VALUE", "ORIGIN"],
                rows: settings.map { [$0.key, $0.value, $0.origin] }))
        return report
    }
}
