"""Reading MUC-4: answer keys, texts, what is found and what is lost. All texts and keys here are invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, load_schema
from annotations.coverage import coverage_faults
from annotations.importers.alignment.candidates import Candidate, Ledger
from annotations.importers.alignment.places import trimmed
from annotations.importers.base import Imported
from annotations.importers.muc4 import texts_and_keys
from annotations.importers.muc4.keys import SLOTS, Filler, parse_filler, parse_keys
from annotations.importers.muc4.overlaps import settle
from annotations.importers.muc4.search import body_start, find, without_count
from annotations.importers.muc4.tolls import find_toll
from annotations.importers.muc4.values import Location, date_pattern, parse_date, parse_location, parse_number
from annotations.quantity import Toll
from annotations.validate import span_faults

SCHEMA = load_schema()
NAME = "DEV-MUC3-0001"
STRINGS = st.text(st.characters(codec="ascii", exclude_characters="\\\n\r", min_codepoint=33), min_size=1)

TEXT = """QUELL, 3 JAN 90 (LUMO PRESS) -- [REPORT] [TEXT] ON 2 JANUARY MASKED MEN OF THE
GREEN FRONT [GF] THREW A GRENADE AT THE "OLD MILL" BAKERY IN NDORO TOWN.  ABOUT SIX
BAKERS WERE HURT, AND FOREMAN ELIO BRAND DIED.

   THE GREEN FRONT DENIED IT.  PEACE IN LUMO IS FAR.
