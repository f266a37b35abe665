"""From spans to events and their tolls, on invented texts with spans marked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from annotations import load_schema
from annotations.text.sentences import split_sentences
from inference import PredictedEvent, PredictedSpan, Toll
from inference.events.linking import assemble
from inference.numbers.toll import describe

SCHEMA = load_schema()
MARK = regex.compile(r"\{([^|}]*)\|(\w+)(?::(\w+))?\}")


def read(marked: str, score: float = 0.9) -> tuple[str, list[PredictedSpan]]:
    """Text and spans of '{Gunmen|PERPETRATOR} {fired|ATTACK:armed_assault}'."""
    text, spans, at = "", [], 0
    for number, match in enumerate(MARK.finditer(marked), start=1):
        text += marked[at : match.start()]
        mention, label, kind = match.groups()
        spans.append(PredictedSpan(f"S{number}", len(text), len(text) + len(mention), mention, label, kind, score))
        text, at = text + mention, match.end()
    return text + marked[at:], spans


def events_of(marked: str) -> list[PredictedEvent]:
    """Events of a marked text."""
    return assemble(*read(marked), SCHEMA)


def only_event(marked: str) -> PredictedEvent:
    """The one event of a marked text."""
    (event,) = events_of(marked)
    return event


def killed(marked: str) -> Toll:
    """How many the one event of a marked text killed."""
    return only_event(marked).toll["killed"].toll


def mentions(spans: Sequence[PredictedSpan]) -> list[str]:
    """Words of spans."""
    return [span.text for span in spans]


THRICE = (
    "{Gunmen|PERPETRATOR} {stormed|ATTACK:armed_assault} a {hostel|TARGET} in {Ndoro|LOCATION} on {Monday|DATE}. "
    "The {attack|ATTACK:armed_assault} left {nine|TOLL:killed} {farmers|VICTIM} dead. "
    "Witnesses said the {raid|ATTACK:armed_assault} lasted an hour."
)
TWO_TOWNS = (
    "A {bomb blast|ATTACK:bombing} in {Ndoro|LOCATION} on {Monday|DATE} killed {six|TOLL:killed} {farmers|VICTIM}. "
    "Another {explosion|ATTACK:bombing} in {Kesra|LOCATION} on {Tuesday|DATE} wounded {two|TOLL:injured} "
    "{nurses|VICTIM}."
)
ONE_SENTENCE = (
    "A {bomb|ATTACK:bombing} wounded {nine|TOLL:injured} {traders|VICTIM}, and {bandits|PERPETRATOR} "
    "{shot|ATTACK:armed_assault} {three|TOLL:killed} {soldiers|VICTIM}."
)


def test_no_spans_make_no_events():
    assert assemble("Rain fell on Ndoro.", [], SCHEMA) == []


def test_spans_with_no_attack_near_belong_to_no_event():
    assert events_of("{Rebels|PERPETRATOR} met {traders|VICTIM} in {Ndoro|LOCATION} on {Monday|DATE}.") == []


def test_attack_told_in_three_sentences_is_one_event():
    event = only_event(THRICE)
    assert event.id == "E1"
    assert mentions(event.triggers) == ["stormed", "attack", "raid"]
    assert [who.name for who in event.perpetrators] == ["Gunmen"]
    assert [(who.name, who.category) for who in event.victims] == [("farmers", "civilian")]
    assert event.toll["killed"].toll == Toll(9, 9)
    assert mentions(event.toll["killed"].spans) == ["nine"]
    assert mentions((*event.targets, *event.locations, *event.dates)) == ["hostel", "Ndoro", "Monday"]


def test_attacks_in_two_towns_are_two_events():
    first, second = events_of(TWO_TOWNS)
    assert (first.id, second.id) == ("E1", "E2")
    assert (mentions(first.locations), mentions(second.locations)) == (["Ndoro"], ["Kesra"])
    assert (set(first.toll), set(second.toll)) == ({"killed"}, {"injured"})
    assert [who.name for who in second.victims] == ["nurses"]


def test_two_attacks_in_one_sentence_keep_what_is_near_them():
    first, second = events_of(ONE_SENTENCE)
    assert (first.attack_type, second.attack_type) == ("bombing", "armed_assault")
    assert (first.perpetrators, [who.name for who in second.perpetrators]) == ((), ["bandits"])
    assert ([who.name for who in first.victims], [who.name for who in second.victims]) == (["traders"], ["soldiers"])
    assert (set(first.toll), set(second.toll)) == ({"injured"}, {"killed"})


def test_type_is_told_by_the_specific_word_and_not_by_a_generic_one():
    event = only_event(
        "A {car bomb|ATTACK:bombing} tore through {Kesra|LOCATION}. The {attack|ATTACK:armed_assault} was brief."
    )
    assert event.attack_type == "bombing"


def test_score_is_that_of_the_surest_trigger():
    text, (first, second) = read("A {blast|ATTACK:bombing} shook Kesra. The {blast|ATTACK:bombing} was loud.")
    sure = PredictedSpan(second.id, second.start, second.end, second.text, second.label, second.type, 0.97)
    (event,) = assemble(text, [first, sure], SCHEMA)
    assert event.score == pytest.approx(0.97)


def test_codes_are_those_of_the_schema():
    event = only_event("Jets {bombed|ATTACK:air_strike} {Kesra|LOCATION}.")
    assert event.codes == {"gtd": "Bombing/Explosion", "acled": "Air/drone strike", "muc4": "ATTACK"}


def test_abbreviation_joins_the_name_it_abbreviates():
    event = only_event(
        "The {United Hill Army|PERPETRATOR} {seized|ATTACK:territorial_seizure} {Kesra|LOCATION}. "
        "The {UHA|PERPETRATOR} gave no reason. The {Lake Guard|PERPETRATOR} looked on."
    )
    assert [(who.name, [span.id for span in who.spans]) for who in event.perpetrators] == [
        ("United Hill Army", ["S1", "S4"]),
        ("Lake Guard", ["S5"]),
    ]


@pytest.mark.parametrize(
    ("mention", "category"),
    [("two soldiers", "security_force"), ("aid workers", "aid_worker"), ("the mayor", "official"), ("guests", None)],
)
def test_category_of_victims_is_told_from_their_words(mention: str, category: str | None):
    event = only_event(f"Gunmen {{shot|ATTACK:armed_assault}} {{{mention}|VICTIM}}.")
    assert [who.category for who in event.victims] == [category]


# Figures


def test_repeated_figure_counts_once():
    assert killed(
        "{Twelve|TOLL:killed} people died when a {car bomb|ATTACK:bombing} went off in {Ndoro|LOCATION}. "
        "The {blast|ATTACK:bombing} killed {12|TOLL:killed}, the mayor said."
    ) == Toll(12, 12)


@pytest.mark.parametrize(
    "sentence",
    [
        "The toll of the {bombing|ATTACK:bombing} rose to {31|TOLL:killed} from {27|TOLL:killed} overnight.",
        "The toll of the {bombing|ATTACK:bombing} rose from {27|TOLL:killed} to {31|TOLL:killed} overnight.",
        "The toll of the {bombing|ATTACK:bombing} has climbed to {31|TOLL:killed}.",
        "The mayor put the new toll of the {bombing|ATTACK:bombing} at {31|TOLL:killed}.",
    ],
)
def test_revised_figure_replaces_the_older_one(sentence: str):
    assert killed(f"A {{blast|ATTACK:bombing}} killed {{27|TOLL:killed}} in {{Ndoro|LOCATION}}. {sentence}") == Toll(
        31, 31
    )


def test_revision_may_lower_the_toll():
    assert killed(
        "The {blast|ATTACK:bombing} killed {40|TOLL:killed}. "
        "Officials later lowered the toll of the {blast|ATTACK:bombing} to {31|TOLL:killed} from {40|TOLL:killed}."
    ) == Toll(31, 31)


@pytest.mark.parametrize(
    "part",
    [
        ", {three|TOLL:killed} of them children",
        ", including {three|TOLL:killed} children",
        ", among them {three|TOLL:killed} children",
        ", including at least {three|TOLL:killed} children",
    ],
)
def test_part_is_not_added_to_its_whole(part: str):
    assert killed(f"The {{shelling|ATTACK:shelling}} killed {{11|TOLL:killed}} people{part}.") == Toll(11, 11)


@pytest.mark.parametrize(
    ("victims", "sum_of_all"),
    [
        ("{six|TOLL:killed} {soldiers|VICTIM} and {four|TOLL:killed} {farmers|VICTIM}", Toll(10, 10)),
        ("{six|TOLL:killed} soldiers, {two|TOLL:killed} drivers and {four|TOLL:killed} farmers", Toll(12, 12)),
        ("{at least six|TOLL:killed} soldiers and {four|TOLL:killed} farmers", Toll(10, None)),
        ("{about six|TOLL:killed} soldiers and {four|TOLL:killed} farmers", Toll(10, 10, True)),
        ("{up to six|TOLL:killed} soldiers and {up to four|TOLL:killed} farmers", Toll(None, 10)),
        ("{none|TOLL:killed} of the soldiers and {none|TOLL:killed} of the farmers", Toll(0, 0)),
        ("{at least 0|TOLL:killed} soldiers and {at least 0|TOLL:killed} farmers", Toll(0, None)),
    ],
)
def test_figures_joined_in_a_sentence_add_up(victims: str, sum_of_all: Toll):
    assert killed(f"The {{ambush|ATTACK:armed_assault}} killed {victims} near {{Kesra|LOCATION}}.") == sum_of_all


def test_sum_names_all_the_spans_it_was_read_from():
    event = only_event(
        "The {ambush|ATTACK:armed_assault} killed {six|TOLL:killed} soldiers and {four|TOLL:killed} farmers."
    )
    assert mentions(event.toll["killed"].spans) == ["six", "four"]


def test_dead_and_wounded_are_counted_apart():
    event = only_event(
        "The {blast|ATTACK:bombing} killed {two|TOLL:killed} guards and wounded {nine|TOLL:injured} clerks."
    )
    assert {kind: toll.toll for kind, toll in event.toll.items()} == {"killed": Toll(2, 2), "injured": Toll(9, 9)}


def test_exact_figure_stands_before_a_vague_one():
    event = only_event(
        "A {mortar attack|ATTACK:shelling} wounded {dozens|TOLL:injured} in {Kesra|LOCATION}. "
        "The {shelling|ATTACK:shelling} wounded {19|TOLL:injured}, medics said."
    )
    assert event.toll["injured"].toll == Toll(19, 19)


def test_vague_figure_counts_where_nothing_exact_is_said():
    event = only_event("A {mortar attack|ATTACK:shelling} wounded {dozens|TOLL:injured} in {Kesra|LOCATION}.")
    assert event.toll["injured"].toll == Toll(24, None, True)


def test_figure_that_cannot_be_read_makes_an_unclear_number():
    event = only_event("A {mortar attack|ATTACK:shelling} wounded {many|TOLL:injured} in {Kesra|LOCATION}.")
    assert event.toll["injured"].toll == Toll(None, None, True)
    assert (mentions(event.toll["injured"].spans), event.toll["injured"].words) == (["many"], ("many",))
    assert describe(event.toll["injured"].toll) == "an unclear number"


def test_figure_that_cannot_be_read_gives_way_to_one_that_can():
    event = only_event(
        "A {mortar attack|ATTACK:shelling} wounded {many|TOLL:injured}; {nine|TOLL:injured} were wounded."
    )
    assert event.toll["injured"].toll == Toll(9, 9)
    assert mentions(event.toll["injured"].spans) == ["nine"]


@pytest.mark.parametrize(
    ("victims", "expected"),
    [
        ("killed {12|TOLL:killed}, including {seven|TOLL:killed} women and {five|TOLL:killed} boys", Toll(12, 12)),
        ("killed {eight|TOLL:killed}, {five|TOLL:killed} of them women and {three|TOLL:killed} children", Toll(8, 8)),
        ("killed {nine|TOLL:killed} people, {two|TOLL:killed} nurses included", Toll(9, 9)),
        ("killed {nine|TOLL:killed} people, which included {two|TOLL:killed} nurses", Toll(9, 9)),
        ("killed {one|TOLL:killed} man, not {two|TOLL:killed} as reported", Toll(1, 1)),
        (
            "killed {five|TOLL:killed}, according to the mayor, and {nine|TOLL:killed}, according to medics",
            Toll(5, 5),
        ),
        ("killed {10|TOLL:killed} people, compared with {27|TOLL:killed} in a 2019 attack", Toll(10, 10)),
        ("killed {six|TOLL:killed} soldiers and {four|TOLL:killed} farmers", Toll(10, 10)),
    ],
)
def test_parts_and_rival_figures_are_not_added(victims: str, expected: Toll):
    assert killed(f"The {{raid|ATTACK:armed_assault}} {victims}.") == expected


def test_what_is_said_of_the_dead_is_a_part():
    assert killed(
        "Of the {103|TOLL:killed} dead in the {raid|ATTACK:armed_assault}, {67|TOLL:killed} were minors."
    ) == Toll(103, 103)
    assert killed(
        "The {raid|ATTACK:armed_assault} was brief. {Five|TOLL:killed} of the {12|TOLL:killed} dead were nurses."
    ) == Toll(12, 12)


@pytest.mark.parametrize(
    "sentence",
    [
        "In the {raid|ATTACK:armed_assault} rebels cut the road to {two|TOLL:killed} villagers.",
        "Flags were raised for {two|TOLL:killed} of the farmers killed in the {raid|ATTACK:armed_assault}.",
        "The {raid|ATTACK:armed_assault} brought down a wall on {two|TOLL:killed} villagers.",
        "It was the latest {raid|ATTACK:armed_assault}, bringing the number killed in the province this week "
        "to {40|TOLL:killed}.",
        "The toll of the {raid|ATTACK:armed_assault} rose, including {two|TOLL:killed} children.",
    ],
)
def test_everyday_words_revise_no_toll(sentence: str):
    assert killed(
        f"A {{raid|ATTACK:armed_assault}} killed {{27|TOLL:killed}} in {{Ndoro|LOCATION}}. {sentence}"
    ) == Toll(27, 27)


@pytest.mark.parametrize(
    "sentence",
    [
        "The toll of the {raid|ATTACK:armed_assault} now stands at {14|TOLL:killed}.",
        "Medics lowered the number of dead in the {raid|ATTACK:armed_assault} to {14|TOLL:killed}.",
        "A doctor later put the number of dead in the {raid|ATTACK:armed_assault} at {14|TOLL:killed}.",
    ],
)
def test_toll_is_revised_by_verb_and_number(sentence: str):
    assert killed(
        f"A {{raid|ATTACK:armed_assault}} killed {{27|TOLL:killed}} in {{Ndoro|LOCATION}}. {sentence}"
    ) == Toll(14, 14)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (
            "killed {nearly 50|TOLL:killed}. Police said the {raid|ATTACK:armed_assault} killed {44|TOLL:killed}",
            (44, 44),
        ),
        ("killed {nearly 50|TOLL:killed}. The {raid|ATTACK:armed_assault} killed {about 44|TOLL:killed}", (44, 44)),
        ("killed {about 50|TOLL:killed} people. {Three|TOLL:killed} children died", (50, 50)),
        ("killed {dozens|TOLL:killed}. {One|TOLL:killed} was a nurse", (24, None)),
        ("killed {up to 60|TOLL:killed}", (None, 60)),
    ],
)
def test_exact_stands_before_approximate_and_that_before_upper_bounds(
    figures: str, expected: tuple[int | None, int | None]
):
    toll = killed(f"The {{raid|ATTACK:armed_assault}} {figures}.")
    assert (toll.min, toll.max) == expected


def test_summary_in_another_clause_leaves_the_figure():
    assert killed(
        "{Shells|ATTACK:shelling} hit {Karuba|LOCATION}, held by the group since January, killing {four|TOLL:killed}."
    ) == Toll(4, 4)


def test_toll_that_nobody_reported_is_absent():
    event = only_event("{Raiders|PERPETRATOR} {burned|ATTACK:arson_sabotage} a {mill|TARGET} in {Kesra|LOCATION}.")
    assert event.toll == {}
    assert event.to_dict()["toll"] == {}


def test_toll_of_nobody_is_zero_only_where_the_text_says_so():
    assert killed("{No one|TOLL:killed} died in the {shelling|ATTACK:shelling} of {Kesra|LOCATION}.") == Toll(0, 0)


@pytest.mark.parametrize(
    "summary",
    [
        "Fighting in the province has killed {900|TOLL:killed} people since January.",
        "The insurgency has displaced {40,000|TOLL:displaced} in the past two years.",
        "This year {310|TOLL:killed} herders died in the hills.",
        "Such {raids|ATTACK:armed_assault} have killed {900|TOLL:killed} people since 2031.",
    ],
)
def test_sum_over_months_belongs_to_no_event(summary: str):
    events = events_of(
        f"{{Raiders|PERPETRATOR}} {{burned|ATTACK:arson_sabotage}} a {{mill|TARGET}} in {{Kesra|LOCATION}}. {summary}"
    )
    assert events[0].attack_type == "arson_sabotage"
    assert [event.toll for event in events] == [{}] * len(events)


# Flags


@pytest.mark.parametrize(
    ("marked", "flags"),
    [
        ("A {blast|ATTACK:bombing} hit {Kesra|LOCATION}.", {}),
        ("A {blast|ATTACK:bombing} hit Kesra. The {Lake Front|PERPETRATOR} claimed responsibility.", {"claimed": True}),
        ("The {Lake Front|PERPETRATOR} claimed the {attack|ATTACK:bombing} on Kesra.", {"claimed": True}),
        ("The {Lake Front|PERPETRATOR} said it was behind the {raid|ATTACK:armed_assault}.", {"claimed": True}),
        ("A {bomber|PERPETRATOR} {blew himself up|ATTACK:bombing} in {Kesra|LOCATION}.", {"suicide": True}),
        ("A suicide {bombing|ATTACK:bombing} shook {Kesra|LOCATION}.", {"suicide": True}),
        ("A {suicide bomber|PERPETRATOR} {struck|ATTACK:bombing} {Kesra|LOCATION}.", {"suicide": True}),
        ("Police foiled a {bombing|ATTACK:bombing} in {Kesra|LOCATION}.", {"stage": "attempted"}),
        ("{Bandits|PERPETRATOR} tried to {seize|ATTACK:hijacking} a ferry.", {"stage": "attempted"}),
        (
            "The {Lake Front|PERPETRATOR} threatened to {attack|ATTACK:unspecified_attack} the port.",
            {"stage": "threatened"},
        ),
    ],
)
def test_flags_say_what_the_text_says(marked: str, flags: dict[str, object]):
    assert only_event(marked).flags == flags


@pytest.mark.parametrize(
    ("claim", "claimed"),
    [
        ("No group has claimed responsibility", False),
        ("No group has, so far, claimed responsibility", False),
        ("Nobody has claimed the attack", False),
        ("The {Lake Front|PERPETRATOR} denied it had claimed responsibility", False),
        ("The {Lake Front|PERPETRATOR} has yet to claim responsibility", False),
        ("The {Lake Front|PERPETRATOR} hasn't claimed the raid", False),
        ("Nobody was hurt, and the {Lake Front|PERPETRATOR} claimed responsibility", True),
        ("The {Lake Front|PERPETRATOR} claimed the double ambush", True),
        ("The {Lake Front|PERPETRATOR} claimed the shelling", True),
    ],
)
def test_claim_counts_unless_it_is_denied(claim: str, claimed: bool):
    event = only_event(f"A {{blast|ATTACK:bombing}} hit {{Kesra|LOCATION}}. {claim} for the {{attack|ATTACK:bombing}}.")
    assert event.flags == ({"claimed": True} if claimed else {})


@pytest.mark.parametrize(
    ("marked", "stage"),
    [
        (
            "Police tried to calm the crowd before {gunmen|PERPETRATOR} {opened fire|ATTACK:armed_assault}, "
            "killing {four|TOLL:killed}.",
            None,
        ),
        ("Police tried to calm the crowd before {gunmen|PERPETRATOR} {opened fire|ATTACK:armed_assault}.", None),
        ("Days after the army vowed to crush the rebels, gunmen {raided|ATTACK:armed_assault} Ndoro.", None),
        ("Gunmen tried to {storm|ATTACK:armed_assault} a hostel and killed {two|TOLL:killed} guards.", None),
        ("Police said they foiled a plan to {bomb|ATTACK:bombing} the stadium.", "attempted"),
        ("A gunman tried to {assassinate|ATTACK:assassination} the mayor and killed {one|TOLL:killed}.", "attempted"),
        ("Gunmen tried to {storm|ATTACK:armed_assault} a hostel; {no one|TOLL:killed} died.", "attempted"),
    ],
)
def test_stage_is_told_by_the_clause_of_the_trigger_and_by_the_dead(marked: str, stage: str | None):
    assert only_event(marked).flags.get("stage") == stage


def test_flag_that_the_schema_lacks_is_left_out():
    schema = SCHEMA.model_copy(update={"flags": {"claimed": (True,)}})
    (event,) = assemble(*read("A suicide {bombing|ATTACK:bombing} shook {Kesra|LOCATION}."), schema)
    assert event.flags == {}


# All of it


LABELS = st.sampled_from(SCHEMA.classes)
WORDS = st.sampled_from(
    ["raid", "blast", "Kesra", "Monday", "the", "UHA", "United Hill Army", "nine", "dozens", "none", "since January"]
)


@given(st.lists(st.tuples(WORDS, st.none() | LABELS, st.sampled_from([" ", ". ", ", ", "\n", " and "])), max_size=30))
def test_every_span_belongs_to_one_event_at_most(pieces: list[tuple[str, tuple[str, str | None] | None, str]]):
    marked = ""
    for word, chosen, gap in pieces:
        label = ":".join(filter(None, chosen)) if chosen else ""
        marked += (f"{{{word}|{label}}}" if label else word) + gap
    text, spans = read(marked)
    events = assemble(text, spans, SCHEMA)
    used = [span.id for event in events for span in event.triggers]
    used += [span.id for event in events for who in (*event.perpetrators, *event.victims) for span in who.spans]
    used += [span.id for event in events for span in (*event.weapons, *event.targets, *event.locations, *event.dates)]
    assert len(used) == len(set(used))
    assert set(used) <= {span.id for span in spans}
    assert {span.id for span in spans if span.label == SCHEMA.trigger} == {s.id for e in events for s in e.triggers}
    starts = [event.triggers[0].start for event in events]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One. ", "Two! ", "Three? ", "Four"]),
        ("Gen. Adu spoke. He left.", ["Gen. Adu spoke. ", "He left."]),
        ("J. Adu spoke. He left.", ["J. Adu spoke. ", "He left."]),
        ("She said no. Gunmen fled.", ["She said no. ", "Gunmen fled."]),
        ("Camp No. 5 burned.", ["Camp No. 5 burned."]),
        ("The U.S. envoy left.", ["The U.S. envoy left."]),
        ("“We fled.” She wept.", ["“We fled.” ", "She wept."]),
        ("Headline\n\nBody", ["Headline\n\n", "Body"]),
        ("It rose 1.2 percent.", ["It rose 1.2 percent."]),
        ("", [""]),
    ],
)
def test_sentences_end_where_readers_end_them(text: str, sentences: list[str]):
    found = split_sentences(text)
    assert [text[slice(*found.bounds(number))] for number in range(len(found.starts))] == sentences


def test_text_without_full_stops_is_parted_between_words():
    text = "ash and dust " * 500
    found = split_sentences(text)
    lengths = [end - start for start, end in map(found.bounds, range(len(found.starts)))]
    assert max(lengths) < 1010
    assert all(text[start - 1] == " " for start in found.starts[1:])


@given(st.text(alphabet="aB.!?”\n 1", max_size=60))
def test_sentences_cover_the_text(text: str):
    found = split_sentences(text)
    assert "".join(text[slice(*found.bounds(number))] for number in range(len(found.starts))) == text
    for offset in range(len(text)):
        start, end = found.bounds(found.index(offset))
        assert start <= offset < end
