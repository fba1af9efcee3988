"""Draws seconds against rows, both logarithmic.

    python plot_job.py results.json scaling.svg
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "leadscore"  # the same figures give the same file
from matplotlib import pyplot

with open(sys.argv[1]) as f:
    points = json.load(f)["scaling"]
figure, axes = pyplot.subplots(figsize=(6, 4))
for label, key in [("pandas + scikit-learn, file to model", "peer"), ("leadscore train, file to report", "train"), ("leadscore, the fit alone", "fit")]:
    line = [(p["rows"], p[key]["wall"]) for p in points if key in p]
    axes.loglog(*zip(*line), marker="o", label=label)
axes.set_xlabel("leads")
axes.set_ylabel("seconds")
axes.grid(True, which="both", alpha=0.3)
axes.legend()
figure.tight_layout()
figure.savefig(sys.argv[2], metadata={"Date": None})
