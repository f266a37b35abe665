"""What many articles cost on rented machines: arithmetic on measured speed and assumed prices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine for rent.

    Args:
        name: Its name.
        cores: Its physical cores: two of its virtual processors share one.
        price: Dollars an hour.
        flops: Floating-point operations a second of its GPU for 16-bit numbers, as its maker states; 0 without one.
    """

    name: str
    cores: int
    price: float
    flops: float = 0.0


# List prices on demand, without discounts, as assumed in November 2026: look yours up.
MACHINES = (
    Machine("16 virtual processors, x86, compute-optimised", 8, 0.68),
    Machine("32 virtual processors, x86, compute-optimised", 16, 1.36),
    Machine("8 virtual processors and one NVIDIA L4", 4, 0.98, 121e12),
)
USED = 0.2  # share of a GPU's stated speed that short rows of a small network reach; an assumption


@dataclass(frozen=True, slots=True)
class Cost:
    """Hours on one machine, and dollars."""

    hours: float
    dollars: float


def cost(machine: Machine, words: float, speed: float, forward: float, operations: float) -> Cost:
    """Return what so many words cost on one machine.

    On CPUs, each core predicts `speed` words a second. With a GPU, the network runs there and the rest of the work on
    the cores, at the same time: the slower of the two decides.

    Args:
        machine: The machine.
        words: Words of all articles.
        speed: Words a second on one core.
        forward: Share of that time which the network takes.
        operations: Operations of the network for a word.

    Example:
        >>> cost(Machine("two cores", 2, 1.0), 3.6e6, 500, 0.6, 3e7)
        Cost(hours=1.0, dollars=1.0)
    """
    if machine.flops:
        rest = words * (1 - forward) / (speed * machine.cores)
        seconds = max(rest, words * operations / (machine.flops * USED))
    else:
        seconds = words / (speed * machine.cores)
    return Cost(seconds / 3600, seconds / 3600 * machine.price)
