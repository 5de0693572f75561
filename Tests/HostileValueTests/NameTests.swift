import Addressing
import RuleIR
import Testing
import TproxyConfig
import TproxyTestSupport

/// Names that end up in rules: what a type takes can be written in any language as it is.
@Suite struct NameTests {
    /// Letters and digits, and what no language that we write gives a meaning to within a name.
    private static func isPlain(_ text: String, besides extra: String = "") -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
                || extra.unicodeScalars.contains(scalar)
        }
    }

    @Test(arguments: HostileValue.all)
    func areLettersAndDigits(value: HostileValue) {
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

    /// libnftables takes a string that begins so for the name of a set.
    @Test(arguments: ["@identity", "@a+", "@"])
    func noInterfaceIsASet(text: String) {
        #expect(InterfaceName(text) == nil)
        #expect(InterfacePattern(text) == nil)
        #expect(
            Configuration.problems("redirect: {vnet: {networks: ['\(text):10.0.0.0/8']}}")
                .map(\.id) == ["invalid-interface"])
    }
}
