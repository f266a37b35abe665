"""Events in wrapped text, lists and tables; names in several spellings; tolls that annotators counted."""

from __future__ import annotations

import json

import pytest

from annotations import DataError, load_schema
from annotations.document import Document, Event, Span
from annotations.formats.inline import parse, render
from annotations.quantity import Toll
from inference.entities.spelling import name_key
from inference.events import tolls
from inference.events.linking import assemble
from inference.numbers.toll import normalise
from tests.inference.events.test_figures_and_events import events_of, killed, only_event, read
from training.curation.toll_agreement import counted_tolls
from training.evaluation.alignment import gold_attacks

SCHEMA = load_schema()


@pytest.mark.parametrize(
    ("marked", "number"),
    [
        (
            "Gunmen {stormed|ATTACK:armed_assault} a town, killing {11|TOLL:killed} people, {three|TOLL:killed}\n"
            "of them children.",
            11,
        ),
        ("A {blast|ATTACK:bombing} killed {six|TOLL:killed} soldiers and\r\n{four|TOLL:killed} farmers.", 10),
        ("A {blast|ATTACK:bombing} killed {six|TOLL:killed} U.S. soldiers and {four|TOLL:killed} farmers.", 10),
        ("A {blast|ATTACK:bombing} killed {six|TOLL:killed} men of Supt. Bako and {four|TOLL:killed} farmers.", 10),
        (
            "A {blast|ATTACK:bombing} killed {six|TOLL:killed} men of Sow Co. Ltd. and {four|TOLL:killed} cooks.",
            10,
        ),
        (
            "A {blast|ATTACK:bombing} killed {six|TOLL:killed} men near Mt. Koro, approx. {four|TOLL:killed} more.",
            10,
        ),
    ],
)
def test_line_ends_and_abbreviations_end_no_sentence(marked: str, number: int) -> None:
    assert killed(marked) == Toll(number, number)


def test_a_figure_in_an_item_belongs_to_the_attack_of_the_item() -> None:
    first, second = events_of(
        "Attacks on Monday:\n"
        "- {Twelve|TOLL:killed} civilians died in {Ndoro|LOCATION}. A {bomb|ATTACK:bombing} went off there.\n"
        "- {Fifteen|TOLL:killed} civilians died in {Kesra|LOCATION} in an {ambush|ATTACK:armed_assault}."
    )
    assert [event.toll["killed"].toll.min for event in (first, second)] == [12, 15]
    assert (first.attack_type, second.attack_type) == ("bombing", "armed_assault")


def test_an_item_without_an_attack_goes_with_the_attack_before_the_list() -> None:
    event = only_event(
        "A {bomb|ATTACK:bombing} hit {Ndoro|LOCATION} on Monday. It left:\n"
        "- {12|TOLL:killed} people dead\n"
        "- {30|TOLL:injured} people hurt"
    )
    assert {kind: toll.toll.min for kind, toll in event.toll.items()} == {"killed": 12, "injured": 30}


def test_rows_of_a_table_keep_their_figures() -> None:
    found = events_of(
        "Place\tAttack\tKilled\n"
        "{Ndoro|LOCATION}\t{bombing|ATTACK:bombing}\t{12|TOLL:killed}\n"
        "{Kesra|LOCATION}\t{shelling|ATTACK:shelling}\t{15|TOLL:killed}"
    )
    assert [event.toll["killed"].toll.min for event in found] == [12, 15]


@pytest.mark.parametrize(
    "names",
    [
        ("VDF", "Volta Defence Front"),
        ("Volta Defence Front", "V.D.F."),
        ("al-Shabaab", "al Shabaab"),
        ("Volta Defence Front", "Volta\u00a0Defence  Front"),
        ("Boko Haram", "Boko Haram's"),
        ("Frente Martí", "Frente Marti"),
        ("the Front", "Front’s"),
    ],
)
def test_writings_of_one_name_are_one_perpetrator(names: tuple[str, str]) -> None:
    first, second = names
    marked = f"{{{first}|PERPETRATOR}} and {{{second}|PERPETRATOR}} {{fired|ATTACK:armed_assault}} on a village."
    assert len(only_event(marked).perpetrators) == 1


def test_other_names_stay_apart() -> None:
    event = only_event("{VDF|PERPETRATOR} and {Volta Free Men|PERPETRATOR} {fired|ATTACK:armed_assault} on a village.")
    assert len(event.perpetrators) == 2
    assert name_key("al-Shabaab") != name_key("Shabaab Front")


