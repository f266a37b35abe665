"""What a model was trained on, and what it costs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotations import DataError, Document, Span, write_documents
from annotations.formats.jsonl import write_standoff
from annotations.formats.texts import TextSource
from inference.manifest import Manifest
from inference.model import Model
from tests.tiny import documents
from training.evaluation.assessment import assess
from training.evaluation.cost import CostError, measure
from training.evaluation.training_overlap import check_contaminated, joined, mentions, trained_on, training_documents
from training.provenance import data_digest

NOWHERE = TextSource()


def manifest(*names: Path, train: list[Document] | None = None, dev: list[Document] | None = None) -> Manifest:
    """The manifest of a model trained on files; no texts are told where none are given."""
    training: dict[str, Any] = {"config": {"data": {"train": [str(name) for name in names]}}}
    for key, found in (("train", train), ("dev", dev if train is None else dev or [])):
        if found is not None:
            training[f"{key}_texts"] = sorted(document.sha256 for document in found)
    if train is not None:
        training["data_digest"] = {"train": data_digest(train)}
    return Manifest("tiny", 32, 8, training=training)


# --- documents that a model knows -------------------------------------------------------------------------------------


def test_documents_trained_on_and_stopped_with_are_both_known_by_their_text() -> None:
    found = documents(6)
    known = manifest(train=found[:2], dev=found[2:3])
    assert trained_on(known, found, NOWHERE) == ["d000", "d001", "d002"]
    assert trained_on(known, [replace(found[0], id="other", spans=[], events=[])], NOWHERE) == ["other"]
    assert trained_on(known, [replace(found[0], text=found[0].text + "!")], NOWHERE) == []
    assert trained_on(Manifest("tiny", 32, 8), found, NOWHERE) is None


def test_what_a_model_was_tuned_on_is_read_again_where_its_manifest_has_no_texts_of_it(tmp_path: Path) -> None:
    found = documents(6)
    write_documents(tmp_path / "train.jsonl", found[:2])
    write_documents(tmp_path / "dev.jsonl", found[2:3])
    digests = {"train": data_digest(found[:2]), "dev": data_digest(found[2:3])}
    names = {"train": [str(tmp_path / "train.jsonl")], "dev": [str(tmp_path / "dev.jsonl")]}
    texts = sorted(document.sha256 for document in found[:2])
    old = Manifest("old", 32, 8, training={"config": {"data": names}, "train_texts": texts, "data_digest": digests})
    assert trained_on(old, found, NOWHERE) == ["d000", "d001", "d002"]
    write_documents(tmp_path / "dev.jsonl", found[3:4])
    assert trained_on(old, found, NOWHERE) is None


def test_a_comparison_with_a_model_that_does_not_tell_is_refused_unless_it_is_allowed() -> None:
    found = documents(2)
    known = [("silent", trained_on(Manifest("silent", 32, 8), found, NOWHERE))]
    with pytest.raises(DataError, match="silent"):
        check_contaminated(known, 2, allowed=False)
    assert check_contaminated(known, 2, allowed=True) == {"silent": []}


def test_a_comparison_on_known_documents_is_refused_unless_it_is_allowed() -> None:
    found = documents(6)
    manifests = {
        "old": manifest(train=found[1:3]),
        "new": manifest(train=[], dev=found[4:5]),
        "clean": manifest(train=[]),
    }
    known = [(name, trained_on(one, found, NOWHERE)) for name, one in manifests.items()]
    with pytest.raises(DataError) as refused:
        check_contaminated(known, 6, allowed=False)
    old, new = (fault.problem for fault in refused.value.faults)
    assert old.startswith("old was trained ")
    assert old.endswith(" on 2 of 6 documents, such as d001")
    assert new.startswith("new was trained ")
    assert new.endswith(" on 1 of 6 documents, such as d004")
    assert check_contaminated(known, 6, allowed=True) == {"old": ["d001", "d002"], "new": ["d004"]}
    assert check_contaminated(known[2:], 6, allowed=False) == {}


def test_of_two_models_with_one_name_neither_hides_what_the_other_was_trained_on() -> None:
    with pytest.raises(DataError):
        check_contaminated([("m", ["d001"]), ("m", [])], 4, allowed=False)
    assert check_contaminated([("m", ["d001"]), ("m", [])], 4, allowed=True) == {"m": ["d001"]}


# --- training documents, read again -----------------------------------------------------------------------------------


def test_training_documents_are_read_again_from_all_their_files_without_those_set_aside(tmp_path: Path) -> None:
    found = documents(8)
    write_documents(tmp_path / "a.jsonl", found[:4])
    write_documents(tmp_path / "b.jsonl", found[4:])
    known = manifest(tmp_path / "a.jsonl", tmp_path / "b.jsonl", train=[*found[:3], *found[5:]], dev=found[3:5])
    assert training_documents(known, NOWHERE) == [*found[:3], *found[5:]]


def test_training_documents_are_unknown_when_the_file_is_gone_or_no_text_was_recorded(tmp_path: Path) -> None:
    found = documents(3)
    write_documents(tmp_path / "a.jsonl", found)
    assert training_documents(manifest(tmp_path / "gone.jsonl", train=found), NOWHERE) is None
    assert training_documents(manifest(tmp_path / "a.jsonl", tmp_path / "gone.jsonl", train=found), NOWHERE) is None
    assert training_documents(manifest(tmp_path / "a.jsonl"), NOWHERE) is None
    assert training_documents(Manifest("tiny", 32, 8), NOWHERE) is None
    assert training_documents(manifest(tmp_path, train=found), NOWHERE) is None  # a folder


@pytest.mark.parametrize("content", ["", "{broken\n", '{"id": "d1"}\n', "[]\n"])
def test_training_documents_are_unknown_when_the_file_is_another(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.jsonl").write_text(content, encoding="utf-8")
    assert training_documents(manifest(tmp_path / "a.jsonl", train=documents(3)), NOWHERE) is None


def test_training_documents_are_unknown_when_one_text_has_changed_or_is_missing(tmp_path: Path) -> None:
    found = documents(4)
    known = manifest(tmp_path / "a.jsonl", train=found)
    write_documents(tmp_path / "a.jsonl", [*found[:3], replace(found[3], text=found[3].text + "!")])
    assert training_documents(known, NOWHERE) is None
    write_documents(tmp_path / "a.jsonl", found[:3])
    assert training_documents(known, NOWHERE) is None
    write_documents(tmp_path / "a.jsonl", found)
    assert training_documents(known, NOWHERE) == found


def test_training_documents_are_unknown_when_their_annotation_has_changed(tmp_path: Path) -> None:
    found = documents(4)
    write_documents(tmp_path / "a.jsonl", [*found[:3], replace(found[3], spans=[Span("S1", 0, 3, "TARGET")])])
    assert training_documents(manifest(tmp_path / "a.jsonl", train=found), NOWHERE) is None


def test_training_documents_without_their_texts_are_unknown_until_the_texts_are_named(tmp_path: Path) -> None:
    found = documents(2)
    write_standoff(tmp_path / "a.jsonl", [(document, f"{document.id}.txt") for document in found])
    known = manifest(tmp_path / "a.jsonl", train=found)
    assert training_documents(known, NOWHERE) is None
    (tmp_path / "texts").mkdir()
    for document in found:
        (tmp_path / "texts" / f"{document.id}.txt").write_text(document.text, encoding="utf-8")
    assert training_documents(known, TextSource(tmp_path / "texts")) == found


# --- mentions ---------------------------------------------------------------------------------------------------------


def test_mentions_are_kept_by_label_in_one_case() -> None:
    found = mentions(documents(4))
    assert found["PERPETRATOR"] == {"gunmen", "rebels"}
    assert found["TARGET"] == {"market", "school", "clinic"}
    assert mentions([]) == {}


def test_mentions_of_two_models_are_joined_and_unknown_where_one_is() -> None:
    one, other = {"DATE": frozenset({"friday"}), "TARGET": frozenset({"mill"})}, {"DATE": frozenset({"monday"})}
    assert joined(one, other) == {"DATE": frozenset({"friday", "monday"}), "TARGET": frozenset({"mill"})}
    assert joined({}, other) == other
    assert joined(one, None) is joined(None, other) is None


def test_an_assessment_knows_what_its_model_was_trained_on(tiny_model_folder: Path, tmp_path: Path) -> None:
    found = documents(4)
    write_documents(tmp_path / "a.jsonl", found[:2])
    model = Model(tiny_model_folder)
    unknown = assess(model, found, ("b.jsonl",), NOWHERE, None, cost=False)
    assert (unknown.trained_on, unknown.seen, unknown.cost) == (None, None, None)
    model.manifest = manifest(tmp_path / "a.jsonl", train=found[:2], dev=found[2:3])
    known = trained_on(model.manifest, found, NOWHERE)
    one = assess(model, found, ("b.jsonl",), NOWHERE, known, cost=False)
    assert one.trained_on == ["d000", "d001", "d002"]
    assert one.seen == mentions(found[:2])
    assert one.digest == data_digest(found)
    assert {part.value for part, _ in one.slices if part.kind == "mention in training"} == {"seen", "unseen"}
    first, second = (row.to_dict() for row in (one, assess(model, found, ("b.jsonl",), NOWHERE, known, cost=False)))
    assert first == second


# --- cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.integration  # measures in a process of its own
def test_cost_is_measured_in_a_process_of_its_own(tiny_model_folder: Path) -> None:
    found = measure(tiny_model_folder, [document.text for document in documents(3)])
    assert found.documents == 3
    assert all(value > 0 for value in found.to_dict().values())
    weights = (tiny_model_folder / "model.safetensors").stat().st_size
    whole = sum(file.stat().st_size for file in tiny_model_folder.iterdir())
    assert found.size_mb == pytest.approx((whole - weights) / 1e6)
    assert 20 < found.memory_mb < 5_000


@pytest.mark.integration  # measures in a process of its own
def test_a_folder_that_is_no_model_cannot_be_measured(tmp_path: Path) -> None:
    with pytest.raises(CostError, match="cannot be measured") as raised:
        measure(tmp_path, ["Quiet."])
    assert str(tmp_path) in str(raised.value)
    assert "is no model folder" in str(raised.value)


@pytest.mark.integration  # measures in a process of its own
def test_what_is_said_of_a_folder_that_is_no_model_is_no_stack_trace(tmp_path: Path) -> None:
    with pytest.raises(CostError) as raised:
        measure(tmp_path, ["Quiet."])
    assert "raise ModelError" not in str(raised.value)
    assert "line " not in str(raised.value)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a new process starts its count afresh")
def test_the_memory_of_the_process_that_measures_is_not_counted() -> None:
    ballast = bytearray(500_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])  # touched, so that the pages are there
    command = [sys.executable, "-c", "from training.evaluation.cost import _peak_bytes; print(_peak_bytes())"]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert int(done.stdout) < len(ballast)
