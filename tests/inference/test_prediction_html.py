"""Predictions as dictionaries, JSON, HTML and lines for people."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import load_schema
from inference import PredictedSpan, Prediction
from inference.events.linking import assemble
from inference.html import page
from inference.places.gazetteer import Place

SCHEMA = load_schema()
TEXT = "Gunmen opened fire in Ndoro on Friday, killing at least 12 traders and wounding dozens. Rain followed."
MARKS = [
    ("Gunmen", "PERPETRATOR", None),
    ("opened fire", "ATTACK", "armed_assault"),
    ("Ndoro", "LOCATION", None),
    ("Friday", "DATE", None),
    ("at least 12", "TOLL", "killed"),
    ("traders", "VICTIM", None),
    ("dozens", "TOLL", "injured"),
]
EVENT_KEYS = [
    *("id", "attack_type", "score", "gtd", "acled", "muc4", "triggers", "perpetrators", "victims", "toll"),
    *("weapons", "targets", "locations", "dates", "flags", "attribution"),
]


def predict(text: str, marks: list[tuple[str, str, str | None]]) -> Prediction:
    """A prediction with these mentions, each searched for after the one before it."""
    spans, at = [], 0
    for number, (mention, label, kind) in enumerate(marks, start=1):
        start = text.index(mention, at)
        at = start + len(mention)
        spans.append(PredictedSpan(f"S{number}", start, at, mention, label, kind, 0.87654))
    return Prediction(text, spans, assemble(text, spans, SCHEMA), "hand-made/1", 1, SCHEMA)


@pytest.fixture
def prediction() -> Prediction:
    return predict(TEXT, MARKS)


class Reader(HTMLParser):
    """Collects tags, attributes and the text of the marked-up paragraph without the small print of labels."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.marked = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        if tag == "p":
            self.marked = ("class", "text") in attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.marked and "p" in self.open and "small" not in self.open:
            self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


# Dictionaries and JSON


def test_prediction_has_exactly_the_documented_keys(prediction: Prediction):
    record = prediction.to_dict()
    assert list(record) == ["model", "windows", "convention", "spans", "events", "entities"]
    assert {tuple(span) for span in record["spans"]} == {("id", "start", "end", "text", "label", "type", "score")}
    (event,) = record["events"]
    assert list(event) == EVENT_KEYS
    assert {tuple(who) for who in event["perpetrators"]} == {("name", "spans")}
    assert {tuple(who) for who in event["victims"]} == {("name", "category", "spans")}
    assert {tuple(toll) for toll in event["toll"].values()} == {("min", "max", "approximate", "spans", "words")}


def test_event_holds_what_was_found(prediction: Prediction):
    (event,) = prediction.to_dict()["events"]
    assert event == {
        "id": "E1",
        "attack_type": "armed_assault",
        "score": 0.8765,
        "gtd": "Armed Assault",
        "acled": "Attack",
        "muc4": "ATTACK",
        "triggers": ["S2"],
        "perpetrators": [{"name": "Gunmen", "spans": ["S1"]}],
        "victims": [{"name": "traders", "category": "civilian", "spans": ["S6"]}],
        "toll": {
            "killed": {"min": 12, "max": None, "approximate": False, "spans": ["S5"], "words": ["at least 12"]},
            "injured": {"min": 24, "max": None, "approximate": True, "spans": ["S7"], "words": ["dozens"]},
        },
        "weapons": [],
        "targets": [],
        "locations": ["S3"],
        "dates": ["S4"],
        "flags": {},
        "attribution": {"claimed_by": [], "denied_by": [], "blamed": []},
    }


def test_span_keeps_its_score_and_writes_four_digits(prediction: Prediction):
    span = prediction.spans[0]
    assert span.score == 0.87654
    assert span.to_dict() == {
        **{"id": "S1", "start": 0, "end": 6, "text": "Gunmen", "label": "PERPETRATOR", "type": None},
        "score": 0.8765,
    }


@pytest.mark.parametrize("indent", [None, 2])
def test_json_comes_back(prediction: Prediction, indent: int | None):
    assert json.loads(prediction.to_json(indent)) == prediction.to_dict()


