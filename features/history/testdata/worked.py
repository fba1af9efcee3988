"""Works out the columns of worked.csv from their definitions, one lead and one column at a time; the table of worked_test.go."""

import csv
import datetime as dt

WINDOWS = [7, 30]
TYPES = {"visit": [], "order": ["amount"]}
CHANNELS = ["mail", "ads"]  # each of the leads ann, bob, dee, eva, gus and hal; mail of fay too
LEADS = ["ann", "bob", "cem", "dee", "eva", "fay", "gus", "hal", "ida", "joe"]
AS_OF = {"gus": None}  # the others:
USUAL = dt.datetime(2024, 3, 31, tzinfo=dt.timezone.utc)
DAY = dt.timedelta(days=1)


def events():
    for row in csv.DictReader(open("worked.csv")):
        row["at"] = dt.datetime.fromisoformat(row["at"].replace("Z", "+00:00"))
        row["amount"] = float(row["amount"]) if row["amount"] else None
        yield row


def columns(lead):
    as_of = AS_OF.get(lead, USUAL)
    known = sorted(
        (e for e in events() if e["lead"] == lead and (as_of is None or e["at"] < as_of)),
        key=lambda e: (e["at"], e["type"], e["channel"], e["amount"] is not None, e["amount"]),
    )
    seen, mine = set(), []
    for e in known:
        if not e["id"] or e["id"] not in seen:
            mine.append(e)
        seen.add(e["id"])
    end = as_of or max(e["at"] for e in mine)

    def within(es, low, high):
        """The events of an age in days of more than low and at most high (as-of is excluded already)."""
        return [e for e in es if (low is None or end - e["at"] > low * DAY) and end - e["at"] <= high * DAY]

    def group(name, es):
        for w in WINDOWS:
            yield f"{name}.count.{w}d", len(within(es, None, w))
        for w in WINDOWS:
            yield f"{name}.days.{w}d", len({e["at"].date() for e in within(es, None, w)})
        for w in WINDOWS:
            yield f"{name}.trend.{w}d", len(within(es, None, w)) - len(within(es, w, 2 * w))
        yield f"{name}.recency", min(((end - e["at"]) / DAY for e in es), default=None)
        yield f"{name}.decayed", sum(0.5 ** ((end - e["at"]) / DAY / 14) for e in es)

    yield from group("events", mine)
    at = [e["at"] for e in mine]
    gaps = [(b - a) / DAY for a, b in zip(at, at[1:])]
    yield "events.first_touch", (end - at[0]) / DAY if at else None
    yield "events.gap.mean", sum(gaps) / len(gaps) if gaps else None
    yield "events.gap.last", gaps[-1] if gaps else None
    yield "events.gap.max", max(gaps, default=None)
    named = [e for e in mine if e["channel"]]

    def channel(of_time):
        tied = [e["channel"] for e in named if e["at"] == of_time]
        return next((c for c in CHANNELS if c in tied), "other")

    yield "channel.first", channel(named[0]["at"]) if named else None
    yield "channel.last", channel(named[-1]["at"]) if named else None
    for c in CHANNELS:
        for w in WINDOWS:
            some = within(named, None, w)
            yield f"channel.{c}.share.{w}d", sum(e["channel"] == c for e in some) / len(some) if some else None
    for kind, properties in TYPES.items():
        es = [e for e in mine if e["type"] == kind]
        yield from group(kind, es)
        for p in properties:
            filled = [e for e in es if e[p] is not None]
            for w in WINDOWS:
                yield f"{kind}.{p}.sum.{w}d", sum(e[p] for e in within(filled, None, w))
            latest = max((e["at"] for e in filled), default=None)
            yield f"{kind}.{p}.last", max((e[p] for e in filled if e["at"] == latest), default=None)


table = [dict(columns(lead)) for lead in LEADS]
for name in table[0]:
    values = ["-" if row[name] is None else row[name] if isinstance(row[name], str) else f"{row[name]:.17g}" for row in table]
    print(name.ljust(20), *(v.ljust(1) for v in values))
