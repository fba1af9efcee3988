#!/usr/bin/env python3
"""Puts Envoy with serve/deploy/envoy.yaml before two replicas, and asks through it while they come and go:

    envoy.py ENVOY LEADSCORE RUN LEADS

The file is used as it stands but for its ports and the addresses of the replicas, which here are not behind one name. Each answer must be
the text that a replica gives by itself. Exits 1 if one differs or is lost."""
import concurrent.futures, csv, http.client, http.server, json, pathlib, re, signal, socket, subprocess, sys, tempfile, threading, time

envoy, leadscore, run, leads = sys.argv[1:]
folder = tempfile.TemporaryDirectory()
work = pathlib.Path(folder.name)
started = []
made = [leadscore, "keys", "new", "--name", "proxy", "--scope", "score,admin", "--file", work / "keys.jsonl"]
key = re.search(r"lsk_\S+", subprocess.run(made, check=True, capture_output=True, text=True).stdout).group()
JSON = {"Content-Type": "application/json", "X-API-Key": key}


def until(what, f, seconds=30):
    end = time.monotonic() + seconds
    while not (got := f()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
    return got


def ask(port, method, path, body=None, headers=JSON, kept=None):
    c = kept or http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request(method, path, body, headers)
    answer = c.getresponse()
    text = answer.read().decode()
    if kept is None:
        c.close()
    return answer.status, answer.headers, text


class Replica:
    """A server that is told to stop as Kubernetes does; drain is above the interval of the proxy's health checks."""

    def __init__(self, port=0):
        log = work / f"replica{len(started)}.log"
        argv = [leadscore, "serve", "--model", run, "--keys", work / "keys.jsonl", "--addr", f"127.0.0.1:{port}", "--drain", "4s"]
        with open(log, "w") as f:
            self.process = subprocess.Popen(argv, stderr=f)
        started.append(self.process)
        self.port = int(until("a replica serves", lambda: re.search(r"(?m)^serving .* on http://127.0.0.1:(\d+)$", log.read_text())).group(1))


class Refuses(http.server.BaseHTTPRequestHandler):
    """A replica that says it is ready and answers 503 to all else; asked counts by path."""

    protocol_version = "HTTP/1.1"
    asked, lock = {}, threading.Lock()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.lock:
            self.asked[self.path] = self.asked.get(self.path, 0) + 1
        self.send(503)

    def do_GET(self):
        self.send(200)

    def send(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def proxy(ports):
    text = pathlib.Path("serve/deploy/envoy.yaml").read_text()

    def put(old, new):
        nonlocal text
        assert text.count(old) == 1, old
        text = text.replace(old, new)

    place = "              - endpoint: {address: {socket_address: {address: leadscore, port_value: 8080}}}\n"
    put(place, "".join(place.replace("leadscore", "127.0.0.1").replace("8080", str(p)) for p in ports))
    put("0.0.0.0, port_value: 8000", "127.0.0.1, port_value: 0")
    put("port_value: 9901", "port_value: 0")
    (work / "envoy.yaml").write_text(text)
    with open(work / "envoy.log", "w") as log:
        p = subprocess.Popen([envoy, "-c", work / "envoy.yaml", "--disable-hot-restart", "--concurrency", "2", "--admin-address-path", work / "admin"], stdout=log, stderr=log)
    started.append(p)
    read = lambda: p.poll() is None and (work / "admin").exists() and (work / "admin").read_text()
    admin = int(until("Envoy's address", read).rsplit(":", 1)[1])
    until("Envoy is ready", lambda: ask(admin, "GET", "/ready")[0] == 200)
    listeners = json.loads(ask(admin, "GET", "/listeners?format=json")[2])["listener_statuses"]
    return admin, listeners[0]["local_address"]["socket_address"]["port_value"]


class Load:
    """Kept connections that ask for one lead after another; what is not answered as a replica alone would is kept in wrong."""

    stop = threading.Event()

    def __init__(self, port, bodies, want):
        self.wrong = []
        self.stop.clear()

        def work(i):
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            n = 0
            while not self.stop.is_set():
                k = (i + n) % len(bodies)
                try:
                    status, _, text = ask(port, "POST", "/v1/score", bodies[k], kept=c)
                    if (status, text) != (200, want[k]):
                        self.wrong.append((status, text[:200]))
                except (OSError, http.client.HTTPException) as error:
                    self.wrong.append(repr(error))
                    c.close()
                n += 1
            c.close()
            return n

        self.pool = concurrent.futures.ThreadPoolExecutor(8)
        self.counts = [self.pool.submit(work, i) for i in range(8)]

    def end(self):
        self.stop.set()
        n = sum(c.result() for c in self.counts)
        assert not self.wrong, f"{len(self.wrong)} of {n} answers: {self.wrong[:3]}"
        return n


def main():
    with open(leads, newline="", encoding="utf-8") as f:
        bodies = [json.dumps({"lead": row}) for row, _ in zip(csv.DictReader(f), range(40))]
    one, two = Replica(), Replica()
    want = [ask(one.port, "POST", "/v1/score", b)[2] for b in bodies]
    assert want == [ask(two.port, "POST", "/v1/score", b)[2] for b in bodies] and len(set(want)) == len(bodies)
    admin, port = proxy([one.port, two.port])

    def stat(name):
        found = re.findall(rf"(?m)^cluster\.leadscore\.{name}: (\d+)$", ask(admin, "GET", "/stats")[2])
        assert len(found) == 1, name
        return int(found[0])

    taken = lambda r: int(re.search(rf"leadscore::127.0.0.1:{r.port}::rq_success::(\d+)", ask(admin, "GET", "/clusters")[2]).group(1))
    healthy = lambda n: until(f"{n} replicas are healthy", lambda: stat("membership_healthy") == n)

    healthy(2)
    status, headers, _ = ask(port, "POST", "/v1/score", bodies[0], {**JSON, "X-Request-Id": "mine-1"})
    assert (status, headers.get_all("X-Request-Id")) == (200, ["mine-1"]), headers
    status, headers, _ = ask(port, "POST", "/v1/score", bodies[0])
    assert status == 200 and len(headers.get_all("X-Request-Id")) == 1, headers
    assert ask(port, "POST", "/v1/score", '{"laed": {}}')[0] == 400
    print("ok   request ids, errors")

    with socket.create_connection(("127.0.0.1", port), 20) as s:  # a row is answered before the next is sent
        s.sendall(b"POST /v1/score/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n" + f"X-API-Key: {key}\r\n\r\n".encode())
        got = b""
        for row, text in zip(bodies[:3], want):
            s.sendall(b"%x\r\n%s\n\r\n" % (len(row) + 1, row.encode()))
            while text.encode() not in got:
                more = s.recv(1 << 16)
                assert more, got
                got += more
        s.sendall(b"0\r\n\r\n")
    print("ok   a batch is answered while it arrives")

    load = Load(port, bodies, want)
    until("both are asked", lambda: min(taken(one), taken(two)) > 200)
    one.process.send_signal(signal.SIGTERM)
    healthy(1)
    assert one.process.poll() is None, "it was gone before anybody noticed"
    assert one.process.wait(30) == 0
    one = Replica(one.port)
    healthy(2)
    before = taken(one)
    until("the new one is asked", lambda: taken(one) > before + 200)
    print(f"ok   SIGTERM and a new replica under load: {load.end()} answers, none lost")

    load = Load(port, bodies, want)
    until("both are asked", lambda: min(taken(one), taken(two)) > 400)
    two.process.kill()
    healthy(1)
    before = taken(one)
    until("the other answers", lambda: taken(one) > before + 400)
    n, again = load.end(), stat("upstream_rq_retry_success")
    assert again < 200, f"{again} of {n} were sent again: it is still asked"
    print(f"ok   kill -9 under load: {n} answers, none lost, {again} sent again")

    refuses = http.server.ThreadingHTTPServer(("127.0.0.1", two.port), Refuses)
    threading.Thread(target=refuses.serve_forever, daemon=True).start()
    healthy(2)
    load = Load(port, bodies, want)
    until("it refuses", lambda: Refuses.asked.get("/v1/score", 0) > 50)
    n = load.end()
    assert stat("upstream_rq_retry_success") > 0
    print(f"ok   a replica that answers 503 under load: {n} answers, none lost")
    promote = "/v1/models/won/promote"
    for path in ("/v1/score/batch", promote):  # never sent a second time
        refused = sum(ask(port, "POST", path, "[]")[0] == 503 for _ in range(40))
        assert 0 < refused == Refuses.asked[path], (path, refused, Refuses.asked)
    print("ok   batches and promotions are sent once")
    refuses.shutdown()
    print("5 passed, 0 failed")


try:
    main()
except BaseException:
    for log in work.glob("*log*"):
        print(f"--- {log.name}\n{log.read_text()[-2000:]}")
    raise
finally:
    Load.stop.set()
    for p in started:
        p.kill()
        p.wait()
