"""Names of runs: the config, the seed, and what was set otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_UNTOLD = ("seed", "output", "tracking")  # the name has the seed; the others do not change the result
_LONGEST, _LONGEST_VALUE = 80, 24


def run_name(config: str | Path, seed: int, changes: Sequence[str] = ()) -> str:
    """Return the name of a run.

    Args:
        config: Name or path of the config.
        seed: The seed.
        changes: `key=value` texts that change the config.

    Example:
        >>> run_name("configs/default.yaml", 13), run_name("default", 29, ["seed=29", "fit.epochs=3"])
        ('default-13', 'default-29 epochs=3')
    """
    told = []
    for change in changes:
        key, _, value = change.partition("=")
        if key.split(".")[0] not in _UNTOLD:
            told.append(f"{key.split('.')[-1]}={_cut(value.strip(), _LONGEST_VALUE)}")
    return _cut(" ".join([f"{Path(config).stem}-{seed}", *told]), _LONGEST)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
