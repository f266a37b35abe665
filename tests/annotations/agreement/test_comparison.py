"""Several annotators: alpha, disagreements, comparison, adjudication, their files and the page."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from annotations import DataError, Document, Event, Span, load_schema, read_documents, write_documents
from annotations.agreement.adjudicate import adjudicate, open_tasks
from annotations.agreement.alpha import alphas, word_labels
from annotations.agreement.annotators import by_annotator
from annotations.agreement.comparison import Comparison, compare
from annotations.agreement.disagreements import Disagreement, confusion, disagreements, pairs
from annotations.importers.base import Loss, write_losses
from annotations.label_studio.exports import export_tasks
from annotations.label_studio.pulled import save
from annotations.label_studio.results import read_result
from annotations.quantity import Toll
from annotations.text.words import words
from annotations.validate import document_faults
from tests.command_line import run
from training.reports.render import render

SCHEMA = load_schema()
LABELS = list(SCHEMA.labels)
TEXT = "Gunmen shot four farmers in Gao; the raid on Ndoro killed two."
KINDS = {"v": "VICTIM", "t": "TARGET", "d": "DATE", "w": "WEAPON", "l": "LOCATION"}

Annotators = Mapping[str, Mapping[str, Document]]


def tagged(name: str, codes: str) -> Document:
    """A document of one-letter words, each under the label of its code; a full stop is a word without a mark."""
    spans = [Span(f"S{i}", 2 * i, 2 * i + 1, KINDS[code]) for i, code in enumerate(codes) if code != "."]
    return Document(name, " ".join("x" * len(codes)), spans)


def annotators(**made: Mapping[str, str]) -> dict[str, dict[str, Document]]:
    return {who: {name: tagged(name, codes) for name, codes in rows.items()} for who, rows in made.items()}


@st.composite
def tables(draw: st.DrawFn) -> Annotators:
    """Two or three annotators of up to three documents, some of which one or the other did not annotate."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    made: dict[str, dict[str, str]] = {}
    for who in ("ana", "ben", "cleo")[: draw(st.integers(2, 3))]:
        done = [number for number in range(len(sizes)) if draw(st.integers(0, 4))]
        made[who] = {
            f"d{number}": "".join(draw(st.lists(st.sampled_from("..vt"), min_size=size, max_size=size)))
            for number, size in enumerate(sizes)
            if number in done
        }
    return annotators(**made)


def units(made: Annotators, label: str | None) -> list[list[str]]:
    """The values that each word has: labels or, where one label is asked for, that label or anything else."""
    found = []
    texts = {name: document.text for own in made.values() for name, document in own.items()}
    for name, text in texts.items():
        for start, _ in words(text):
            own = [[s.label for s in d[name].spans if s.start == start] for d in made.values() if name in d]
            values = [labels[0] if labels else "" for labels in own]
            found.append([str(value == label) for value in values] if label else values)
    return found


