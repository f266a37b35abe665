"""Cost of a model: time and memory, measured in a separate process.

Run as a module it is that process: `python -m training.evaluation.cost FOLDER < texts.json`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from annotations.errors import ExplainedError

_ROUNDS = 3  # readings of each document; the fastest counts, as other work on the machine can only slow it
_MOST = 20  # documents


class CostError(ExplainedError, RuntimeError):
    """The measuring process failed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Time and memory of a model on this machine; they vary from run to run."""

    load_seconds: float  # time to load the model
    milliseconds: float  # median time for a single document
    words_per_second: float  # number of words divided by the time for all documents
    memory_mb: float  # peak memory of the process, in megabytes (10⁶ bytes)
    size_mb: float  # size of the model folder without the torch weights, in megabytes
    documents: int  # number of documents measured

    def to_dict(self) -> dict[str, float]:
        """Return the figures, rounded to three decimals."""
        return {key: round(value, 3) for key, value in asdict(self).items()}


def measure(folder: Path, texts: Sequence[str]) -> Cost:
    """Measure a model folder on texts.

    Args:
        folder: A model folder.
        texts: At least one text; of more than twenty, every nth is read, twenty in all.

    Raises:
        CostError: The measuring process failed.
    """
    step = max(1, len(texts) / _MOST)
    chosen = [texts[int(number * step)] for number in range(min(len(texts), _MOST))]
    command = [sys.executable, "-P", "-m", "training.evaluation.cost", str(folder.resolve())]
    # Libraries may print in any encoding; the figures are ASCII.
    done = subprocess.run(  # noqa: S603
        command, input=json.dumps(chosen), capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]  # the message of a traceback
        raise CostError(f"{folder} cannot be measured: {last}; pass --no-cost to skip it")
    return Cost(**json.loads(done.stdout))


def _measured(folder: Path, texts: Sequence[str]) -> Cost:
    from inference.model import Model

    begun = time.perf_counter()
    model = Model(folder)
    loaded = time.perf_counter() - begun
    model.predict(texts[0])  # warm-up: the first call fills caches
    seconds = [min(_timed(model.predict, text) for _ in range(_ROUNDS)) for text in texts]
    return Cost(
        load_seconds=loaded,
        milliseconds=1000 * median(seconds),
        words_per_second=sum(len(text.split()) for text in texts) / sum(seconds),
        memory_mb=_peak_bytes() / 1e6,
        size_mb=sum(file.stat().st_size for file in folder.iterdir() if file.name != "model.safetensors") / 1e6,
        documents=len(texts),
    )


def _timed(predict: Callable[[str], object], text: str) -> float:
    begun = time.perf_counter()
    predict(text)
    return time.perf_counter() - begun


def _peak_bytes() -> int:
    status = Path("/proc/self/status")
    if status.is_file():  # on Linux getrusage includes the parent's memory
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes there, kibibytes elsewhere


if __name__ == "__main__":
    print(json.dumps(asdict(_measured(Path(sys.argv[1]), json.loads(sys.stdin.read())))))
