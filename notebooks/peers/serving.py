"""Measures the server against a bare Gin handler and against FastAPI with scikit-learn, and writes SERVING.md and soak.svg.

    python serving.py --data DIR

All answer the same body, a lead of the real ones, over loopback, loaded by load/ (Go). They run on the same machine and take turns within each
repeat; ratios are of one repeat, the median of all counts, and the first turn of each warms it up and is dropped. Python needs fastapi, uvicorn,
scikit-learn, pandas and matplotlib; Go builds the rest.
"""

import argparse
import csv
import datetime
import http.client
import importlib.metadata
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
AFTER_CONTACT = ["Lead Profile", "Last Activity", "Last Notable Activity"] + [f"Asymmetrique {a} {b}" for b in ("Index", "Score") for a in ("Activity", "Profile")]


class Server:
    """A process that answers GET /readyz when it is ready; ready is how many seconds that took."""

    def __init__(self, name, argv, port, env=None, log=None):
        self.name, self.port = name, port
        start = time.perf_counter()
        self.process = subprocess.Popen(argv, env=env, cwd=HERE, stdout=log, stderr=log)
        while not self.answers():
            if self.process.poll() is not None:
                sys.exit(f"{name} ended with {self.process.returncode}")
            if time.perf_counter() - start > 60:
                self.stop()
                sys.exit(f"{name} is not ready after a minute")
            time.sleep(0.002)
        self.ready = time.perf_counter() - start

    def answers(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            c.request("GET", "/readyz")
            return c.getresponse().status == 200
        except OSError:
            return False
        finally:
            c.close()

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        c.request(method, path, body, {"Content-Type": "application/json"})
        answer = c.getresponse()
        text = answer.read()
        c.close()
        if answer.status != 200:
            sys.exit(f"{self.name}: {path} answered {answer.status}: {text[:400]}")
        return text

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def run(*argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{argv[0]} ended with {done.returncode}: {done.stderr[-800:]}")
    return done.stdout


def lead_of(row, fields):
    """A row of the CSV file as a request: numbers as numbers, empty cells left out."""
    lead = {}
    for f in fields:
        text = row.get(f["name"], "")
        if text not in ("", "Select"):
            lead[f["name"]] = float(text) if f["kind"] == "numeric" else text
    return {"lead": lead}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True, help="folder with xeducation_leads.csv")
    p.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "leadscore-serving"), help="folder for what is built")
    p.add_argument("--out", default=HERE, help="folder for SERVING.md and soak.svg")
    p.add_argument("--duration", type=float, default=10, help="seconds of each turn")
    p.add_argument("--repeat", type=int, default=5, help="turns that count")
    p.add_argument("--soak", type=float, default=600, help="seconds of the soak; 0: none")
    p.add_argument("--connections", type=int, default=8)
    a = p.parse_args()
    os.makedirs(a.work, exist_ok=True)
    work = lambda name: os.path.join(a.work, name)
    leads = os.path.abspath(os.path.join(a.data, "xeducation_leads.csv"))
    leadscore, load = work("leadscore"), work("load")
    for binary, package in ((leadscore, "./cmd/leadscore"), (load, "./notebooks/peers/load")):
        run("go", "build", "-o", binary, package, cwd=TOP, env=dict(os.environ, CGO_ENABLED="0"))

    # The model of the README: without what sales fills in after contact.
    run(leadscore, "init", leads, "--id", "Prospect ID", "--target", "Converted", "-o", work("lead.yaml"))
    with open(work("lead.yaml")) as f:
        proposal = f.read()
    proposal, edits = re.subn(r"(?m)^    - Tags ", "".join(f'    - "{c}"\n' for c in AFTER_CONTACT) + "    - Tags ", proposal)
    if edits != 1:
        sys.exit("the proposal of leadscore init does not exclude Tags")
    with open(work("lead.yaml"), "w") as f:
        f.write(proposal)
    run(leadscore, "train", "-c", work("lead.yaml"), "--out", work("run"))

    cores = os.cpu_count()
    servers = []
    with open(work("servers.log"), "w") as log:

        def start(name, argv, port, **env):
            server = Server(name, argv, port, dict(os.environ, **env), log)
            servers.append(server)
            return server

        serve = [leadscore, "serve", "--model", work("run/model.json"), "--addr", "127.0.0.1:18180"]
        try:
            readies = []
            for _ in range(max(3, a.repeat)):
                Server("leadscore", serve, 18180, log=log).stop()
                once = Server("leadscore", serve, 18180, log=log)
                readies.append(once.ready)
                once.stop()
            ours = start("leadscore", serve, 18180)
            fields = [f for f in json.loads(ours.ask("GET", "/v1/models/converted"))["input"] if f["role"] == "feature"]
            with open(leads, newline="", encoding="utf-8") as f:
                rows = [lead_of(r, fields) for r in csv.DictReader(f)]
            with open(work("lead.json"), "w") as f:
                json.dump(rows[0], f)
            with open(work("batch.ndjson"), "w") as f:
                f.writelines(json.dumps(r) + "\n" for r in rows)
            with open(work("answer.json"), "wb") as f:
                f.write(ours.ask("POST", "/v1/score", json.dumps(rows[0])))
            with open(work("columns.json"), "w") as f:
                json.dump({"features": fields, "outcome": "Converted"}, f)
            run(sys.executable, os.path.join(HERE, "fastapi_app.py"), "train", leads, work("columns.json"), work("model.joblib"))
            bare = start("a bare Gin handler", [load, "bare", "-addr", "127.0.0.1:18181", "-answer", work("answer.json")], 18181)
            peer = start(
                "FastAPI + scikit-learn",
                [sys.executable, "-m", "uvicorn", "fastapi_app:app", "--port", "18182", "--workers", str(cores), "--log-level", "warning", "--no-access-log"],
                18182,
                LEADSCORE_PEER=work("model.joblib"),
                OMP_NUM_THREADS="1",
            )
            peer.ask("POST", "/v1/score", json.dumps(rows[0]))
            figures = measure(a, load, work, ours, [ours, bare, peer], len(rows))
            figures["ready"] = [1000 * r for r in readies]
        finally:
            for server in servers:
                server.stop()
    if a.soak:
        run(sys.executable, os.path.join(HERE, "plot_serving.py"), work("soak.csv"), os.path.join(a.out, "soak.svg"))
        with open(work("soak.csv")) as f:
            figures["held"] = [float(l["rss_mib"]) for l in csv.DictReader(f)]
    with open(work("serving.json"), "w") as f:
        json.dump(figures, f, indent=1)
    commit = run("git", "describe", "--always", "--dirty", cwd=TOP).strip()
    with open(os.path.join(a.out, "SERVING.md"), "w") as f:
        f.write(page(figures, a, cores, commit))


