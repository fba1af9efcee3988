"""Writes what was measured as Markdown."""

OBJECTIVE = 156117.2306  # of the reference job with 500,000 rows at λ = 1
LIMIT = 4096  # MiB for ten million leads


def cost(c):
    return f"{c['wall']:.2f} s, CPU {c['cpu']:.2f} s, peak {c['peak']:.0f} MiB"


def times(slow, fast, digits=1):
    return f"{slow / fast:.{digits}f}×"


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)] + ["| " + " | ".join(row) + " |" for row in rows])


def best_solver(fits):
    """scikit-learn's fastest solver of those that ended."""
    return min((n for n in fits if n not in ("leadscore", "glum") and "fit" in fits[n]), key=lambda n: fits[n]["fit"])


def goals(r):
    """What was to be reached and what was: rows of goal, figure, and whether."""
    rows = []

    def goal(what, want, ratio, unit="×", reach=None, digits=1):
        reached = ratio >= want if reach is None else reach
        rows.append((what, f"≥ {want:g}{unit}" if reach is None else want, f"{ratio:.{digits}f}{unit}", "yes" if reached else "**no**"))

    if "speed" in r:
        w, fits, path = r["speed"]["whole"], r["speed"]["fits"], r["speed"]["path"]
        ours, best = fits["leadscore"], best_solver(fits)
        goal(f"the fit alone against scikit-learn's fastest solver ({best})", 15, fits[best]["fit"] / ours["fit"])
        if "fit" in fits.get("glum", {}):
            goal("the fit alone against glum", 1, fits["glum"]["fit"] / ours["fit"])
        goal("CSV to model against pandas + scikit-learn", 10, w["peer train"]["wall"] / w["train"]["wall"])
        share = w["train"]["peak"] / w["peer train"]["peak"]
        rows.append(("peak memory of that", "≤ ½", f"{share:.2f}", "yes" if share <= 0.5 else "**no**"))
        goal(f"five folds of twenty λ against one fit of {best}", 1, fits[best]["fit"] / path["path"], digits=2)
        goal("scores, CSV to CSV", 10, w["peer score"]["wall"] / w["score"]["wall"])
        if r["speed"]["rows"] == 500_000:
            gap = abs(ours["objective"] - OBJECTIVE) / OBJECTIVE
            lowest = min(f["objective"] for f in fits.values() if "objective" in f)
            rows.append((f"objective {OBJECTIVE} (known to four decimals)", "≤ 1e-8 away", f"{ours['objective']:.6f}",
                         "yes" if gap <= 1e-8 and ours["objective"] <= lowest * (1 + 1e-8) else "**no**"))
    for p in r.get("scaling", []):
        if p["file"] == "Parquet":
            peak = p["train"]["peak"]
            rows.append(("ten million leads from Parquet", "≤ 4 GiB", f"{peak / 1024:.2f} GiB in {p['train']['wall']:.0f} s", "yes" if peak <= LIMIT else "**no**"))
    return rows


def speed(r):
    s = r["speed"]
    w, fits, path = s["whole"], s["fits"], s["path"]
    names = {"peer train": "pandas + scikit-learn: CSV → model", "train": "leadscore train, λ = 1: CSV → model, evaluation, report",
             "path": "leadscore train, λ by five folds × twenty λ: the same", "peer score": "pandas + scikit-learn: CSV → scores CSV",
             "score": "leadscore score: CSV → scores CSV"}
    against = {"train": "peer train", "path": "peer train", "score": "peer score"}
    whole = table(("work", "wall s", "CPU s", "peak MiB", "faster", "less CPU", "memory"), [
        (names[k], f"{c['wall']:.2f}", f"{c['cpu']:.2f}", f"{c['peak']:.0f}", *(
            (times(w[against[k]]["wall"], c["wall"]), times(w[against[k]]["cpu"], c["cpu"]), f"{c['peak'] / w[against[k]]['peak']:.2f}")
            if k in against else ("", "", ""))) for k, c in w.items()])
    ours = fits["leadscore"]
    lowest = min(f["objective"] for f in fits.values() if "objective" in f)
    rows = []
    for name, f in fits.items():
        if "failed" in f:
            rows.append((name, f["failed"], "", "", "", "", "", ""))
            continue
        rows.append((name, f"{f['fit']:.3f}", f"{f['fit_cpu']:.3f}", str(f["steps"]), f"{f['objective']:.4f}",
                     f"{(f['objective'] - lowest) / lowest:.1e}", *(("", "") if name == "leadscore" else (times(f["fit"], ours["fit"]), times(f["fit_cpu"], ours["fit_cpu"])))))
    fit = table(("solver", "wall s", "CPU s", "steps", "objective", "above the lowest", "leadscore is faster", "takes less CPU"), rows)
    return f"""## Speed and memory: {s['rows']:,} leads, {ours['columns']} columns

Least wall time of {s['repeat']} runs, highest peak; a fit of more than 30 s ran once.

{whole}

The fit alone, from the encoded data:

{fit}

`liblinear` penalises the intercept too, so its optimum is another one. `saga` stops at a tolerance of 1e-3, the other solvers of
scikit-learn at their default. Before the fit, scikit-learn encodes for {fits[best_solver(fits)]['encoding']:.2f} s;
leadscore reads for {ours['read']:.2f} s, learns the encoding for {ours['features']:.2f} s and encodes for {ours['matrix']:.2f} s.
The path of five folds × {path['lambdas']} λ alone: {path['path']:.2f} s, CPU {path['path_cpu']:.2f} s; it chose λ = {path['path_lambda']:.3g}.
The model of `leadscore train` learned from 95 % of the rows: {s['card']['iterations']} steps, objective {s['card']['objective']:.4f}, {s['card']['status']}.
"""


