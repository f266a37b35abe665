"""A cold start: seconds of the import and to the first prediction, and the memory of the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

_ROOT = Path(__file__).parents[3]
_CODE = """
import json, pathlib, resource, sys, time
began = time.perf_counter()
import inference
imported = time.perf_counter()
inference.load(inference.loading.RELEASED).predict(sys.argv[1])
done = time.perf_counter()
status = pathlib.Path("/proc/self/status")
if status.exists():  # on Linux, getrusage counts the memory of the process that started this one
    peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print(json.dumps([imported - began, done - began, peak]))
"""


def cold_start(text: str, repeats: int) -> dict[str, float]:
    """Return medians: seconds of `import`, up to the `first` prediction, and of the whole `process`; `peak` in MB."""
    found: list[list[float]] = []
    for _ in range(repeats):
        paths = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _CODE, text],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=True,
        )
        imported, first, peak = json.loads(done.stdout)
        found.append([imported, first, time.perf_counter() - began, peak])
    return dict(zip(("import", "first", "process", "peak"), map(median, zip(*found, strict=True)), strict=True))
