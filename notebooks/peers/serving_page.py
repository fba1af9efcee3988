"""SERVING.md of the figures of serving.py."""

import datetime
import importlib.metadata
import platform
import statistics

JUDGED = 64  # the connections that the goal of the p99 is judged at


def processor():
    with open("/proc/cpuinfo") as f:
        return next((l.split(":")[1].strip() for l in f if l.startswith("model name")), platform.machine())


def page(f, a, cores, commit):
    median = statistics.median
    span = lambda xs, form: f"{median(xs):{form}} ({min(xs):{form}} to {max(xs):{form}})"
    ours, bare, peer, infer, oip = f["closed"].values()
    times = lambda of, other: [x["throughput"] / y["throughput"] for x, y in zip(of, other)]
    thrift = lambda of, other: [y["cpu_per_1000"] / x["cpu_per_1000"] for x, y in zip(of, other)]
    of_decode = [b["rows"] / d["throughput"] for b, d in zip(f["batch"], f["decode"])]
    met = lambda good: "yes" if good else "**no**"
    lines = [
        "# The server under load",
        "",
        f"Written by `python notebooks/peers/serving.py --data DIR` on {datetime.date.today()}, commit {commit}: {a.repeat} turns of {a.duration:g} s each, the median (and the least to the most),",
        f"{a.connections} connections, on {cores} processors of {processor()}, which the client shares. How it is measured stands in `serving.py` and `load/`.",
        "",
        "| what | goal | measured | met |",
        "| --- | --- | --- | --- |",
        f"| `POST /v1/score`, throughput of a bare Gin handler | ≥ 80 % | {span([100 * x for x in times(ours, bare)], '.0f')} % | {met(median(times(ours, bare)) >= 0.8)} |",
        f"| the same by CPU seconds of the server for an answer | | {span([100 * x for x in thrift(ours, bare)], '.0f')} % | |",
    ]
    for what, of, other in (
        ("`POST /v1/score`, times FastAPI + scikit-learn", ours, peer),
        ("`POST /v1/score`, times MLServer + scikit-learn, which reads tensors", ours, oip),
        ("`POST /v2/models/{name}/infer`, times MLServer + scikit-learn, the same body", infer, oip),
    ):
        lines.append(f"| {what} | ≥ 10 | {span(times(of, other), '.1f')} | {met(median(times(of, other)) >= 10)} |")
        lines.append(f"| the same by CPU seconds | | {span(thrift(of, other), '.1f')} | |")
    for connections, turns in f["half"].items():
        p99 = [r["p99"] for r, _ in turns]
        goal, good = ("< 5 ms", met(median(p99) < 5)) if connections == JUDGED else ("", "")
        lines.append(
            f"| p99 at half of the highest load ({turns[0][0]['rate']:,.0f} a second, open loop), {connections} connections | {goal} | {span(p99, '.2f')} ms; a bare Gin handler {span([b['p99'] for _, b in turns], '.2f')} ms | {good} |"
        )
    lines += [
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
        "leadscore answers it with interval, reasons, stage and warnings, checks every attribute, and writes a line of log a request. MLServer serves the model that FastAPI serves, with",
        f"`parallel_workers` {cores} (one a processor, as its documentation says) beside the process that speaks HTTP, adaptive batching of {a.connections} requests, no log of requests and no metrics;",
        "it reads named tensors (content type pd), for which leadscore is asked at `/v2/models/{name}/infer` too. At half of the highest load both are asked in turns at the same rate; a request's time begins when it was meant to be sent, waiting",
        f"for a free connection included. The more connections, the more goroutines of the client wait for the same processors, as the bare handler shows; the goal is judged at {JUDGED}.",
        "Python " + ", ".join([platform.python_version()] + [f"{p} {importlib.metadata.version(p)}" for p in ("scikit-learn", "pandas", "fastapi", "uvicorn", "mlserver")]) + ".",
    ]
    if "soak" in f:
        lines += ["", "![memory, goroutines and open files over the soak](soak.svg)"]
    return "\n".join(lines) + "\n"
