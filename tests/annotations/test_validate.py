"""Checking data sets: every kind of fault is found and told where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations import DataError, Document, Span, load_schema
from annotations.formats.inline import parse
from annotations.formats.texts import TextSource, standoff_record
from annotations.validate import Report, span_faults, validate

SCHEMA = load_schema()
SOUND = parse(
    "id: sound\n---\n"
    "{Smugglers|PERPETRATOR|E1} {fired at|ATTACK|E1} a {patrol boat|TARGET|E1} off {Quell|LOCATION|E1}, "
    "hurting {3,000|TOLL:injured|E1} {gulls|VICTIM|E1}.\n---\nE1: armed_assault; claimed\n",
    SCHEMA,
)
TRIGGER, TARGET, TOLL = "S2", "S3", "S5"


def stored(**changes: Any) -> dict[str, Any]:
    """The sound document under another id, some keys changed."""
    return {**SOUND.to_dict(), "id": "bad", **changes}


def with_span(span_id: str, **changes: Any) -> dict[str, Any]:
    spans = [{**span, **changes} if span["id"] == span_id else span for span in SOUND.to_dict()["spans"]]
    return stored(spans=spans)


def with_event(**changes: Any) -> dict[str, Any]:
    return stored(events=[{**SOUND.to_dict()["events"][0], **changes}])


def check(path: Path, *records: Any) -> Report:
    """Write records as lines, strings as they are, and check them."""
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), encoding="utf-8")
    return validate([path], SCHEMA)


def test_a_sound_document_has_no_faults(tmp_path: Path) -> None:
    assert check(tmp_path / "set.jsonl", stored()) == Report(1, (), ())


@pytest.mark.parametrize(
    ("record", "place", "problem"),
    [
        (with_span(TOLL, start=51), "span S5 [51:57] ' 3,000'", "starts or ends with white space"),
        (with_span(TARGET, end=30), "span S3 [21:30] 'patrol bo'", "starts or ends within a word"),
        (with_span(TOLL, start=54), "span S5 [54:57] '000'", "starts or ends within a word"),
        (with_span("S4", end=43), "span S4 [37:43] 'Quell,'", "starts or ends with punctuation"),
        (with_span("S4", start=21, end=42), "spans S3 [21:32] and S4 [21:42]", "overlap"),
        (with_span(TARGET, label="TARGT"), "span S3 [21:32] 'patrol boat'", "unknown label 'TARGT'"),
        (with_span(TOLL, type="kiled"), "span S5 [52:57] '3,000'", "unknown type 'kiled' for TOLL"),
        (with_span(TOLL, type=None), "span S5 [52:57] '3,000'", "unknown type None for TOLL"),
        (with_span(TARGET, type="boat"), "span S3 [21:32] 'patrol boat'", "TARGET has no types, got 'boat'"),
        (with_span(TRIGGER, type="bombing"), "event E1", "is armed_assault, but its trigger S2 is bombing"),
        (with_event(targets=[], victims=[TARGET]), "event E1", "has TARGET span S3 among its victims"),
        (with_event(flags={"claimd": True}), "event E1", "unknown flag 'claimd'"),
        (with_event(flags={"stage": "planned"}), "event E1", "unknown value 'planned' of flag 'stage'"),
        (with_span(TARGET, end=900), "span S3 [21:900]", "outside the text"),
        (with_event(dates=["S99"]), "event E1", "names span 'S99', which is not in the document"),
        (with_span(TARGET, labl="TARGET"), "spans[2]", "unknown key 'labl'"),
        (with_span(TARGET, type={}), "spans[2]", "'type' is dict, not str"),
    ],
)
def test_a_fault_is_told_with_file_line_document_and_place(
    tmp_path: Path, record: dict[str, Any], place: str, problem: str
) -> None:
    path = tmp_path / "set.jsonl"
    [fault] = check(path, SOUND.to_dict(), record).faults
    assert (fault.file, fault.line, fault.document) == (str(path), 2, "bad")
    assert fault.place.startswith(place)
    assert problem in fault.problem
    assert fault.remedy


def test_an_unknown_attack_type_is_answered_with_the_nearest(tmp_path: Path) -> None:
    faults = check(tmp_path / "set.jsonl", with_event(attack_type="armed_asault")).faults
    assert [(fault.place, fault.remedy) for fault in faults if "unknown attack type" in fault.problem] == [
        ("event E1", "did you mean 'armed_assault'?")
    ]


def test_an_event_without_a_trigger_and_its_trigger_without_an_event_are_both_told(tmp_path: Path) -> None:
    faults = check(tmp_path / "set.jsonl", with_event(triggers=[])).faults
    assert [fault.problem for fault in faults] == ["has no ATTACK span", "is a trigger without an event"]


def test_a_document_without_events_is_sound_and_is_counted_if_it_has_a_trigger(tmp_path: Path) -> None:
    without_key = {key: value for key, value in stored(id="b").items() if key != "events"}
    quiet = Document("c", "Rain fell.").to_dict()
    assert check(tmp_path / "set.jsonl", stored(events=[]), without_key, quiet) == Report(3, (), (), spans_only=2)


def test_a_file_of_another_schema_has_one_fault_and_other_files_keep_theirs(tmp_path: Path) -> None:
    foreign = [Document(f"f{n}", "Acme recalls cars.", [Span("S1", 0, 4, "MAKER"), Span("S2", 13, 17, "PRODUCT")])
               for n in range(40)]  # fmt: skip
    own = tmp_path / "own.jsonl"
    check(own, with_span(TARGET, label="TARGT"))
    check(tmp_path / "foreign.jsonl", *(one.to_dict() for one in foreign), "{broken")
    faults = validate([own, tmp_path / "foreign.jsonl"], SCHEMA).faults
    assert [(Path(fault.file).stem, fault.line) for fault in faults] == [("own", 1), ("foreign", 41), ("foreign", 0)]
    assert all(name in faults[-1].problem for name in ("MAKER", "PRODUCT", "'events'"))


def test_faults_in_several_lines_are_all_reported(tmp_path: Path) -> None:
    worst = with_span(TARGET, label="TARGT", end=30)
    records = [
        {**with_event(flags={"claimd": True}), "id": "a"},
        "{broken",
        stored(id="b"),
        {"id": "c"},
        worst,
        stored(id="b"),
    ]
    report = check(tmp_path / "set.jsonl", *records)
    assert [fault.line for fault in report.faults] == [1, 2, 4, 5, 5, 6]
    assert report.documents == 4


def test_an_id_that_stands_in_two_files_is_told_with_the_other_file(tmp_path: Path) -> None:
    paths = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for path in paths:
        path.write_text(json.dumps(SOUND.to_dict()), encoding="utf-8")
    [fault] = validate(paths, SCHEMA).faults
    assert (fault.file, fault.line, fault.document) == (str(paths[1]), 1, "sound")
    assert str(paths[0]) in fault.problem


def test_documents_whose_text_is_not_here_are_left_out_and_not_at_fault(tmp_path: Path) -> None:
    absent = standoff_record(Document("absent", "Text that is elsewhere."), "absent.txt")
    report = check(tmp_path / "set.jsonl", absent, stored())
    assert (report.documents, report.faults) == (1, ())
    assert [(fault.line, fault.document) for fault in report.left_out] == [(1, "absent")]


def test_a_text_that_was_changed_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Changed since.", encoding="utf-8")
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(standoff_record(Document("d1", "As annotated."), "a.txt")), encoding="utf-8")
    report = validate([path], SCHEMA, TextSource(tmp_path))
    assert [fault.document for fault in report.faults] == ["d1"]
    assert report.left_out == ()


def test_a_path_that_is_not_there_is_an_error() -> None:
    with pytest.raises(DataError, match="no such data file"):
        validate(["nowhere.jsonl"], SCHEMA)


def test_every_span_that_a_long_one_covers_overlaps_with_it() -> None:
    spans = [Span("S1", 0, 15, "VICTIM"), Span("S2", 4, 9, "VICTIM"), Span("S3", 10, 15, "VICTIM")]
    faults = list(span_faults(Document("d1", "Ten whole crews left", [*spans, Span("S4", 16, 20, "VICTIM")])))
    assert [fault.place for fault in faults] == [
        "spans S1 [0:15] and S2 [4:9]",
        "spans S1 [0:15] and S3 [10:15]",
    ]


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\x00", "\u00ad", "\u200f", "\u2066", "\x07", "\x7f", "\u061c"])
def test_an_invisible_character_at_an_edge_is_a_fault_and_may_be_left_out(mark: str) -> None:
    text = f"In {mark}Gao{mark} rain"
    for start, end, told in ((3, 7, True), (4, 8, True), (3, 4, True), (4, 7, False)):
        faults = list(span_faults(Document("d1", text, [Span("S1", start, end, "LOCATION")])))
        assert [f"U+{ord(mark):04X}" in fault.problem for fault in faults] == [True] * told


@pytest.mark.parametrize("text", ["mid\u200dway", "a\u00adb", "1\u20602"])
def test_a_format_character_within_a_word_is_no_edge(text: str) -> None:
    assert list(span_faults(Document("d1", text, [Span("S1", 0, len(text), "VICTIM")]))) == []


@pytest.mark.parametrize(
    ("mention", "sound"),
    [
        ("U.N.", True),
        ("Gen.", True),
        ("6 p.m.", True),
        ("Adm. Orsk", True),
        ("(Harbour Guard)", False),
        ("“Wolves", False),
        ("Wolves'", False),
        ("burned.", False),
        ("Kestrel.", False),
        ("waited...", False),
    ],
)
def test_punctuation_at_an_edge_is_a_fault_but_for_the_full_stop_of_an_abbreviation(mention: str, sound: bool) -> None:
    faults = list(span_faults(Document("d1", f"so {mention} then", [Span("S1", 3, 3 + len(mention), "VICTIM")])))
    assert [fault.problem for fault in faults] == ([] if sound else ["starts or ends with punctuation"])
