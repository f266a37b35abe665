"""The steps of a promotion or rollback in MLflow; each can be repeated, so a command that failed can be run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import mlflow

from annotations.errors import ExplainedError
from inference.loading import CHAMPION
from training.release.promotion_record import TAG, Move, grown, read_record
from training.store.registry import Version, tag_version
from training.store.tracking import FAILURES


class PromotionError(ExplainedError, ValueError):
    """An alias that was not moved, or a move that was not finished."""


class Steps:
    """Changes to collect first and make afterwards, in order. Changes that are already made are skipped.

    Args:
        name: Name of the registered model.
    """

    def __init__(self, name: str) -> None:
        self._name, self._client = name, mlflow.MlflowClient()
        self._steps: list[tuple[str, Callable[[], object]]] = []

    def give(self, alias: str, version: Version) -> None:
        """Give an alias to a version.

        The champion is also named in a tag of the registered model, because MLflow deletes an alias with its version.
        """
        number = str(version.number)
        if alias not in version.aliases:
            call = partial(self._client.set_registered_model_alias, self._name, alias, number)
            self._steps.append((f"{alias} to {version.address}", call))
        if alias == CHAMPION:
            call = partial(self._client.set_registered_model_tag, self._name, CHAMPION, number)
            self._steps.append((f"{CHAMPION} in the tags of {self._name}", call))

    def take(self, alias: str, version: Version) -> None:
        """Remove an alias from a version."""
        if alias in version.aliases:
            call = partial(self._client.delete_registered_model_alias, self._name, alias)
            self._steps.append((f"{alias} off {version.address}", call))

    def tag(self, version: Version, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        call = partial(tag_version, self._name, str(version.number), tags)
        self._steps.append((f"{', '.join(tags)} in the tags of {version.address}", call))

    def untag(self, version: Version, keys: Iterable[str]) -> None:
        """Remove tags of a version, if it has them."""
        for key in keys:
            call = partial(self._client.delete_model_version_tag, self._name, str(version.number), key)
            self._steps.append((f"{key} off {version.address}", call))

    def record(self, version: Version, move: Move) -> None:
        """Add a move to the record of a version, unless it is there."""
        record = read_record(version.tags, version.address)
        if not any((item.get("alias"), item.get("at")) == (move.alias, move.at) for item in record):
            self.tag(version, {TAG: grown(record, move.to_dict())})

    def run(self) -> None:
        """Make the changes.

        Raises:
            PromotionError: MLflow failed; the message names the changes that are made and those that are not.
        """
        for number, (_, step) in enumerate(self._steps):
            try:
                step()
            except FAILURES as error:
                words = [word for word, _ in self._steps]
                made, rest = ", ".join(words[:number]), ", ".join(words[number:])
                problem = f"MLflow failed: {error}; done: {made or 'nothing'}; not done: {rest}"
                raise PromotionError(f"{problem}; run the same command again to finish it") from error
