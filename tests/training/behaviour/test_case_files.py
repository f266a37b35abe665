"""Case files: how they are read, their faults, and the shipped ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations import read_documents
from annotations.errors import DataError
from tests.training.behaviour.marked import DIRECTION, INVARIANCE, MINIMUM, PLAIN, SCHEMA, TOWNS, Fake, write
from training.behaviour.case_files import cases_folder
from training.behaviour.run import behave, choose, read_cases
from training.behaviour.schema import schema_faults


def faults_of(path: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_cases(path)
    return [str(fault).removeprefix(f"{path}: ") for fault in caught.value.faults]


def test_a_capability_reads_back_as_written(tmp_path: Path) -> None:
    write(tmp_path, "minimum", {"id": "a", "text": PLAIN, "expect": {"events": []}}, name="b", file="b.yaml")
    write(tmp_path, "invariance", {"id": "a", **TOWNS}, name="a", file="a.yaml")
    found = read_cases(tmp_path)
    assert [(one.name, one.kind, one.about, len(one.cases)) for one in found] == [
        ("a", "invariance", "What is tried.", 1),
        ("b", "minimum", "What is tried.", 1),
    ]
    assert [one.filled.text for one in found[0].cases[0].readings()][
        1
    ] == "A bomb in Abu Dis killed forty clerks, and Gao wept."
    assert read_cases(tmp_path / "b.yaml") == found[1:]
    assert choose(found, []) == found
    assert choose(found, ["b"]) == found[1:]


@pytest.mark.parametrize(
    ("kind", "case", "faults"),
    [
        ("minimum", {**MINIMUM, "expects": {}}, ["case a: key expects: is not a known key; did you mean 'expect'?"]),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": [{"lable": "DATE", "label": "DATE", "text": "Friday"}]}},
            ["case a: key expect.spans.0.lable: is not a known key; did you mean 'label'?"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": [{"label": "DATE", "text": "Thursday"}]}},
            ["case a: the words 'Thursday' do not occur in the text as whole words; copy them from the text"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"absent": [{"text": "un"}], "events": [{"dates": ["Fri"]}]}},
            [
                "case a: the words 'un' do not occur in the text as whole words; copy them from the text",
                "case a: the words 'Fri' do not occur in the text as whole words; copy them from the text",
            ],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"events": [{"perpetrators": ["The gunmen"], "victims": ["a nurse"]}]}},
            ["case a: the words 'a nurse' do not occur in the text as whole words; copy them from the text"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": [{"label": "DATE", "text": "Friday", "nth": 2}]}},
            ["case a: the words 'Friday' have no occurrence 2 in the text; the last is 1"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"absent": [{}]}},
            ["case a: key expect.absent.0: absent needs a label, a type or a text; got {}"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": []}},
            [
                "case a: key expect: expects nothing: name spans, absent, events or attack_types; got {'spans': []}",
            ],
        ),
        ("minimum", {"id": "a", "text": PLAIN}, ["case a: has no 'expect'; a case of kind minimum needs it"]),
        (
            "minimum",
            {"text": "Calm.", "expect": {"events": []}},
            ["case 1: key id: field required; got {'text': 'Calm.', 'expect': {'events': []}}"],
        ),
        (
            "minimum",
            {**MINIMUM, "changed": "Calm."},
            ["case a: has 'changed'; a case of kind minimum may have id, text, expect"],
        ),
        (
            "minimum",
            {**MINIMUM, "text": "In {place}."},
            ["case a: slot 'place' is not filled; fill it, or replace it with words"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"events": [{"toll": {"killed": "{n}"}}]}},
            ["case a: the slot {n} of the toll 'killed' is not filled; write a number, or fill the slot"] * 2,
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"events": [{"toll": {"killed": {"min": "dozens", "max": None}}}]}},
            [
                "case a: key expect.events.0.toll.killed.min: a number is a whole number or a slot; got 'dozens'",
            ],
        ),
        (
            "direction",
            {key: value for key, value in DIRECTION.items() if key != "changed"},
            ["case a: has no 'changed'; a case of kind direction needs it"],
        ),
        ("direction", {**DIRECTION, "changed": "Calm."}, ["case a: 'changed' is the same as 'text'; change it"]),
        (
            "direction",
            {**DIRECTION, "given": {"spans": [{"label": "DATE", "text": "All"}]}},
            [
                "case a: the words 'All' do not occur in the text as whole words in the text given; "
                "copy them from the text",
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "changed": "Calm."},
            ["case a: has 'changed'; a case of kind invariance may have id, text, fill, expect"],
        ),
        (
            "invariance",
            {**INVARIANCE, "text": "In {place} on {day}."},
            [
                "case a: slot 'day' is not filled by variant 1; fill it in each variant",
                "case a: slot 'day' is not filled by variant 2; fill it in each variant",
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "fill": [{"place": "Gao"}, {"place": "Taiz", "places": "Kesra"}]},
            ["case a: variant 2 fills 'places', which is not a slot of the text; did you mean 'place'?"],
        ),
        ("invariance", {**INVARIANCE, "text": "Calm."}, ["case a: has no slot to fill; write {name} in the text"]),
        (
            "invariance",
            {**INVARIANCE, "fill": [{"place": "Gao"}, {"place": False}]},
            [
                "case a: key fill.1.place: a slot is filled with words or a whole number; quote words that YAML reads "
                "as something else; got False",
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "expect": {"spans": [{"label": "LOCATION", "text": "{plaec}"}]}},
            [
                f"case a: the words '{{plaec}}' do not occur in the text as whole words with place={town}; "
                "copy them from the text"
                for town in ("Gao", "Taiz")
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "fill": [{"place": "Gao"}]},
            ["case a: 'fill' has fewer than two variants; name two or more, to compare them"],
        ),
        (
            "invariance",
            {**INVARIANCE, "expect": {"events": [{"toll": {"killed": {"min": "{place}", "max": None}}}]}},
            [
                "case a: key events.0.toll.killed.min: a number is a whole number or a slot, where its slot is filled; "
                "got 'Gao'"
            ],
        ),
        ("minimal", MINIMUM, ["key kind: input should be 'minimum', 'invariance' or 'direction'; got 'minimal'"]),
    ],
)
def test_each_fault_names_its_case_and_says_what_to_do(
    tmp_path: Path, kind: str, case: dict[str, Any], faults: list[str]
) -> None:
    assert faults_of(write(tmp_path, kind, case)) == faults


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    repeated = {**MINIMUM, "expect": {"absent": [{"text": "Monday"}]}}
    write(tmp_path, "minimum", MINIMUM, {**MINIMUM, "id": 3}, repeated, "words", file="a.yaml")
    write(tmp_path, "minimum", {**MINIMUM, "changed": "Calm."}, name="other", file="b.yaml")
    (tmp_path / "c.yaml").write_text("capability: [", encoding="utf-8")
    write(tmp_path, "minimum", MINIMUM, name="same", file="d.yaml")
    write(tmp_path, "minimum", MINIMUM, name="same", file="e.yaml")
    with pytest.raises(DataError) as caught:
        read_cases(tmp_path)
    found = [(Path(fault.file).name, fault.place, fault.problem) for fault in caught.value.faults]
    assert found[:4] == [
        ("a.yaml", "case 3: key id", "input should be a valid string"),
        ("a.yaml", "case a", "the id is repeated"),
        ("a.yaml", "case a", "the words 'Monday' do not occur in the text as whole words"),
        ("a.yaml", "case 4", "input should be a valid dictionary or instance of Case"),
    ]
    assert [(file, place) for file, place, _ in found[4:]] == [("b.yaml", "case a"), ("c.yaml", ""), ("e.yaml", "")]
    assert found[-1][2] == f"has the capability 'same' of {tmp_path / 'd.yaml'}"


def test_folders_and_names_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    assert "has no .yaml file" in faults_of(tmp_path)[0]
    assert "no such file or folder" in faults_of(tmp_path / "missing")[0]
    assert any("cases" in fault for fault in faults_of(write(tmp_path, "minimum")))
    with pytest.raises(DataError, match="no capability 'tols'; did you mean 'tolls'"):
        choose(read_cases(write(tmp_path, "minimum", MINIMUM)), ["tols"])
    with pytest.raises(DataError, match="there are no behaviour cases"):
        behave(Fake(), [])


def test_all_that_the_schema_of_the_model_lacks_is_told_at_once(tmp_path: Path) -> None:
    expect = {
        "spans": [
            {"label": "PLACE", "text": "Gao"},
            {"label": "TOLL", "type": "kiled", "text": "12"},
            {"label": "DATE", "type": "day", "text": "Friday"},
        ],
        "absent": [{"type": "bombing"}, {"type": "bombign"}],
        "events": [
            {"attack_type": "bombings", "toll": {"wounded": 3}, "flags": {"suicid": True}},
            {"flags": {"stage": "planned", "claimed": None}},
        ],
        "attack_types": ["bombing", "raid"],
    }
    cases = read_cases(write(tmp_path, "minimum", {"id": "a", "text": PLAIN, "expect": expect}))
    model = Fake()
    with pytest.raises(DataError) as caught:
        behave(model, cases)
    assert {(fault.file, fault.place) for fault in caught.value.faults} == {(str(tmp_path / "tolls.yaml"), "case a")}
    assert [fault.problem for fault in caught.value.faults] == [
        "unknown label 'PLACE'",
        "unknown type of TOLL 'kiled'",
        "DATE has no types, got 'day'",
        "unknown type 'bombign'",
        "unknown attack type 'raid'",
        "unknown attack type 'bombings'",
        "unknown kind of toll 'wounded'",
        "unknown flag 'suicid'",
        "unknown value 'planned' of flag 'stage'",
    ]
    assert model.calls == []


# The shipped cases


def test_the_shipped_cases_are_many_and_fit_the_shipped_schema() -> None:
    capabilities = read_cases()
    assert schema_faults(capabilities, SCHEMA) == []
    assert len(capabilities) >= 20
    assert sum(len(capability.cases) for capability in capabilities) >= 200
    assert {capability.kind for capability in capabilities} == {"minimum", "invariance", "direction"}
    assert cases_folder().is_dir()


def test_no_text_of_a_shipped_case_stands_in_the_corpus() -> None:
    corpus = [document.text for name in ("train", "dev", "test") for document in read_documents(f"corpus/{name}")]
    readings = [
        (f"{capability.name}, {case.id}", reading.filled.text)
        for capability in read_cases()
        for case in capability.cases
        for reading in case.readings()
    ]
    assert [name for name, text in readings if any(text in document for document in corpus)] == []