def test_json_keeps_letters_of_any_script():
    prediction = predict("Атака в Кесре", [("Кесре", "LOCATION", None)])
    assert "Кесре" in prediction.to_json()


# Lines for people


def test_repr_tells_the_events(prediction: Prediction):
    assert repr(prediction).split("\n") == [
        "Prediction by hand-made/1: 1 events, 7 spans, 1 windows",
        "  E1 armed_assault (0.88) 'opened fire' [7:18]; Perpetrators: Gunmen; Victims: traders; "
        "Toll: killed: 12 or more; "
        "injured: about 24 or more; Where: Ndoro; When: Friday",
    ]


def test_repr_of_nothing_found():
    assert repr(predict("Rain.", [])) == "Prediction by hand-made/1: 0 events, 0 spans, 1 windows"


# HTML


def test_fragment_has_a_mark_for_each_span_and_the_whole_text(prediction: Prediction):
    reader = read(prediction.to_html())
    assert reader.tags.count("mark") == len(prediction.spans)
    assert reader.text == TEXT
    assert reader.open == []


def test_mark_shows_label_type_score_colour_and_events(prediction: Prediction):
    html = prediction.to_html()
    (mark,) = re.findall(r'<mark [^>]*title="S2 attack: armed_assault, 0.88">.*?</mark>', html)
    assert re.search(r'id="ce-\w{8}-S2" class="l0" data-e="E1"', mark)
    assert re.search(r'>opened fire<small>attack: armed_assault <a href="#ce-\w{8}-E1">E1</a></small>', mark)
    assert f".l0 {{ --c: {SCHEMA.labels['ATTACK'].color}; }}" in html


def rows(html: str) -> list[dict[str, str]]:
    """Cells of each event by heading, as plain words."""
    bare = re.compile(r"<[^>]+>")
    return [
        {
            "id": bare.sub("", re.findall(r"<th [^>]*>(.*?)</th>", row)[0]),
            **{
                head: bare.sub("|", cell).strip("|")
                for head, cell in re.findall(r'data-head="(.*?)"[^>]*>(.*?)</td>', row)
            },
        }
        for row in re.findall(r"<tr [^>]*data-type.*?</tr>", html, re.S)
    ]


def test_table_shows_what_is_told_of_the_event_and_no_empty_column(prediction: Prediction):
    (row,) = rows(prediction.to_html())
    assert {head: re.sub(r"\|+", "|", cell) for head, cell in row.items()} == {
        "id": "E1",
        "Type": "armed_assault |0.88",
        "Told by": "opened fire",
        "Perpetrators": "Gunmen",
        "Victims": "traders| (civilian)",
        "Toll": "killed: |12 or more|injured: |about 24 or more",
        "Where": "Ndoro",
        "When": "Friday",
    }


def test_words_of_the_table_lead_to_their_spans(prediction: Prediction):
    html = prediction.to_html()
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(re.findall(r' id="([^"]+)"', html))
    assert {target.split("-")[-1] for target in targets} == {"E1", *(span.id for span in prediction.spans)}


def test_page_tells_sources_dates_flags_and_attribution():
    text = (
        "The army said the strike killed 12 men on Monday. A doctor put the number of dead at 45. "
        "The Lake Front claimed the strike, which officials blamed on rebels."
    )
    marks = [
        ("strike", "ATTACK", "air_strike"),
        ("12", "TOLL", "killed"),
        ("Monday", "DATE", None),
        ("45", "TOLL", "killed"),
        ("Lake Front", "PERPETRATOR", None),
        ("strike", "ATTACK", "air_strike"),
        ("rebels", "PERPETRATOR", None),
    ]
    (row,) = rows(predict(text, marks).dated("2021-03-04").to_html())
    assert [re.sub(r"\|+", "", row[head]) for head in ("Toll", "When", "Said of it")] == [
        "killed: 12army says 12doctor says 45",
        "2021-03-01Monday",
        "claimedclaimed by: Lake Frontblamed: rebels",
    ]


