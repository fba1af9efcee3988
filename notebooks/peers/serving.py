"""Measures the server against a bare Gin handler and against FastAPI and MLServer with scikit-learn, and writes SERVING.md and soak.svg.

    python serving.py --data DIR

All are asked about the same lead, one of the real ones, over loopback, loaded by load/ (Go). MLServer reads another body than the rest, so the server
is asked with that one too. They run on the same machine and take turns within each repeat; ratios are of one repeat, the median of all counts, and the
first turn of each warms it up and is dropped. Python needs what requirements-serving.txt lists; Go builds the rest.
"""

import argparse
import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

from servers import Server, mlserver, tensors
from serving_page import page

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
INFER = "/v2/models/converted"
SCORE, TENSORS = ("/v1/score", "lead.json"), (INFER + "/infer", "tensors.json")  # path and body
OPEN = (16, 64, 256)  # connections at half of the highest load
AFTER_CONTACT = ["Lead Profile", "Last Activity", "Last Notable Activity"] + [f"Asymmetrique {a} {b}" for b in ("Index", "Score") for a in ("Activity", "Profile")]


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
    run(leadscore, "init", leads, "--id", "Prospect ID", "--target", "Converted", "-o", work("lead.yaml"), "--force")
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

        def start(name, argv, port, path="/readyz", body=None, **env):
            server = Server(name, argv, port, dict(os.environ, **env), log, path, body)
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
            run(sys.executable, os.path.join(HERE, "fastapi_app.py"), "train", leads, work("columns.json"), work("model.joblib"), work("pipeline.joblib"))
            table = json.dumps(tensors(rows[0]["lead"], fields))
            with open(work("tensors.json"), "w") as f:
                f.write(table)
            bare = start("a bare Gin handler", [load, "bare", "-addr", "127.0.0.1:18181", "-answer", work("answer.json")], 18181)
            peer = start(
                "FastAPI + scikit-learn",
                [sys.executable, "-m", "uvicorn", "fastapi_app:app", "--port", "18182", "--workers", str(cores), "--log-level", "warning", "--no-access-log"],
                18182,
                LEADSCORE_PEER=work("model.joblib"),
                OMP_NUM_THREADS="1",
            )
            # MLServer says that it is ready before its workers are.
            argv = mlserver(work("mlserver"), work("pipeline.joblib"), 18183, cores, a.connections)
            oip = start("MLServer + scikit-learn", argv, 18183, INFER + "/infer", table, OMP_NUM_THREADS="1")
            agree(ours, peer, oip, json.dumps(rows[0]), table)
            targets = [("leadscore", ours, SCORE), ("a bare Gin handler", bare, SCORE), (peer.name, peer, SCORE), ("leadscore, tensors", ours, TENSORS), (oip.name + ", tensors", oip, TENSORS)]
            figures = measure(a, load, work, targets, len(rows))
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


def agree(ours, peer, oip, lead, table):
    """The same lead is of the same probability in each body: the two peers serve one model, the server its own."""
    probability = lambda server: json.loads(server.ask("POST", "/v1/score", lead))["probability"]
    outputs = lambda server: {o["name"]: o["data"] for o in json.loads(server.ask("POST", INFER + "/infer", table))["outputs"]}
    pairs = [(probability(ours), outputs(ours)["probability"][0]), (probability(peer), outputs(oip)["predict_proba"][1])]
    if any(abs(x - y) > 1e-12 for x, y in pairs):
        sys.exit(f"the bodies are not of the same lead: {pairs}")


def measure(a, load, work, targets, batch):
    ours, bare = targets[0][1], targets[1][1]

    def put(mode, server, path, body, connections=a.connections, duration=a.duration, **more):
        argv = [load, mode, "-url", f"http://127.0.0.1:{server.port}{path}", "-body", work(body), "-connections", connections, "-duration", f"{duration}s", "-pid", server.process.pid]
        for key, value in more.items():
            argv += ["-" + key, value]
        r = json.loads(run(*map(str, argv)))
        if r["errors"]:
            sys.exit(f"{server.name} answered {r['errors']}")
        return r

    def decode():
        return json.loads(run(load, "decode", "-body", work("batch.ndjson"), "-duration", f"{a.duration}s"))

    figures = {"closed": {name: [] for name, _, _ in targets}, "batch": [], "decode": []}
    for turn in range(a.repeat + 1):
        for name, server, asked in targets:
            r = put("closed", server, *asked)
            if turn > 0:
                figures["closed"][name].append(r)
        b, d = put("closed", ours, "/v1/score/batch", "batch.ndjson", 1, type="application/x-ndjson"), decode()
        if turn > 0:
            b["rows"] = b["throughput"] * batch
            figures["batch"].append(b)
            figures["decode"].append(d)
    half = statistics.median(r["throughput"] for r in figures["closed"]["leadscore"]) / 2
    figures["half"] = {c: [(put("open", ours, *SCORE, connections=c, rate=half), put("open", bare, *SCORE, connections=c, rate=half)) for _ in range(a.repeat)] for c in OPEN}
    if a.soak:
        figures["soak"] = put("soak", ours, *SCORE, connections=256, rate=half, duration=a.soak, csv=work("soak.csv"), metrics=f"http://127.0.0.1:{ours.port}/metrics")
    return figures


if __name__ == "__main__":
    main()
