"""One measurement, in a process of its own: peak memory is that of a process, and a warm one would be faster."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

_KILOBYTES = 1 if sys.platform == "linux" else 1024  # of ru_maxrss
_ENOUGH = 5.0  # seconds; what takes longer is measured once, and varies little
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one size took.

    Args:
        seconds: Processor time; unlike time on the clock, it hardly depends on what else the machine does.
        peak: Most memory that the process held, in MB.
        start: Most memory that it had held before the measured work began, in MB: libraries, model and input.
    """

    seconds: float
    peak: float
    start: float


def measure(name: str, size: int, model: str, folder: Path, repeats: int) -> Measurement:
    """Write the input of a size and measure what a case makes of it.

    Args:
        name: Name of the case.
        size: Its size.
        model: Address of the model.
        folder: A folder for the input.
        repeats: How many processes measure it at most.

    Returns:
        The medians.

    Raises:
        RuntimeError: A process failed; with what it said.
    """
    folder.mkdir(parents=True)
    _run("make", name, str(size), str(folder))
    found: list[Measurement] = []
    result = folder / "measurement"
    while len(found) < repeats and sum(one.seconds for one in found) < _ENOUGH:
        _run("measure", name, str(folder), model, str(result))
        found.append(Measurement(**json.loads(result.read_text(encoding="utf-8"))))
    return Measurement(
        median(one.seconds for one in found), median(one.peak for one in found), median(one.start for one in found)
    )


def tiny_model(folder: Path) -> str:
    """Make the tests' one-layer model in a folder and return its address."""
    _run("model", str(folder))
    return str(folder / "model")


def _run(*words: str) -> None:
    paths = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    settings = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **os.environ, "PYTHONPATH": paths}
    command = [sys.executable, "-m", "tests.benchmarks.process", *words]
    done = subprocess.run(
        command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _KILOBYTES / 1e6


def _seconds() -> float:
    """Processor time of this process and of the ones that it started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main(task: str, *words: str) -> None:
    """Do one task of a measurement: make a model, make an input, or measure."""
    if task == "model":
        from tests.tiny import model_folder

        model_folder(Path(words[0]))
        return
    from tests.benchmarks.cases import CASES

    if task == "make":
        name, size, folder = words
        CASES[name].make(int(size), Path(folder))
        return
    name, folder, model, result = words
    work = CASES[name].prepare(Path(folder), model)
    start, began = _peak(), _seconds()
    kept = work()
    found = Measurement(_seconds() - began, _peak(), start)
    del kept  # held until here: results are part of the peak
    Path(result).write_text(json.dumps(asdict(found)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
