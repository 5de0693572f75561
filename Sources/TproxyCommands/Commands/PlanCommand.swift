import Addressing
import ArgumentParser
import Diagnostics
import EBPFBackend
import IptablesRules
import LinuxHost
import NftablesBackend
import Review
import RuleIR
import TproxyOperations

struct PlanCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case nft
        case nftJSON = "nft-json"
        case iptables
        case ebpf
        case ebpfJSON = "ebpf-json"
        case mermaid
        case dot
        case svg
        case html
        case firewalld

        /// Whether it shows the rules of a backend; a format of no backend shows those of any.
        func shows(_ backend: BackendChoice) -> Bool {
            switch self {
            case .nft, .nftJSON: backend == .nft
            case .iptables, .firewalld: backend.placement.isShared
            case .ebpf, .ebpfJSON: backend.placement == .sockets
            case .text, .mermaid, .dot, .svg, .html: true
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what apply would do; needs no root, changes nothing.")

    @Option(
        help: ArgumentHelp(
            "The output format.",
            discussion: """
                text is human-readable; nft is a file for 'nft -f' that replaces a loaded table; nft-json \
                is the document that apply submits through libnftables if no table is loaded; \
                iptables is for iptables-restore --noflush, with --verbose in long options; ebpf and ebpf-json are the programs, their steps and \
                the contents of their maps; firewalld is a direct.xml; mermaid, dot and svg draw the packet path through the \
                rules; html is one page with everything to review.
                """))
    var format: Format = .text

    @Option(help: "With --format iptables, print only the document of this family: ipv4 or ipv6.")
    var family: AddressFamily?

    @Flag(
        help: ArgumentHelp(
            "With --format html, fail unless the changes and conflicts on this host can be shown.",
            discussion: "Needs CAP_NET_ADMIN; changes nothing."))
    var withHost = false

    @Option(help: "With --format text, the output format.")
    var output: OutputFormat = .text

    @Flag(help: "With --format text, also list every rule with its reason.")
    var full = false

    @OptionGroup var screen: ScreenOptions

    @Option(
        help: ArgumentHelp(
            "With --format firewalld, print the changes to this file as a diff.",
            valueName: "file"), completion: .file())
    var against: String?

    @OptionGroup(title: "Plan file") var file: PlanFileOptions

    @OptionGroup var backend: BackendOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup(title: "Preflight") var preflight: PreflightOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        guard !withHost || format == .html else {
            throw ValidationError("--with-host is for --format html")
        }
        guard family == nil || format == .iptables else {
            throw ValidationError("--family is for --format iptables")
        }
        guard output == .text || format == .text else {
            throw ValidationError("--output json is for --format text")
        }
        guard against == nil || format == .firewalld else {
            throw ValidationError("--against is for --format firewalld")
        }
        guard let backend = backend.backend, !format.shows(backend) else { return }
        throw ValidationError(
            "--format \(format.rawValue) contradicts --backend \(backend.text); leave one of them out"
        )
    }

    func run() throws {
        let isText = format == .text && output == .text
        let plan = try Plan(
            configuration, facts, instance, backend, reportsWarnings: !isText)
        let choice = backend.choice(for: plan)
        // A plan that warnings refuse is neither written nor printed.
        if preflight.strict {
            Console.report(plan.warnings)
            try check(plan, choice)
        }
        // Print last: a plan that can't be written isn't to be reviewed either.
        try file.write(plan, choice, isForThisHost: facts.facts == nil)
        if isText {
            try PlanPrinting(plan, choice, isForThisHost: facts.facts == nil, isFull: full)
                .print { if !preflight.strict { try check(plan, choice) } }
        } else {
            try print(plan, choice)
            if !preflight.strict { try check(plan, choice) }
        }
    }

    /// Prints the findings for the plan on this host; throws if warnings refuse it.
    private func check(_ plan: Plan, _ choice: BackendChoice) throws {
        guard facts.facts == nil else {
            if !preflight.noPreflight { Console.report([.preflightLeftOut()]) }
            return try preflight.policy.refuseWarnings(among: plan.warnings)
        }
        try preflight.check(plan, choice)
    }

    private func print(_ plan: Plan, _ choice: BackendChoice) throws {
        switch format {
        case .text:
            let (state, notices) = plan.state(choice, isForThisHost: facts.facts == nil)
            Console.report(notices)
            try Console.document(PlanReport(plan, choice, state))
        case .nft: Console.document(try plan.nftables().text)
        case .nftJSON: Console.document(try plan.nftables().json)
        case .iptables: Console.document(try iptables(plan))
        case .ebpf: Console.document(ProgramText(try plan.programs()).text)
        case .ebpfJSON: try Console.document(ProgramReport(try plan.programs()))
        case .mermaid: Console.document(MermaidText(try plan.flow(for: choice)).text)
        case .dot: Console.document(DotText(try plan.flow(for: choice)).text)
        case .svg: Console.document(SVGText(try plan.flow(for: choice)).document)
        case .html: Console.document(ReviewPage(try review(plan, choice)).text)
        case .firewalld: try printFirewalld(plan)
        }
    }

    /// Returns the page, with the loaded rules and conflicts of this host if they can be read.
    ///
    /// `--with-host` requires them, even if the facts are from a file.
    private func review(_ plan: Plan, _ choice: BackendChoice) throws -> Review {
        let (state, notices) =
            withHost
            ? (.known(try plan.comparedNow(with: choice)), [])
            : plan.state(choice, isForThisHost: facts.facts == nil)
        Console.report(notices)
        var preflight: [Diagnostic]?
        if case .known(let comparison) = state, !self.preflight.noPreflight {
            preflight = PreflightResult(plan, comparison.backend).diagnostics
        }
        let factsHost = withHost ? nil : facts.facts.map { "the host of \($0)" }
        let making = Review.Making(
            host: factsHost ?? HostIdentity.name,
            time: LoadClock.stated(in: ProcessEnvironment.variables)?.words,
            version: tproxyVersion,
            files: configuration.sources.paths + [facts.facts].compactMap(\.self),
            commandLine: Console.commandLine)
        return try Review(plan, choice, state, preflight: preflight, making)
    }

    private func printFirewalld(_ plan: Plan) throws {
        let store = FirewalldStore(against ?? FirewalldStore.standardPath)
        guard against != nil else {
            Console.document(try store.merging(plan.firewalldEmission(), into: nil).text)
            return
        }
        let emission = try plan.firewalldEmission(owning: store.ownedPrerequisites())
        let old = try store.read()
        let proposal = try store.merging(emission, into: old)
        Console.report(proposal.notices)
        let diff = UnifiedDiff.text(
            from: String(decoding: old ?? [], as: UTF8.self), to: proposal.text,
            names: (store.path, "\(store.path) with these rules"))
        if !diff.isEmpty { Console.document(diff) }
    }

    private func iptables(_ plan: Plan) throws -> String {
        let emission = try plan.iptables()
        guard let family else { return emission.text }
        guard let document = emission.documents[family] else {
            throw OperationFailure(
                .invalidArgument(
                    "--family", family.rawValue,
                    expected: plan.ruleset.families.map(\.rawValue).joined(separator: " or ")))
        }
        return document
    }
}

extension AddressFamily: ExpressibleByArgument {}
