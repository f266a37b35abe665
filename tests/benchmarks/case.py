"""A case: something whose time and memory are measured at several sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured.

    Args:
        title: What it is, in a line.
        unit: What sizes count.
        sizes: Sizes, rising.
        make: Writes the input of a size into a folder.
        prepare: Reads what is not measured, such as a model, from the input's folder and the model's address, and
            returns what is measured.
    """

    title: str
    unit: str
    sizes: tuple[int, ...]
    make: Callable[[int, Path], None]
    prepare: Callable[[Path, str], Work]


def doubling(first: int, last: int) -> tuple[int, ...]:
    """Return sizes from the first to the last, each twice the one before."""
    return (first, *doubling(2 * first, last)) if first <= last else ()
