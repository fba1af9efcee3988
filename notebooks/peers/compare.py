"""Does the same work with leadscore and with the programs a data team would use instead, and writes RESULTS.md.

    python notebooks/peers/compare.py --data DIR [--rows 500000] [--quick] [--large]

DIR holds the real leads (see README.md). Every program runs as a process of its own, one after the other.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import measure
import tables

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
STAGES = ("speed", "accuracy", "scaling")
PROGRAMS = ["leadscore", "logistic regression", "HGB", "XGBoost", "LightGBM"]
SOLVERS = ("lbfgs", "newton-cholesky", "newton-cg", "liblinear", "saga", "glum")

CONFIG = """version: 1
data:
  leads: {{path: {path}, id: lead_id}}
targets:
  converted: {{column: converted, positive: [1], negative: [0]}}
split: {{by: random, holdout: 0.05}}
features: {{interactions: none}}
model: {{kind: linear, penalty: {penalty}, calibrate: none}}
"""


class Comparison:
    def __init__(self, args):
        self.args = args
        self.work = pathlib.Path(args.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.kept = self.work / "results.json"
        self.results = json.loads(self.kept.read_text()) if self.kept.exists() else {}
        self.leadscore, self.fitbench = self.work / "leadscore", self.work / "fitbench"

    def build(self):
        go = ["go", "build"]
        env = dict(os.environ, CGO_ENABLED="0")
        subprocess.run([*go, "-o", self.leadscore, "./cmd/leadscore"], cwd=TOP, env=env, check=True)
        subprocess.run([*go, "-tags", "peers", "-o", self.fitbench, "./notebooks/peers/fitbench"], cwd=TOP, env=env, check=True)

    def keep(self, stage, value):
        self.results[stage] = value
        self.results.setdefault("about", {})[stage] = about(self.args)
        self.kept.write_text(json.dumps(self.results, indent=1))

    def python(self, script, *args):
        return [sys.executable, "-W", "ignore", HERE / script, *args]

    def reference(self, rows, ending="csv", width=1):
        path = self.work / f"leads{rows}{'' if width == 1 else f'x{width}'}.{ending}"
        if not path.exists():
            print(f"making {path}", flush=True)
            measure.run(self.python("reference.py", "--width", width, rows, path), limit=3600)
        return path

    def train(self, path, penalty, run):
        config = self.work / f"{run}.yaml"
        config.write_text(CONFIG.format(path=path, penalty=penalty))
        return [self.leadscore, "train", "-c", config, "--out", self.work / run]

    def speed(self):
        """File to model, the fit alone, the path, file to scores: seconds, CPU seconds, peak memory."""
        path = self.reference(self.args.rows)
        repeat = 1 if self.args.quick else self.args.repeat
        found = {"rows": self.args.rows, "repeat": repeat, "whole": {}, "fits": {}}

        def whole(name, argv):
            found["whole"][name] = measure.best(argv, repeat).figures()
            print(name, tables.cost(found["whole"][name]), flush=True)

        joblib = self.work / "peer.joblib"
        whole("peer train", self.python("pandas_job.py", "train", path, joblib))
        whole("train", self.train(path, 1, "run"))
        whole("path", self.train(path, "auto", "path"))
        whole("peer score", self.python("pandas_job.py", "score", path, joblib, self.work / "peer_scores.csv"))
        whole("score", [self.leadscore, "score", "--model", self.work / "run" / "model.json", "--in", path, "--out", self.work / "scores.csv"])
        found["card"] = json.loads((self.work / "run" / "metrics.json").read_text())["targets"]["converted"]["fit"]

        def fit(name, argv, limit):
            outs = []
            try:
                while len(outs) < repeat and (not outs or outs[-1]["fit"] < 30):
                    outs.append(json.loads(measure.run(argv, limit=limit).out))
                found["fits"][name] = min(outs, key=lambda o: o["fit"])
                found["fits"][name]["runs"] = len(outs)
                if "path" in outs[0]:
                    found["path"] = min(outs, key=lambda o: o["path"])
            except measure.Failed as failed:
                found["fits"][name] = {"failed": str(failed)}
            print(name, found["fits"][name], flush=True)

        fit("leadscore", [self.fitbench, "-path", path], self.args.limit)
        for solver in SOLVERS:
            if not (self.args.quick and solver not in ("lbfgs", "glum")):
                fit(solver, self.python("solver_job.py", solver, path), self.args.limit)
        self.keep("speed", found)

    def accuracy(self):
        """Real leads: see accuracy_job.py."""
        wanted = PROGRAMS[:2] if self.args.quick else PROGRAMS
        if self.args.ebm:
            wanted = [*wanted, "EBM"]
        found = []
        for program in wanted:
            out = measure.run(self.python("accuracy_job.py", self.args.data, self.leadscore, self.work / "accuracy", program), limit=7200).out
            print(out, end="", flush=True)
            found += [json.loads(line) for line in out.splitlines()]
        self.keep("accuracy", found)

    def scaling(self):
        """Seconds against rows; with --large also ten million leads from Parquet."""
        sizes = [20_000, 100_000] if self.args.quick else [100_000, 1_000_000]
        found = []
        for rows in sizes:
            path = self.reference(rows)
            point = {"rows": rows, "file": "CSV"}
            fit = json.loads(measure.run([self.fitbench, path]).out)
            point["fit"] = {"wall": fit["fit"], "cpu": fit["fit_cpu"]}
            point["train"] = measure.run(self.train(path, 1, "scaling")).figures()
            point["peer"] = measure.run(self.python("pandas_job.py", "train", path, self.work / "scaling.joblib")).figures()
            print(point, flush=True)
            found.append(point)
        if self.args.large:
            found.append(self.ten_million())
        self.keep("scaling", found)
        self.keep("widths", self.widths())
        measure.run(self.python("plot_job.py", self.kept, HERE / "scaling.svg"))

    def widths(self):
        """The fit alone against columns: the reference job with its twenty columns several times."""
        found = []
        for width in (1, 2) if self.args.quick else (1, 2, 4, 8):
            fit = json.loads(measure.run([self.fitbench, self.reference(200_000, "parquet", width)], limit=3600).out)
            found.append({"width": width, **fit})
            print(found[-1], flush=True)
        return found

    def ten_million(self):
        path = self.reference(10_000_000, "parquet")
        point = {"rows": 10_000_000, "file": "Parquet"}
        point["train"] = measure.run(self.train(path, 1, "scaling"), limit=3600).figures()
        fit = json.loads(measure.run([self.fitbench, path], limit=3600).out)
        point["fit"] = {"wall": fit["fit"], "cpu": fit["fit_cpu"]}
        print(point, flush=True)
        return point


def about(args):
    """When and where, and with which versions."""
    def output(*argv):
        return subprocess.run(argv, cwd=TOP, capture_output=True, text=True).stdout.strip()

    import importlib.metadata

    packages = {name: importlib.metadata.version(name) for name in (HERE / "requirements.txt").read_text().split() if installed(name)}
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown processor")
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return {
        "command": command(args),
        "date": args.date or datetime.date.today().isoformat(),
        "machine": f"{len(os.sched_getaffinity(0))} cores of {cpu}, {memory / 2**20:.0f} GiB",
        "load": os.getloadavg()[0],
        "versions": {"leadscore": output("git", "--no-optional-locks", "describe", "--always", "--dirty"), "go": output("go", "env", "GOVERSION"),
                     "python": sys.version.split()[0], **packages},
    }


def command(args):
    """As it was given, without this machine's folders."""
    words = [f"python notebooks/peers/compare.py --data DIR --rows {args.rows} --repeat {args.repeat} --limit {args.limit}"]
    words += [f"--{flag}" for flag in ("quick", "large", "ebm") if getattr(args, flag)]
    return " ".join([*words, "--only", *args.only])


