"""Gates: what they ask, what they refuse and by how much; most of it on plain facts."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import pytest
import yaml

from annotations import write_documents
from annotations.errors import DataError
from annotations.formats.texts import TextSource
from annotations.io.config_files import find_config
from annotations.schema import Schema
from inference.model import Model
from tests.tiny import documents
from training.evaluation.estimates import Difference
from training.release.gate_checks import Facts, Outcome, check
from training.release.gate_inputs import gather
from training.release.gates import Gates, load_gates, unknown_names

DATA = "gold"
ALL: dict[str, Any] = {
    "data": [DATA],
    "labels": {"tolerance": 0.01},
    "minimum": {DATA: {"partial_core": 0.7}},
    "calibration": {"ece": 0.05},
    "speed": {"milliseconds": 200, "times_holder": 1.5},
    "size": {"folder_mb": 100, "memory_mb": 1000},
    "behaviour": {"pass_rate": 0.6, "capabilities": {"threats": 0.5}},
}


def label(low: float, high: float, name: str = "VICTIM") -> Difference:
    return Difference(f"partial_{name}", 0.8, 0.8 + (low + high) / 2, (low, high), 0.01, 0.01, 60, 100)


GOOD = Facts(
    version="m/2",
    alias="champion",
    holder="m/1",
    labels={DATA: [label(-0.05, 0.03), label(0.01, 0.04, "ATTACK")]},
    measures={DATA: {"partial_core": 0.8}},
    ece={DATA: 0.02},
    milliseconds=150.0,
    holder_milliseconds=120.0,
    folder_mb=92.0,
    memory_mb=600.0,
    behaviour={"threats": (6, 10), "tolls": (9, 10)},
    trained_on={DATA: {"m/2": [], "m/1": []}},
)


def failed(facts: Facts, gates: dict[str, Any] = ALL) -> list[str]:
    return [str(outcome) for outcome in check(Gates(**gates), facts) if not outcome.passed]


def test_a_version_that_meets_every_gate_passes_them_all_and_each_says_by_how_much() -> None:
    outcomes = check(Gates(**ALL), GOOD)
    assert [(one.gate, one.passed, one.by) for one in outcomes] == [
        ("contamination of gold", True, ""),
        ("VICTIM on gold", True, "0.0400 to spare"),
        ("ATTACK on gold", True, "0.0500 to spare"),
        ("partial_core on gold", True, "0.1000 to spare"),
        ("calibration error on gold", True, "0.0300 to spare"),
        ("time for a document", True, "50.0 ms to spare"),
        ("time against the holder", True, "0.25 times to spare"),
        ("size of the model folder", True, "8.0 MB to spare"),
        ("memory", True, "400.0 MB to spare"),
        ("behaviour", True, "0.1500 to spare"),
        ("behaviour: threats", True, "0.1000 to spare"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"trained_on": {DATA: {"m/2": [], "m/1": ["d7", "d8"]}}},
            "contamination of gold: asked no document trained on, found m/1 was trained on 2, such as d7, 2 too many",
        ),
        (
            {"trained_on": {DATA: {"m/2": None, "m/1": []}}},
            "contamination of gold: asked no document trained on, found m/2 has no record of its training "
            "and tuning data",
        ),
        (
            {"labels": {DATA: [label(-0.05, -0.03)]}},
            "VICTIM on gold: asked interval not below -0.0100, found 0.800 -> 0.760 (-0.0500 to -0.0300), "
            "0.0200 too low",
        ),
        (
            {"labels": {DATA: [replace(label(0, 0), bounds=None, documents=4)]}},
            "VICTIM on gold: asked interval not below -0.0100, found 0.800 -> 0.800, no interval, "
            "4 documents, 5 are needed",
        ),
        (
            {"incomparable": "m/1 has other labels or types"},
            "labels on gold: asked interval not below -0.0100, found m/1 has other labels or types",
        ),
        (
            {"measures": {DATA: {"partial_core": 0.69}}},
            "partial_core on gold: asked at least 0.7000, found 0.6900, 0.0100 too low",
        ),
        (
            {"measures": {DATA: {"partial_core": nan}}},
            "partial_core on gold: asked at least 0.7000, found not defined: nothing in gold, none predicted",
        ),
        ({"ece": {DATA: 0.08}}, "calibration error on gold: asked at most 0.0500, found 0.0800, 0.0300 too much"),
        (
            {"ece": {DATA: nan}},
            "calibration error on gold: asked at most 0.0500, found not defined: no span predicted",
        ),
        (
            {"milliseconds": 250.0, "holder_milliseconds": 250.0},
            "time for a document: asked at most 200.0 ms, found 250.0 ms, 50.0 ms too much",
        ),
        (
            {"holder_milliseconds": 75.0},
            "time against the holder: asked at most 1.50 times, found 2.00 times, 0.50 times too much",
        ),
        (
            {"folder_mb": 101.5},
            "size of the model folder: asked at most 100.0 MB, found 101.5 MB, 1.5 MB too much",
        ),
        ({"memory_mb": 1200.0}, "memory: asked at most 1000.0 MB, found 1200.0 MB, 200.0 MB too much"),
        (
            {"behaviour": {"threats": (5, 10), "tolls": (6, 10)}},
            "behaviour: asked at least 0.6000, found 0.5500, 0.0500 too low",
        ),
        (
            {"behaviour": {"threats": (4, 10), "tolls": (9, 10)}},
            "behaviour: threats: asked at least 0.5000, found 0.4000, 0.1000 too low",
        ),
    ],
)
def test_each_gate_refuses_alone_and_says_by_how_much(changes: dict[str, Any], message: str) -> None:
    assert failed(replace(GOOD, **changes)) == [message]


def test_every_gate_is_told_although_others_fail() -> None:
    bad = replace(GOOD, ece={DATA: 0.5}, memory_mb=9000.0, measures={DATA: {"partial_core": 0.1}})
    assert len(check(Gates(**ALL), bad)) == len(check(Gates(**ALL), GOOD))
    assert len(failed(bad)) == 3


def test_without_a_holder_the_comparing_gates_pass_and_say_so() -> None:
    first = replace(GOOD, holder=None, labels={}, holder_milliseconds=None, trained_on={DATA: {"m/2": []}})
    assert failed(first) == []
    told = {one.gate: one.found for one in check(Gates(**ALL), first)}
    assert told["labels on gold"] == told["time against the holder"] == "no champion yet"


def test_a_holder_that_cannot_be_loaded_fails_the_comparing_gates() -> None:
    lost = replace(GOOD, incomparable="m/1 cannot be loaded", labels={}, holder_milliseconds=None)
    assert [line.split(":")[0] for line in failed(lost)] == ["labels on gold", "time against the holder"]


def test_a_label_that_touches_the_bound_holds_and_one_a_hair_below_it_does_not() -> None:
    strict = {**ALL, "labels": {"tolerance": 0.0}}
    assert failed(replace(GOOD, labels={DATA: [label(-0.2, 0.0)]}), strict) == []
    (line,) = failed(replace(GOOD, labels={DATA: [label(-0.2, -0.00001)]}), strict)
    assert line.endswith("1e-05 too low")


def test_a_label_that_neither_gold_nor_prediction_has_is_passed() -> None:
    nothing = Difference("partial_DATE", nan, nan, None, None, None, 60, 0)
    (outcome,) = [one for one in check(Gates(**ALL), replace(GOOD, labels={DATA: [nothing]})) if "DATE" in one.gate]
    assert outcome == Outcome("DATE on gold", "interval not below -0.0100", "none in gold and none predicted", True)


def test_a_label_in_too_few_of_many_documents_is_passed_and_says_so() -> None:
    rare = replace(label(0, 0, "DATE"), bounds=None)
    (outcome,) = [one for one in check(Gates(**ALL), replace(GOOD, labels={DATA: [rare]})) if "DATE" in one.gate]
    assert outcome.passed
    assert outcome.found == "0.800 -> 0.800, fewer than 5 documents with such a span: too few to tell"


def test_a_label_that_only_the_new_version_invents_is_refused() -> None:
    invented = Difference("partial_DATE", nan, 0.0, None, None, None, 60, 0)
    (line,) = failed(replace(GOOD, labels={DATA: [invented]}))
    told = "none in gold, none predicted by the holder, and some by this version"
    assert line == f"DATE on gold: asked interval not below -0.0100, found {told}"


def test_a_label_that_only_the_holder_invents_is_passed() -> None:
    dropped = Difference("partial_DATE", 0.0, nan, None, None, None, 60, 0)
    assert failed(replace(GOOD, labels={DATA: [dropped]})) == []


def test_what_is_not_asked_is_not_checked() -> None:
    gates = Gates(data=[DATA], uncontaminated=False, size={"memory_mb": 1000})
    assert [one.gate for one in check(gates, Facts("m/2", "champion"))] == ["memory"]


def test_shipped_gates_load_and_comment_every_key() -> None:
    gates = load_gates("gates")
    assert all(getattr(gates, name) is not None for name in Gates.model_fields)
    lines = find_config("gates", "evaluation").read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if ":" in line and not line.startswith("#")]
    sections = ("corpus/test:", "calibration:", "speed:", "size:", "behaviour:")
    assert [line for line in keys if "#" not in line and line.strip() not in sections] == []


def test_data_may_be_named_in_place_of_the_shipped_and_minima_keep_theirs() -> None:
    gates = load_gates("gates", ["mine.jsonl"])
    assert gates.sets == ["mine.jsonl", "corpus/test"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"data": ["a"], "calibraton": {"ece": 0.1}},
            r"key calibraton: is not a known key; did you mean 'calibration'",
        ),
        ({"data": ["a"], "size": {"foldermb": 1}}, r"key size\.foldermb: is not a known key; did you mean 'folder_mb'"),
        ({"data": ["a"], "labels": {}}, r"key labels\.tolerance: field required"),
        (
            {"data": ["a"], "minimum": {"a": {"partial_core": 75}}},
            r"minimum\.a\.partial_core: .*less than or equal to 1",
        ),
        ({"data": ["a"], "speed": {"milliseconds": float("inf")}}, r"speed\.milliseconds: .*finite number"),
        ({"data": []}, r"key data: .*at least 1 item"),
        ({"data": ["a", "b", "a"]}, r"key data: a is listed twice"),
        ({"data": ["a"], "speed": {}}, r"key speed: asks nothing; give milliseconds or times_holder"),
        ({"data": ["a"], "speed": {"milliseconds": None}}, r"key speed: asks nothing; give milliseconds"),
        ({"data": ["a"], "size": {}}, r"key size: asks nothing; give folder_mb or memory_mb"),
        ({"data": ["a"], "behaviour": {"capabilities": {}}}, r"key behaviour: asks nothing; give pass_rate or"),
        ({"data": ["a"], "calibration": None}, r"key calibration: is empty"),
        ({"data": ["a"], "minimum": {}}, r"key minimum: .*at least 1 item"),
        ({"data": ["a"], "minimum": {"a": {}}}, r"key minimum\.a: .*at least 1 item"),
        ({"data": ["a"], "uncontaminated": False}, r"there is no gate"),
    ],
)
def test_wrong_gates_are_refused_by_key(content: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_gates(path)


def test_unknown_measures_and_capabilities_are_named_with_the_nearest() -> None:
    faults = unknown_names(Gates(**ALL), ["partial_cord"], ["threads"], "mine.yaml")
    assert [str(fault) for fault in faults] == [
        "mine.yaml: key minimum.gold: 'partial_core' is not a known measure; did you mean 'partial_cord'?",
        "mine.yaml: key behaviour.capabilities: 'threats' is not a known capability; did you mean 'threads'?",
    ]


@pytest.fixture
def gold(tmp_path: Path) -> str:
    write_documents(tmp_path / "gold.jsonl", documents(8))
    return str(tmp_path / "gold.jsonl")


def model(folder: Path, name: str, trained: list[str]) -> Model:
    loaded = Model(folder, name=name)
    loaded.manifest = replace(loaded.manifest, training={"train_texts": trained, "dev_texts": []})
    return loaded


def asked(gold: str) -> Gates:
    return Gates(
        data=[gold], labels={"tolerance": 0.0}, minimum={gold: {"partial_ATTACK": 0.0}}, calibration={"ece": 1.0}
    )


def test_facts_of_a_model_against_itself_show_no_difference(gold: str, tiny_model_folder: Path) -> None:
    both = [model(tiny_model_folder, f"m/{number}", ["other"]) for number in (2, 1)]
    facts = gather(asked(gold), "mine.yaml", "champion", *both, TextSource())
    assert (facts.version, facts.holder, facts.incomparable) == ("m/2", "m/1", "")
    assert {one.value for one in facts.labels[gold] if one.gold} == {0.0}
    assert all(outcome.passed for outcome in check(asked(gold), facts))


def test_facts_name_documents_that_either_version_was_trained_on(gold: str, tiny_model_folder: Path) -> None:
    seen = documents(8)[3]
    version, holder = model(tiny_model_folder, "m/2", []), model(tiny_model_folder, "m/1", [seen.sha256])
    facts = gather(asked(gold), "mine.yaml", "champion", version, holder, TextSource())
    assert facts.trained_on == {gold: {"m/2": [], "m/1": [seen.id]}}
    silent = Model(tiny_model_folder, name="m/3")
    assert gather(asked(gold), "", "champion", silent, None, TextSource()).trained_on == {gold: {"m/3": None}}


def other_labels(holder: Model, without: str, types: int) -> Model:
    """Take a label, or some types of TOLL, out of the label set of a loaded model."""
    labels = {name: one for name, one in holder.schema.labels.items() if name != without}
    kept = dict(list(labels["TOLL"].types.items())[:types])
    labels["TOLL"] = labels["TOLL"].model_copy(update={"types": kept})
    holder.schema = Schema(**{**holder.schema.model_dump(), "labels": labels})
    return holder


def test_a_holder_with_other_labels_or_none_that_loads_is_told(gold: str, tiny_model_folder: Path) -> None:
    version = model(tiny_model_folder, "m/2", [])
    rivals: list[tuple[Model | str, str]] = [
        (other_labels(model(tiny_model_folder, "m/1", []), "DATE", 99), "m/1 cannot be compared with: unknown label"),
        (other_labels(model(tiny_model_folder, "m/1", []), "", 3), "m/1 cannot be compared with: m/1 and m/2 have"),
        ("m/1", "m/1 cannot be loaded"),
    ]
    for rival, told in rivals:
        facts = gather(asked(gold), "mine.yaml", "champion", version, rival, TextSource())
        assert facts.holder == "m/1"
        assert facts.incomparable.startswith(told)
        assert [one.found for one in check(asked(gold), facts) if not one.passed] == [facts.incomparable]


def test_a_measure_that_there_is_not_is_refused_before_anything_is_scored(gold: str, tiny_model_folder: Path) -> None:
    lines: list[str] = []
    gates = Gates(data=[gold], minimum={gold: {"partial_cor": 0.5}})
    with pytest.raises(DataError, match="'partial_cor' is not a known measure; did you mean 'partial_core'"):
        gather(gates, "mine.yaml", "champion", model(tiny_model_folder, "m/2", []), None, TextSource(), lines.append)
    assert lines == []


@pytest.mark.integration  # measures in a process of its own
def test_cost_and_behaviour_are_measured_where_they_are_asked_for(gold: str, tiny_model_folder: Path) -> None:
    lines: list[str] = []
    gates = Gates(data=[gold], speed={"times_holder": 100}, size={"folder_mb": 1}, behaviour={"pass_rate": 0.0})
    both = [model(tiny_model_folder, f"m/{number}", []) for number in (2, 1)]
    facts = gather(gates, "mine.yaml", "champion", *both, TextSource(), lines.append)
    assert lines == [f"scoring m/2 on {gold}", "timing m/2 and m/1", "running behaviour cases on m/2"]
    assert facts.milliseconds > 0
    assert facts.holder_milliseconds is not None
    assert 0 < facts.folder_mb < 1 < facts.memory_mb
    assert len(facts.behaviour) > 20
    assert all(outcome.passed for outcome in check(gates, facts))