def accuracy(r):
    parts = []
    for test in ("five folds", "latest 20 %"):
        rows, seen = [], {}
        for a in r["accuracy"]:
            if a["test"] == test:
                seen.setdefault(a["data"], []).append(a)
        for data, found in seen.items():
            best = {k: f([round(a[k], 4) for a in found]) for k, f in (("auc", max), ("log_loss", min), ("brier", min))}
            for a in found:
                rows.append((f"{data} ({a['rows']:,}, {a['rate']:.3f})", a["program"], *(
                    f"**{a[k]:.4f}**" if round(a[k], 4) == best[k] else f"{a[k]:.4f}" for k in best), f"{a['seconds']:.1f}"))
        parts.append(f"### {'Five stratified folds, out of fold' if test == 'five folds' else 'The latest 20 %, learned from the rest'}\n\n" + table(
            ("leads (tested, base rate)", "program", "AUC", "log loss", "Brier", "s"), rows))
    return """## Accuracy: real leads

Nothing is tuned on either side. Of the rows that a program may learn from, leadscore holds 5 % out for its own evaluation, so it
learns from 95 % of what the others do. Seconds are of training and scoring, all folds together.

""" + "\n\n".join(parts) + "\n"


def scaling(r):
    rows = []
    for p in r["scaling"]:
        peer = p.get("peer")
        rows.append((f"{p['rows']:,}", p["file"], f"{p['fit']['wall']:.2f}", f"{p['train']['wall']:.2f}", f"{p['train']['cpu']:.2f}", f"{p['train']['peak']:.0f}",
                     f"{peer['wall']:.2f}" if peer else "", f"{peer['peak']:.0f}" if peer else "", times(peer["wall"], p["train"]["wall"]) if peer else ""))
    return "## Scaling\n\nOne run each.\n\n" + table(
        ("leads", "file", "fit s", "train s", "train CPU s", "peak MiB", "pandas + scikit-learn s", "its peak MiB", "faster"), rows) + "\n\n![seconds against rows](scaling.svg)\n"


def predicted(points):
    """CPU seconds of a curvature as the kernels predict them: a · rows · pairs of features + b · columns³ (X′WX and its Cholesky factor).

    a and b are by least squares on the relative error; each pair of features, a missing-value indicator among them, is a scatter-add a row.
    """
    import numpy as np

    seconds = np.array([p["fit_cpu"] / p["curvatures"] for p in points])
    features = np.array([23 * p["width"] for p in points])
    work = np.array([[p["rows"] * k * (k + 1) / 2, p["columns"] ** 3 / 3] for p, k in zip(points, features)])
    cost = np.linalg.lstsq(work / seconds[:, None], np.ones(len(points)), rcond=None)[0]
    return seconds, work @ cost, cost


def widths(r):
    points = r["widths"]
    seconds, expected, cost = predicted(points)
    rows = [(str(20 * p["width"]), f"{p['columns']:,}", str(p["curvatures"]), f"{p['fit_cpu']:.2f}", f"{s:.3f}", f"{e:.3f}") for p, s, e in zip(points, seconds, expected)]
    return f"""### Columns

The fit alone with {points[0]["rows"]:,} leads. Each step makes the curvature X′WX, an addition for each pair of features and lead, and factors it, columns³/3 multiplications:
predicted is {1e9 * cost[0]:.2f} ns · leads · pairs + {1e9 * cost[1]:.3f} ns · columns³/3, of which the two constants are fitted to the table.

""" + table(("columns", "one-hot", "curvatures", "fit CPU s", "CPU s a curvature", "predicted"), rows) + "\n"


def about(r):
    return table(("measured", "command", "date", "machine", "load after", "versions"), [
        (stage, f"`{a['command']}`", a["date"], a["machine"], f"{a['load']:.1f}", ", ".join(f"{k} {v}" for k, v in a["versions"].items())) for stage, a in r["about"].items()]) + "".join(
        f"\n\nOf {stage}: {a['note']}" for stage, a in r["about"].items() if "note" in a)


def results(r):
    parts = ["# Results", "Written by `compare.py`; see [README.md](README.md) for what is measured and how.", about(r),
             "## Goals", table(("what", "goal", "measured", "reached"), goals(r))]
    for name, write in (("speed", speed), ("accuracy", accuracy), ("scaling", scaling), ("widths", widths)):
        if name in r:
            parts.append(write(r).strip())
    return "\n\n".join(parts) + "\n"


def compact(r):
    """The short form for the README of the repository."""
    parts = []
    if "speed" in r:
        parts.append(table(("what", "measured"), [(what, figure) for what, _, figure, _ in goals(r)]))
    if "accuracy" in r:
        programs = list(dict.fromkeys(a["program"] for a in r["accuracy"]))
        rows = {}
        for a in r["accuracy"]:
            rows.setdefault((a["data"], a["test"]), {})[a["program"]] = f"{a['auc']:.4f} · {a['log_loss']:.4f}"
        parts.append(table(("AUC · log loss", *programs), [(f"{data}, {test}", *(found.get(p, "") for p in programs)) for (data, test), found in rows.items()]))
    return "\n\n".join(parts)
