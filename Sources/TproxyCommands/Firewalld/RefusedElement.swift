import Addressing
import Diagnostics
import FirewalldControl
import FirewalldExporter
import IptablesBackend

/// The element of `direct.xml` for which firewalld would not load the rest.
enum RefusedElement {
    /// Tries the direct rules of both families where they harm nobody.
    ///
    /// What is refused there for another reason than firewalld gave isn't told: rules may need chains
    /// or sets that only firewalld makes.
    static func find(
        in bytes: [UInt8], _ path: String, _ cause: FirewalldReload.Cause
    ) -> [Diagnostic] {
        guard case .refused(let words) = cause else { return [] }
        return AddressFamily.allCases.compactMap { family in
            guard let rules = try? TrialRules(of: bytes, family),
                let refusal = RestoreTrial.firstRefusal(
                    program(family), count: rules.count, document: rules.document),
                words.contains(refusal.words)
            else { return nil }
            return .refusedByIptables(
                refusal.words, at: rules.place(of: refusal.rule).location(in: path))
        }
    }

    private static func program(_ family: AddressFamily) -> String {
        switch family {
        case .ipv4: IptablesFlavour.firewalldProgram
        case .ipv6: IptablesFlavour.firewalldProgram.replacing("iptables", with: "ip6tables")
        }
    }
}
