import Addressing
import Foundation
import Netlink
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A reading is used again only while nothing changes.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct LoadedTablesTests {
    private let backend = NftablesBackend(version: "test")
    private let name = "tproxy_mesh"

    private func load() throws {
        try PrivateNamespace.require()
        let because = Rationale("test", key: "test")
        let list = SetName("exempt")
        let prefixes = try (0..<20).map { number in
            try #require(IPPrefix("10.\(number).0.1/32"))
        }
        _ = try backend.remove(.mesh)
        _ = try backend.apply(
            Ruleset(
                instance: .mesh, families: [.ipv4],
                sets: [
                    NamedSet(list, .addresses(.ipv4, prefixes.map { .init($0, source: "test") }))
                ],
                baseChains: [
                    BaseChain(
                        .nat, .output,
                        last: [
                            Rule(
                                [.destination(.inSet(list, .ipv4))], then: .return,
                                because: because)
                        ])
                ]))
    }

    @Test(arguments: [
        "flush set inet tproxy_mesh exempt", "flush table inet tproxy_mesh",
        "add table inet tproxy_mesh { flags dormant; }",
    ])
    func changeByAnotherProgramIsRead(command: String) async throws {
        try load()
        let tables = LoadedTables()
        let socket = try MnlSocket.toNetfilter()
        let before = try #require(try tables.current(name, in: socket))
        #expect(before.described().isIntact)
        #expect(try tables.current(name, in: socket)?.described() == before.described())

        let changed = try await Command.run("nft", [command])
        #expect(changed.status == 0, "\(changed.errors)")
        #expect(try tables.current(name, in: socket)?.described().isIntact == false)
        _ = try backend.remove(.mesh)
        #expect(try tables.current(name, in: socket) == nil)
    }

    @Test func tableOfAnotherNamespaceIsNotUsed() async throws {
        try load()
        let tables = LoadedTables()
        let generation: UInt32?
        do {
            let socket = try MnlSocket.toNetfilter()
            generation = try socket.generation()
            #expect(try tables.current(name, generation, in: socket) != nil)
        }
        // A thread of its own, because it stays in the namespace.
        let found = await withCheckedContinuation { (answer: CheckedContinuation<Bool?, Never>) in
            Thread.detachNewThread {
                do {
                    try Namespace.fresh().enter()
                    let socket = try MnlSocket.toNetfilter()
                    // The generation is that of the other namespace.
                    let found = try? tables.current(name, generation, in: socket)
                    answer.resume(returning: found != nil)
                } catch {
                    Issue.record(error)
                    answer.resume(returning: nil)
                }
            }
        }
        #expect(found == false)
        _ = try backend.remove(.mesh)
    }
}
