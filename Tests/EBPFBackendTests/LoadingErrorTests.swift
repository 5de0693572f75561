import Glibc
import RuleIR
import Testing

@testable import EBPFBackend

/// The texts of libbpf and of the verifier as errors.
@Suite struct LoadingErrorTests {
    @Test func aMissingFieldOfTheContextIsTheInterfaces() {
        let error = BackendError.loading(
            "tproxy.bpf.o", code: EACCES,
            log: """
                libbpf: prog 'tproxy_lookup': BPF program load failed: Permission denied
                9: (61) r2 = *(u32 *)(r6 +64)
                invalid bpf_context access off=64 size=4
                processed 9 insns (limit 1000000) max_states_per_insn 0
                libbpf: failed to load object ''
                """)
        #expect(
            error
                == .unsupported(
                    feature: "the interface of an incoming connection (ebpf.tcAttachIface)",
                    remedy:
                        "use Linux 5.17 or newer, leave ebpf.tcAttachIface out, or use --backend nft"
                ))
    }

    @Test func aRefusalOfTheVerifierIsNoMissingCapability() {
        let error = BackendError.loading(
            "tproxy.bpf.o", code: EACCES,
            log: """
                R0 unbounded memory access, make sure to bounds check any such access
                processed 1980 insns (limit 1000000) max_states_per_insn 4
                -- END PROG LOAD LOG --
                libbpf: failed to load object ''
                """)
        #expect(
            error
                == .unusable(
                    "tproxy.bpf.o",
                    reason: "the kernel's verifier refuses the program: "
                        + "R0 unbounded memory access, make sure to bounds check any such access",
                    remedy: "leave ebpf.programsSourcePath out, or use --backend nft"))
    }

    @Test func withoutATextOfTheVerifierACapabilityIsMissing() {
        let error = BackendError.loading(
            "tproxy.bpf.o", code: EPERM, log: "libbpf: failed to load object ''\n")
        #expect(error == .notPermitted(isReading: false))
    }
}
