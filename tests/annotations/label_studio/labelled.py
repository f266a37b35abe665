"""Documents, regions and annotations as Label Studio has them, for the tests beside this module."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from annotations import Document, load_schema

SCHEMA = load_schema()
TEXT = "Gunmen shot four farmers in Gao; the raid on Ndoro killed two."


def plain(document: Document) -> tuple[Any, ...]:
    """A document without its ids: what must survive."""
    key = {span.id: (span.start, span.end, span.label, span.type) for span in document.spans}
    events = [
        (
            e.attack_type,
            tuple(tuple(sorted(key[i] for i in ids)) for ids in e.roles.values()),
            tuple(sorted(e.flags.items())),
            tuple(sorted((kind, toll.to_text()) for kind, toll in e.toll.items())),
        )
        for e in document.events
    ]
    return document.id, document.text, tuple(key.values()), sorted(events, key=repr), dict(document.meta)


# What breaks offsets: characters outside of the basic plane, combining marks, right-to-left text, all line ends.
ALPHABET = st.sampled_from(
    [*"ab é\t\n\r\u2028\u0085\x0c\x00\x1f", "\r\n", "🔥", "👩‍👩‍👧", "e\u0301", "קרב", "هجوم", "中", "\ufeff"]
)


def region(name: str, start: int, end: int, label: str, /, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label], **more}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def choice(name: str, control: str, *chosen: str) -> dict[str, Any]:
    return {"id": name, "from_name": control, "to_name": "text", "type": "choices", "value": {"choices": list(chosen)}}


def relation(start: str, end: str, *labels: str) -> dict[str, Any]:
    return {"type": "relation", "from_id": start, "to_id": end, "direction": "right", "labels": list(labels)}


DATA = {"document": "d1", "text": TEXT}
ATTACK = [region("a", 7, 11, "ATTACK"), choice("a", "attack_type", "bombing")]
OTHER_ATTACK = [region("b", 37, 41, "ATTACK"), choice("b", "attack_type", "bombing")]


def toll_text(name: str, kind: str, *texts: str) -> dict[str, Any]:
    value = {"text": list(texts)}
    return {"id": name, "from_name": f"{kind}_toll", "to_name": "text", "type": "textarea", "value": value}


def made(who: Any, result: list[dict[str, Any]], number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "completed_by": who, "result": result, "updated_at": f"2024-01-0{number}", **more}
