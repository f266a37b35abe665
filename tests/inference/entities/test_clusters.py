"""Which mentions are one doer or one victim, on invented texts with spans marked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Span, load_schema
from inference.entities.clusters import Entity, find_entities, kinds_of
from inference.events.linking import assemble
from inference.events.participants import by_entity
from tests.inference.events.test_figures_and_events import read

SCHEMA = load_schema()


def entities(marked: str, events: dict[str, frozenset[str]] | None = None) -> tuple[Entity, ...]:
    """Entities of a marked text, in which all spans are in one event unless told otherwise."""
    text, spans = read(marked)
    return find_entities(text, spans, SCHEMA, {s.id: frozenset({"E1"}) for s in spans} if events is None else events)


def groups(marked: str, events: dict[str, frozenset[str]] | None = None) -> list[list[str]]:
    """Words of the mentions of each entity with several."""
    words = {span.id: span.text for span in read(marked)[1]}
    return [[words[i] for i in one.spans] for one in entities(marked, events) if len(one.spans) > 1]


@pytest.mark.parametrize(
    ("marked", "joined"),
    [
        # An abbreviation, by its letters or in brackets behind a name in another language.
        ("The {Volta Defence Front|PERPETRATOR} fired. The {VDF|PERPETRATOR} fled.", ["Volta Defence Front", "VDF"]),
        ("The {Volta Homeland|PERPETRATOR} ({PTV|PERPETRATOR}) fired.", ["Volta Homeland", "PTV"]),
        # A part of the name.
        (
            "The {Volta Defence Front|PERPETRATOR} fired, and the {Front|PERPETRATOR} fled.",
            ["Volta Defence Front", "Front"],
        ),
        ("A court tried {Amina Sow|PERPETRATOR}; {Sow|PERPETRATOR} was silent.", ["Amina Sow", "Sow"]),
        # Those who act for a group are the group.
        ("The {Houthis|PERPETRATOR} shelled. Then {Houthi forces|PERPETRATOR} fled.", ["Houthis", "Houthi forces"]),
        # Apposition.
        ("{Amina Sow|VICTIM}, a {district judge|VICTIM}, died.", ["Amina Sow", "district judge"]),
        ("A {judge|VICTIM}, {Amina Sow|VICTIM}, died.", ["judge", "Amina Sow"]),
        ("They shot his {wife|VICTIM} {Amina Sow|VICTIM}.", ["wife", "Amina Sow"]),
        (
            "{Gunmen|PERPETRATOR} calling themselves the {Red Dawn|PERPETRATOR} fired.",
            ["Gunmen", "Red Dawn"],
        ),
        # Whoever did it.
        ("{Gunmen|PERPETRATOR} fired, and the {attackers|PERPETRATOR} fled.", ["Gunmen", "attackers"]),
        (
            "{Gunmen|PERPETRATOR} fired. The {Volta Defence Front|PERPETRATOR} claimed it.",
            ["Gunmen", "Volta Defence Front"],
        ),
        # A country and its forces.
        ("{Armenia|PERPETRATOR} fired, then {Armenian troops|PERPETRATOR} fled.", ["Armenia", "Armenian troops"]),
    ],
)
def test_mentions_of_one_entity_are_joined(marked: str, joined: list[str]):
    assert groups(marked) == [joined]


@pytest.mark.parametrize(
    "marked",
    [
        # Two names, and a description that fits both.
        "The {Volta Defence Front|PERPETRATOR} and the {Lumo Army|PERPETRATOR} fired. {Rebels|PERPETRATOR} fled.",
        # Two classes of actor.
        "{Soldiers|PERPETRATOR} fired at {rebels|PERPETRATOR}.",
        "{Syrian rebels|PERPETRATOR} fired at the {Syrian army|PERPETRATOR}.",
        # One and several; a leader and his group.
        "A {suicide bomber|PERPETRATOR} came. {Islamic State|PERPETRATOR} claimed it.",
        "The {Front|PERPETRATOR} fired. A {Front commander|PERPETRATOR} laughed.",
        "A {faction of the Volta Defence Front|PERPETRATOR} fired. The {Volta Defence Front|PERPETRATOR} did not.",
        # Side by side.
        "{Horsemen|PERPETRATOR} and {men|PERPETRATOR} in trucks fired.",
        "{Sow|VICTIM}, {Keita|VICTIM} and {Diallo|VICTIM} died.",
        "A {driver|VICTIM} and a {nurse|VICTIM} died.",
        # Two countries.
        "{Armenia|PERPETRATOR} fired, then {Azerbaijani troops|PERPETRATOR}.",
        # Somebody's word for others.
        'The army blamed "{bandits|PERPETRATOR}". The {Volta Defence Front|PERPETRATOR} laughed.',
        # A doer and a victim.
        "{Amina Sow|PERPETRATOR} fired. {Amina Sow|VICTIM} died.",
        # A unit of a group.
        "The {Red Command of the New Army|PERPETRATOR} fired. The {New Army|PERPETRATOR} did not.",
    ],
)
def test_what_may_be_two_is_not_joined(marked: str):
    assert groups(marked) == []


def test_descriptions_of_two_events_are_two():
    marked = "{Gunmen|PERPETRATOR} fired in Gao. {Gunmen|PERPETRATOR} fired in Kesra."
    apart = {"S1": frozenset({"E1"}), "S2": frozenset({"E2"})}
    assert groups(marked, apart) == []
    assert groups(marked, {"S1": frozenset({"E1"}), "S2": frozenset({"E1"})}) == [["Gunmen", "Gunmen"]]


def test_the_rebels_are_the_only_group_of_a_text():
    marked = "The {Volta Defence Front|PERPETRATOR} fired. On Monday the {rebels|PERPETRATOR} took Gao."
    apart = {"S1": frozenset({"E1"}), "S2": frozenset({"E2"})}
    assert groups(marked, apart) == [["Volta Defence Front", "rebels"]]
    other = " The {Lumo Army|PERPETRATOR} took Kesra."
    assert groups(marked + other, apart) == []


def test_the_longest_name_is_the_name_and_the_others_are_aliases():
    marked = "The {VDF|PERPETRATOR} fired. The {Volta Defence Front|PERPETRATOR} ({VDF|PERPETRATOR}) claimed it."
    (entity,) = entities(marked)
    assert (entity.id, entity.name, entity.aliases, entity.kind) == ("N1", "Volta Defence Front", ("VDF",), "doer")
    assert list(entity.to_dict()) == ["id", "name", "aliases", "kind", "spans"]


def test_participants_are_grouped_by_entity():
    text, spans = read(
        "{Gunmen|PERPETRATOR} {opened fire|ATTACK:armed_assault} at a market in Gao, killing {six|TOLL:killed} "
        "{farmers|VICTIM}. The {Volta Defence Front|PERPETRATOR} claimed the {attack|ATTACK:armed_assault}."
    )
    (event,), found = by_entity(text, spans, assemble(text, spans, SCHEMA), SCHEMA)
    found_as = [(who.name, [span.id for span in who.spans]) for who in event.perpetrators]
    assert found_as == [("Volta Defence Front", ["S1", "S5"])]
    assert [(who.name, who.category) for who in event.victims] == [("farmers", "civilian")]
    assert [entity.kind for entity in found] == ["doer", "victim"]


def test_roles_of_another_schema_are_kinds():
    assert kinds_of(SCHEMA) == {"perpetrators": "doer", "victims": "victim"}


NAMES = ["VDF", "Volta Defence Front", "Front", "Amina Sow", "Sow", "Boko Haram", "Boko Haram fighters", "U.S."]
OTHERS = ["Gunmen", "the rebels", "Syrian army", "army", "a judge", "attackers", "", "members of the Front", "é", "and"]
WORDS = st.sampled_from([*NAMES, *OTHERS])


@given(
    st.lists(
        st.tuples(WORDS, st.sampled_from([" ", ", ", " and ", ". ", " ("]), st.booleans(), st.integers(0, 2)),
        max_size=12,
    )
)
def test_every_mention_is_in_one_entity_of_its_kind(pieces: list[tuple[str, str, bool, int]]):
    text, spans, events = "", [], {}
    for words, after, doer, event in pieces:
        if words:
            name = f"S{len(spans)}"
            spans.append(Span(name, len(text), len(text) + len(words), "PERPETRATOR" if doer else "VICTIM"))
            events[name] = frozenset({f"E{event}"} if event else ())
        text += words + after
    found = find_entities(text, spans, SCHEMA, events)
    labels = {span.id: span.label for span in spans}
    assert sorted(i for entity in found for i in entity.spans) == sorted(labels)
    assert all(len({labels[i] for i in entity.spans}) == 1 and entity.name for entity in found)
    assert [entity.id for entity in found] == [f"N{number}" for number in range(1, len(found) + 1)]
    # The order in which spans and events are given changes nothing.
    assert find_entities(text, spans[::-1], SCHEMA, dict(reversed(events.items()))) == found