def measure(a, load, work, ours, servers, batch):
    def put(mode, server, path="/v1/score", body="lead.json", connections=a.connections, duration=a.duration, **more):
        argv = [load, mode, "-url", f"http://127.0.0.1:{server.port}{path}", "-body", work(body), "-connections", connections, "-duration", f"{duration}s", "-pid", server.process.pid]
        for key, value in more.items():
            argv += ["-" + key, value]
        r = json.loads(run(*map(str, argv)))
        if r["errors"]:
            sys.exit(f"{server.name} answered {r['errors']}")
        return r

    def decode():
        return json.loads(run(load, "decode", "-body", work("batch.ndjson"), "-duration", f"{a.duration}s"))

    figures = {"closed": {s.name: [] for s in servers}, "batch": [], "decode": [], "half": []}
    for turn in range(a.repeat + 1):
        for s in servers:
            r = put("closed", s)
            if turn > 0:
                figures["closed"][s.name].append(r)
        b, d = put("closed", ours, "/v1/score/batch", "batch.ndjson", 1, type="application/x-ndjson"), decode()
        if turn > 0:
            b["rows"] = b["throughput"] * batch
            figures["batch"].append(b)
            figures["decode"].append(d)
    half = statistics.median(r["throughput"] for r in figures["closed"][ours.name]) / 2
    for _ in range(a.repeat):
        figures["half"].append(put("open", ours, connections=256, rate=half))
    if a.soak:
        figures["soak"] = put("soak", ours, connections=256, rate=half, duration=a.soak, csv=work("soak.csv"), metrics=f"http://127.0.0.1:{ours.port}/metrics")
    return figures