def installed(name):
    import importlib.metadata

    try:
        return importlib.metadata.version(name) != ""
    except importlib.metadata.PackageNotFoundError:
        return False


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", required=True, help="folder with the real leads")
    ask.add_argument("--rows", type=int, default=500_000, help="of the reference job (default 500000)")
    ask.add_argument("--quick", action="store_true", help="one run each, the two best solvers, no boosting, small scaling: some minutes")
    ask.add_argument("--repeat", type=int, default=3, help="runs of each program, of which the fastest counts (default 3)")
    ask.add_argument("--limit", type=int, default=900, help="seconds that a solver may take (default 900)")
    ask.add_argument("--large", action="store_true", help="also train on ten million leads from Parquet (1 GB of disk, 4 GB of memory)")
    ask.add_argument("--ebm", action="store_true", help="also an explainable boosting machine: some minutes more")
    ask.add_argument("--only", nargs="+", choices=STAGES, default=STAGES, help="measure these; the rest of RESULTS.md is of the last time")
    ask.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "leadscore-peers"), help="folder for files and results")
    ask.add_argument("--date", help="to write into RESULTS.md; default: today")
    ask.add_argument("--out", default=HERE / "RESULTS.md", help="file to write")
    args = ask.parse_args()
    if shutil.which("go") is None:
        ask.error("the go command is not in the PATH")
    c = Comparison(args)
    c.build()
    for stage in args.only:
        print(f"== {stage}", flush=True)
        getattr(c, stage)()
    pathlib.Path(args.out).write_text(tables.results(c.results))
    print(tables.compact(c.results))
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
