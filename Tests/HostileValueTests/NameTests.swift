import Addressing
import RuleIR
import Testing
import TproxyConfig
import TproxyTestSupport

/// Names in rules: every name that a type accepts can be written unquoted in any language.
@Suite struct NameTests {
    /// Whether a text has only letters, digits and `extra`.
    private static func isPlain(_ text: String, besides extra: String = "") -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
                || extra.unicodeScalars.contains(scalar)
        }
    }

    @Test(arguments: HostileValue.all)
    func namesContainOnlyPlainCharacters(value: HostileValue) {
        if let name = InstanceName(value.text) { #expect(Self.isPlain(name.text, besides: "_")) }
        if let name = ChainName(value.text) { #expect(Self.isPlain(name.text, besides: "_")) }
        if let name = ChainSuffix(value.text) { #expect(Self.isPlain(name.text, besides: "_")) }
        if let name = InterfaceName(value.text) {
            #expect(Self.isPlain(name.text, besides: "_.-@"))
            #expect(!name.text.hasPrefix("@"))
        }
        if let pattern = InterfacePattern(value.text) {
            #expect(Self.isPlain(pattern.stem, besides: "_.-@"))
            #expect(!pattern.stem.hasPrefix("@"))
        }
        if let user = ProxyUser(value.text) {
            #expect(Self.isPlain("\(user)", besides: "_.-@$"))
            #expect(!"\(user)".hasPrefix("-"))
        }
    }

    /// libnftables reads a string that begins with @ as the name of a set.
    @Test(arguments: ["@identity", "@a+", "@"])
    func interfaceNameThatNftReadsAsASetIsRefused(text: String) {
        #expect(InterfaceName(text) == nil)
        #expect(InterfacePattern(text) == nil)
        #expect(
            Configuration.problems("redirect: {vnet: {networks: ['\(text):10.0.0.0/8']}}")
                .map(\.id) == ["invalid-interface"])
    }
}
