"""Writes half.csv: what the values of FP16 and of BF16 are as float64, by numpy. Some are written out; all 65,536 of each, as little-endian
float64 one behind the other, have the SHA-256 in the row "all", where NaN is 7ff8000000000001 whatever its payload.

numpy converts float16 by itself; a bfloat16 is the upper half of a float32 by definition, here by way of struct. usage: python half.py > half.csv
"""
import csv
import hashlib
import struct
import sys

import numpy as np

ALL = np.arange(65536, dtype=np.uint16)
SOME = [0x0000, 0x0001, 0x03FF, 0x0400, 0x0800, 0x3555, 0x3C00, 0x3C01, 0x3F80, 0x4049, 0x4248, 0x7BFF, 0x7C00, 0x7F7F, 0x7F80, 0x8000, 0x8001, 0xBC00, 0xC2ED, 0xFBFF, 0xFC00, 0xFF80]
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["datatype", "bits", "value"])
for name, values in [
    ("FP16", ALL.view(np.float16).astype(np.float64)),
    ("BF16", np.array([struct.unpack("<f", struct.pack("<HH", 0, int(bits)))[0] for bits in ALL], dtype=np.float64)),
]:
    for bits in SOME:
        out.writerow([name, f"{bits:04x}", repr(float(values[bits]))])
    raw = values.view(np.uint64).copy()
    raw[np.isnan(values)] = 0x7FF8000000000001
    out.writerow([name, "all", hashlib.sha256(raw.astype("<u8").tobytes()).hexdigest()])
