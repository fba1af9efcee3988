"""Makes event features with leadscore and with DuckDB, compares every value, and tells what both cost.

    python notebooks/peers/events.py [--leads 100000] [--events 5000000] [--repeat 1] [--work DIR] [--keep]

Each program is a process of its own and goes from events.parquet and leads.parquet (history.py) to a Parquet file with a row a
lead: for all events and for each of eight types, the count, the distinct days (UTC) and the sum of a property in
7, 30 and 90 days before the lead's moment, the days since the last event, and the last value of the property. leadscore writes
its other columns too.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import measure

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
TYPES = ["page_view", "email_open", "email_click", "form_submit", "webinar", "price_page", "download", "call"]
WINDOWS = [7, 30, 90]


def sql(folder, out):
    """One grouping by lead and type, which is then turned into a row a lead; the days of all types are grouped by lead."""
    inside = [f"t >= as_of - {w} * 86400000000" for w in WINDOWS]
    each = ", ".join(
        f"count(*) FILTER ({i}) AS count_{w}, count(DISTINCT t // 86400000000) FILTER ({i}) AS days_{w}, coalesce(sum(amount) FILTER ({i}), 0) AS sum_{w}"
        for w, i in zip(WINDOWS, inside)
    )
    pivot = []
    for k in TYPES:
        this = f"FILTER (event_type = '{k}')"
        for what in ("count", "days", "sum"):
            name = "amount.sum" if what == "sum" else what
            pivot += [f"""coalesce(max({what}_{w}) {this}, 0) AS "{k}.{name}.{w}d" """ for w in WINDOWS]
        pivot += [f"""max(recency) {this} AS "{k}.recency", max(last) {this} AS "{k}.amount.last" """]
    total = [f"""coalesce(sum(count_{w}), 0) AS "events.count.{w}d" """ for w in WINDOWS] + ["""min(recency) AS "events.recency" """]
    days = ", ".join(f"""count(DISTINCT t // 86400000000) FILTER ({i}) AS "events.days.{w}d" """ for w, i in zip(WINDOWS, inside))
    return f"""
        CREATE TEMP TABLE known AS
            SELECT row_number, epoch_us(as_of) AS as_of, event_type, epoch_us(occurred_at) AS t, amount
            FROM read_parquet('{folder}/events.parquet') JOIN
                (SELECT row_number() OVER () AS row_number, * FROM read_parquet('{folder}/leads.parquet')) USING (lead_id)
            WHERE occurred_at < as_of;
        CREATE TEMP TABLE typed AS
            SELECT row_number, event_type, {each}, (as_of - max(t)) / 86400e6 AS recency, max_by(amount, t) FILTER (amount IS NOT NULL) AS last
            FROM known GROUP BY row_number, event_type, as_of;
        COPY (
            SELECT lead_id, typed.* EXCLUDE row_number, daily.* EXCLUDE row_number
            FROM (SELECT row_number() OVER () AS row_number, lead_id FROM read_parquet('{folder}/leads.parquet')) AS leads
            LEFT JOIN (SELECT row_number, {", ".join(total + pivot)} FROM typed GROUP BY row_number) AS typed USING (row_number)
            LEFT JOIN (SELECT row_number, {days} FROM known GROUP BY row_number) AS daily USING (row_number)
        ) TO '{out}' (FORMAT parquet);
    """


def duckdb_job(folder, out):
    import duckdb

    with tempfile.TemporaryDirectory() as spill:
        db = duckdb.connect(config={"threads": os.cpu_count(), "temp_directory": spill})
        db.execute("SET TimeZone = 'UTC'")
        db.execute(sql(folder, out))


def compare(ours, theirs):
    """Tells how many values there are and how far apart they are; raises where they differ."""
    import numpy as np
    import pyarrow.parquet as pq

    a, b = pq.ParquetFile(ours), pq.ParquetFile(theirs)
    names = [n for n in b.schema_arrow.names if n != "lead_id"]
    mine, other = a.read(["lead_id"]).column(0).to_numpy(), b.read(["lead_id"]).column(0).to_numpy()
    at, to = np.argsort(mine), np.argsort(other)
    if not np.array_equal(mine[at], other[to]):
        raise SystemExit("the leads differ")
    values, worst = 0, 0.0
    for name in names:
        x = a.read([name]).column(0).to_numpy().astype(float)[at]
        y = b.read([name]).column(0).to_numpy().astype(float)[to]
        if ".recency" not in name and ".last" not in name:
            y = np.nan_to_num(y)  # a lead without events has no row in DuckDB's groups
        if not np.array_equal(np.isnan(x), np.isnan(y)):
            raise SystemExit(f"{name}: missing in other rows")
        gap = np.nanmax(np.abs(x - y) / np.maximum(np.abs(y), 1), initial=0)
        if gap > (1e-9 if ".sum." in name else 1e-12 if ".recency" in name else 0):
            row = np.nanargmax(np.abs(x - y))
            raise SystemExit(f"{name}: {x[row]!r} of leadscore, {y[row]!r} of DuckDB, lead {mine[at][row]}")
        values, worst = values + len(x), max(worst, float(gap))
    return {"columns": len(names), "values": values, "largest_relative_gap": worst}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=1, help="of several runs the fastest counts")
    parser.add_argument("--limit", type=float, default=3600, help="seconds a program may take")
    parser.add_argument("--work", help="folder for the files (default: a temporary one)")
    parser.add_argument("--keep", action="store_true", help="use the history that is there")
    parser.add_argument("--duckdb", nargs=2, metavar=("FOLDER", "OUT"), help=argparse.SUPPRESS)
    parser.add_argument("--compare", nargs=2, metavar=("OURS", "THEIRS"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.duckdb:
        return duckdb_job(*args.duckdb)
    if args.compare:
        return print(json.dumps(compare(*args.compare)))
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(args.work or temporary)
        work.mkdir(parents=True, exist_ok=True)
        python = [sys.executable, HERE / "events.py"]
        if not (args.keep and (work / "events.parquet").exists()):
            measure.run([sys.executable, HERE / "history.py", args.leads, args.events, work], limit=args.limit)
        bench, ours, theirs = work / "eventbench", work / "leadscore.parquet", work / "duckdb.parquet"
        build = ["go", "build", "-tags", "peers", "-o", bench, "./notebooks/peers/eventbench"]
        subprocess.run(build, cwd=TOP, env=dict(os.environ, CGO_ENABLED="0"), check=True)
        costs = {"leadscore": None, "duckdb": None}
        for _ in range(args.repeat):  # in turn, so that what else the machine does meets both
            for name, argv in (("leadscore", [bench, "-out", ours, work]), ("duckdb", [*python, "--duckdb", work, theirs])):
                cost = measure.run(argv, limit=args.limit)
                print(f"{name}: {cost.wall:.1f} s, {cost.cpu:.1f} CPU s, {cost.peak:.0f} MiB", cost.out.strip(), flush=True)
                if costs[name] is None or cost.wall < costs[name].wall:
                    costs[name] = cost
        print("equal:", measure.run([*python, "--compare", ours, theirs], limit=args.limit).out.strip())
        a, b = costs["leadscore"], costs["duckdb"]
        print(f"leadscore / DuckDB: {a.wall / b.wall:.2f} of the time, {a.cpu / b.cpu:.2f} of the CPU time, {a.peak / b.peak:.2f} of the memory")


if __name__ == "__main__":
    main()
