"""One reading for every layout and encoding: reading, units, sentences, and what predictions make of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from annotations.document import Document
from annotations.formats.jsonl import read_documents
from annotations.schema import load_schema
from annotations.text import reading
from annotations.text.layout import Kind
from annotations.text.reading import plain, read
from annotations.text.sentences import split_sentences
from inference import Model, Prediction, load
from tests.invariance import Content, Differences, content, differences, gold_prediction
from tests.layouts import CHANGES, FRONTS, wrapped

SCHEMA = load_schema()
TEXTS = st.lists(
    st.sampled_from(
        [
            "Gunmen",
            " ",
            "\n",
            "\r\n",
            "\t",
            "  ",
            "e\u0301",
            "\u200b",
            "“",
            "’",
            "- ",
            "12¹",
            "...",
            "\ufeff",
            "ﬁ",
            "👩\u200d🚒",
            "\x00",
        ]
    )
    | st.text(max_size=3),
    max_size=25,
).map("".join)


@given(TEXTS)
def test_characters_of_a_reading_stand_for_stretches_of_the_source_in_order(text: str) -> None:
    reading = read(text)
    assert len(reading.text) == len(reading.starts) == len(reading.ends)
    assert all(start < end for start, end in zip(reading.starts, reading.ends, strict=True))
    assert list(reading.starts) == sorted(reading.starts)
    assert list(reading.ends) == sorted(reading.ends)
    for at in range(len(reading.text)):
        first, last = reading.find(*reading.source(at, at + 1))
        assert first <= at < last


@given(TEXTS)
def test_a_reading_is_read_as_it_is(text: str) -> None:
    once = read(text).text
    assert regex.sub(r"\s+", "", read(once).text) == regex.sub(r"\s+", "", once)


@given(TEXTS)
def test_units_follow_each_other_and_hold_no_line_end(text: str) -> None:
    reading = read(text)
    at = 0
    for unit in reading.units:
        assert at <= unit.start <= unit.end
        assert not reading.text[at : unit.start].strip()
        assert "\n" not in reading.text[unit.start : unit.end]
        at = unit.end
    assert not reading.text[at:].strip()


@pytest.mark.parametrize(
    ("text", "as_read"),
    [
        ("killing 11 people, three\nof them children", "killing 11 people, three of them children"),
        ("Gunmen killed six soldiers and\r\nfour farmers.", "Gunmen killed six soldiers and four farmers."),
        ("The army-\nbacked militia", "The army-backed militia"),
        ("two- and\nthree-year terms", "two- and three-year terms"),
        ("He was shot by Gen.\nSow's men", "He was shot by Gen.\nSow's men"),
        ("> Gunmen killed six soldiers\n> and four farmers.\n> ", "Gunmen killed six soldiers and four farmers."),
        ("at least \u200f12\u200f dead", "at least 12 dead"),
        ("killing 12[3] people¹ and 1\u20602 goats*", "killing 12 people and 12 goats*"),
        ("so\u00adldiers, ﬁve, １２", "soldiers, five, 12"),
    ],
)
def test_what_a_text_is_read_as(text: str, as_read: str) -> None:
    assert read(text).text == as_read


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Six dead in raid\n\nGunmen killed six.", [Kind.HEADING, Kind.TEXT]),
        ("Attacks this week:\n- Ndoro: 3 dead\n- Kesra: 4 dead", [Kind.HEADING, Kind.ITEM, Kind.ITEM]),
        ("1. Ndoro: 3 dead.\n2. Kesra: 4 dead.", [Kind.ITEM, Kind.ITEM]),
        ("(a) three dead;\n(b) four dead", [Kind.ITEM, Kind.ITEM]),
        ("Place\tKilled\nNdoro\t12\nKesra\t15", [Kind.ROW] * 3),
        ("| Place | Killed |\n|---|---|\n| Ndoro | 12 |", [Kind.ROW] * 3),
        ("14:05 Gunmen storm a hotel.\n14:20 Twelve are dead.", [Kind.ENTRY, Kind.ENTRY]),
        ("[09:15] A blast.\n[09:40 GMT] Four hurt.", [Kind.ENTRY, Kind.ENTRY]),
        (
            "Gunmen on motorcycles raided the market town of Lumo at about\n"
            "11 pm on Sunday, in the third attack of the week there, killing\n"
            "12. The army came late, and then went on to the next village.",
            [Kind.TEXT],
        ),
        ("Gunmen of the Volta Defence\nFront killed six traders in Gao.", [Kind.TEXT]),
        ("A mine killed two in North Lumo\nProvince.", [Kind.TEXT]),
        ("Raid blamed on Volta Front\nGunmen killed six in Gao.", [Kind.HEADING, Kind.TEXT]),
        ("Raid on Lumo\nFront Leader Sow spoke.", [Kind.HEADING, Kind.TEXT]),
        ("Six dead in Gao\nArmy kills six rebels.", [Kind.HEADING, Kind.TEXT]),
        ("Gao\nFront lines", [Kind.HEADING, Kind.HEADING]),
        ("Sow spoke in Gao.\nFront fighters fled.", [Kind.TEXT, Kind.TEXT]),
    ],
)
def test_units_are_told_by_their_lines(text: str, kinds: list[Kind]) -> None:
    assert [unit.kind for unit in read(text).units] == kinds


@given(st.text(st.characters(max_codepoint=0x36F) | st.sampled_from("\u2028\u3000ﬁ…¹*[.12a]"), max_size=12))
def test_a_look_at_the_first_character_passes_over_nothing_that_is_folded(text: str) -> None:
    slow = regex.finditer(reading._FOLDED, text)
    fast = reading._ODD.finditer(text)
    assert [(m.span(), m.lastgroup) for m in fast] == [(m.span(), m.lastgroup) for m in slow]


def test_a_mention_is_plain_whatever_its_layout() -> None:
    forms = ["Volta Defence Front's", "Volta\nDefence  Front’s", "Volta\u00a0Defence\r\nFront\u200b's"]
    assert {plain(form) for form in forms} == {forms[0]}


def _sentence_texts() -> list[tuple[str, list[str]]]:
    """Own texts with their sentences, of 40 kinds of layout: wires, lists, blogs, tables, mails, quotes."""
    found = []
    for line in Path(__file__).with_name("sentences.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        units = [" ".join(unit) for unit in record["units"]]
        text = "".join(unit + join for unit, join in zip(units, [*record["joins"], ""], strict=True))
        found.append((text, [sentence for unit in record["units"] for sentence in unit]))
    return found


@pytest.mark.parametrize("width", [None, 55, 72, 100])
def test_sentences_of_own_texts_are_found_wrapped_or_not(width: int | None) -> None:
    right = found = gold = 0
    for text, sentences in _sentence_texts():
        starts, at = set(), 0
        for sentence in sentences:
            at = text.index(sentence, at)
            starts.add(at)
            at += len(sentence)
        shown = text if width is None else wrapped(text, width)
        given = {len(shown) - len(shown[start:].lstrip()) for start in split_sentences(shown).starts}
        right, found, gold = right + len(starts & given), found + len(given), gold + len(starts)
    assert 2 * right / (found + gold) > 0.97


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return read_documents("corpus/test")


@pytest.fixture(scope="module")
def readings(documents: list[Document]) -> list[str]:
    return [read(document.text).text for document in documents]


@pytest.fixture(scope="module")
def contents(documents: list[Document]) -> list[Content]:
    """What the rules make of the gold spans of each document."""
    return [content(gold_prediction(document, SCHEMA)) for document in documents]


@pytest.fixture(scope="module")
def predicted(tiny_model_folder: Path) -> tuple[Model, list[Document], list[Prediction]]:
    """A model, documents, and its predictions on their texts."""
    model, few = load(tiny_model_folder), read_documents("corpus/dev")[:3]
    return model, few, model.predict([document.text for document in few])


@pytest.mark.parametrize("change", CHANGES)
def test_layout_and_encoding_change_no_reading(change: str, documents: list[Document], readings: list[str]) -> None:
    """Spans, events and tolls are found in the reading alone, so where it is the same they are."""
    pairs = zip(documents, readings, strict=True)
    differing = [d.id for d, reading in pairs if read(CHANGES[change](d.text)).text != reading]
    assert len(differing) <= 2, f"{change}: {len(differing)} of {len(documents)} differ: {', '.join(differing)}"


@pytest.mark.parametrize("change", CHANGES)
def test_layout_and_encoding_change_no_span_event_or_toll(
    change: str, predicted: tuple[Model, list[Document], list[Prediction]]
) -> None:
    model, few, unchanged = predicted
    assert differences(model, few, change, unchanged) == Differences([], [], [])


@pytest.mark.parametrize("front", FRONTS)
def test_a_head_in_front_changes_no_event_where_the_spans_are_the_same(
    front: str, documents: list[Document], contents: list[Content]
) -> None:
    """The rules must make nothing of a head. What a model makes of it, `python -m tests.invariance` lists."""
    before = FRONTS[front]
    pairs = zip(documents, contents, strict=True)
    differing = [d.id for d, plainly in pairs if content(gold_prediction(d, SCHEMA, before), len(before)) != plainly]
    assert len(differing) <= 2, f"{front}: the events of {', '.join(differing)} differ"