def alpha_by_definition(found: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha from coincidences of values, for nominal data."""
    coincidences: defaultdict[tuple[str, str], float] = defaultdict(float)
    for values in found:
        for one, other in permutations(values, 2):
            coincidences[one, other] += 1 / (len(values) - 1)
    totals: defaultdict[str, float] = defaultdict(float)
    for (one, _), count in coincidences.items():
        totals[one] += count
    if len(totals) < 2:
        return None
    observed = sum(count for (one, other), count in coincidences.items() if one != other)
    expected = sum(totals[a] * totals[b] for a, b in permutations(totals, 2)) / (sum(totals.values()) - 1)
    return 1 - observed / expected


def near(values: Mapping[str, float | None]) -> dict[str, Any]:
    return {key: None if value is None else pytest.approx(value) for key, value in values.items()}


def test_alpha_is_that_of_the_binary_example_in_the_literature() -> None:
    made = annotators(ana={"d1": ".v......v."}, ben={"d1": "vvv..v...."})
    assert alphas(made, ["VICTIM"])["VICTIM"] == pytest.approx(1 - 19 * 4 / (14 * 6))


def test_alpha_is_that_of_the_example_with_missing_values_in_the_literature() -> None:
    code = dict(zip("12345", KINDS, strict=True))
    rows = {"ana": "123321412___", "ben": "1233224125_3", "cleo": "_3332342251_", "dora": "12332441251_"}
    made = {
        who: {f"d{at:02}": code[value] for at, value in enumerate(values) if value != "_"}
        for who, values in rows.items()
    }
    assert alphas(annotators(**made), list(KINDS.values()))["all"] == pytest.approx(0.743, abs=0.0005)


@given(tables())
def test_alpha_agrees_with_its_definition(made: Annotators) -> None:
    expected = {label: alpha_by_definition(units(made, label)) for label in ("VICTIM", "TARGET")}
    assert alphas(made, ["VICTIM", "TARGET"]) == near({**expected, "all": alpha_by_definition(units(made, None))})


@given(tables(), st.randoms())
def test_alpha_does_not_depend_on_the_order_of_annotators_or_documents(made: Annotators, random: Any) -> None:
    def shuffled(items: Mapping[str, Any]) -> dict[str, Any]:
        return dict(random.sample(list(items.items()), len(items)))

    other = {who: shuffled(own) for who, own in shuffled(made).items()}
    assert alphas(other, LABELS) == near(alphas(made, LABELS))


@given(st.text(".vt", min_size=1, max_size=8), st.integers(2, 4))
def test_alpha_of_equal_annotations_is_1_unless_every_word_has_the_same_value(codes: str, people: int) -> None:
    made = annotators(**{f"a{number}": {"d1": codes} for number in range(people)})
    found = alphas(made, ["VICTIM", "TARGET"])
    assert found["VICTIM"] == (1.0 if 0 < codes.count("v") < len(codes) else None)
    assert found["all"] == (1.0 if len(set(codes)) > 1 else None)


def test_alpha_is_undefined_where_only_one_annotator_tells_values_apart() -> None:
    made = annotators(ana={"d1": "v", "d2": "."}, ben={"d1": "v"})
    assert alphas(made, ["VICTIM"]) == {"VICTIM": None, "all": None}


def test_every_word_that_a_span_touches_has_its_label() -> None:
    document = Document("d1", "Armed men fled.", [Span("S1", 0, 9, "PERPETRATOR"), Span("S2", 11, 12, "VICTIM")])
    assert word_labels({"ana": {"d1": document}}, ["VICTIM", "PERPETRATOR"]).tolist() == [[2, 2, 1, 0]]


def test_words_of_documents_that_an_annotator_lacks_have_no_value() -> None:
    made = annotators(ana={"d1": "v.", "d2": "t"}, ben={"d2": "."})
    assert word_labels(made, ["VICTIM", "TARGET"]).tolist() == [[1, 0, 2], [-1, -1, 0]]


@st.composite
def marked(draw: st.DrawFn, name: str = "d1") -> Document:
    """An annotation of TEXT with spans on words, none of which overlap."""
    edges, spans, at = words(TEXT), list[Span](), 0
    for width, label in draw(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([None, *KINDS.values()])))):
        if at + width > len(edges):
            break
        if label:
            spans.append(Span(f"S{len(spans) + 1}", edges[at][0], edges[at + width - 1][1], label))
        at += width
    return Document(name, TEXT, spans)


def place(text: str, words_: str, label: str, kind: str | None = None, name: str = "S1") -> Span:
    start = text.index(words_)
    return Span(name, start, start + len(words_), label, kind)


def document(*spans: Span, events: Sequence[Event] = (), name: str = "d1", text: str = TEXT) -> Document:
    return Document(name, text, [replace(span, id=f"S{i}") for i, span in enumerate(spans, start=1)], events)


@given(marked(), marked())
def test_each_span_stands_in_one_pair_and_paired_spans_overlap(first: Document, second: Document) -> None:
    found = list(pairs(first, second))
    assert Counter(a for a, _ in found if a) == Counter(first.spans)
    assert Counter(b for _, b in found if b) == Counter(second.spans)
    assert all(a.start < b.end and b.start < a.end for a, b in found if a and b)


@given(marked(), marked())
def test_no_two_spans_that_overlap_are_both_left_alone(first: Document, second: Document) -> None:
    found = list(pairs(first, second))
    lonely = [a for a, b in found if a and not b], [b for a, b in found if b and not a]
    assert not [(a, b) for a in lonely[0] for b in lonely[1] if a.start < b.end and b.start < a.end]


@given(marked(), marked())
def test_disagreements_are_the_same_seen_from_the_other_annotator(first: Document, second: Document) -> None:
    here = Counter((one.kind, one.first, one.second) for one in disagreements(first, second))
    there = Counter((one.kind, one.second, one.first) for one in disagreements(second, first))
    assert here == there


@given(marked())
def test_an_annotation_does_not_differ_from_itself(made: Document) -> None:
    assert disagreements(made, made) == []


FARMERS = place(TEXT, "farmers", "VICTIM")
FOUR_FARMERS = place(TEXT, "four farmers", "VICTIM")
SHOT_FOUR = place(TEXT, "shot four", "VICTIM")
DATED = replace(FARMERS, label="DATE")


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (FARMERS, FOUR_FARMERS, "boundary"),
        (FARMERS, replace(FARMERS, label="TARGET"), "label"),
        (FARMERS, replace(FOUR_FARMERS, label="TARGET"), "label"),
        (place(TEXT, "shot", "ATTACK", "bombing"), place(TEXT, "shot", "ATTACK", "shelling"), "type"),
        (FARMERS, None, "missing"),
        (None, FARMERS, "missing"),
    ],
)
def test_disagreements_are_told_by_kind(first: Span | None, second: Span | None, kind: str) -> None:
    sides = [document(*filter(None, [span])) for span in (first, second)]
    (one,) = disagreements(*sides)
    assert (one.kind, one.first, one.second) == (kind, first, second)


@pytest.mark.parametrize(
    ("span", "others", "partner"),
    [
        (FARMERS, [replace(FOUR_FARMERS, label="TARGET"), FARMERS], FARMERS),
        (FOUR_FARMERS, [SHOT_FOUR, replace(FOUR_FARMERS, label="TARGET")], SHOT_FOUR),
        (FOUR_FARMERS, [replace(SHOT_FOUR, label="TARGET"), DATED], DATED),
    ],
    ids=["the equal span", "one of the same label", "the longest overlap"],
)
def test_spans_are_paired_with_the_nearest(span: Span, others: list[Span], partner: Span) -> None:
    (found,) = [b for a, b in pairs(document(span), document(*others)) if a]
    assert found is not None
    assert replace(found, id="S1") == partner


def test_a_disagreement_shows_the_words_of_both_and_the_text_around() -> None:
    text = "a" * 70 + " four farmers " + "z" * 70
    first, second = place(text, "four", "VICTIM"), place(text, "farmers", "DATE")
    one, two = disagreements(document(first, text=text), document(second, text=text))
    assert (one.before, one.words, one.after) == ("a" * 59 + " ", "four", " farmers " + "z" * 51)
    assert (two.first, two.second, two.words) == (None, second, "farmers")
    wide = replace(first, end=second.end)
    (three,) = disagreements(document(wide, text=text), document(replace(second, label="VICTIM"), text=text))
    assert three.words == "four farmers"


def test_disagreements_stand_in_order_of_offset() -> None:
    first = document(place(TEXT, "Ndoro", "LOCATION"), place(TEXT, "Gao", "LOCATION"))
    second = document(place(TEXT, "Gao", "TARGET"), place(TEXT, "Gunmen", "PERPETRATOR"))
    assert [one.words for one in disagreements(first, second)] == ["Gunmen", "Gao", "Ndoro"]


def test_a_disagreement_is_plain_values() -> None:
    one = Disagreement("d1", "missing", FARMERS, None, "four ", "farmers", " in")
    assert json.loads(json.dumps(one.to_dict())) == {
        "document": "d1", "kind": "missing", "before": "four ", "words": "farmers", "after": " in",
        "first": {"id": "S1", "start": 17, "end": 24, "label": "VICTIM", "type": None}, "second": None,
    }  # fmt: skip


def test_confusion_counts_pairs_of_labels() -> None:
    gao, raid = place(TEXT, "Gao", "LOCATION"), place(TEXT, "raid", "WEAPON")
    first = [document(FARMERS, gao), document(gao, name="d2")]
    second = [document(FOUR_FARMERS, replace(gao, label="TARGET"), raid), document(gao, name="d2")]
    assert confusion(first, second) == {
        ("VICTIM", "VICTIM"): 1, ("LOCATION", "TARGET"): 1, ("LOCATION", "LOCATION"): 1, (None, "WEAPON"): 1,
    }  # fmt: skip


def test_pairs_of_annotators_are_compared_on_the_documents_that_both_have() -> None:
    one, two, three = (document(FARMERS, name=name) for name in ("d1", "d2", "d3"))
    found = compare({"ana": [one, two], "ben": [two, replace(one, spans=[])], "cleo": [three, one]}, LABELS)
    assert [(pair.first, pair.second, pair.documents) for pair in found.pairs] == [
        ("ana", "ben", 2),
        ("ana", "cleo", 1),
        ("ben", "cleo", 1),
    ]
    assert found.single == ["d3"]
    assert found.annotators == {"ana": 2, "ben": 2, "cleo": 2}
    assert [pair.labels["VICTIM"].exact for pair in found.pairs] == [1, 1, 0]


def test_annotators_without_a_common_document_are_no_pair() -> None:
    one, two = document(name="d1"), document(name="d2")
    found = compare({"ana": [one], "ben": [two], "cleo": [one, two]}, LABELS)
    assert [(pair.first, pair.second) for pair in found.pairs] == [("ana", "cleo"), ("ben", "cleo")]


def test_the_mean_over_pairs_weighs_each_by_its_spans() -> None:
    one, more = document(FARMERS), document(FARMERS, place(TEXT, "Gunmen shot", "VICTIM"))
    found = compare({"ana": [one], "ben": [one], "cleo": [more]}, LABELS)
    weighed = (2 * 1 + 3 * 2 / 3 + 3 * 2 / 3) / (2 + 3 + 3)
    assert found.mean("VICTIM") == found.mean("all") == (pytest.approx(weighed), pytest.approx(weighed))


def test_the_mean_tells_exact_from_partial_agreement() -> None:
    found = compare({"ana": [document(FARMERS)], "ben": [document(FOUR_FARMERS)]}, LABELS)
    assert found.mean("VICTIM") == (0.0, 1.0)


def test_a_label_that_nobody_marked_has_no_figures() -> None:
    found = compare({"ana": [document(FARMERS)], "ben": [document(FARMERS)]}, LABELS)
    assert (found.mean("DATE"), found.alpha["DATE"]) == ((None, None), None)
    assert found.mean("VICTIM") == found.mean("all") == (1.0, 1.0)


def test_the_mean_leaves_out_pairs_in_which_nobody_marked_the_label() -> None:
    one, none = document(FARMERS), document(name="d2")
    found = compare({"ana": [one], "ben": [one, none], "cleo": [none]}, LABELS)
    assert (len(found.pairs), found.mean("VICTIM")) == (2, (1.0, 1.0))


@given(st.lists(marked(), min_size=3, max_size=3))
def test_the_mean_does_not_depend_on_the_order_of_annotators(made: list[Document]) -> None:
    found = compare({f"a{i}": [one] for i, one in enumerate(made)}, LABELS)
    other = compare({f"a{i}": [one] for i, one in enumerate(reversed(made))}, LABELS)
    for label in (*LABELS, "all"):
        exact, partial = found.mean(label)
        marked_at_all = any(label in ("all", span.label) for one in made for span in one.spans)
        assert other.mean(label) == ((pytest.approx(exact), pytest.approx(partial)) if marked_at_all else (None, None))
        assert exact is None or partial is None or 0.0 <= exact <= partial <= 1.0


def test_disagreements_of_a_pair_stand_by_kind_and_are_counted() -> None:
    gao, shot = place(TEXT, "Gao", "LOCATION"), place(TEXT, "shot", "ATTACK", "bombing")
    first = document(FARMERS, gao, shot, place(TEXT, "raid", "WEAPON"))
    second = document(FOUR_FARMERS, replace(gao, label="TARGET"), replace(shot, type="shelling"))
    (pair,) = compare({"ana": [first], "ben": [second]}, LABELS).pairs
    assert [one.kind for one in pair.disagreements] == ["label", "type", "missing", "boundary"]
    assert pair.kinds() == {"label": 1, "type": 1, "missing": 1, "boundary": 1}


def test_a_comparison_is_plain_values() -> None:
    one, gao = document(FARMERS), document(FARMERS, place(TEXT, "Gao", "LOCATION"))
    found = json.loads(json.dumps(compare({"ana": [one, document(name="d2")], "ben": [gao]}, LABELS).to_dict()))
    assert (found["annotators"], found["annotated_once"]) == ({"ana": 2, "ben": 1}, ["d2"])
    assert list(found["labels"]) == [*LABELS, "all"]
    assert found["labels"]["VICTIM"] == {"exact_f1": 1.0, "partial_f1": 1.0, "alpha": 1.0}
    assert found["labels"]["DATE"] == {"exact_f1": None, "partial_f1": None, "alpha": None}
    (pair,) = found["pairs"]
    assert pair["labels"]["LOCATION"] == {
        "first": 0, "second": 1, "exact": 0, "partial": 0, "exact_f1": 0.0, "partial_f1": 0.0,
    }  # fmt: skip
    assert {"first": None, "second": "LOCATION", "count": 1} in pair["confusion"]
    assert [one["words"] for one in pair["disagreements"]] == ["Gao"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"ana": [document()]}, "there are annotations of one annotator only; give files of two or more annotators"),
        ({}, "there are annotations of one annotator only; give files of two or more annotators"),
        (
            {"ana": [document()], "ben": [document(name="d2")]},
            "no document was annotated by two annotators; give annotations of the same documents",
        ),
        (
            {"ana": [document()], "ben": [document(text="Rain.")]},
            "document 'd1': has different texts in the two annotations; annotate the same text",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(made: dict[str, list[Document]], message: str) -> None:
    with pytest.raises(DataError) as caught:
        compare(made, LABELS)
    assert str(caught.value) == message


def keys(spans: Sequence[Span]) -> list[tuple[int, int, str, str | None]]:
    return sorted(((s.start, s.end, s.label, s.type) for s in spans), key=repr)


def told(made: Document) -> list[tuple[Any, ...]]:
    """Events by the words of their roles."""
    return [
        (event.attack_type, {r: [made.mention(made.span(i)) for i in ids] for r, ids in event.roles.items() if ids})
        for event in made.events
    ]


SHOT = place(TEXT, "shot", "ATTACK", "armed_assault")
RAID = place(TEXT, "raid", "ATTACK", "armed_assault")
GUNMEN = place(TEXT, "Gunmen", "PERPETRATOR")
GAO = place(TEXT, "Gao", "LOCATION")
NDORO = place(TEXT, "Ndoro", "LOCATION")


def tied(*groups: Sequence[Span], untied: Sequence[Span] = (), **flags: Any) -> Document:
    """A document with an event for each group of spans; a span may stand in several groups."""
    spans = list(dict.fromkeys([*untied, *(span for group in groups for span in group)]))
    named = {span: f"S{i}" for i, span in enumerate(spans, start=1)}
    events = []
    for number, group in enumerate(groups, start=1):
        roles: dict[str, list[str]] = {}
        for span in group:
            roles.setdefault(SCHEMA.role(span.label), []).append(named[span])
        kind = next(str(span.type) for span in group if span.label == "ATTACK")
        events.append(Event(f"E{number}", kind, {role: tuple(ids) for role, ids in roles.items()}, flags))
    return document(*spans, events=events)


def in_words(start: int, end: int, label: str) -> str:
    return f"{label} [{start}:{end}] {TEXT[start:end]!r}"


def by_place(item: tuple[tuple[int, int, str, str | None], int]) -> tuple[Any, ...]:
    """Sort voted spans as documents do; no type comes first."""
    return (*item[0][:3], item[0][3] or "")


@given(st.lists(marked(), min_size=1, max_size=5))
def test_a_span_is_in_by_more_than_half_open_by_half_and_out_by_fewer(made: list[Document]) -> None:
    votes = Counter(key for one in made for key in keys(one.spans))
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(made)}, "majority", SCHEMA)
    (merged,) = [*result.settled, *result.open]
    left = result.left.get("d1", [])
    assert keys(merged.spans) == sorted((k for k, n in votes.items() if n > len(made) / 2), key=repr)
    assert left == [in_words(*key[:3]) for key, n in sorted(votes.items(), key=by_place) if n == len(made) / 2]
    assert bool(result.open) == bool(left)


@given(st.lists(marked(), min_size=1, max_size=5))
def test_no_two_spans_of_a_majority_overlap(made: list[Document]) -> None:
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(made)}, "majority", SCHEMA)
    (merged,) = [*result.settled, *result.open]
    assert all(a.end <= b.start for a, b in zip(merged.spans, merged.spans[1:], strict=False))


@given(st.data(), st.integers(1, 4))
def test_what_all_made_alike_comes_back_as_it_was(data: st.DataObject, people: int) -> None:
    others = st.sets(st.sampled_from([GUNMEN, GAO, NDORO, FARMERS]))
    triggers = st.sets(st.sampled_from([SHOT, RAID]), min_size=1)
    groups = [
        [*sorted(data.draw(triggers), key=repr), *sorted(data.draw(others), key=repr)]
        for _ in range(data.draw(st.integers(0, 3)))
    ]
    made = tied(*groups, untied=sorted(data.draw(others), key=repr), claimed=True)
    result = adjudicate({f"a{i}": [made] for i in range(people)}, "majority", SCHEMA)
    (back,) = result.settled
    assert (keys(back.spans), told(back)) == (keys(made.spans), told(made))
    assert all(event.flags == {"claimed": True} for event in back.events)


@given(st.data(), st.integers(1, 4))
def test_what_all_made_alike_is_settled_in_whatever_order_and_under_whatever_ids(
    data: st.DataObject, people: int
) -> None:
    groups = [[SHOT, GUNMEN, GAO], [SHOT, FARMERS], [RAID, NDORO, GUNMEN], [RAID, SHOT]]
    versions = [
        tied(*(data.draw(st.permutations(group)) for group in data.draw(st.permutations(groups))), claimed=True)
        for _ in range(people)
    ]
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(versions)}, "majority", SCHEMA)
    (back,) = result.settled
    assert (keys(back.spans), structure(back)) == (keys(versions[0].spans), structure(versions[0]))
    assert [event.id for event in back.events] == ["E1", "E2", "E3", "E4"]


def structure(made: Document) -> list[Any]:
    """Events by the words of their roles, in an order of their own."""
    return sorted((kind, [(role, sorted(found)) for role, found in roles.items()]) for kind, roles in told(made))


def test_two_annotators_who_differ_leave_it_open() -> None:
    result = adjudicate({"ana": [document(FARMERS, GAO)], "ben": [document(FOUR_FARMERS, GAO)]}, "majority", SCHEMA)
    (left,) = result.open
    assert keys(left.spans) == keys([GAO])
    assert result.left == {"d1": ["VICTIM [12:24] 'four farmers'", "VICTIM [17:24] 'farmers'"]}
    assert result.settled == []


def test_what_is_left_open_tells_types_and_words() -> None:
    four = place(TEXT, "four", "TOLL", "killed")
    result = adjudicate({"ana": [document(four)], "ben": [document(replace(four, type="injured"))]}, "majority", SCHEMA)
    assert result.left == {"d1": ["TOLL:injured [12:16] 'four'", "TOLL:killed [12:16] 'four'"]}


def test_each_document_is_decided_among_those_who_annotated_it() -> None:
    made = {"ana": [document(FARMERS), document(GAO, name="d2")], "ben": [document(FARMERS)], "cleo": [document()]}
    result = adjudicate(made, "majority", SCHEMA)
    assert [(one.id, keys(one.spans)) for one in result.settled] == [("d1", keys([FARMERS])), ("d2", keys([GAO]))]


@pytest.mark.parametrize("rule", ["majority", "ana", "ben"])
def test_documents_that_one_alone_annotated_are_taken_as_they_are_and_told(rule: str) -> None:
    alone = [tied([SHOT, GAO]), replace(tied([RAID, NDORO]), id="d3")]
    shared = document(FARMERS, name="d2")
    result = adjudicate({"ana": [alone[0], shared], "ben": [shared, alone[1]]}, rule, SCHEMA)
    assert result.single == ["d1", "d3"]
    assert (result.open, result.left) == ([], {})
    assert [(keys(one.spans), told(one)) for one in result.settled] == [
        (keys(one.spans), told(one)) for one in (alone[0], shared, alone[1])
    ]


def test_the_annotator_whom_the_rule_names_wins() -> None:
    ana, ben = tied([SHOT, FARMERS]), tied([RAID, NDORO])
    result = adjudicate({"ana": [ana], "ben": [ben], "cleo": [ben]}, "ana", SCHEMA)
    assert result.settled == [ana]


def test_a_document_that_the_winner_lacks_is_decided_by_majority() -> None:
    made = {"ana": [document(name="d2")], "ben": [document(FARMERS)], "cleo": [document(GAO)]}
    result = adjudicate(made, "ana", SCHEMA)
    assert ([one.id for one in result.settled], list(result.left)) == (["d2"], ["d1"])


def test_events_are_those_that_more_than_half_have() -> None:
    together, apart = tied([SHOT, RAID, GAO, NDORO]), tied([SHOT, GAO], [RAID])
    result = adjudicate({"ana": [apart], "ben": [together], "cleo": [together]}, "majority", SCHEMA)
    assert told(result.settled[0]) == told(together)


def test_flags_are_those_that_more_than_half_have() -> None:
    one, two = tied([SHOT], suicide=True), tied([SHOT, GAO], claimed=True)
    result = adjudicate({"ana": [one], "ben": [two], "cleo": [two]}, "majority", SCHEMA)
    assert dict(result.settled[0].events[0].flags) == {"claimed": True}


def counted(made: Document, *tolls: Mapping[str, Toll]) -> Document:
    """The document with tolls for its events."""
    return replace(made, events=[replace(event, toll=toll) for event, toll in zip(made.events, tolls, strict=True)])


def settled_tolls(*versions: Document) -> tuple[list[dict[str, Toll]], list[str]]:
    """The tolls of the merged document by event, and what is open."""
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(versions)}, "majority", SCHEMA)
    (merged,) = [*result.settled, *result.open]
    return [dict(event.toll) for event in merged.events], result.left.get("d1", [])


FOUR, FIVE, SIX = ({"killed": Toll(number, number)} for number in (4, 5, 6))


@pytest.mark.parametrize(
    ("tolls", "expected"),
    [
        ([FOUR, FOUR], FOUR),
        ([{}, FOUR], FOUR),
        ([FOUR, {}, {}], FOUR),
        ([FOUR, {"injured": Toll(1, None)}], {**FOUR, "injured": Toll(1, None)}),
        ([FIVE, FOUR, FOUR], FOUR),
        ([FIVE, FOUR, {}, FOUR], FOUR),
        ([{}, {}], {}),
    ],
)
def test_a_toll_is_the_one_that_more_than_half_of_those_who_counted_have(tolls: list[Any], expected: Any) -> None:
    assert settled_tolls(*(counted(tied([SHOT, GAO]), toll) for toll in tolls)) == ([expected], [])


@pytest.mark.parametrize("tolls", [[FOUR, FIVE], [FOUR, FIVE, {}], [FOUR, FIVE, SIX]])
def test_a_toll_that_no_more_than_half_of_those_who_counted_have_is_open(tolls: list[Any]) -> None:
    merged, (left,) = settled_tolls(*(counted(tied([SHOT, GAO]), toll) for toll in tolls))
    assert merged == [{}]
    assert all(words in left for words in ("'killed'", "4 or 5", "'shot'"))


def test_tolls_are_those_of_the_event_whatever_its_place_and_spans_that_are_out() -> None:
    one = counted(tied([SHOT, GAO], [RAID, NDORO]), FOUR, FIVE)
    other = counted(tied([RAID, NDORO], [SHOT, GAO]), FIVE, FOUR)
    more = counted(tied([SHOT, GAO, GUNMEN], [RAID, NDORO]), FOUR, FIVE)
    assert settled_tolls(one, other, more) == ([FOUR, FIVE], [])


def test_tolls_of_events_that_are_alike_stay_apart() -> None:
    alike = counted(tied([SHOT], [SHOT]), FOUR, FIVE)
    assert settled_tolls(alike, alike) == ([FOUR, FIVE], [])
    single = counted(tied([SHOT]), FOUR)
    merged, left = settled_tolls(single, counted(tied([SHOT], [SHOT]), FIVE, SIX))
    assert merged == [{}]
    assert "4 or 5 or 6" in left[0]


def test_tasks_of_an_open_toll_show_each_version() -> None:
    sides = {"ana": [counted(tied([SHOT, GAO]), FOUR)], "ben": [counted(tied([SHOT, GAO]), FIVE)]}
    (task,) = json.loads(json.dumps(open_tasks(adjudicate(sides, "majority", SCHEMA), sides, SCHEMA)))
    read = {one["model_version"]: read_result(task["data"], one["result"], SCHEMA) for one in task["predictions"]}
    assert {name: dict(one.events[0].toll) for name, one in read.items()} == {"agreed": {}, "ana": FOUR, "ben": FIVE}


@pytest.mark.parametrize(
    "versions",
    [
        [tied([SHOT], claimed=True), tied([SHOT])],
        [tied([SHOT], stage="attempted"), tied([SHOT], stage="threatened")],
        [tied([SHOT, GAO], [RAID]), tied([SHOT], [RAID, GAO])],
        [tied([SHOT, RAID]), tied([SHOT], [RAID])],
        [tied([SHOT, GAO]), tied([SHOT], untied=[GAO])],
        [tied([SHOT, RAID]), tied([SHOT], [RAID]), tied([SHOT, RAID]), tied([SHOT], [RAID])],
        [tied([SHOT, GUNMEN, FARMERS]), tied([SHOT, FARMERS, GAO]), tied([SHOT, GUNMEN, GAO])],
        [
            tied([SHOT, GUNMEN, GAO], [SHOT, RAID]),
            tied([SHOT, GUNMEN], [SHOT, RAID, NDORO]),
            tied([SHOT, GAO], [SHOT, RAID, NDORO]),
        ],
    ],
    ids=["flag", "value of a flag", "tie", "one or two events", "tied or not", "two of four", "three of three",
         "three of three, with a trigger in common"],
)  # fmt: skip
def test_events_that_no_more_than_half_have_are_open(versions: list[Document]) -> None:
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(versions)}, "majority", SCHEMA)
    (left,) = result.open
    votes = Counter(key for one in versions for key in keys(one.spans))
    assert result.left == {"d1": ["events"]}
    assert keys(left.spans) == sorted((key for key, n in votes.items() if n > len(versions) / 2), key=repr)
    assert result.settled == []


def test_events_of_an_event_type_that_differs_are_open_with_the_triggers() -> None:
    versions = [tied([SHOT, GAO]), tied([replace(SHOT, type="bombing"), GAO])]
    result = adjudicate({"ana": versions[:1], "ben": versions[1:]}, "majority", SCHEMA)
    assert result.left == {"d1": ["ATTACK:armed_assault [7:11] 'shot'", "ATTACK:bombing [7:11] 'shot'", "events"]}
    assert keys(result.open[0].spans) == keys([GAO])


def test_ties_of_spans_that_are_out_do_not_part_events() -> None:
    made = {"ana": [tied([SHOT, GUNMEN])], "ben": [tied([SHOT, GUNMEN, NDORO])], "cleo": [tied([SHOT, GAO, GUNMEN])]}
    (settled,) = adjudicate(made, "majority", SCHEMA).settled
    assert told(settled) == [("armed_assault", {"triggers": ["shot"], "perpetrators": ["Gunmen"]})]
    assert keys(settled.spans) == keys([SHOT, GUNMEN])


def test_events_that_fewer_than_half_have_are_out() -> None:
    few, most = tied([SHOT, GUNMEN, FARMERS, GAO]), tied([SHOT], [RAID, NDORO])
    versions = {"ana": [few], "ben": [few], "cleo": [most], "dora": [most], "eve": [most]}
    (settled,) = adjudicate(versions, "majority", SCHEMA).settled
    assert told(settled) == told(most)


def test_a_span_that_more_than_half_left_untied_stays_so() -> None:
    loose, bound = tied([SHOT, GAO], untied=[FARMERS]), tied([SHOT, FARMERS])
    result = adjudicate({"ana": [loose], "ben": [loose], "cleo": [bound]}, "majority", SCHEMA)
    assert told(result.settled[0]) == [("armed_assault", {"triggers": ["shot"], "locations": ["Gao"]})]


def test_events_of_triggers_that_are_out_are_out() -> None:
    made = {"ana": [tied([RAID, NDORO])], "ben": [tied([SHOT], untied=[NDORO])], "cleo": [tied([SHOT])]}
    assert told(adjudicate(made, "majority", SCHEMA).settled[0]) == [("armed_assault", {"triggers": ["shot"]})]


def test_what_is_settled_has_no_fault_that_no_annotator_made() -> None:
    killed = place(TEXT, "killed", "ATTACK", "armed_assault")
    versions = {who: [tied([trigger, NDORO])] for who, trigger in (("ana", SHOT), ("ben", RAID), ("cleo", killed))}
    assert not [fault for (one,) in versions.values() for fault in document_faults(one, SCHEMA)]
    assert not [
        fault for one in adjudicate(versions, "majority", SCHEMA).settled for fault in document_faults(one, SCHEMA)
    ]


def test_an_annotator_has_one_vote() -> None:
    result = adjudicate({"ana": [document(FARMERS, FARMERS)], "ben": [document()]}, "majority", SCHEMA)
    assert result.left == {"d1": ["VICTIM [17:24] 'farmers'"]}
    result = adjudicate({"ana": [document(FARMERS, FARMERS)], "ben": [document()], "cleo": [document()]},
                        "majority", SCHEMA)  # fmt: skip
    assert result.settled == [document()]


def test_a_span_that_one_marked_twice_is_in_and_tied_once() -> None:
    once = tied([SHOT, GAO])
    again = replace(once, spans=[*once.spans, replace(GAO, id="S9")])
    roles = {"triggers": ("S1",), "locations": ("S2", "S9")}
    again = replace(again, events=[replace(once.events[0], roles=roles)])
    for versions in ({"ana": [once], "ben": [again]}, {"ana": [again], "ben": [once]}):
        (settled,) = adjudicate(versions, "majority", SCHEMA).settled
        assert (keys(settled.spans), told(settled)) == (keys(once.spans), told(once))


def test_an_event_without_a_trigger_that_all_agree_on_is_kept() -> None:
    made = document(NDORO, events=[Event("E1", "armed_assault", {"locations": ("S1",)})])
    made = replace(made, meta={"coverage": {"ATTACK": "some"}})
    result = adjudicate({"ana": [made], "ben": [made]}, "majority", SCHEMA)
    assert told(result.settled[0]) == told(made)


def test_a_flag_that_is_a_list_is_told() -> None:
    made = tied([SHOT], stage=["attempted"])
    with pytest.raises(DataError):
        adjudicate({"ana": [made], "ben": [made]}, "majority", SCHEMA)


@pytest.mark.parametrize("rule", ["majority", "ana"])
def test_an_annotator_who_is_called_like_the_rule_is_refused(rule: str) -> None:
    with pytest.raises(DataError) as caught:
        adjudicate({"ana": [document()], "majority": [document()]}, rule, SCHEMA)
    assert str(caught.value) == "an annotator is called 'majority', like the rule; rename the file"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("anna", "rule 'anna' is neither 'majority' nor an annotator; did you mean 'ana'?"),
        ("majorty", "rule 'majorty' is neither 'majority' nor an annotator; did you mean 'majority'?"),
    ],
)
def test_an_unknown_rule_is_answered_with_the_nearest(rule: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        adjudicate({"ana": [document()], "ben": [document()]}, rule, SCHEMA)
    assert str(caught.value) == message


def test_texts_that_differ_are_not_merged_and_all_are_named() -> None:
    ana, ben = ([document(name=name, text=text) for name in ("d1", "d2")] for text in ("Rain.", "Sun."))
    with pytest.raises(DataError) as caught:
        adjudicate({"ana": ana, "ben": ben}, "majority", SCHEMA)
    assert [str(fault) for fault in caught.value.faults] == [
        "document 'd1': has different texts from different annotators; annotate the same text",
        "document 'd2': has different texts from different annotators; annotate the same text",
    ]


def test_open_documents_become_tasks_with_what_is_agreed_and_each_version() -> None:
    ana, ben = tied([SHOT, GAO]), tied([SHOT, FARMERS])
    sides = {"ana": [ana, document(name="d2")], "ben": [ben, document(name="d2")]}
    (task,) = json.loads(json.dumps(open_tasks(adjudicate(sides, "majority", SCHEMA), sides, SCHEMA)))
    assert task["data"]["open"] == ["VICTIM [17:24] 'farmers'", "LOCATION [28:31] 'Gao'"]
    read = {one["model_version"]: read_result(task["data"], one["result"], SCHEMA) for one in task["predictions"]}
    assert {name: (keys(one.spans), told(one)) for name, one in read.items()} == {
        "agreed": (keys([SHOT]), [("armed_assault", {"triggers": ["shot"]})]),
        "ana": (keys(ana.spans), told(ana)),
        "ben": (keys(ben.spans), told(ben)),
    }


def test_tasks_of_what_the_schema_does_not_allow_cannot_be_made() -> None:
    sides = {"ana": [document(replace(FARMERS, label="VICTM"))], "ben": [document()]}
    with pytest.raises(DataError, match="unknown label 'VICTM'; did you mean 'VICTIM'"):
        open_tasks(adjudicate(sides, "majority", SCHEMA), sides, SCHEMA)


def test_data_files_are_the_work_of_the_annotator_they_are_called_after(tmp_path: Path) -> None:
    for who, made in (("ana", document(FARMERS)), ("ben", document())):
        write_documents(tmp_path / f"{who}.jsonl", [made])
    found = by_annotator([str(tmp_path / "ana.jsonl"), str(tmp_path / "ben.jsonl")], SCHEMA)
    assert found == {"ana": [document(FARMERS)], "ben": [document()]}


def test_a_folder_of_pulled_annotations_is_read_without_its_state(tmp_path: Path) -> None:
    save({"ben@example.org": [document()], "ana@example.org": [document(FARMERS)]}, tmp_path, "here")
    (tmp_path / "notes.txt").write_text("not read")
    assert list(by_annotator([str(tmp_path)], SCHEMA)) == ["ana@example.org", "ben@example.org"]


def test_of_a_folder_that_was_pulled_into_what_else_was_written_there_is_not_read(tmp_path: Path) -> None:
    save({"ana": [document(FARMERS)], "ben": [document()]}, tmp_path, "here")
    write_documents(tmp_path / "gold.jsonl", [document(FARMERS)])
    (tmp_path / "open.json").write_text("[]")
    assert by_annotator([str(tmp_path)], SCHEMA) == {"ana": [document(FARMERS)], "ben": [document()]}


def test_an_annotator_whose_file_was_deleted_is_left_out(tmp_path: Path) -> None:
    save({"ana": [document(FARMERS)], "ben": [document()]}, tmp_path, "here")
    (tmp_path / "ben.jsonl").unlink()
    assert list(by_annotator([str(tmp_path)], SCHEMA)) == ["ana"]


def test_of_a_pulled_folder_without_annotators_nothing_is_read(tmp_path: Path) -> None:
    save({}, tmp_path, "here")
    write_documents(tmp_path / "gold.jsonl", [document(FARMERS)])
    with pytest.raises(DataError):
        by_annotator([str(tmp_path)], SCHEMA)


@pytest.mark.parametrize("state", ["{", "[]", '{"ana": {"d1": "0"}}'])
def test_a_damaged_state_of_a_pulled_folder_is_told(tmp_path: Path, state: str) -> None:
    write_documents(tmp_path / "ana.jsonl", [document(FARMERS)])
    (tmp_path / ".pulled.json").write_text(state)
    with pytest.raises(DataError, match=r"\.pulled\.json"):
        by_annotator([str(tmp_path)], SCHEMA)


def test_files_of_losses_are_no_annotations(tmp_path: Path) -> None:
    write_documents(tmp_path / "ana.jsonl", [document(FARMERS)])
    write_losses(tmp_path / "ana.losses.jsonl", [Loss("d1", "tag", "B-PER", "unknown")])
    assert list(by_annotator([str(tmp_path)], SCHEMA)) == ["ana"]


def test_a_named_set_is_the_work_of_its_name() -> None:
    found = by_annotator(["corpus/pass-a"], SCHEMA)
    assert found == {"corpus/pass-a": read_documents("corpus/pass-a")}


def exported(path: Path, **made: Document) -> Path:
    """A Label Studio export of one task that several annotators did."""
    (task,) = export_tasks([replace(next(iter(made.values())), spans=[], events=[])], SCHEMA)
    task |= {"id": 1, "annotations": []}
    for number, (who, one) in enumerate(made.items()):
        result = export_tasks([one], SCHEMA)[0]["predictions"][0]["result"]
        task["annotations"].append({"id": number, "completed_by": {"email": who}, "result": result})
    path.write_text(json.dumps([task]))
    return path


def test_an_export_holds_the_work_of_its_annotators(tmp_path: Path) -> None:
    path = exported(tmp_path / "export.json", ana=document(FARMERS), ben=tied([SHOT, GAO]))
    found = by_annotator([str(path)], SCHEMA)
    assert {who: keys(one.spans) for who, (one,) in found.items()} == {"ana": keys([FARMERS]), "ben": keys([SHOT, GAO])}


def test_what_an_export_holds_and_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = exported(tmp_path / "export.json", ana=document(FARMERS))
    path.write_text(path.read_text().replace('"VICTIM"', '"VICTM"'))
    with pytest.raises(DataError, match=r"by ana: region S1: unknown label 'VICTM'; did you mean 'VICTIM'\?"):
        by_annotator([str(path)], SCHEMA)


def test_a_file_that_is_named_twice_is_told(tmp_path: Path) -> None:
    write_documents(tmp_path / "ana.jsonl", [document()])
    with pytest.raises(DataError) as caught:
        by_annotator([str(tmp_path / "ana.jsonl"), str(tmp_path)], SCHEMA)
    assert str(caught.value) == "document 'd1': is twice in the annotations of ana; name each file once"


def test_a_folder_without_data_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        by_annotator([str(tmp_path)], SCHEMA)
    assert str(caught.value) == f"{tmp_path}: the folder has no .jsonl or .json file; name the files"


@pytest.mark.parametrize("name", ["ana.json", "ana.jsonl"])
def test_a_file_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(DataError, match=f"^{name}: no such data file"):
        by_annotator([name], SCHEMA)


class _Page(HTMLParser):
    """Collects what a browser would make of a page: elements, their attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.shown = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.shown += data


def page_of(comparison: Comparison, title: str = "Agreement") -> str:
    return render("agreement.html", title=title, comparison=comparison, columns=[*LABELS, None])


HOSTILE = "<script>x('1')</script>&<img src=x onerror=\"x()\">"


def test_hostile_words_ids_names_and_types_are_shown_and_never_run() -> None:
    text = f"{HOSTILE} shot {HOSTILE}"
    span = place(text, "shot", "ATTACK", "</td><script>x</script>")
    over = Span("S2", 0, 8, "VICTIM")
    sides = document(span, over, text=text, name=HOSTILE), document(text=text, name=HOSTILE)
    page = page_of(compare({f"1{HOSTILE}": [sides[0]], f"2{HOSTILE}": [sides[1]]}, LABELS), title=f"3{HOSTILE}")
    harmless = _Page(page_of(compare({"ana": [document(SHOT)], "ben": [document()]}, LABELS)))
    found = _Page(page)
    assert (found.elements, found.attributes) == (harmless.elements, harmless.attributes)
    assert not found.elements & {"script", "img"}
    for shown in (f"1{HOSTILE}", f"2{HOSTILE}", f"3{HOSTILE}", "ATTACK:</td><script>x</script>", f"shot {HOSTILE}"):
        assert shown in found.shown
    assert "&lt;script&gt;x(&#39;1&#39;)&lt;/script&gt;&amp;&lt;img" in page


def test_the_page_shows_figures_confusion_and_each_disagreement_in_its_text() -> None:
    first, second = document(FARMERS, GAO), document(FOUR_FARMERS, replace(GAO, label="TARGET"))
    page = page_of(compare({"ana": [first], "ben": [second]}, LABELS))
    assert "Gunmen shot <mark>four farmers</mark> in Gao" in page
    assert '<td>VICTIM</td><td class="n">0.000</td><td class="n">1.000</td>' in page
    assert "<summary>boundary (1)</summary>" in page
    assert "<tr><th>LOCATION</th>" + '<td class="n"></td>' * 5 + '<td class="n">1</td>' in page  # under TARGET
    assert "<summary>missing" not in page


def test_figures_that_are_undefined_are_dashes_on_the_page() -> None:
    page = page_of(compare({"ana": [tagged("d1", "vv")], "ben": [tagged("d1", "vv")]}, LABELS))
    assert '<td>VICTIM</td><td class="n">1.000</td><td class="n">1.000</td><td class="n">–</td>' in page
    assert '<td>DATE</td><td class="n">–</td><td class="n">–</td><td class="n">–</td>' in page


def test_a_page_loads_nothing_from_elsewhere() -> None:
    page = page_of(compare({"ana": [document(GAO)], "ben": [document()]}, LABELS))
    assert not _Page(page).attributes & {"src", "href", "srcset", "action"}
    assert not _Page(page).elements & {"script", "link", "iframe", "object"}
    assert "url(" not in page
    assert "@import" not in page


def test_a_value_that_a_page_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'comparison' is undefined"):
        render("agreement.html", title="Agreement")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Annotations by two people: on d1 they differ, on d2 they do not, d3 has ana alone."""
    made = {"ana": [tied([SHOT, FARMERS]), document(GAO, name="d2"), document(name="d3")],
            "ben": [tied([SHOT]), document(GAO, name="d2")]}  # fmt: skip
    for who, documents in made.items():
        write_documents(tmp_path / "labelled" / f"{who}.jsonl", documents)
    return tmp_path


def test_the_command_agreement_prints_a_table(folder: Path) -> None:
    result = run("annotate", "agreement", "labelled", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "annotators: ana (3), ben (2)" in result.stdout
    assert "1 documents were annotated by one alone and are not compared" in result.stdout
    rows = {row[0]: row[1:] for row in ([cell.strip() for cell in line.strip("│┃ ").split("│")]
                                        for line in result.stdout.splitlines())}  # fmt: skip
    assert rows["VICTIM"][:2] == ["0.000", "0.000"]
    assert rows["LOCATION"] == ["1.000", "1.000", "1.000"]
    assert rows["DATE"] == ["–", "–", "–"]
    assert "ana, ben: 2 documents, disagreements: 0 label, 0 type, 1 missing, 0 boundary" in result.stdout


def test_the_command_agreement_writes_json(folder: Path) -> None:
    result = run("annotate", "agreement", "labelled/ana.jsonl", "labelled/ben.jsonl", "--format", "json", cwd=folder)
    found = json.loads(result.stdout)
    assert (found["annotated_once"], found["pairs"][0]["documents"]) == (["d3"], 2)
    assert [one["words"] for one in found["pairs"][0]["disagreements"]] == ["farmers"]


def test_the_command_agreement_writes_a_page_in_which_nothing_hostile_runs(tmp_path: Path) -> None:
    text = f"{HOSTILE} hurt farmers {HOSTILE}"
    for who, spans in (("ana", [place(text, "farmers", "VICTIM")]), ("<b>ben", [])):
        write_documents(tmp_path / f"{who}.jsonl", [document(*spans, text=text, name=HOSTILE)])
    result = run("annotate", "agreement", "ana.jsonl", "<b>ben.jsonl", "--format", "html", cwd=tmp_path)
    found = _Page(result.stdout)
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.endswith("</html>")
    assert not found.elements & {"script", "img", "b"}
    assert f"farmers {HOSTILE}" in found.shown
    assert "ana and <b>ben: 1 documents" in found.shown


def test_the_command_agreement_refuses_one_annotator_and_unknown_formats(folder: Path) -> None:
    alone = run("annotate", "agreement", "labelled/ana.jsonl", cwd=folder)
    assert (alone.returncode, alone.stdout) == (1, "")
    assert alone.stderr == "error: there are annotations of one annotator only; give files of two or more annotators\n"
    assert run("annotate", "agreement", "labelled", "--format", "xml", cwd=folder).returncode == 2


def test_the_command_adjudicate_writes_what_is_settled_and_tasks_for_the_rest(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--open", "open.json", cwd=folder)
    assert result.returncode == 0, result.stderr
    expected = "2 documents settled, written to gold.jsonl; 1 things open in 1, written to open.json\n"
    assert result.stdout == expected
    assert result.stderr == "warning: 1 documents were annotated by one alone and are taken as they are\n"
    assert [one.id for one in read_documents(folder / "gold.jsonl")] == ["d2", "d3"]
    (task,) = json.loads((folder / "open.json").read_text())
    assert (task["data"]["document"], task["data"]["text"]) == ("d1", TEXT)
    assert task["data"]["open"] == ["VICTIM [17:24] 'farmers'"]
    assert [one["model_version"] for one in task["predictions"]] == ["agreed", "ana", "ben"]


def test_the_command_adjudicate_writes_nothing_where_open_documents_have_no_place(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", cwd=folder)
    assert result.returncode == 1
    message = "error: 1 documents have something open; name a file for them with --open, or another --rule\n"
    assert (result.stdout, result.stderr) == ("", message)
    assert not (folder / "gold.jsonl").exists()


def test_the_command_adjudicate_writes_nothing_where_tasks_cannot_be_made(folder: Path) -> None:
    wrong = [replace(FARMERS, label="VICTM")]
    write_documents(folder / "labelled" / "ben.jsonl", [document(*wrong), document(GAO, name="d2")])
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--open", "open.json", cwd=folder)
    assert (result.returncode, result.stdout) == (1, "")
    assert "unknown label 'VICTM'; did you mean 'VICTIM'?" in result.stderr
    assert [path.name for path in folder.iterdir()] == ["labelled"]


def test_the_command_adjudicate_lets_a_named_annotator_win(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--rule", "ben", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "3 documents settled, written to gold.jsonl; 0 things open in 0\n"
    assert keys(read_documents(folder / "gold.jsonl")[0].spans) == keys([SHOT])


def test_the_command_adjudicate_answers_an_unknown_rule(folder: Path) -> None:
    result = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--rule", "bem", cwd=folder)
    assert result.returncode == 1
    assert result.stderr == "error: rule 'bem' is neither 'majority' nor an annotator; did you mean 'ben'?\n"
