"""Writes drift.json: the PSI and the two-sample chi-square test of tables of counts, by scipy.

    python drift.py > drift.json
"""

import json

import numpy as np
from scipy.stats import chi2_contingency

tables = {
    "alike": ([400, 300, 200, 100], [38, 33, 19, 10]),
    "moved": ([400, 300, 200, 100], [30, 30, 25, 35]),
    "shifted": ([400, 300, 200, 100], [10, 30, 80, 90]),
    "gone and new": ([500, 500, 0], [0, 60, 40]),
    "large": ([100000, 300000, 200000], [61000, 150000, 89000]),
    "fewer old than new": ([30, 40, 50], [4000, 4000, 1000]),
    "one bin": ([100], [50]),
}
out = []
for name, (old, new) in tables.items():
    a, b = np.array(old, float), np.array(new, float)
    m, n = a.sum(), b.sum()
    q, p = b / n, a / m
    psi = ((q - p) * np.log(np.maximum(b, 0.5) / n / (np.maximum(a, 0.5) / m))).sum()
    chance = (len(a) - 1) * (1 / n + 1 / m)
    pvalue = chi2_contingency(np.array([a, b]), correction=False).pvalue if len(a) > 1 else 1.0
    out.append({"name": name, "old": old, "new": new, "psi": float(max(0, psi - chance)), "p": float(pvalue)})
print(json.dumps(out, indent=1))
