"""Predictions written by hand, as `predict --format jsonl` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def event(
    number: int = 1,
    kind: str = "bombing",
    day: str | None = None,
    places: Sequence[str] = (),
    doers: Sequence[str] = (),
    victims: Sequence[str] = (),
    killed: tuple[int | None, int | None] | None = None,
    score: float = 0.9,
    implied: bool = False,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An event and its spans; each event has a stretch of the text of its own."""
    spans: list[dict[str, Any]] = []

    def span(label: str, text: str) -> str:
        name = f"S{number}{len(spans)}"
        start = 1000 * number + 100 * len(spans)
        spans.append({"id": name, "start": start, "end": start + len(text), "text": text, "label": label})
        return name

    def who(label: str, names: Sequence[str]) -> list[dict[str, Any]]:
        return [{"name": name, "spans": [span(label, name)]} for name in names]

    made: dict[str, Any] = {
        "id": f"E{number}",
        "attack_type": kind,
        "score": score,
        "triggers": [span("ATTACK", kind)],
        "locations": [span("LOCATION", place) for place in places],
        "perpetrators": who("PERPETRATOR", doers),
        "victims": who("VICTIM", victims),
        "targets": [],
        "toll": {},
        "flags": {},
    }
    if killed:
        made["toll"]["killed"] = {"min": killed[0], "max": killed[1], "approximate": False}
        made["toll"]["killed"] |= {"implied": True} if implied else {}
    if day:
        made["date"] = {"start": day, "end": day, "precision": "day", "span": "S0"}
    return made, spans


def record(name: str, date: str | None, *events: tuple[dict[str, Any], list[dict[str, Any]]]) -> dict[str, Any]:
    """The prediction of an article."""
    return {
        "id": name,
        "date": date,
        "spans": [span for _, spans in events for span in spans],
        "events": [one for one, _ in events],
    }
