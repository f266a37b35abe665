"""WikiEvents: triggers and arguments as strings become spans, and what does not is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.document import Document
from annotations.errors import DataError
from annotations.importers.base import Imported
from annotations.importers.people import with_means, with_members
from annotations.importers.wikievents.news_articles import SOURCE
from annotations.importers.wikievents.triggers import AMBIGUOUS, NOWHERE, Tokens, uncut
from annotations.schema import load_schema
from annotations.validate import span_faults

SCHEMA = load_schema()


def event(name: str, trigger: str, start: int, **arguments: str) -> dict[str, Any]:
    told = [{"role": role.rstrip("_"), "text": text} for role, text in arguments.items()]
    return {
        "event_type": name,
        "trigger": {"text": trigger, "start_idx": start, "end_idx": start + len(trigger.split())},
        "arguments": told,
    }


def write(path: Path, *records: dict[str, Any] | str) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def article(text: str, *events: dict[str, Any], docid: str = "d1") -> dict[str, Any]:
    return {"docid": docid, "tokens": text.split(), "sentences": [], "event_mentions": list(events)}


def imported(tmp_path: Path, text: str, *events: dict[str, Any]) -> Imported:
    result = SOURCE.read(write(tmp_path / "a.jsonl", article(text, *events)))
    for document in result.documents:
        assert [*span_faults(document), *SCHEMA.faults(document)] == []
    return result


def marked(document: Document) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (
            document.mention(span),
            f"{span.label}:{span.type}" if span.type else span.label,
            tuple(e.id for e in document.events if span.id in e.span_ids),
        )
        for span in document.spans
    ]


def reasons(result: Imported) -> list[tuple[str, str, str]]:
    return [(loss.kind, loss.value, loss.reason) for loss in result.losses]


def test_an_article_becomes_a_document(tmp_path: Path):
    text = (
        "Suspected raiders bombed a crowded market in Lumo , killing at least 12 traders . A spokesman regretted it ."
    )
    result = imported(
        tmp_path,
        text,
        event("Conflict.Attack", "bombed", 2, Attacker="raiders", Target="market", Place="Lumo"),
        event("Life.Die", "killing", 9, Victim="traders"),
        event("Contact.Contact", "regretted", 17, Communicator="spokesman"),
    )
    (document,) = result.documents
    assert document.text == text
    assert marked(document) == [
        ("raiders", "PERPETRATOR", ("E1",)),
        ("bombed", "ATTACK:bombing", ("E1",)),
        ("market", "TARGET", ("E1",)),
        ("Lumo", "LOCATION", ("E1",)),
        ("at least 12", "TOLL:killed", ("E1",)),
        ("traders", "VICTIM", ("E1",)),
    ]
    assert reasons(result) == [
        ("event Contact.Contact", "regretted", "is neither an attack nor harm to people"),
        ("event Life.Die", "killing", "harm in a sentence with a trigger: not a trigger, its arguments are used"),
    ]
    assert result.losses[0].detail == "Communicator: spokesman"
    assert document.meta["wikievents"]["event_types"] == {"E1": ["Conflict.Attack", "Life.Die"]}
    assert document.meta["coverage"]["DATE"] == "none"
    assert result.aligned["role Victim"] == result.aligned["event Conflict.Attack"] == 1


def test_harm_verbs_are_triggers_where_their_sentence_has_no_other_and_share_an_event(tmp_path: Path):
    text = "Raiders killed two farmers and wounded five . Ten more died later ."
    result = imported(
        tmp_path,
        text,
        event("Life.Die", "killed", 1, Killer="Raiders", Victim="farmers"),
        event("Life.Injure", "wounded", 5, Victim="five"),
        event("Life.Die", "died", 10, Victim="Ten more"),
    )
    assert marked(result.documents[0]) == [
        ("Raiders", "PERPETRATOR", ("E1",)),
        ("killed", "ATTACK:unspecified_attack", ("E1",)),
        ("two", "TOLL:killed", ("E1",)),
        ("farmers", "VICTIM", ("E1",)),
        ("wounded", "ATTACK:unspecified_attack", ("E1",)),
        ("five", "TOLL:injured", ("E1",)),
        ("Ten", "TOLL:killed", ()),
    ]
    reason = "a word of harm that is never a trigger: its arguments are used"
    assert reasons(result) == [("event Life.Die", "died", reason)]


def test_a_bare_attack_takes_the_only_type_that_the_article_tells(tmp_path: Path):
    text = "The blast shook Lumo . The attack came at noon ."
    result = imported(tmp_path, text, event("Conflict.Attack", "blast", 1), event("Conflict.Attack", "attack", 6))
    assert [e.attack_type for e in result.documents[0].events] == ["bombing", "bombing"]


def test_arguments_tell_which_place_a_repeated_word_has(tmp_path: Path):
    text = "The attack in Gao failed . An attack shook Kesra . No attack followed ."
    first = event("Conflict.Attack", "attack", 1, Place="Kesra")
    untold = event("Conflict.Attack", "attack", 1)
    result = imported(tmp_path, text, first, untold)
    assert [(m, e) for m, label, e in marked(result.documents[0]) if label.startswith("ATTACK")] == [
        ("attack", ("E1",))
    ]
    assert result.documents[0].spans[0].start == text.index("attack shook")
    assert reasons(result) == [("event Conflict.Attack", "attack", AMBIGUOUS)]
    believed = imported(tmp_path, text, event("Conflict.Attack", "attack", 12))
    assert believed.documents[0].spans[0].start == text.index("attack followed")


def test_strings_that_were_cut_are_found(tmp_path: Path):
    text = "A bomb went off at the mall and hurt 2 , 000 guests ."
    result = imported(
        tmp_path,
        text,
        event("Conflict.Attack", "went of", 2, Place="mal", ExplosiveDevice="bomb"),
        event("Life.Injure", "hurt", 8, Victim="2 , 0"),
    )
    assert [m[:2] for m in marked(result.documents[0])] == [
        ("bomb", "WEAPON"),
        ("went off", "ATTACK:bombing"),
        ("mall", "TARGET"),
        ("2 , 000", "TOLL:injured"),
    ]


@pytest.mark.parametrize(
    ("role", "value", "reason"),
    [
        ("Attacker", "they", "a pronoun or a word without content"),
        ("Victim", "victims", "a pronoun or a word without content"),
        ("Attacker", "ghosts", "not found in the text as whole words"),
        ("Attacker", "Baker", "its nearest mention is in a sentence without an attack"),
        ("Place", "valley", "a place without a name"),
        ("Target", "Dorn", "may be people or a thing: its words do not decide"),
        ("BodyPart", "arm", "a role without a label"),
        ("Instrument", "device", "a word that names no weapon"),
        ("Attacker", "shot", "overlaps a trigger"),
        ("Attacker", "the", "only punctuation and articles"),
    ],
)
def test_what_an_argument_loses_has_a_reason(tmp_path: Path, role: str, value: str, reason: str):
    text = "In the valley they shot Dorn and victims in the arm with a device . Baker slept ."
    result = imported(tmp_path, text, event("Conflict.Attack", "shot", 4, **{role: value}))
    assert reasons(result) == [(f"role {role}", value, reason)]
    assert not result.aligned.get(f"role {role}")


def test_what_an_event_loses_has_a_reason(tmp_path: Path):
    text = "The war went on . A raid hurt no staff , without injuries . The raid ended ."
    result = imported(
        tmp_path,
        text,
        event("Conflict.Attack", "war", 1),
        event("Conflict.Attack", "siege", 0),
        event("Life.Injure", "injuries", 11),
        *[event("Conflict.Attack", "raid", 6) for _ in range(3)],
    )
    assert reasons(result) == [
        ("event Conflict.Attack", "war", "its trigger names no particular attack"),
        ("event Conflict.Attack", "siege", NOWHERE),
        ("event Life.Injure", "injuries", "the text says that there was no such harm"),
        ("event Conflict.Attack", "raid", "a duplicate trigger: its arguments go to one event"),
    ]


def test_a_doer_is_no_victim_and_one_stretch_has_one_label(tmp_path: Path):
    text = "Bomber Sow blew up a truck and the bomber died . A truck bomb killed Lt . Sow ."
    result = imported(
        tmp_path,
        text,
        event("Conflict.Attack", "blew up", 2, Attacker="Sow", Target="truck", Instrument="truck"),
        event("Life.Die", "died", 9, Victim="Sow"),
    )
    assert reasons(result) == [
        ("event Life.Die", "died", "harm in a sentence with a trigger: not a trigger, its arguments are used"),
        ("role Victim", "Sow", "is an attacker elsewhere in the article"),
        ("role Instrument", "truck", "another label marks the same words"),
    ]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", "is not JSON in UTF-8"),
        ("[1]", "is list, not an object"),
        ({"docid": "x", "tokens": []}, "key event_mentions: "),
        ({"docid": 3, "tokens": [], "event_mentions": []}, "key docid: "),
        ({"docid": "x", "tokens": ["a", " "], "event_mentions": []}, "key tokens.1: "),
        ({"docid": "x", "tokens": [], "event_mentions": [3]}, "key event_mentions.0: "),
        (
            {"docid": "x", "tokens": [], "event_mentions": [{"event_type": "a", "trigger": {}, "arguments": []}]},
            "key event_mentions.0.trigger.end_idx: ",
        ),
        (
            {"docid": "x", "tokens": [], "event_mentions": [{**event("a", "b", 0), "arguments": [{"role": 1}]}]},
            "key event_mentions.0.arguments.0.role: ",
        ),
    ],
)
def test_every_fault_is_told_with_its_line(tmp_path: Path, record: dict[str, Any] | str, message: str):
    path = write(tmp_path / "a.jsonl", article("Quiet .", docid="fine"), record, article("Quiet .", docid="fine"))
    with pytest.raises(DataError) as raised:
        SOURCE.read(path)
    *faults, twice = raised.value.faults
    assert ({fault.line for fault in faults}, twice.line) == ({2}, 3)
    assert any(message in str(fault) for fault in faults)
    assert f"'docid' of {path}:1" in str(twice)


def test_a_folder_is_read_and_an_empty_one_is_a_fault(tmp_path: Path):
    with pytest.raises(DataError, match=r"\*\.jsonl"):
        SOURCE.read(tmp_path)
    with pytest.raises(DataError, match="no such file or folder"):
        SOURCE.read(tmp_path / "none")
    write(tmp_path / "a.jsonl", article("Quiet .", docid="a"))
    write(tmp_path / "b.jsonl", article("Quiet .", docid="b"))
    assert [document.id for document in SOURCE.read(tmp_path).documents] == ["a", "b"]


TOKENS = st.lists(
    st.sampled_from(
        ["the", "raid", "killed", "wounded", "12", "two", ",", ".", "’", "s", "U.S.", "Sow", "attack", "men"]
    ),
    max_size=25,
)
NAMES = st.sampled_from(["Conflict.Attack", "Life.Die", "Life.Injure", "Contact.Contact", "GenericCrime.GenericCrime"])
ROLES = st.sampled_from(["Attacker", "Victim", "Target", "Place", "ExplosiveDevice", "BodyPart"])
PHRASES = st.sampled_from(["raid", "killed", "attack", "12", "two men", "the", "Sow ’ s", "U.S.", "bom", "men"])
EVENTS = st.builds(
    lambda name, trigger, start, arguments: {**event(name, trigger, start), "arguments": arguments},
    NAMES,
    PHRASES,
    st.integers(-3, 30),
    st.lists(st.builds(lambda role, text: {"role": role, "text": text}, ROLES, PHRASES), max_size=3),
)


@given(TOKENS, st.lists(EVENTS, max_size=6))
def test_any_article_gives_a_sound_document_and_loses_nothing_in_silence(
    tmp_path: Path, tokens: list[str], events: list[dict[str, Any]]
):
    result = imported(tmp_path, " ".join(tokens), *events)
    (document,) = result.documents
    assert document.text == " ".join(tokens)
    found = sum(count for kind, count in result.aligned.items() if kind.startswith("event "))
    assert found + sum(loss.kind.startswith("event ") for loss in result.losses) == len(events)
    assert all(event.roles["triggers"] for event in document.events)


@given(TOKENS)
def test_sentences_cover_all_tokens(tokens: list[str]):
    held = Tokens(tokens)
    assert " ".join(held.text[slice(*sentence)] for sentence in held.sentences) == held.text
    assert [held.text[slice(*span)] for span in held.spans] == tokens


@given(st.text(min_size=1, max_size=8))
def test_a_cut_string_is_among_its_restorations(value: str):
    cut = value.rstrip(value[-1]) + value[-1]
    assert len(value) - len(cut) > 2 or value in uncut(cut)


def test_mentions_are_widened():
    text = "suspected Front rebels used a roadside bomb blast"
    assert text[slice(*with_members(text, 10, 15))] == "suspected Front rebels"
    assert text[slice(*with_means(text, 44, 49))] == "roadside bomb blast"