def processor():
    with open("/proc/cpuinfo") as f:
        return next((l.split(":")[1].strip() for l in f if l.startswith("model name")), platform.machine())


def page(f, a, cores, commit):
    median = statistics.median
    span = lambda xs, form: f"{median(xs):{form}} ({min(xs):{form}} to {max(xs):{form}})"
    ours, bare, peer = f["closed"].values()
    over = lambda key, other, turn=False: [(y[key] / x[key] if turn else x[key] / y[key]) for x, y in zip(ours, other)]
    of_decode = [b["rows"] / d["throughput"] for b, d in zip(f["batch"], f["decode"])]
    p99 = [r["p99"] for r in f["half"]]
    met = lambda good: "yes" if good else "**no**"
    lines = [
        "# The server under load",
        "",
        f"Written by `python notebooks/peers/serving.py --data DIR` on {datetime.date.today()}, commit {commit}: {a.repeat} turns of {a.duration:g} s each, the median (and the least to the most),",
        f"{a.connections} connections, on {cores} processors of {processor()}, which the client shares. How it is measured stands in `serving.py` and `load/`.",
        "",
        "| what | goal | measured | met |",
        "| --- | --- | --- | --- |",
        f"| `POST /v1/score`, throughput of a bare Gin handler | ≥ 80 % | {span([100 * x for x in over('throughput', bare)], '.0f')} % | {met(median(over('throughput', bare)) >= 0.8)} |",
        f"| the same by CPU seconds of the server for an answer | | {span([100 * x for x in over('cpu_per_1000', bare, True)], '.0f')} % | |",
        f"| `POST /v1/score`, times FastAPI + scikit-learn | ≥ 10 | {span(over('throughput', peer), '.1f')} | {met(median(over('throughput', peer)) >= 10)} |",
        f"| the same by CPU seconds | | {span(over('cpu_per_1000', peer, True), '.1f')} | |",
        f"| p99 at half of the highest load ({f['half'][0]['rate']:,.0f} a second, open loop) | < 5 ms | {span(p99, '.2f')} ms | {met(median(p99) < 5)} |",
        f"| batch as NDJSON, one connection, rows a second of what encoding/json decodes | ≥ 50 % | {span([100 * x for x in of_decode], '.0f')} % | {met(median(of_decode) >= 0.5)} |",
        f"| start to ready | ≤ 200 ms | {span(f['ready'], '.0f')} ms | {met(median(f['ready']) <= 200)} |",
    ]
    if "soak" in f:
        held = f["held"]
        tenth = max(1, len(held) // 10)
        first, last = median(held[tenth : 2 * tenth + 1]), median(held[-tenth:])
        lines.append(
            f"| resident memory over {a.soak:g} s at that rate, second tenth to last tenth | flat | {first:.0f} to {last:.0f} MiB, at most {max(held):.0f}; {f['soak']['answers']:,} answers, {sum(f['soak']['errors'].values())} errors | {met(last <= 1.1 * first)} |"
        )
    lines += ["", "| server | answers a second | p50 ms | p99 ms | CPU ms an answer |", "| --- | --- | --- | --- | --- |"]
    for name, rs in f["closed"].items():
        m = lambda key: median(r[key] for r in rs)
        lines.append(f"| {name} | {m('throughput'):,.0f} | {m('p50'):.2f} | {m('p99'):.2f} | {m('cpu_per_1000'):.3f} |")
    lines += [
        "",
        f"NDJSON: {median(b['rows'] for b in f['batch']):,.0f} rows a second scored over HTTP; encoding/json decodes {median(d['throughput'] for d in f['decode']):,.0f} on one processor.",
        "The bare handler decodes the same body with encoding/json and answers a constant of the same size. FastAPI has one worker a processor and answers the probability alone;",
        "leadscore answers it with interval, reasons, stage and warnings, checks every attribute, and writes a line of log a request. MLServer is not measured: it reads another body.",
        "Python " + ", ".join([platform.python_version()] + [f"{p} {importlib.metadata.version(p)}" for p in ("scikit-learn", "pandas", "fastapi", "uvicorn")]) + ".",
    ]
    if "soak" in f:
        lines += ["", "![memory, goroutines and open files over the soak](soak.svg)"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