def test_nothing_found_is_said():
    assert "No attack found" in predict("Rain.", []).to_html()


def test_notebook_shows_the_fragment_without_a_script(prediction: Prediction):
    assert prediction._repr_html_() == prediction.to_html()
    assert "<script" not in prediction.to_html()


HOSTILE = "<script>alert(1)</script>"
CLEAN = read(predict("Rain fell.", []).to_html()).tags


def test_script_in_the_text_is_escaped():
    html = predict(f"Rain {HOSTILE} fell.", []).to_html()
    assert read(html).tags == CLEAN
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    "hostile", [HOSTILE, '"><img src=x onerror=alert(1)>', "</mark></p></div>", "</style>", "&lt;b&gt;", "' --c:red"]
)
def test_hostile_mention_is_escaped_wherever_it_stands(hostile: str):
    text = f"{hostile} bombed {hostile} in {hostile}, killing {hostile} on {hostile}."
    labels: list[tuple[str, str, str | None]] = [
        (hostile, "PERPETRATOR", None),
        ("bombed", "ATTACK", "bombing"),
        *((hostile, label, None) for label in ("TARGET", "LOCATION", "VICTIM", "DATE")),
    ]
    prediction = predict(text, labels)
    reader = read(prediction.to_html())
    assert reader.text == text
    assert not {"script", "img", "b"} & set(reader.tags)
    assert reader.tags.count("mark") == len(labels)
    told = page([(hostile, prediction)], SCHEMA, title=hostile)
    assert (told.count("<script"), told.count("<img")) == (1, 0)


def test_hostile_schema_is_escaped():
    span = PredictedSpan("S1", 0, 4, "Fire", HOSTILE, HOSTILE, 0.5)
    html = Prediction("Fire", [span], [], HOSTILE, 1, SCHEMA).to_html()
    assert HOSTILE not in html
    assert "script" not in read(html).tags


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00")))
def test_any_text_comes_back_from_the_fragment(text: str):
    prediction: Any = Prediction(text, [], [], "hand-made/1", 1, SCHEMA)
    reader = read(prediction.to_html())
    assert reader.text == text
    assert reader.tags == CLEAN


def test_page_lists_its_texts_with_counts_and_loads_nothing(prediction: Prediction):
    html = page([("one.txt", prediction), ("two.txt", predict("Rain.", []))], SCHEMA, title=HOSTILE)
    assert html.startswith("<!doctype html>")
    assert html.index(TEXT[:6]) < html.index("Rain.")
    assert HOSTILE not in html
    listed = re.findall(r'<li data-for="(.*?)"><a href="#(.*?)">(.*?)</a><span>(.*?)</span>', html)
    assert listed == [
        ("d1-text", "d1-text", "one.txt", "1 event, 7 spans"),
        ("d2-text", "d2-text", "two.txt", "0 events, 0 spans"),
    ]
    assert not re.search(r'(?:src|href)="(?!#)|url\(|@import', html)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_page_of_one_text_has_no_list(prediction: Prediction):
    assert "<nav" not in page([("", prediction)], SCHEMA)


GAO = Place("Gao", "city", "ML", "MLI", "Mali", region="Gao")


def placed(prediction: Prediction, place: Place = GAO, relevance: float = 0.91234) -> Prediction:
    """A prediction whose events are at a place, of a text with a relevance."""
    events = [replace(event, place=place) for event in prediction.events]
    return replace(prediction, events=events, places={"S3": place}, relevance=relevance)


def test_a_page_shows_relevance_and_the_place_of_an_event(prediction: Prediction):
    html = page([("raid.txt", placed(prediction))], SCHEMA)
    assert 'data-relevance="0.9123" data-countries="Mali"' in html
    assert "relevance 0.91" in html
    assert "Gao, Mali (city)" in html


def test_a_page_without_relevance_and_places_names_neither(prediction: Prediction):
    article = page([("raid.txt", prediction)], SCHEMA).partition("<article")[2].partition("</article>")[0]
    assert [word for word in ("relevance", "data-countries", "(city)") if word in article] == []
