import Addressing

/// Encodes an action as one member with the name of the case: `{"redirect": 15001}`.
///
/// The value is `true` for a case without associated values.
extension Action: Codable {
    private enum CodingKeys: String, CodingKey {
        case `return`
        case jump
        case redirect
        case drop
        case log
        case conntrackZone
        case yieldToDockerDNS
    }

    private struct Log: Codable {
        var prefix: LogPrefix
        var level: LogLevel
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let key = try container.onlyKey()
        switch key {
        case .return: self = .return
        case .jump: self = .jump(try container.decode(ChainName.self, forKey: key))
        case .redirect: self = .redirect(try container.decode(Port.self, forKey: key))
        case .drop: self = .drop
        case .log:
            let log = try container.decode(Log.self, forKey: key)
            self = .log(prefix: log.prefix, level: log.level)
        case .conntrackZone:
            self = .conntrackZone(try container.decode(UInt16.self, forKey: key))
        case .yieldToDockerDNS: self = .yieldToDockerDNS
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .return: try container.encode(true, forKey: .return)
        case .jump(let name): try container.encode(name, forKey: .jump)
        case .redirect(let port): try container.encode(port, forKey: .redirect)
        case .drop: try container.encode(true, forKey: .drop)
        case .log(let prefix, let level):
            try container.encode(Log(prefix: prefix, level: level), forKey: .log)
        case .conntrackZone(let zone): try container.encode(zone, forKey: .conntrackZone)
        case .yieldToDockerDNS: try container.encode(true, forKey: .yieldToDockerDNS)
        }
    }
}
