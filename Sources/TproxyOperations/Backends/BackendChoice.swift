import EBPFBackend
import IptablesBackend
import NftablesBackend
package import RuleIR
package import TproxyConfig

/// A backend as the user may choose it: by name, or the host's flavour of iptables.
package enum BackendChoice: Hashable, Sendable {
    case backend(BackendName)
    /// The flavour that the host uses.
    case iptables

    package static let nft = BackendChoice.backend(.nft)

    private static let iptablesText = "iptables"

    /// Parses a text of `allTexts`.
    package init?(_ text: String) {
        if text == Self.iptablesText {
            self = .iptables
        } else if let name = BackendName(text) {
            self = .backend(name)
        } else {
            return nil
        }
    }

    /// Resolves `asked` with the configuration; nil is the default.
    package init(_ asked: BackendChoice?, for config: TproxyConfig) {
        self =
            asked
            ?? (config.ebpf.enabled.value
                ? .backend(.ebpf) : config.storeFirewalld.value ? .iptables : .backend(.nft))
    }

    /// All choices; `iptables` precedes its flavours.
    package static let allTexts: [String] = {
        let names = BackendSelection.names
        let own = names.filter { !$0.placement.isShared }
        let shared = names.filter(\.placement.isShared)
        return own.map(\.text) + [iptablesText] + shared.map(\.text)
    }()

    package var text: String {
        switch self {
        case .backend(let name): name.text
        case .iptables: Self.iptablesText
        }
    }

    /// The placement of the rules, as far as it is known without access to the host.
    package var placement: RulePlacement { name.placement }

    /// The backend; for `iptables` one of its flavours, which have the same digest.
    var name: BackendName {
        switch self {
        case .backend(let name): name
        case .iptables: .iptablesNft
        }
    }
}

extension BackendName: Codable {
    /// Finds the backend with this name in this build.
    init?(_ text: String) {
        guard let found = BackendSelection.names.first(where: { $0.text == text }) else {
            return nil
        }
        self = found
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let found = BackendName(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "Cannot initialize BackendName from invalid String value \(text)")
        }
        self = found
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
