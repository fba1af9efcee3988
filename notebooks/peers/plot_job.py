"""Draws seconds against rows, and CPU seconds of a fit's curvature against columns beside what the kernels predict, all logarithmic.

    python plot_job.py results.json scaling.svg
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "leadscore"  # the same figures give the same file
from matplotlib import pyplot

from tables import predicted

with open(sys.argv[1]) as f:
    results = json.load(f)
points = results["scaling"]
figure, (axes, wide) = pyplot.subplots(1, 2, figsize=(11, 4))
for label, key in [("pandas + scikit-learn, file to model", "peer"), ("leadscore train, file to report", "train"), ("leadscore, the fit alone", "fit")]:
    line = [(p["rows"], p[key]["wall"]) for p in points if key in p]
    axes.loglog(*zip(*line), marker="o", label=label)
axes.set_xlabel("leads")
axes.set_ylabel("seconds")
axes.grid(True, which="both", alpha=0.3)
axes.legend()
measured, expected, _ = predicted(results["widths"])
columns = [p["columns"] for p in results["widths"]]
wide.loglog(columns, measured, "o", label="measured")
wide.loglog(columns, expected, "-", label="predicted: leads · pairs of features, and columns³")
wide.set_xlabel("columns, one-hot")
wide.set_ylabel("CPU seconds a curvature")
wide.grid(True, which="both", alpha=0.3)
wide.legend()
figure.tight_layout()
figure.savefig(sys.argv[2], metadata={"Date": None})
