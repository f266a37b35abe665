"""Several processes that fit one model, as torchrun starts them.

Each process computes the gradients of a part of every batch; their sum, over what the whole batch has to learn from, is
the gradient that one process would compute. So the number of processes changes the speed of a run, and not its outcome.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import distributed

from annotations.errors import ExplainedError

_PATIENCE = timedelta(days=1)  # the others wait while the first prepares data or scores; torchrun ends them if it dies


class ProcessesError(ExplainedError, RuntimeError):
    """Processes that cannot fit one model."""


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes of a run, as one of them sees them; a single one by default.

    Example:
        >>> Processes(1, 3).part(5), Processes().part(2)
        ([1, 4], [0, 1])
    """

    rank: int = 0  # number of this process, from 0
    size: int = 1  # number of processes

    @property
    def first(self) -> bool:
        """Whether this is the process that scores, writes and reports."""
        return self.rank == 0

    def part(self, rows: int) -> list[int]:
        """Return which of the rows of a batch are this process's: neighbours, which are about as long, go to others."""
        return list(range(self.rank, rows, self.size))

    def tell(self, value: float) -> float:
        """Return the first process's value in all of them, as soon as all have asked."""
        if self.size == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64)
        distributed.broadcast(told, 0)
        return float(told)

    def add_up(self, parameters: Iterable[torch.nn.Parameter], loss: torch.Tensor) -> float:
        """Replace gradients by their sums over all processes, and return the sum of the losses."""
        if self.size == 1:
            return float(loss.detach())
        gradients = [one.grad for one in parameters if one.grad is not None]
        flat = torch.cat([loss.detach().reshape(1), *(one.flatten() for one in gradients)])
        distributed.all_reduce(flat)
        parts = torch.split(flat[1:], [one.numel() for one in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
        return float(flat[0])


def launched() -> Processes:
    """Return the processes that torchrun has started, or a single one without it."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return Processes()
    return Processes(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]))


@contextmanager
def joined() -> Iterator[Processes]:
    """Connect the processes that torchrun has started.

    Raises:
        ProcessesError: This PyTorch cannot connect processes.
    """
    processes = launched()
    if processes.size == 1:
        yield processes
        return
    if not distributed.is_available():
        raise ProcessesError("this build of PyTorch cannot connect processes; run the command without torchrun")
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # What is told between processes are numbers in main memory, so gloo is needed in any case.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo", timeout=_PATIENCE)
    try:
        yield processes
    finally:
        distributed.destroy_process_group()


@contextmanager
def others_end() -> Iterator[None]:
    """Say what it means if a connection to other processes breaks.

    Raises:
        ProcessesError: It broke.
    """
    try:
        yield
    except RuntimeError as error:  # gloo has no kind of its own for a connection that breaks
        if not isinstance(error, distributed.DistError) and "onnection" not in str(error):
            raise
        first = str(error).splitlines()[0]
        raise ProcessesError(f"another process has ended, whose own message says why ({first:.200})") from error
