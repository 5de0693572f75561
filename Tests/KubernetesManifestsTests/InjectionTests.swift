import Diagnostics
import KubernetesManifests
import Testing
import TproxyConfig
import TproxyConfigYAML

/// `inject` adds lines and changes no other byte, and `eject` removes them.
@Suite struct InjectionTests {
    static let methods: [Injection.Method] = [.initContainer(image: "tproxy:1"), .plugin]

    static func inject(
        _ text: String, _ method: Injection.Method = .initContainer(image: "tproxy:1"),
        files: [String] = []
    ) throws -> Injection.Result {
        let documents = try files.map {
            try YAMLDocument.parse(text: $0, source: "config.yaml").get()
        }
        return try Injection(
            method, sidecar: "kuma-sidecar", files: documents, allowUnknownKeys: false
        ).inject(text, source: "pod.yaml")
    }

    /// Manifests in many of the forms in which people write them.
    static let manifests: [String] = [
        """
        # The shop's front.
        apiVersion: v1
        kind: Pod   # not a Deployment
        metadata:
          name: web

          annotations:   # of the mesh
            # Ports of the monitoring.
            traffic.kuma.io/exclude-inbound-ports: "9090"

            other: 'it''s'   # kept
        spec:
          initContainers:
          - name: migrate
            image: app:1
            # the end of the init containers

          # the containers
          containers:
            - {name: app, image: "app:1"}
          volumes:
          - name: data
            emptyDir: {}

        """,
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: a\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: a",
        "apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: web\r\n  annotations:\r\n    a: b\r\nspec:\r\n  containers:\r\n  - name: app\r\n",
        "kind: Pod\nmetadata:\n  name: web\n  annotations:\nspec:\n  initContainers:\n  containers: []\n  volumes:\n",
        // No metadata at all, as in a template.
        """
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
            replicas: 3
            template:
                spec:
                    containers:
                    -   name: app
                        args:
                        - |+
                          echo one

                          echo two


        ---
        kind: Service
        metadata: {name: web}
        spec: {ports: [{port: 80}]}
        ...
        """,
        """
        ---
        kind: CronJob
        metadata:
          name: nightly
        spec:
          schedule: "0 3 * * *"
          jobTemplate:
            spec:
              template:
                metadata:
                  labels: {app: nightly}
                spec:
                  restartPolicy: Never
                  initContainers:
                  - name: first
                    command:
                    - sh
                    - -c
                    - >
                      # tproxy:begin
                      folded text
                      # tproxy:end
                  containers:
                  - name: app
        ---
        kind: ConfigMap
        metadata:
          name: text
        data:
          pod.yaml: |
            # tproxy:begin
            kind: Pod
            # tproxy:end
        ---
        kind: Job
        metadata: {name: once}
        spec:
          template:
            metadata:
              annotations:
                kuma.io/init-first: "true"
            spec:
              initContainers:
              # A comment before the first.
              - name: first
              containers: [{name: app}]
        """,
        """
        kind: StatefulSet
        metadata: {name: db}
        spec:
          template:
            metadata:
              annotations:
                long: "a
                  b"
        """,
        """
        apiVersion: v1
        kind: List
        items:
        - kind: DaemonSet
          metadata: {name: one}
          spec:
            template:
              metadata:
                labels: {a: b}
              spec:
                containers: [{name: app}]
        - kind: Pod
          metadata:
            name: two
          spec:
            containers: [{name: app}]
        """,
    ]

    @Test(arguments: manifests.indices, methods)
    func allOtherBytesStayAndEjectRestoresThem(index: Int, method: Injection.Method) throws {
        let original = Self.manifests[index]
        // The eighth has no spec in its template: only annotations can be added.
        guard index != 7 || method == .plugin else { return }
        let injected = try Self.inject(original, method).text
        #expect(injected != original)
        #expect(try Injection.eject(injected, source: "pod.yaml") == original)
        // What was added are whole lines: the others are there, in order.
        var rest = injected.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[
            ...]
        for line in original.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            guard let found = rest.firstIndex(of: line) else {
                Issue.record("line '\(line)' is missing")
                return
            }
            rest = rest[(found + 1)...]
        }
    }

    @Test(arguments: manifests.indices, methods)
    func injectingTwiceEqualsOnce(index: Int, method: Injection.Method) throws {
        guard index != 7 || method == .plugin else { return }
        let once = try Self.inject(Self.manifests[index], method).text
        #expect(try Self.inject(once, method).text == once)
    }

    @Test func anotherMethodReplacesTheFormerOne() throws {
        let original = Self.manifests[0]
        let container = try Self.inject(original).text
        #expect(try Self.inject(container, .plugin).text == Self.inject(original, .plugin).text)
    }

    @Test func aManifestWithoutTheProxyIsEjectedUnchanged() throws {
        for manifest in Self.manifests {
            #expect(try Injection.eject(manifest, source: "pod.yaml") == manifest)
        }
    }

    @Test func theInitContainerIsTheLastOneUnlessThePodSaysFirst() throws {
        func order(_ annotation: String) throws -> Bool {
            let pod = """
                kind: Pod
                metadata:
                  name: web
                  annotations:
                    a: b
                \(annotation)
                spec:
                  initContainers:
                  - name: migrate
                  containers:
                  - name: app
                """
            let text = try Self.inject(pod).text
            let ours = try #require(text.firstRange(of: "name: tproxy-init"))
            let other = try #require(text.firstRange(of: "name: migrate"))
            return ours.lowerBound < other.lowerBound
        }
        #expect(try !order("    c: d"))
        #expect(try order("    kuma.io/init-first: \"true\""))
    }

    @Test func theInjectedTextIsWhatAPodNeeds() throws {
        let pod = "kind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n"
        #expect(
            try Self.inject(pod, files: ["wait: 9"]).text == """
                kind: Pod
                metadata:
                  # tproxy:begin
                  annotations:
                    kuma.io/sidecar-uid: "5678"
                    traffic.kuma.io/transparent-proxy-config: |
                      kumaDPUser: "5678"
                      wait: "9"
                      redirect:
                        dns:
                          enabled: "true"
                          captureAll: "true"
                        inbound:
                          excludePorts: ["9001"]
                  # tproxy:end
                  name: web
                spec:
                  # tproxy:begin
                  initContainers:
                  - name: tproxy-init
                    image: "tproxy:1"
                    command: ["/usr/bin/kumactl", "install", "transparent-proxy"]
                    args: ["--config=/tmp/transparent-proxy/base/config.yaml"]
                    securityContext:
                      runAsUser: 0
                      runAsGroup: 0
                      runAsNonRoot: false
                      allowPrivilegeEscalation: false
                      readOnlyRootFilesystem: true
                      capabilities:
                        drop: ["ALL"]
                        add: ["NET_ADMIN"]
                    resources:
                      requests:
                        cpu: 20m
                        memory: 20M
                      limits:
                        memory: 50M
                    volumeMounts:
                    - name: tproxy-config
                      mountPath: /tmp/transparent-proxy/base
                      readOnly: true
                  volumes:
                  - name: tproxy-config
                    downwardAPI:
                      items:
                      - path: config.yaml
                        fieldRef:
                          fieldPath: metadata.annotations['traffic.kuma.io/transparent-proxy-config']
                  # tproxy:end
                  containers:
                  - name: app

                """)
    }
}
