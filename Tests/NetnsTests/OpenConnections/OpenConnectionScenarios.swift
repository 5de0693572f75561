/// The scenarios between the hosts of `OpenConnectionScript`: one function each.
enum OpenConnectionScenarios {
    static let text = #"""
        def stand():
            connections = standing()
            before = sum(exchange(*ends) for ends in connections)
            report = {"of": len(connections), "before": before, "tracked": conntrack_count()}
            report["applied"] = apply()
            report["after"] = sum(exchange(*ends) for ends in connections)
            answer(listener(there, 444), b"D")
            answer(listener(here, 8081), b"D")
            fresh = [client(here, family, THEIRS[family], 444) for family in (V4, V6)]
            fresh += [client(there, family, OURS[family], 8081) for family in (V4, V6)]
            report["new"] = [said(one) for one in fresh]
            # Redirected connections are redirected again.
            run("conntrack", "-F")
            report["flushed"] = [said(one) for one in fresh]
            # The next apply doesn't affect those, whether conntrack has forgotten them or not.
            run("conntrack", "-F")
            report["again"] = apply("--exclude-outbound-ports", "81")
            report["replaced"] = [said(one) for one in fresh]
            return report


        def refused():
            connections = standing()
            before = sum(exchange(*ends) for ends in connections)
            report = {"of": before, "applied": apply(), "tracked": conntrack_count()}
            report["tables"] = run("nft", "list", "tables")
            report["after"] = sum(exchange(*ends) for ends in connections)
            return report


        def warned():
            connections = standing()
            report = {"of": len(connections), "strict": apply("--strict")}
            report["tables"] = run("nft", "list", "tables")
            report["after"] = sum(exchange(*ends) for ends in connections)
            report["applied"] = apply()
            return report


        def half_open():
            # The peer answers no SYN, and doesn't receive the answer to its own.
            inside(there, lambda: (
                run("nft", "add table inet wall"),
                run("nft", "add chain inet wall in { type filter hook input priority 0; }"),
                run("nft", "add rule inet wall in tcp flags & syn == syn drop")))
            ends = []
            for family in V4, V6:
                for near, far, address in (
                    (here, there, THEIRS[family]), (there, here, OURS[family])
                ):
                    listening = listener(far, 0)
                    one = inside(near, lambda: socket.socket(family))
                    one.setblocking(False)
                    one.connect_ex((address, listening.getsockname()[1]))
                    ends.append((one, listening))
            shown = ""
            while shown.count("SYN-SENT") < 2 or shown.count("SYN-RECV") < 2:
                shown = run("ss", "-tan")
            report = {"of": len(ends), "applied": apply()}
            inside(there, lambda: run("nft", "delete table inet wall"))
            report["after"] = 0
            for one, listening in ends:
                try:
                    listening.settimeout(60)
                    other = listening.accept()[0]
                    one.settimeout(60)
                    other.settimeout(60)
                    report["after"] += exchange(other, one)
                except OSError:
                    pass
            return report


        def storm():
            answer(listener(there, 443), b"D")
            answer(listener(here, 8080), b"D")
            kept = client(here, V4, THEIRS[V4], 443)
            counts = {"all": 0, "redirected": 0, "broken": 0, "why": []}
            lock = threading.Lock()
            ends = threading.Event()
            def open_many(near, family, address, port):
                libc.setns(near, NEWNET)
                while not ends.is_set():
                    one = socket.socket(family)
                    one.settimeout(60)
                    try:
                        one.connect((address, port))
                        answers = {said(one) for _ in range(4) if not time.sleep(0.002)}
                    except OSError as error:
                        answers = {"connect: " + type(error).__name__}
                    one.close()
                    with lock:
                        counts["all"] += 1
                        counts["redirected"] += answers == {"P"}
                        if answers not in ({"P"}, {"D"}):
                            counts["broken"] += 1
                            counts["why"].append(sorted(answers))
            threads = [
                threading.Thread(target=open_many, args=words)
                for family in (V4, V6)
                for words in (
                    (here, family, THEIRS[family], 443), (there, family, OURS[family], 8080)
                )
                for _ in range(2)
            ]
            for one in threads:
                one.start()
            time.sleep(0.3)
            counts["applied"] = apply()
            time.sleep(0.3)
            ends.set()
            for one in threads:
                one.join()
            counts["kept"] = said(kept)
            return counts


        scenarios = {"stand": stand, "half-open": half_open, "storm": storm}
        scenarios |= {"refused": refused, "warned": warned}
        report = scenarios[mode]()
        os.kill(peer, 9)
        print(json.dumps(report))
        os._exit(0)
        """#
}
