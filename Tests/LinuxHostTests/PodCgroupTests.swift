import LinuxHost
import Testing

/// The cgroup of a pod is found by its name.
@Suite struct PodCgroupTests {
    private static let uid = "0a1b2c3d-1111-2222-3333-444455556666"
    private static let slice = "kubepods-besteffort-pod0a1b2c3d_1111_2222_3333_444455556666.slice"

    @Test(
        arguments: [
            ("/kubepods/burstable/pod\(uid)/abc", "/kubepods/burstable/pod\(uid)"),
            ("/kubepods/pod\(uid)", "/kubepods/pod\(uid)"),
            (
                "/kubepods.slice/kubepods-besteffort.slice/\(slice)/cri-containerd-a.scope",
                "/kubepods.slice/kubepods-besteffort.slice/\(slice)"
            ),
            ("/kubelet/kubepods/pod\(uid)/a/b", "/kubelet/kubepods/pod\(uid)"),
            // Outside of the reader's cgroup namespace.
            ("/../../pod\(uid)/abc", nil),
            ("/", nil), ("", nil), ("/system.slice/containerd.service", nil),
            ("/podman/pod-1", nil), ("/user.slice/user-0.slice/user-pod.slice", nil),
        ] as [(String, String?)])
    func thePathOfAPodEndsWithItsName(path: String, expected: String?) {
        #expect(PodCgroup.pod(inPath: path) == expected)
    }

    @Test func anEmptyTextIsNoPlace() {
        #expect(PodPlace(cgroup: "", uid: "") == PodPlace())
    }
}
