/// A program that stands in for the API server of a cluster.
///
/// It is none: it knows pods and one node, reads them from files of its folder, and answers the few
/// requests of the node agent. It reports changes of `pods.json` to watches, writes each request to
/// `requests.log`, and fails as the file `mode` says.
package enum StandInAPIServer {
    /// Arguments: the folder, the port, and for HTTPS the files of the certificate and its key.
    package static let program = #"""
        import http.server, json, os, ssl, sys, threading, time, urllib.parse

        folder, port = sys.argv[1], int(sys.argv[2])
        lock = threading.Lock()
        snapshots = {}

        def read(name, default=''):
            try:
                with open(os.path.join(folder, name)) as file:
                    return file.read()
            except FileNotFoundError:
                return default

        def pods():
            """The version and the pods by UID; a version is known from its first look on."""
            with lock:
                text = read('pods.json', '[]')
                for version, known in snapshots.items():
                    if known[0] == text:
                        return version, known[1]
                version = str(len(snapshots) + 100)
                listed = {pod['metadata']['uid']: pod for pod in json.loads(text)}
                for pod in listed.values():
                    pod['metadata']['resourceVersion'] = version
                snapshots[version] = (text, listed)
                return version, listed

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *words):
                pass

            def answer(self, status, value, type='application/json'):
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header('Content-Type', type)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def refuse(self, status, message='because the test says so'):
                self.answer(status, {'kind': 'Status', 'code': status, 'message': message})

            def begin(self):
                """Logs the request; returns whether it is to be answered normally."""
                with lock, open(os.path.join(folder, 'requests.log'), 'a') as log:
                    log.write(f'{time.time():.3f} {self.command} {self.path}\n')
                token = read('expected-token')
                if token and self.headers.get('Authorization') != 'Bearer ' + token:
                    self.refuse(401, 'Unauthorized')
                    return False
                mode = read('mode').strip()
                if mode == 'silent':
                    time.sleep(600)
                elif mode == 'garbage':
                    self.answer(200, b'<html>not an API server</html>', 'text/html')
                elif mode.isdigit():
                    self.refuse(int(mode))
                else:
                    return True
                return False

            def do_GET(self):
                if not self.begin():
                    return
                url = urllib.parse.urlparse(self.path)
                query = urllib.parse.parse_qs(url.query)
                parts = url.path.strip('/').split('/')
                if url.path == '/api/v1/pods' and query.get('fieldSelector') != ['spec.nodeName=node-1']:
                    self.refuse(400, 'the agent must ask for its own node alone')
                elif url.path == '/api/v1/pods' and 'watch' in query:
                    self.watch(query['resourceVersion'][0])
                elif url.path == '/api/v1/pods':
                    version, listed = pods()
                    self.answer(200, {'kind': 'PodList', 'apiVersion': 'v1',
                                      'metadata': {'resourceVersion': version},
                                      'items': list(listed.values())})
                elif len(parts) == 6 and parts[4] == 'pods':
                    for pod in pods()[1].values():
                        if (pod['metadata']['namespace'], pod['metadata']['name']) == (parts[3], parts[5]):
                            return self.answer(200, {'kind': 'Pod', **pod})
                    self.refuse(404, f'pods "{parts[5]}" not found')
                else:
                    self.refuse(404)

            def event(self, type, object):
                data = json.dumps({'type': type, 'object': object}).encode() + b'\n'
                self.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))
                self.wfile.flush()

            def watch(self, version):
                self.send_response(200)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Transfer-Encoding', 'chunked')
                self.end_headers()
                if version not in snapshots or read('mode').strip() == 'expired':
                    self.event('ERROR', {'kind': 'Status', 'code': 410, 'message': 'too old'})
                    self.wfile.write(b'0\r\n\r\n')
                    return
                known, ends, bookmark = snapshots[version][1], read('ends'), time.time()
                while read('ends') == ends and not read('mode').strip():
                    version, listed = pods()
                    for uid, pod in listed.items():
                        if uid not in known:
                            self.event('ADDED', pod)
                        elif known[uid] != pod:
                            self.event('MODIFIED', pod)
                    for uid, pod in known.items():
                        if uid not in listed:
                            self.event('DELETED', pod)
                    known = listed
                    if time.time() > bookmark + 0.5:
                        bookmark = time.time()
                        self.event('BOOKMARK', {'kind': 'Pod', 'metadata': {'resourceVersion': version}})
                    time.sleep(0.02)
                self.wfile.write(b'0\r\n\r\n')

            def do_PATCH(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                if not self.begin():
                    return
                if read('patch-mode').strip():
                    return self.refuse(int(read('patch-mode')), 'nodes "node-1" is forbidden')
                with lock:
                    node = json.loads(read('node.json', '{"kind": "Node", "spec": {}}'))
                    if self.headers['Content-Type'] == 'application/json-patch+json':
                        for step in json.loads(body):
                            assert step['path'] == '/spec/taints'
                            if step['op'] == 'test' and node['spec']['taints'] != step['value']:
                                return self.refuse(422, 'the test of the patch failed')
                            if step['op'] == 'replace':
                                node['spec']['taints'] = step['value']
                        with open(os.path.join(folder, 'node.json'), 'w') as file:
                            json.dump(node, file)
                    elif body != b'{}':
                        return self.refuse(400)
                self.answer(200, node)

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

            def handle_error(self, request, address):
                pass

        server = Server(('127.0.0.1', port), Handler)
        if len(sys.argv) > 3:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[3], sys.argv[4])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
        """#
}