"""
INCIDENT = {
    2: ["02 JAN 90"],
    3: ["LUMO: NDORO TOWN (TOWN)"],
    4: ["BOMBING"],
    5: ["ACCOMPLISHED"],
    6: ['"GRENADE"'],
    7: ['GRENADE: "GRENADE"'],
    8: ["TERRORIST ACT"],
    9: ['"MASKED MEN"'],
    10: ['"GREEN FRONT" / "GF"'],
    11: ['CLAIMED OR ADMITTED: "GREEN FRONT" / "GF"'],
    12: ['"\\"OLD MILL\\" BAKERY"'],
    18: ['"ELIO BRAND"'],
    19: ['"FOREMAN": "ELIO BRAND"', '"SIX BAKERS"'],
    21: ['1: "ELIO BRAND"', '~6: "SIX BAKERS"'],
    23: ['DEATH: "ELIO BRAND"', 'INJURY: "SIX BAKERS"'],
}


def key(slots: Mapping[int, list[str]], name: str = NAME, number: str = "1", empty: str = "-") -> str:
    """A template in the form of the keys; slots that are not given are empty."""
    lines = []
    for slot, title in enumerate(SLOTS):
        values = {0: [name], 1: [number]}.get(slot, slots.get(slot, [empty]))
        first, *more = values
        lines += [f"{f'{slot}.':4}{title:<32}{first}", *(" " * 36 + value for value in more)]
    return "\n".join(lines) + "\n\n"


def folder(path: Path, keys: str, texts: str) -> Path:
    for name, content in (("keys", keys), ("texts", texts)):
        (path / name).mkdir(exist_ok=True)
        (path / name / "file").write_text(content, encoding="utf-8")
    return path


def imported(path: Path, slots: Mapping[int, list[str]], text: str = TEXT) -> Imported:
    return texts_and_keys.read(folder(path, key(slots), f"{NAME} (ORG)\n\n   {text}\n"))


def losses(found: Imported, kind: str) -> list[tuple[str, str]]:
    return [(loss.value, loss.reason) for loss in found.losses if loss.kind == kind]


def marked(document: Document) -> list[tuple[str, str]]:
    """Labels with their types, and mentions with their blanks made plain."""
    return [
        (":".join(filter(None, (span.label, span.type))), " ".join(document.mention(span).split()))
        for span in document.spans
    ]


def assert_sound(document: Document) -> None:
    assert [*span_faults(document), *SCHEMA.faults(document), *coverage_faults(document, SCHEMA)] == []


def test_a_template_becomes_spans_and_an_event(tmp_path: Path) -> None:
    found = imported(tmp_path, INCIDENT)
    [document] = found.documents
    assert_sound(document)
    assert document.text == TEXT.strip()
    assert marked(document) == [
        ("DATE", "2 JANUARY"),
        ("PERPETRATOR", "MASKED MEN"),
        ("PERPETRATOR", "GREEN FRONT"),
        ("PERPETRATOR", "GF"),
        ("WEAPON", "GRENADE"),
        ("TARGET", 'OLD MILL" BAKERY'),
        ("LOCATION", "NDORO TOWN"),
        ("TOLL:injured", "ABOUT SIX"),
        ("VICTIM", "BAKERS"),
        ("VICTIM", "FOREMAN"),
        ("VICTIM", "ELIO BRAND"),
        ("PERPETRATOR", "GREEN FRONT"),
    ]
    [event] = document.events
    assert (event.id, event.attack_type, dict(event.flags)) == ("E1", "bombing", {"claimed": True})
    assert len(event.span_ids) == len(document.spans)
    assert event.roles["tolls"] == ("S8",)
    assert losses(found, "hum tgt: number") == [("1: ELIO BRAND", "one person, and the text has no number")]
    assert losses(found, "incident: location") == [("LUMO", "a country, and a place within it is marked")]
    assert found.aligned["perp: organization id"] == 2
    assert found.aligned["hum tgt: number"] == 1


def test_every_slot_is_kept_in_meta(tmp_path: Path) -> None:
    keys = ";; looked at twice\n" + key(INCIDENT, number="1 (OPTIONAL)")
    [document] = texts_and_keys.read(folder(tmp_path, keys, f"{NAME}\n{TEXT}")).documents
    [template] = document.meta["muc4"]["templates"]
    assert (template["event"], template["optional"], template["comments"]) == ("E1", True, ["looked at twice"])
    assert list(template["slots"]) == [name.lower() for name in SLOTS[1:]]
    assert template["slots"]["hum tgt: effect of incident"] == INCIDENT[23]
    assert json.loads(json.dumps(document.to_dict())) == document.to_dict()


def test_a_message_without_incident_has_no_event(tmp_path: Path) -> None:
    [document] = texts_and_keys.read(folder(tmp_path, key({}, number="*", empty="*"), f"{NAME}\n{TEXT}")).documents
    assert (document.spans, document.events) == ((), ())
    assert document.meta["muc4"]["templates"] == [{"event": None, "optional": False, "comments": [], "slots": {}}]
    assert document.meta["coverage"] == texts_and_keys.COVERAGE


def test_several_incidents_share_spans(tmp_path: Path) -> None:
    second = {4: ["ATTACK"], 5: ["THREATENED"], 10: ['"GREEN FRONT"']}
    keys = key(INCIDENT) + key({}, number="*", empty="*") + key(second, number="3")
    [document] = texts_and_keys.read(folder(tmp_path, keys, f"{NAME}\n{TEXT}")).documents
    assert_sound(document)
    first, other = document.events
    assert (other.id, other.attack_type, dict(other.flags)) == ("E2", "unspecified_attack", {"stage": "threatened"})
    assert set(other.roles["perpetrators"]) < set(first.roles["perpetrators"])
    assert [template["event"] for template in document.meta["muc4"]["templates"]] == ["E1", None, "E2"]


@pytest.mark.parametrize(
    ("incident", "attack_type"),
    [
        ("ATTACK", "unspecified_attack"),
        ("BOMBING", "bombing"),
        ("KIDNAPPING", "abduction"),
        ("HIJACKING", "hijacking"),
        ("ARSON", "arson_sabotage"),
        ("ROBBERY", "arson_sabotage"),
        ("FORCED WORK STOPPAGE", "unspecified_attack"),
        ("-", "unspecified_attack"),
    ],
)
def test_incident_types(tmp_path: Path, incident: str, attack_type: str) -> None:
    [document] = imported(tmp_path, {4: [incident]}).documents
    assert document.events[0].attack_type == attack_type


def test_of_alternatives_the_first_is_taken(tmp_path: Path) -> None:
    found = imported(tmp_path, {4: ["BOMBING / ATTACK"], 5: ["ATTEMPTED / THREATENED"]})
    [event] = found.documents[0].events
    assert (event.attack_type, dict(event.flags)) == ("bombing", {"stage": "attempted"})
    reason = "the key gives alternatives: the first one was used"
    assert losses(found, "incident: type") == [("BOMBING / ATTACK", reason)]
    assert losses(found, "incident: stage of execution") == [("ATTEMPTED / THREATENED", reason)]


@pytest.mark.parametrize(
    ("slot", "line", "reason"),
    [
        (9, '"GOBLINS"', "not found in the text"),
        (9, '"FRONT GRENADE"', "its words are in the text, but not next to each other"),
        (10, '"LUMO PRESS"', "only found in the heading"),
        (19, '"ABOUT SIX"', "only a number, or no words"),
        (2, "- 02 JAN 90", "only the latest possible day"),
        (2, "YESTERDAY", "not a readable date"),
        (2, "01 JAN 90", "not found in the text as a day and month"),
        (2, "03 JAN 90", "not found in the text as a day and month"),
        (3, "QUELL", "only found in the heading"),
        (3, "NOWHERE", "not found in the text"),
        (3, "NDORO TOWN", ""),
        (3, "LUMO", ""),
        (3, "GREEN FRONT", "a country, and the text does not say 'in' it"),
    ],
)
def test_reasons_of_strings_dates_and_places(tmp_path: Path, slot: int, line: str, reason: str) -> None:
    found = imported(tmp_path, {slot: [line]})
    value = parse_filler(line).values[0] if '"' in line else line
    assert losses(found, SLOTS[slot].lower()) == ([(value, reason)] if reason else [])
    assert bool(found.documents[0].spans) == (not reason)


@pytest.mark.parametrize(
    ("slots", "reason"),
    [
        ({21: ['9: "BAKERS"']}, "the number is not in a sentence with its victims"),
        ({21: ['PLURAL: "BAKERS"']}, "a plural without a number, and the text has none"),
        ({21: ['1: "BAKERS"']}, "one person, and the text has no number"),
        ({21: ['6: "BAKERS"'], 23: ["-"]}, "the key has no harm to these people"),
        ({21: ['6: "BAKERS"'], 23: ['DEATH / INJURY: "BAKERS"']}, "the key has several kinds of harm for this number"),
        ({21: ['6: "GOBLINS"'], 23: ['DEATH: "GOBLINS"']}, "its victims are not in the text"),
        ({21: ['MANY: "BAKERS"']}, "not a number"),
    ],
)  # fmt: skip
def test_reasons_of_tolls(tmp_path: Path, slots: dict[int, list[str]], reason: str) -> None:
    found = imported(tmp_path, {4: ["ATTACK"], 19: ['"BAKERS"'], 23: ['INJURY: "BAKERS"'], **slots})
    assert [reason for _, reason in losses(found, "hum tgt: number")] == [reason]


def test_a_total_counts_all_victims(tmp_path: Path) -> None:
    found = imported(tmp_path, {4: ["KIDNAPPING"], 5: ["ACCOMPLISHED"], 19: ['"BAKERS"'], 24: ["6"]})
    assert marked(found.documents[0]) == [("TOLL:abducted", "ABOUT SIX"), ("VICTIM", "BAKERS")]
    assert found.aligned["hum tgt: total number"] == 1
    threatened = imported(tmp_path, {4: ["KIDNAPPING"], 5: ["THREATENED"], 19: ['"BAKERS"'], 24: ["6"]})
    [(_, reason)] = losses(threatened, "hum tgt: total number")
    assert reason == "the key has no harm to these people"


def test_texts_and_keys_without_each_other_are_losses(tmp_path: Path) -> None:
    keys = key({}) + key({}, name="DEV-MUC3-0002")
    found = texts_and_keys.read(folder(tmp_path, keys, f"{NAME}\n{TEXT}\nDEV-MUC3-0003\nNOTHING NEW.\n"))
    assert [document.id for document in found.documents] == [NAME]
    assert losses(found, "text") == [("DEV-MUC3-0003", "has no answer key")]
    assert losses(found, "answer key") == [("DEV-MUC3-0002", "has no text")]


@pytest.mark.parametrize(
    ("keys", "texts", "messages"),
    [
        ("0. WRONG: NAME  x\n", f"{NAME}\nA.", ["keys/file:1: slot 0 is 'MESSAGE: ID', not 'WRONG: NAME  x'"]),
        ("99. MESSAGE: ID  x\nhm\n", f"{NAME}\nA.", ["file:1: is no slot of a template: '99.", "file:2: is no slot"]),
        ("   loose\n", f"{NAME}\nA.", ["file:1: is a filler without a slot"]),
        (key({}).replace("24. ", "23. ").replace("HUM TGT: TOTAL NUMBER", SLOTS[23]), "", ["file:25: slot 23 "]),
        (key({}).split("24.")[0], "", ["file:1: a template lacks the slots 24"]),
        (key({}, name=""), "", ["file:1: a template has no message id"]),
        (key({}), f"LOOSE\n{NAME}\nA.", ["texts/file:1: has text before the first id"]),
        (key({}), f"{NAME}\nA.\n{NAME}\nB.\nDEV-MUC3-0002\n\n", ["file:3: ", "file:5: "]),
        (key({}), "DEV-MUC3-0002\nA.", ["no text has an answer key"]),
    ],
)  # fmt: skip
def test_faults_of_files(tmp_path: Path, keys: str, texts: str, messages: list[str]) -> None:
    with pytest.raises(DataError) as raised:
        texts_and_keys.read(folder(tmp_path, keys, texts))
    assert len(raised.value.faults) == len(messages)
    for fault, message in zip(raised.value.faults, messages, strict=True):
        assert message in str(fault)


def test_a_missing_folder_and_another_encoding_are_faults(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="keys: no such folder"):
        texts_and_keys.read(tmp_path)
    folder(tmp_path, "", "")
    (tmp_path / "texts" / "file").write_bytes(b"\xff")
    with pytest.raises(DataError, match="file: is not UTF-8 at byte 0; convert it to UTF-8"):
        texts_and_keys.read(tmp_path)


def test_slips_in_quotation_marks() -> None:
    assert parse_filler('OTHER: ""BAKERY"') == Filler(("OTHER",), ("BAKERY",))
    assert parse_filler('GRENADES"') == Filler(("GRENADES",))
    assert parse_filler('INJURY: "6 BAKERS / "BAKERS"') == Filler(("INJURY",), ("6 BAKERS", "BAKERS"))
    assert parse_filler('?("A" / "B"): "C"') == Filler(("A", "B"), ("C",), optional=True)
    assert parse_filler('-: "A"') == Filler((), ("A",))


@given(st.lists(STRINGS, min_size=1), st.lists(STRINGS), st.booleans())
def test_a_filler_reads_back(values: list[str], of: list[str], optional: bool) -> None:
    def written(strings: list[str]) -> str:
        return " / ".join('"{}"'.format(string.replace('"', r"\"")) for string in strings)

    line = ("? " if optional else "") + written(values) + (f": {written(of)}" if of else "")
    empty = ("-",)
    assert parse_filler(line) == Filler(
        tuple(value for value in values if value not in empty), tuple(o for o in of if o not in empty), optional
    )


@given(st.text())
def test_a_key_file_is_read_or_refused(text: str) -> None:
    try:
        faults, templates = [], parse_keys(text)
    except DataError as error:
        faults, templates = list(error.faults), []
    assert all(fault.line for fault in faults)
    assert templates == []


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_numbers(low: int, high: int) -> None:
    assert parse_number(f"{low}") == Toll(low, low)
    assert parse_number(f"~ {low}") == Toll(low, low, approximate=True)
    assert parse_number(f"{low}-") == parse_number(f"{low} -") == Toll(low, None)
    assert parse_number(f"-{low}") == Toll(None, low)
    assert parse_number(f"{low} - {high}") == Toll(low, high)


@pytest.mark.parametrize(
    ("key_date", "text", "days"),
    [
        ("02 JAN 90", "2 JANUARY, 2 JAN 1990, JANUARY 2, 1990, 2 JANUARY 1989, 12 JANUARY", 3),
        ("2 January", "2 JANUARY", 1),
        ("JAN 90", "IN JANUARY, NOT ON 2 JANUARY", 1),
        ("01 JAN 90 - 31 JAN 90", "JANUARY 1990, 3 JANUARY", 1),
        ("30 JAN 90 - 02 FEB 90", "30 JANUARY TO 2 FEBRUARY", 2),
        ("02 JAN 90 - 03 JAN 90", "2-3 JANUARY", 1),
    ],
)
def test_dates(key_date: str, text: str, days: int) -> None:
    [period] = parse_date(key_date)
    assert period is not None
    pattern = date_pattern(period)
    assert pattern is not None
    assert len(pattern.findall(text)) == days


def test_places() -> None:
    assert parse_location("(A: B (CITY)) / (A: C (TOWN / CITY) - D)") == (
        Location("A", country=True),
        Location("B", "CITY"),
        Location("C", "TOWN / CITY"),
        Location("D"),
    )
    assert [place.name for place in parse_location("? A / B")] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "wanted", "read_as"),
    [
        ('THE "RED" BARONS', "RED BARONS", 'RED" BARONS'),
        ("RED [AS HEARD] BARONS", "RED BARONS", "RED [AS HEARD] BARONS"),
        ("RED BARONS", "RED BARONS (RB)", "RED BARONS"),
        ("TWO MILLERS", "MILLER", "MILLERS"),
        ("ONE MILLER", "MILLERS", "MILLER"),
        ("THE FOREMEN", "FOREMAN", "FOREMEN"),
        ("TWO FACTORIES", "FACTORY", "FACTORIES"),
        ("ONE FACTORY", "FACTORIES", "FACTORY"),
        ("ELIO BRANDT SPOKE", "ELLIO BRANDT", "ELIO BRANDT"),
        ("BRIGADE 11 CAME", "BRIGADE 12", ""),
        ("THE MILLSTONE", "MILL", ""),
        ("", "...", ""),
    ],
)
def test_strings_that_differ_from_the_text(text: str, wanted: str, read_as: str) -> None:
    found = find(text, wanted)
    assert found.read_as == read_as
    assert bool(found.places) == bool(read_as)
    assert bool(found.reason) != bool(found.places)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("QUELL, 3 JAN 90 -- [TEXT] A", " A"),
        ("QUELL -- [EXCERPTS] A -- B", " A -- B"),
        ("QUELL, 3 JAN 90 -- A", " A"),
        ("A [WORD] B\n\n[TEXT]", "A [WORD] B\n\n[TEXT]"),
    ],
)
def test_headings(text: str, body: str) -> None:
    assert text[body_start(text) :] == body


@given(st.text(), st.integers(0, 20), st.integers(0, 20), st.booleans())
def test_trimmed_places_are_sound(text: str, first: int, second: int, count: bool) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    place = without_count(text, (start, end)) if count else trimmed(text, start, end)
    if place:
        assert start <= place[0] < place[1] <= end
        assert place == (without_count(text, place) if count else trimmed(text, *place))


@pytest.mark.parametrize(
    ("text", "values", "toll"),
    [
        ("TWENTY-THREE MILLERS AND 3 MEN", ["23"], ["TWENTY-THREE"]),
        ("MORE THAN 1,000 OF THE MILLERS", ["1000-"], ["MORE THAN 1,000"]),
        ("SEVERAL MILLERS", ["PLURAL"], ["SEVERAL"]),
        ("OF MILLERS, THREE DIED ON 3 MAY", ["3"], ["THREE"]),
        ("ONE MILLER'S MILLERS", ["1"], []),
        ("3 YEARS AGO MILLERS OF THE M-3", ["3"], []),
        ("THREE DIED.  MILLERS LEFT.", ["3"], []),
        ("THREE RIFLES OF MILLERS", ["3"], []),
        ("OF MILLERS ON THE ROAD FROM LUMO, SAID GEN.\nOSK, THREE DIED.", ["3"], ["THREE"]),
        ("MILLERS LEFT! THREE ROADS WERE SHUT.", ["3"], []),
    ],
)
def test_tolls(text: str, values: list[str], toll: list[str]) -> None:
    mentions, others = (find(text, word).places for word in ("MILLERS", "RIFLES"))
    places, reason = find_toll(text, values, mentions, others)
    assert [text[slice(*place)] for place in places] == toll
    assert bool(reason) != bool(toll)


def test_of_two_marks_that_overlap_the_longer_one_is_kept() -> None:
    text = "Quell inn, Quell"
    event = frozenset([0])
    marks = [
        Candidate(0, 9, "TARGET", None, "id", "Quell inn", event),
        Candidate(0, 5, "LOCATION", None, "place", "Quell", event),
        Candidate(11, 16, "LOCATION", None, "place", "Quell", event),
        Candidate(6, 9, "TARGET", None, "id", "inn", event),
        Candidate(11, 16, "VICTIM", None, "name", "Quell", event),
    ]
    ledger = Ledger("d")
    assert settle(text, marks, ledger) == [marks[0], marks[4]]
    assert [(loss.kind, loss.value, loss.reason) for loss in ledger.losses] == [
        ("occurrence", "Quell", "overlaps a longer span"),
        ("occurrence", "Quell", "another label or type marks the same words"),
        ("occurrence", "inn", "overlaps a longer span"),
        ("id", "inn", "only found within longer mentions of the same role"),
        ("place", "Quell", "only found where something else is marked"),
    ]
    assert ledger.aligned == {"occurrence": 2, "id": 1, "name": 1}
