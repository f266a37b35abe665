"""Spans in events, sentences of spans, edges, and predictions as inline markup and spaCy documents."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations import load_schema
from annotations.errors import DataError
from annotations.formats.inline import parse
from annotations.text.reading import read
from inference import PredictedSpan, Prediction
from inference.decode import inner
from inference.events.linking import assemble
from inference.spans import in_sentences
from tests.inference.test_prediction_html import MARKS, TEXT, predict

SCHEMA = load_schema()
TYPED = [(label, kind) for label, kind in SCHEMA.classes]
WORDS = st.text("ab {}|\\-.\n\r'\u00e9\u0301\u200b—", min_size=1, max_size=8)


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    """Any text with any spans, and the events that the rules make of them."""
    text, spans = "", []
    for piece, chosen in draw(st.lists(st.tuples(WORDS, st.none() | st.sampled_from(TYPED)), max_size=12)):
        if chosen:
            label, kind = chosen
            spans.append(PredictedSpan(f"S{len(spans) + 1}", len(text), len(text + piece), piece, label, kind, 0.9))
        text += piece
    trimmed = text.strip("\n")
    start, end = text.index(trimmed), text.index(trimmed) + len(trimmed)
    kept = [span for span in spans if start <= span.start and span.end <= end]
    spans = [replace(span, id=f"S{number}") for number, span in enumerate(kept, start=1)]
    return Prediction(text, spans, assemble(text, spans, SCHEMA), "any", 1, SCHEMA)


def marked(text: str, words: str, label: str, kind: str | None = None) -> PredictedSpan:
    """A span of the words where they first stand in a text."""
    start = text.index(words)
    return PredictedSpan(f"S{start}", start, start + len(words), words, label, kind, 0.9)


def test_events_hold_their_spans():
    prediction = predict(TEXT, MARKS)
    (event,) = prediction.events
    assert event.triggers == (prediction.spans[1],)
    assert event.locations[0].text == "Ndoro"
    assert event.perpetrators[0].spans[0] is prediction.spans[0]
    assert event.toll["killed"].spans[0].start == TEXT.index("at least 12")
    assert prediction.dated("2021-03-04").events[0].date.span is prediction.spans[3]


def test_spans_of_events_have_offsets_of_the_text_as_given():
    text = "Gunmen\r\nfired  in\tGao;\u200b all  fled."
    spans = [marked(text, "fired", "ATTACK", "armed_assault"), marked(text, "Gao", "LOCATION")]
    (event,) = assemble(text, spans, SCHEMA)
    assert [(s.start, s.end, s.text) for s in (*event.triggers, *event.locations)] == [
        (s.start, s.end, s.text) for s in spans
    ]


def test_a_span_knows_its_sentence_as_given():
    text = "Rain fell.\r\n\r\nGunmen  hit a\r\nmill in Gao on Sunday, the U.S. said.  They fled."
    made = [marked(text, "Gao", "LOCATION"), marked(text, "Sunday", "DATE")]
    one, two = in_sentences(text, read(text), made)
    assert one == made[0]
    assert one.sentence is two.sentence
    assert one.sentence is not None
    assert one.sentence.text == "Gunmen  hit a\r\nmill in Gao on Sunday, the U.S. said."
    assert text[one.sentence.start : one.sentence.end] == one.sentence.text


@given(predictions())
def test_every_span_stands_in_its_sentence(prediction: Prediction):
    for span in in_sentences(prediction.text, read(prediction.text), prediction.spans):
        if sentence := span.sentence:  # a span of format characters alone has none
            assert prediction.text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["thirty", "day", "-"], ["thirty", "day"]),
        (["U.S.", "-"], ["U.S."]),
        (["Battalion", "'"], ["Battalion"]),
        (["(", "VDF", ")", ","], ["VDF"]),
        (["Safia", "S", "."], ["Safia", "S", "."]),
        (["Fur", "Company", "Inc", "."], ["Fur", "Company", "Inc", "."]),
        (["the", "raid", "."], ["the", "raid"]),
        (["25", "+"], ["25", "+"]),
        (["—", "…"], []),
        (["army", "-", "backed", "men"], ["army", "-", "backed", "men"]),
    ],
)
def test_spans_do_not_end_in_punctuation(words: list[str], kept: list[str]):
    start, end = inner(words)
    assert words[start:end] == kept


@given(predictions())
@example(predict(TEXT, MARKS))
@example(Prediction("\n---\nGao\n", [PredictedSpan("S1", 5, 8, "Gao", "LOCATION", None, 0.9)], [], "m", 1, SCHEMA))
def test_inline_markup_is_read_back(prediction: Prediction):
    document = parse(prediction.to_inline("d1"), SCHEMA)
    before = prediction.text.index(document.text)
    assert document.text == prediction.text.strip("\n")
    told = [(s.id, s.start - before, s.end - before, s.label, s.type) for s in prediction.spans]
    assert [(s.id, s.start, s.end, s.label, s.type) for s in document.spans] == told
    assert len(document.events) == len(prediction.events)
    for read_event, event in zip(document.events, prediction.events, strict=True):
        given_event = event.to_event()
        assert {r: set(ids) for r, ids in read_event.roles.items()} == {
            r: set(ids) for r, ids in given_event.roles.items()
        }
        assert (read_event.flags, read_event.toll) == (given_event.flags, event.numbers)


def test_an_id_of_two_lines_is_refused():
    with pytest.raises(DataError):
        predict(TEXT, MARKS).to_inline("a\nb")


def test_spacy_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "spacy.tokens", None)
    with pytest.raises(ImportError, match=r"conflict-events\[spacy\]"):
        predict(TEXT, MARKS).to_spacy()


@given(predictions())
@example(predict(TEXT, MARKS))
def test_a_spacy_document_has_the_text_and_all_spans(prediction: Prediction):
    pytest.importorskip("spacy")
    doc = prediction.to_spacy()
    assert doc.text == prediction.text
    assert [(s.start_char, s.end_char, s.text, s.label_, s.id_) for s in doc.spans["sc"]] == [
        (s.start, s.end, s.text, s.label, s.id) for s in prediction.spans
    ]
    assert doc.spans["sc"].attrs["types"] == [span.type for span in prediction.spans]
    assert doc.user_data["events"] == prediction.to_dict()["events"]
