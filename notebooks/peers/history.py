"""Makes a history of leads: leads.parquet (lead_id, as_of) and events.parquet (lead_id, occurred_at, event_type, channel,
amount, event_id), in the order of time, seeded.

    python history.py LEADS EVENTS FOLDER
"""

import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TYPES = ["page_view", "email_open", "email_click", "form_submit", "webinar", "price_page", "download", "call"]
TYPE_SHARES = [0.40, 0.25, 0.10, 0.05, 0.02, 0.10, 0.05, 0.03]
CHANNELS = ["organic", "ads", "email", "social", "referral"]
GROUP = 1 << 20  # events of a row group
DAY = 86_400_000_000
START, DAYS = 19_723 * DAY, 730  # 2024-01-01, two years


def make(leads, events, folder, seed=1):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    names = pa.array([f"L{i:07d}" for i in range(leads)])
    as_of = START + random.integers(180 * DAY, DAYS * DAY, leads)
    pq.write_table(pa.table({"lead_id": names, "as_of": pa.array(as_of, pa.timestamp("us", "UTC"))}), folder / "leads.parquet")
    schema = pa.schema([
        ("lead_id", pa.string()), ("occurred_at", pa.timestamp("us", "UTC")), ("event_type", pa.string()),
        ("channel", pa.string()), ("amount", pa.float64()), ("event_id", pa.int64()),
    ])
    with pq.ParquetWriter(folder / "events.parquet", schema, use_dictionary=["event_type", "channel"]) as writer:
        for first in range(0, events, GROUP):
            n = min(GROUP, events - first)
            low, high = (START + int(DAYS * DAY * at / events) for at in (first, first + n))
            amount = np.round(random.lognormal(3, 1, n), 2)
            channel = random.integers(0, len(CHANNELS), n).astype("int8")
            writer.write_table(pa.table([
                names.take(pa.array(random.integers(0, leads, n))),
                pa.array(np.sort(random.integers(low, high, n)), pa.timestamp("us", "UTC")),
                pa.DictionaryArray.from_arrays(pa.array(random.choice(len(TYPES), n, p=TYPE_SHARES).astype("int8")), TYPES).cast(pa.string()),
                pa.DictionaryArray.from_arrays(pa.array(channel, mask=random.random(n) < 0.2), CHANNELS).cast(pa.string()),
                pa.array(amount, mask=random.random(n) < 0.5),
                pa.array(np.arange(first, first + n)),
            ], schema=schema))


if __name__ == "__main__":
    make(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
