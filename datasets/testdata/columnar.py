"""Writes the Parquet and Arrow files of columnar_test.go with pyarrow, one column per type.

    python columnar.py        # pyarrow 15 or later; writes beside itself
"""
import datetime as dt
import decimal
import os
import uuid

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

here = os.path.dirname(os.path.abspath(__file__))
utc = dt.timezone.utc
D = decimal.Decimal
columns = {
    "i8": pa.array([-8, None, 127], pa.int8()),
    "i16": pa.array([-16, None, 32767], pa.int16()),
    "i32": pa.array([-32, None, 2147483647], pa.int32()),
    "i64": pa.array([-64, None, 123456789012345678], pa.int64()),
    "u8": pa.array([8, None, 255], pa.uint8()),
    "u16": pa.array([16, None, 65535], pa.uint16()),
    "u32": pa.array([32, None, 4294967295], pa.uint32()),
    "u64": pa.array([64, None, 18446744073709551615], pa.uint64()),
    "f32": pa.array([0.5, None, float("nan")], pa.float32()),
    "f64": pa.array([0.1, None, float("nan")], pa.float64()),
    "decimal": pa.array([D("0.07"), None, D("-12345.60")], pa.decimal128(12, 2)),
    "bool": pa.array([True, None, False]),
    "string": pa.array(["web", None, "  größe "]),
    "large": pa.array(["web", None, "漢字"], pa.large_string()),
    "binary": pa.array([b"web", None, b"mail"], pa.binary()),
    "dict": pa.array(["b", None, "a"]).dictionary_encode(),
    "nulltext": pa.array(["Select", "", "NA"]),
    "date32": pa.array([dt.date(2026, 1, 2), None, dt.date(1969, 12, 31)], pa.date32()),
    "date64": pa.array([dt.date(2026, 1, 2), None, dt.date(1969, 12, 31)], pa.date64()),
    "ts_ms": pa.array([1700000000123, None, -1], pa.timestamp("ms")),
    "ts_us": pa.array([1700000000123456, None, -1], pa.timestamp("us")),
    "ts_ns": pa.array([1700000000123456789, None, -1], pa.timestamp("ns")),
    "ts_tz": pa.array([1700000000123456, None, -1], pa.timestamp("us", tz="America/Bogota")),
    "time": pa.array([dt.time(1, 0, 1), None, dt.time(0, 0, 0, 500000)], pa.time64("us")),
    "null": pa.array([None, None, None], pa.null()),
}
only_arrow = {
    "half": pa.array([0.5, None, 2.0], pa.float32()).cast(pa.float16()),
    "ts_s": pa.array([1700000000, None, -1], pa.timestamp("s")),
    "duration": pa.array([1500, None, -1], pa.duration("ms")),
    "numbers": pa.array([30, None, 10], pa.int64()).dictionary_encode(),
    "uuid": pa.array([uuid.UUID(int=1).bytes, None, uuid.UUID(int=2**128 - 1).bytes], pa.binary(16)),
}
parquet = pa.table(columns)
arrow = pa.table(columns | only_arrow)


def path(name):
    return os.path.join(here, name)


pq.write_table(parquet, path("types.parquet"), compression="snappy")
pq.write_table(parquet, path("types_v2.parquet"), compression="zstd", data_page_version="2.0", use_dictionary=False, store_schema=False)
feather.write_feather(arrow, path("types_lz4.feather"), compression="lz4")
with pa.OSFile(path("types_stream.arrows"), "wb") as f, pa.ipc.new_stream(f, arrow.schema) as w:
    w.write_table(arrow)
    w.write_table(arrow)
nested = pa.table({"ok": [1], "list": pa.array([[1, 2]]), "struct": pa.array([{"a": 1}])})
pq.write_table(nested, path("nested.parquet"))
feather.write_feather(nested, path("nested.feather"), compression="uncompressed")
pq.write_table(pa.table({"x": [1.0, float("inf"), 3.0, float("-inf")], "t": ["a", "b", "c", "d"]}), path("infinite.parquet"))
pq.write_table(pa.table({"at": pa.array([dt.datetime(2026, 7, 31, 9, 30), None], pa.timestamp("us"))}), path("clock.parquet"))
# Three row groups; in the second the dictionary outgrows its page and the rest is plain.
n = 600
pq.write_table(
    pa.table({"id": [f"lead-{i:04d}" for i in range(n)], "few": [f"level {i % 7}" if i % 5 else None for i in range(n)]}),
    path("groups.parquet"), row_group_size=250, dictionary_pagesize_limit=1024, data_page_size=512, write_batch_size=16,
)
