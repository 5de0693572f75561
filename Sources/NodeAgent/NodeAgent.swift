import CNI
import Diagnostics
import Glibc
import KubernetesAPI
import LinuxHost
package import TproxyOperations

/// The agent of a node: one thread that waits for everything at once.
///
/// It installs the plugin and keeps it installed, answers it, reconciles the rules of running pods,
/// and serves its state. Everything that it changes is changed at once, so that it may be ended at
/// any time; what it has installed stays.
package final class NodeAgent {
    private typealias Instant = ContinuousClock.Instant

    /// The wait after a change of a watched folder, in which the other program may finish.
    private static let settleTime = Duration.milliseconds(100)
    /// The time after which the installation is checked in any case.
    private static let checkInterval = Duration.seconds(10)

    private let settings: AgentSettings
    private let report: (AgentEvent) -> Void
    private let transfers: APITransfers
    private let watch: PodWatch
    private let keeper: PodKeeper
    private let pluginServer: PluginServer
    private let statusServer: StatusServer
    private let folders: FolderWatch
    private var installation: PluginInstallation
    /// The network namespace that the agent works from.
    private let namespace: String?

    private var nextInstallation = Instant.now
    /// Why the plugin isn't installed; nil if it is.
    private var installationProblem: [Diagnostic]? = []
    private var installations = 0
    private var taintIsRemoved: Bool
    private var taintProblem: Diagnostic?
    private var nextTaint = Instant.now
    private var taintFailures = 0
    private var apiFailures = 0
    private var wasReady = false

    package init(
        _ settings: AgentSettings, report: @escaping (AgentEvent) -> Void
    ) throws(OperationFailure) {
        self.settings = settings
        self.report = report
        taintIsRemoved = settings.taint == nil
        namespace = ProcessFolder.ownNetworkNamespace
        do throws(APITransfers.Unavailable) {
            transfers = try APITransfers()
        } catch {
            throw OperationFailure(
                .error(
                    id: "no-libcurl",
                    "can't load \(APITransfers.Unavailable.library): \(error.reason)",
                    help: "install libcurl3-gnutls; the image has it"))
        }
        do throws(ReadFailure) {
            folders = try FolderWatch()
        } catch {
            throw OperationFailure(
                .error(
                    id: "no-inotify", "can't watch folders: \(error.reason)",
                    help: "raise fs.inotify.max_user_instances"))
        }
        watch = PodWatch(settings.server, node: settings.node, spread: settings.spread)
        keeper = PodKeeper(
            PodPolicy(
                excludedNamespaces: Set(settings.excludedNamespaces),
                configurationFiles: settings.configurationFiles),
            proc: settings.proc, report: report)
        statusServer = try StatusServer(settings.listen)
        pluginServer = try PluginServer(settings.socket)
        installation = settings.pluginInstallation
    }

    /// Runs until a signal ends the process; throws if it can't go on.
    package func run() throws(OperationFailure) -> Never {
        Self.endOnSignals()
        if watch.firstWait > .zero { report(.listsAfter(watch.firstWait)) }
        while true {
            if nextInstallation <= .now { install() }
            if !taintIsRemoved, installationProblem == nil, nextTaint <= .now { removeTaint() }
            watch.advance(transfers) { [self] in take($0) }
            keeper.advance()
            // A thread that could not leave a pod's namespace must not go on.
            guard ProcessFolder.ownNetworkNamespace == namespace else {
                throw OperationFailure(
                    .error(
                        id: "lost-namespace", "can't return from the network namespace of a pod",
                        help: "nothing: the agent is started again"))
            }
            wait()
            transfers.finish()
            pluginServer.advance(report) { [self] in answer($0, $1) }
            statusServer.advance { [self] in state($0) }
        }
    }

    /// As the first process of a container, the agent would otherwise ignore the signals.
    private static func endOnSignals() {
        for number in [SIGTERM, SIGINT] {
            _ = signal(number) { _ in _exit(0) }
        }
        // A reader that has gone is an error of the write.
        _ = signal(SIGPIPE, SIG_IGN)
    }

    private func wait() {
        var descriptors =
            [pollfd(fd: folders.descriptor, events: Int16(POLLIN), revents: 0)]
            + pluginServer.descriptors + statusServer.descriptors
        let first = descriptors.count
        descriptors += keeper.descriptors
        var due = min(nextInstallation, keeper.due)
        if let next = watch.due { due = min(due, next) }
        if !taintIsRemoved, installationProblem == nil { due = min(due, nextTaint) }
        // Half a millisecond more, so that the time has come when the wait ends.
        let left = Instant.now.duration(to: due) + .microseconds(500)
        transfers.wait(
            for: &descriptors, timeout: min(max(left, .zero), .seconds(1)))
        keeper.take(Set(descriptors[first...].filter { $0.revents != 0 }.map(\.fd)))
        if descriptors[0].revents != 0, folders.takeAll() {
            nextInstallation = min(nextInstallation, .now.advanced(by: Self.settleTime))
        }
    }

    // MARK: The plugin

    private func install() {
        nextInstallation = .now.advanced(
            by: installation.isUnsettled ? .seconds(1) : Self.checkInterval)
        do throws(OperationFailure) {
            for change in try installation.ensure() {
                installations += 1
                report(.installed(change))
            }
            installationProblem = nil
        } catch {
            // A list that another program is writing is read again as soon as it is complete.
            if installationProblem != error.diagnostics { report(.problem(error.diagnostics)) }
            installationProblem = error.diagnostics
        }
        for folder in installation.watchedFolders { folders.watch(folder) }
        announceReadiness()
    }

    private func answer(_ question: AgentQuestion, _ reply: @escaping (AgentAnswer) -> Void) {
        if !question.uid.isEmpty,
            let known = keeper.annotations(
                namespace: question.namespace, name: question.name, uid: question.uid)
        {
            return reply(.annotations(known))
        }
        let server = settings.server
        server.pod(namespace: question.namespace, name: question.name, over: transfers) { result in
            switch result {
            case .success(let pod) where question.uid.isEmpty || question.uid == pod.uid:
                reply(.annotations(pod.annotations))
            case .success:
                reply(.failure("the API server has another pod of this name"))
            case .failure(let failure):
                let problem = failure.diagnostic(
                    "get the pod", server, permission: "get, list and watch pods")
                reply(.failure(problem.messageAndHelp))
            }
        }
    }

    // MARK: The API server

    private func take(_ event: PodWatch.Event) {
        switch event {
        case .present(let pod): keeper.update(pod)
        case .gone(let uid): keeper.remove(uid: uid)
        case .listed(let uids): keeper.keep(uids)
        case .failure(let diagnostic, let wait):
            apiFailures += 1
            report(.unanswered(diagnostic, wait: wait))
        }
    }

    private func removeTaint() {
        guard let taint = settings.taint else { return }
        nextTaint = .now.advanced(by: .seconds(3600))
        let server = settings.server
        server.removeTaint(taint, fromNode: settings.node, over: transfers) { [self] result in
            switch result {
            case .success(let wasThere):
                taintIsRemoved = true
                taintProblem = nil
                if wasThere { report(.taintRemoved(taint)) }
                announceReadiness()
            case .failure(let failure):
                taintFailures += 1
                let wait = Duration.seconds(1 << min(taintFailures, 5)) * Double.random(in: 0.5..<1)
                nextTaint = .now.advanced(by: wait)
                let problem = failure.diagnostic(
                    "remove the taint '\(taint)' from the node", server,
                    permission: "patch its node")
                taintProblem = problem
                report(.unanswered(problem, wait: wait))
            }
        }
    }

    // MARK: State

    private var isReady: Bool { installationProblem == nil && taintIsRemoved }

    private func announceReadiness() {
        if isReady, !wasReady { report(.ready) }
        wasReady = isReady
    }

    private func state(_ path: String) -> StatusServer.Answer {
        switch path {
        case "/healthz": StatusServer.Answer(text: "ok\n")
        case "/readyz": readiness
        case "/metrics": StatusServer.Answer(type: AgentMetrics.type, text: metrics.text)
        case _:
            StatusServer.Answer(status: 404, text: "there are /healthz, /readyz and /metrics\n")
        }
    }

    private var readiness: StatusServer.Answer {
        if isReady { return StatusServer.Answer(text: "ok\n") }
        var problems = installationProblem ?? []
        if let taintProblem { problems.append(taintProblem) }
        let lines = problems.map(\.messageAndHelp)
        let text = lines.isEmpty ? "the agent is starting" : lines.joined(separator: "\n")
        return StatusServer.Answer(status: 503, text: text + "\n")
    }

    private var metrics: AgentMetrics {
        typealias Sample = AgentMetrics.Sample
        var metrics = AgentMetrics()
        metrics.gauge(
            "tproxy_agent_pods", "Pods of the node by what the agent does about their rules.",
            keeper.states.map { Sample(labels: [("state", $0.name)], value: $0.count) })
        let counts = keeper.counts
        metrics.counter(
            "tproxy_agent_checks", "Comparisons of a pod's loaded rules with its configuration.",
            [Sample(value: counts.checks)])
        metrics.counter(
            "tproxy_agent_repairs", "Pods whose rules differed and were loaded again.",
            [Sample(value: counts.repairs)])
        metrics.counter(
            "tproxy_agent_failures", "Comparisons or repairs that failed.",
            [Sample(value: counts.failures)])
        metrics.counter(
            "tproxy_agent_installations", "Changes that installed the plugin or its configuration.",
            [Sample(value: installations)])
        metrics.counter(
            "tproxy_agent_questions", "Questions of the plugin.",
            [Sample(value: pluginServer.questions)])
        metrics.counter(
            "tproxy_agent_refused_peers",
            "Connections to the socket by processes that aren't root's.",
            [Sample(value: pluginServer.refusals)])
        metrics.counter(
            "tproxy_agent_api_requests", "Lists and watches by their outcome.",
            watch.requests.sorted { $0.key < $1.key }.map { kind, count in
                Sample(
                    labels: [("verb", kind.verb.rawValue), ("outcome", kind.outcome.text)],
                    value: count)
            })
        metrics.gauge(
            "tproxy_agent_api_connected", "Whether the pods were listed and are watched.",
            [Sample(value: watch.isConnected ? 1 : 0)])
        metrics.gauge(
            "tproxy_agent_ready", "Whether the plugin is installed and the taint removed.",
            [Sample(value: isReady ? 1 : 0)])
        return metrics
    }
}
