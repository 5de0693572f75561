import Addressing
import CEBPF
import FaultPoints
import Glibc
import RuleIR

/// Owns the programs and maps of an object that was loaded, before they are attached.
struct LoadedObject: ~Copyable {
    private let programs: [Int32]
    private let maps: [Int32]

    /// Loads `object` with a configuration.
    ///
    /// The maps in `existing` take the place of new ones, by their numbers. `name` names the object
    /// in errors.
    init(
        _ object: [UInt8]?, named name: String, _ configuration: tproxy_ebpf_configuration,
        entries: [Int32: Int], existing: [Int32: Int32]
    ) throws(BackendError) {
        var load = unsafe cebpf_load()
        let outcome = systemCall(.bpfLoad, failing: { Self.failing($0) }) {
            unsafe Self.load(&load, object, configuration, entries, existing)
        }
        switch outcome {
        case CEBPF_LOADED: break
        case CEBPF_NO_LIBRARY:
            throw .unsupported(
                feature: "the eBPF backend: libbpf.so.1 is missing",
                remedy: "install libbpf1, or use --backend nft")
        case CEBPF_FOREIGN_OBJECT:
            throw .unusable(
                name, reason: "it isn't a build of the programs of this version of tproxy",
                remedy: "leave ebpf.programsSourcePath out, or build them with 'make bpf'")
        case _:
            throw .loading(name, code: errno, log: unsafe String(cString: cebpf_log(&load)))
        }
        programs = HookedProgram.all.map { unsafe cebpf_loaded_program(&load, $0.number) }
        maps = (0..<Int32(CEBPF_MAPS.rawValue)).map { unsafe cebpf_loaded_map(&load, $0) }
    }

    deinit {
        for descriptor in programs + maps { close(descriptor) }
    }

    func descriptor(of program: HookedProgram) -> Int32 { programs[Int(program.number)] }

    /// Returns the descriptor of a map, which this owns.
    func map(_ map: cebpf_map) -> Int32 { maps[Int(map.rawValue)] }

    private static func failing(_ code: Int32) -> cebpf_outcome {
        errno = code
        return CEBPF_REFUSED
    }

    private static func load(
        _ load: inout cebpf_load, _ object: [UInt8]?, _ configuration: tproxy_ebpf_configuration,
        _ entries: [Int32: Int], _ existing: [Int32: Int32]
    ) -> cebpf_outcome {
        for map in 0..<Int32(CEBPF_MAPS.rawValue) {
            unsafe cebpf_set_entries(&load, map, UInt32(clamping: entries[map] ?? 0))
            unsafe cebpf_set_existing(&load, map, existing[map] ?? -1)
        }
        return unsafe withUnsafePointer(to: configuration) { configuration in
            unsafe load.configuration = configuration
            guard let object else {
                unsafe load.object = cebpf_object()
                unsafe load.object_size = cebpf_object_size()
                return unsafe cebpf_load(&load)
            }
            return unsafe object.withUnsafeBytes { bytes in
                unsafe load.object = bytes.baseAddress
                unsafe load.object_size = bytes.count
                return unsafe cebpf_load(&load)
            }
        }
    }
}
