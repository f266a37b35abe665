"""The model that answers, and new versions of it: an alias such as `champion` is followed without a restart."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference.service.log import tell
from inference.service.metrics import Metrics
from inference.tagger import Tagger

_WARM = "Gunmen opened fire at a market in Gao on Friday, killing at least 12 traders and wounding dozens."


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model comes from."""

    find: Callable[[], str]  # returns the address of the version that serves now, such as `models:/conflict-events/3`
    load: Callable[[str], Tagger]  # loads the model of such an address


class Served:
    """The model that answers.

    Raises:
        ModelError: There is no such model.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.address = source.find()
        self.model = _warmed(source.load(self.address))
        self.problem: str | None = None
        self._stop = threading.Event()

    def watch(self, seconds: float, metrics: Metrics) -> None:
        """Look for a new version every so many seconds, in a thread of its own."""
        metrics.model(self.model.name)
        if seconds:
            threading.Thread(target=self._watch, args=(seconds, metrics), name="refresh", daemon=True).start()

    def stop(self) -> None:
        """Look for no further version."""
        self._stop.set()

    def _watch(self, seconds: float, metrics: Metrics) -> None:
        while not self._stop.wait(seconds):
            self.refresh(metrics)

    def refresh(self, metrics: Metrics) -> None:
        """Take the version that serves now, if it is another one; the old one goes on if the new one is broken.

        The new model is loaded and tried beside the old one. Requests that were accepted before end with the old one.
        """
        address = self.address
        try:
            address = self._source.find()
            if address != self.address:
                self.model, self.address = _warmed(self._source.load(address)), address
                metrics.model(self.model.name)
                metrics.refresh("swapped")
                tell("model swapped", model=self.model.name)
        except Exception as error:  # noqa: BLE001 - stores and libraries raise many kinds, and the service goes on
            self._refuse(address, error, metrics)
            return
        self.problem = None
        metrics.problem(there_is_one=False)

    def _refuse(self, address: str, error: Exception, metrics: Metrics) -> None:
        new = address != self.address
        # Anyone may read it, so it names no file of this machine; the log does.
        problem = f"{address} cannot be used" if new else "the model store cannot be read"
        if problem != self.problem:  # not once more at every look
            tell(f"model not refreshed: {error}", logging.ERROR, problem=problem)
        self.problem = problem
        metrics.refresh("refused")
        metrics.problem(there_is_one=True)

    def to_dict(self) -> dict[str, Any]:
        """Return name, and what is wrong with a newer version."""
        return {"model": self.model.name, "refresh_problem": self.problem}


def _warmed(model: Tagger) -> Tagger:
    """Predict once, so that a model that cannot is not taken, and the first client does not wait."""
    model.predict(_WARM)
    return model
