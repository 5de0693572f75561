import Testing
import TproxyTestSupport

/// While one plan replaces another, every SYN is treated as in one of the two.
///
/// `make flood` sends 2,000,000 of them for each kind of change and backend.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FloodTests {
    struct Case: CustomStringConvertible {
        var kind: FloodKind
        var backend: BackendUnderTest
        var description: String { "\(backend), \(kind.rawValue)" }
    }

    static let cases: [Case] = BackendUnderTest.allCases.flatMap { backend in
        FloodAmount.asked.kinds(backend).map { Case(kind: $0, backend: backend) }
    }

    @Test(arguments: cases)
    func everySYNIsTreatedAsInOneOfThePlans(_ flood: Case) async throws {
        let run = try await FloodRun(flood.kind, flood.backend, .asked)
        print(run.row)
        #expect(run.failed == 0, "\(run.errors)")
        #expect(run.counts.total >= FloodAmount.asked.segments)
        let findings = run.findings
        #expect(run.wrong == 0, "\(findings.filter { $0.wrong > 0 })")
        // Shows that both plans were loaded.
        for finding in findings where finding.treatment == .changing {
            #expect(finding.redirected > 0 && finding.bypassed > 0, "\(finding)")
        }
    }
}
