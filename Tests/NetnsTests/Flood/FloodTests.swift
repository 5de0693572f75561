import Testing
import TproxyTestSupport

/// Every SYN is treated as the old plan or the new one has it, while one takes the place of the other.
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
    func everySYNIsTreatedAsOneOfThePlansHasIt(_ flood: Case) async throws {
        let run = try await FloodRun(flood.kind, flood.backend, .asked)
        print(run.row)
        #expect(run.failed == 0, "\(run.errors)")
        #expect(run.counts.total >= FloodAmount.asked.segments)
        let findings = run.findings
        #expect(run.wrong == 0, "\(findings.filter { $0.wrong > 0 })")
        // What shows that both plans were there.
        for finding in findings where finding.treatment == .changing {
            #expect(finding.captured > 0 && finding.bypassed > 0, "\(finding)")
        }
    }
}
