import FirewalldControl
import Testing

/// firewalld.conf is read as firewalld reads it.
@Suite struct FirewalldSettingsTests {
    @Test(arguments: [
        "RFC3964_IPv4=no", "  RFC3964_IPv4 = No \r\n", "DefaultZone=public\n\nRFC3964_IPv4=false",
        "RFC3964_IPv4=\nRFC3964_IPv4=no\nRFC3964_IPv4=yes",
    ])
    func negativeRFC3964SettingIsRead(text: String) {
        #expect(!FirewalldSettings(text: text).rejectsEmbeddedIPv4)
    }

    @Test(arguments: [
        "", "RFC3964_IPv4=yes", "# RFC3964_IPv4=no", "; RFC3964_IPv4=no", "RFC3964_IPv4=",
        "RFC3964_IPv4=no=no", "rfc3964_ipv4=no", "RFC3964_IPv4=maybe", "RFC3964_IPv4",
        "RFC3964_IPv4=true\nRFC3964_IPv4=no", "RFC3964_IPv4=maybe\nRFC3964_IPv4=no",
    ])
    func anyOtherRFC3964SettingIsOn(text: String) {
        #expect(FirewalldSettings(text: text) == FirewalldSettings())
        #expect(FirewalldSettings(text: text).rejectsEmbeddedIPv4)
    }
}
