"""Records of promotions and rollbacks in a tag of a version: a JSON list that grows up to the limit of a tag."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlflow.utils.validation import MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH

from annotations.errors import ExplainedError

TAG = "promotions"
# Summary of the last move, for the pages of MLflow.
FLAT = ("promoted_by", "promoted_at", "promoted_from", "promotion_reason")
OMITTED = "omitted"  # key of the first item if older moves no longer fit: their number
_CUT = "…"


class RecordError(ExplainedError, ValueError):
    """A tag that is not a record of promotions."""


@dataclass(frozen=True, slots=True)
class Move:
    """An alias moved from one version to another.

    Example:
        >>> Move("promoted", "champion", "1", "2", "Anna", "2026-01-01T00:00:00+00:00", "better").to_dict()["from"]
        '1'
    """

    action: str  # `promoted` or `rolled back`
    alias: str  # the alias
    origin: str | None  # number of the version that had it before; None if there was none
    target: str  # number of the version that has it now
    by: str  # who moved it
    at: str  # when, UTC in ISO 8601
    reason: str = ""  # why
    failed_gates: Sequence[str] = ()  # gates that the version failed; if there are any, the move was forced

    def to_dict(self) -> dict[str, Any]:
        """Return the move as plain values."""
        return {
            "action": self.action,
            "alias": self.alias,
            "from": self.origin,
            "to": self.target,
            "by": self.by,
            "at": self.at,
            "reason": self.reason,
            "forced": bool(self.failed_gates),
            "failed_gates": list(self.failed_gates),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Move:
        """Return the move in an item of a record.

        Example:
            >>> Move.from_dict({"action": "promoted", "alias": "champion", "from": None, "to": "2"}).target
            '2'
        """
        target, by, at, reason = (str(content.get(key, "")) for key in ("to", "by", "at", "reason"))
        origin, gates = content.get("from"), content.get("failed_gates")
        failed = list(map(str, gates)) if isinstance(gates, list) else []
        origin = None if origin is None else str(origin)
        return cls(content["action"], content["alias"], origin, target, by, at, reason, failed)

    def tags(self) -> dict[str, str]:
        """Return the summary tags for the version that got the alias, each cut to the limit of a tag."""
        values = (self.by, self.at, self.origin or "none", self.reason or "none given")
        return {key: cut(value) for key, value in zip(FLAT, values, strict=True)}


def cut(text: str, limit: int = MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH) -> str:
    """Shorten a text to the limit of a tag.

    Example:
        >>> cut("a long reason", 6)
        'a lon…'
    """
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT


def read_record(tags: Mapping[str, str], version: str, key: str = TAG) -> list[dict[str, Any]]:
    """Return the record in the tags of a version, oldest item first: moves, and items added by hand.

    Raises:
        RecordError: The tag was edited by hand and is no longer a record.
    """
    try:
        moves = json.loads(tags.get(key, "[]"))
    except ValueError:
        moves = None
    if not isinstance(moves, list) or not all(isinstance(move, dict) for move in moves):
        raise RecordError(f"the tag {key!r} of {version} is no JSON list of moves; correct or remove it")
    return moves


def is_move(item: Mapping[str, Any]) -> bool:
    """Whether an item of a record is a move: it has an action and an alias.

    Example:
        >>> is_move({"action": "promoted", "alias": "champion"}), is_move({"alias": "champion"})
        (True, False)
    """
    return all(isinstance(item.get(key), str) for key in ("action", "alias"))


def is_count(item: Mapping[str, Any]) -> bool:
    """Whether an item of a record is the number of moves that no longer fit."""
    return type(item.get(OMITTED)) is int


def strange_items(record: Sequence[Mapping[str, Any]], version: str) -> list[str]:
    """Return a line on the items of a record that are not moves; nothing if there are none."""
    number = sum(not is_move(item) and not is_count(item) for item in record)
    items = f"{number} of {len(record)} items in the tag {TAG!r} of {version}"
    return [f"{items} are no moves (no action or alias) and are skipped"] if number else []


def newest_move(records: Iterable[Iterable[Mapping[str, Any]]], alias: str) -> Mapping[str, Any] | None:
    """Return the newest move of an alias over the records of several versions, or None.

    Example:
        >>> one = {"action": "promoted", "alias": "champion", "to": "1", "at": "2026-01-01T00:00:00+00:00"}
        >>> newest_move([[one | {"to": "2", "at": "2026-01-02T00:00:00+00:00"}], [one]], "champion")["to"]
        '2'
    """
    moves = [item for record in records for item in record if is_move(item) and item["alias"] == alias]
    return max(moves, key=_time, default=None)


def _time(move: Mapping[str, Any]) -> datetime:
    """When a move was made; a time that cannot be read counts as the oldest."""
    try:
        at = datetime.fromisoformat(str(move.get("at")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def grown(
    moves: Sequence[Mapping[str, Any]], move: Mapping[str, Any], limit: int = MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH
) -> str:
    """Return the value of the tag with one more move.

    If it would be too long, the oldest moves are replaced by their number, and the longest texts of the newest move
    are cut.

    Args:
        moves: The record so far, oldest item first; items added by hand stay.
        move: The new move.
        limit: Most characters in a tag; at least 1,000.

    Example:
        >>> grown([{"to": "1"}], {"to": "2"})
        '[{"to": "1"}, {"to": "2"}]'
    """
    before = list(moves)
    omitted = 0
    if before and is_count(before[0]):
        omitted = before.pop(0)[OMITTED]
    while len(text := _listed(omitted, before, move)) > limit and before:
        before.pop(0)
        omitted += 1
    while len(text) > limit:
        move = _shorter(move)
        text = _listed(omitted, before, move)
    return text


def _listed(omitted: int, before: Sequence[Mapping[str, Any]], move: Mapping[str, Any]) -> str:
    return json.dumps([*([{OMITTED: omitted}] if omitted else []), *before, move], ensure_ascii=False)


def _shorter(move: Mapping[str, Any]) -> dict[str, Any]:
    """Halve the longest text, or every failed gate if these are longer together."""
    gates = list(move["failed_gates"])
    lengths = {key: len(value) for key, value in move.items() if isinstance(value, str)}
    longest = max(lengths, key=lambda key: lengths[key])
    if sum(map(len, gates)) > lengths[longest]:
        return {**move, "failed_gates": [cut(gate, max(1, len(gate) // 2)) for gate in gates]}
    return {**move, longest: cut(move[longest], max(1, lengths[longest] // 2))}