def test_the_words_of_a_toll_are_kept_under_any_convention() -> None:
    text, spans = read("A {blast|ATTACK:bombing} killed {dozens|TOLL:killed} in {Gao|LOCATION}.")
    for convention, number in (("range", 24), ("acled", 12)):
        (event,) = assemble(text, spans, SCHEMA, convention)
        assert (event.toll["killed"].toll.min, event.toll["killed"].words) == (number, ("dozens",))


@pytest.mark.parametrize(("convention", "times"), [("range", 1), ("isaf", 2)])
def test_a_figure_is_normalised_once_for_each_convention(
    convention: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def counting(words: str, *rules: str) -> Toll | None:
        seen.append(words)
        return normalise(words, *rules)

    monkeypatch.setattr(tolls, "normalise", counting)
    text, spans = read("A {blast|ATTACK:bombing} killed {six|TOLL:killed} men and {several|TOLL:killed} women.")
    (event,) = assemble(text, spans, SCHEMA, convention)
    assert seen == [word for word in ("six", "several") for _ in range(times)]
    assert event.toll["killed"].toll.min == 9


COUNTED = {
    "id": "d1",
    "text": "A blast killed six men. A boy died later.",
    "spans": [
        {"id": "S1", "start": 2, "end": 7, "label": "ATTACK", "type": "bombing"},
        {"id": "S2", "start": 15, "end": 18, "label": "TOLL", "type": "killed"},
    ],
    "events": [
        {
            "id": "E1",
            "attack_type": "bombing",
            "triggers": ["S1"],
            "tolls": ["S2"],
            "toll": {"killed": {"min": 7, "max": 7, "approximate": False}},
        }
    ],
}


def test_a_counted_toll_is_stored_and_scored() -> None:
    document = Document.from_dict(COUNTED)
    assert Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document
    assert list(SCHEMA.faults(document)) == []
    (attack,) = gold_attacks(document, SCHEMA)
    assert attack.toll == {"killed": Toll(7, 7)}
    (one,) = counted_tolls([document], SCHEMA)
    assert (one.counted, one.read, one.agrees, one.mentions) == (Toll(7, 7), Toll(6, 6), False, ("six",))


def test_where_nobody_counted_the_rules_read_gold() -> None:
    event = {key: value for key, value in COUNTED["events"][0].items() if key != "toll"}  # type: ignore[attr-defined,index]
    (attack,) = gold_attacks(Document.from_dict({**COUNTED, "events": [event]}), SCHEMA)
    assert attack.toll == {"killed": Toll(6, 6)}


def test_a_counted_toll_survives_inline_markup() -> None:
    document = Document(
        "d1",
        "A blast.",
        [Span("S1", 2, 7, "ATTACK", "bombing")],
        [
            Event(
                "E1",
                "bombing",
                {"triggers": ("S1",)},
                {"suicide": True},
                {"killed": Toll(12, None), "injured": Toll(None, 50, True), "displaced": Toll(300, 400)},
            )
        ],
    )
    assert parse(render(document, SCHEMA), SCHEMA).events == document.events


@pytest.mark.parametrize(
    ("toll", "named"),
    [
        ({"killed": {"min": 7, "max": 6, "approximate": False}}, "min"),
        ({"killed": {"min": -1, "max": 6, "approximate": False}}, "min"),
        ({"killed": {"min": True, "max": 6, "approximate": False}}, "min"),
        ({"killed": {"min": 1, "max": 6}}, "approximate"),
        ({"killed": {"min": 1, "max": 6, "approximate": False, "maks": 3}}, "maks"),
        ({"killed": 7}, "killed"),
        ([], "toll"),
    ],
)
def test_a_toll_that_is_none_is_refused_with_its_place(toll: object, named: str) -> None:
    event = {**COUNTED["events"][0], "toll": toll}  # type: ignore[dict-item,index]
    with pytest.raises(DataError) as caught:
        Document.from_dict({**COUNTED, "events": [event]})
    assert any("events[0]" in str(fault) and named in str(fault) for fault in caught.value.faults)


def test_an_unknown_kind_of_toll_is_a_fault() -> None:
    event = {**COUNTED["events"][0], "toll": {"kiled": {"min": 1, "max": 1, "approximate": False}}}  # type: ignore[dict-item,index]
    (fault,) = SCHEMA.faults(Document.from_dict({**COUNTED, "events": [event]}))
    assert "kiled" in str(fault)
    assert "killed" in str(fault)
