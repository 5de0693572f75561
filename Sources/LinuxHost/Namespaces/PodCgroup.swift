/// The names that Kubernetes gives to the cgroups of pods, whatever the runtime, the cgroup driver and
/// the version of cgroups.
package enum PodCgroup {
    /// Returns the UID of the pod whose cgroup has this name, such as `pod1234-…` or
    /// `kubepods-besteffort-pod1234_….slice`; nil for other cgroups.
    package static func uid(inName name: some StringProtocol) -> String? {
        let bytes = Array(name.utf8)
        let found: ArraySlice<UInt8>
        if bytes.starts(with: "pod".utf8) {
            found = bytes[3...]
        } else if name.hasSuffix(".slice"),
            let start = bytes.indices.first(where: { bytes[$0...].starts(with: "-pod".utf8) })
        {
            found = bytes[(start + 4)...].dropLast(".slice".utf8.count)
        } else {
            return nil
        }
        // A UID, or the hash that names a static pod.
        guard [32, 36].contains(found.count) else { return nil }
        let uid = found.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
        return String(decoding: uid, as: UTF8.self)
    }

    /// Returns the UID of the pod to which the cgroup at `path` belongs.
    package static func uid(inPath path: some StringProtocol) -> String? {
        for name in path.split(separator: "/") {
            if let uid = uid(inName: name) { return uid }
        }
        return nil
    }

    /// Returns the path of the pod's cgroup, for that of a cgroup in it.
    ///
    /// Returns nil for a path outside of pods, and for one that leads out of the reader's cgroup
    /// namespace.
    package static func pod(inPath path: some StringProtocol) -> String? {
        var found = ""
        for name in path.split(separator: "/") {
            guard name != ".." else { return nil }
            found += "/\(name)"
            if uid(inName: name) != nil { return found }
        }
        return nil
    }

    /// Returns the path of the pod's cgroup of version 2 in which this process is.
    package static var ofThisProcess: String? {
        CgroupFile.unified(in: "/proc/self/cgroup").flatMap { pod(inPath: $0) }
    }
}

/// Where a pod is on its node, as far as a program outside of it knows.
package struct PodPlace: Hashable, Sendable {
    /// The pod's cgroup as the runtime has it: a path below the mount point, or the name of a slice.
    package var cgroup: String?
    /// The UID in the name of the cgroup.
    package var uid: String?

    package init(cgroup: String? = nil, uid: String? = nil) {
        self.cgroup = cgroup.flatMap { $0.isEmpty ? nil : $0 }
        self.uid = uid.flatMap { $0.isEmpty ? nil : $0 }
    }
}
