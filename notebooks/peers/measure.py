"""Runs one program as a process of its own and tells what it cost.

Only the standard library is imported here and in compare.py: on Linux the peak memory of a child counts from the
memory of the process that started it, so the starter must stay small.
"""

import dataclasses
import os
import subprocess
import tempfile
import threading
import time


class Failed(RuntimeError):
    pass


@dataclasses.dataclass
class Cost:
    wall: float  # seconds
    cpu: float  # seconds of user and system on all cores
    peak: float  # MiB of resident memory, its highest
    out: str  # standard output

    def figures(self):
        return {"wall": self.wall, "cpu": self.cpu, "peak": self.peak}


def run(argv, cwd=None, limit=900):
    """Runs argv to its end; Failed tells the end of its errors, or that it took more than limit seconds."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen([str(a) for a in argv], cwd=cwd, stdout=out, stderr=err)
        late = threading.Event()
        clock = threading.Timer(limit, lambda: (late.set(), child.kill()))
        clock.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        clock.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if late.is_set():
            raise Failed(f"not done after {limit} s")
        if child.returncode != 0:
            raise Failed(f"{argv[0]} ended with {child.returncode}: {err.read().decode(errors='replace')[-800:].strip()}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read().decode())


def best(argv, repeat, cwd=None, limit=900):
    """The run of the least wall time of several; the peak is the highest of them."""
    costs = [run(argv, cwd, limit) for _ in range(repeat)]
    least = min(costs, key=lambda c: c.wall)
    least.peak = max(c.peak for c in costs)
    return least
