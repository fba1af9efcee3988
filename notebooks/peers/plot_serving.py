"""Draws what the server's process held in each second of a soak.

    python plot_serving.py soak.csv soak.svg
"""

import csv
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "leadscore"  # the same figures give the same file
from matplotlib import pyplot

with open(sys.argv[1]) as f:
    lines = [l for l in csv.DictReader(f) if l["goroutines"]]  # the last may fall on the end of the load
seconds = [float(l["second"]) for l in lines]
figure, (memory, counts) = pyplot.subplots(2, 1, figsize=(9, 5), sharex=True)
memory.plot(seconds, [float(l["rss_mib"]) for l in lines])
memory.set_ylabel("resident memory, MiB")
counts.plot(seconds, [int(l["goroutines"]) for l in lines], label="goroutines")
counts.plot(seconds, [int(l["fds"]) for l in lines], label="open files")
counts.set_ylabel("number")
counts.set_xlabel("seconds of load")
counts.legend()
for axes in (memory, counts):
    axes.set_ylim(bottom=0, top=1.15 * axes.get_ylim()[1])
    axes.grid(True, alpha=0.3)
figure.tight_layout()
figure.savefig(sys.argv[2], metadata={"Date": None})
