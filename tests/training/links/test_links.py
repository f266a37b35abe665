"""Learning to link: examples from gold events, a scorer, and a model folder that has one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotations import Document, load_schema, write_documents
from annotations.formats.inline import parse
from inference import Model, ModelError
from inference.events.linker import FILE, Linker, LinkSettings, OnnxScorer
from inference.manifest import read_manifest
from tests import tiny
from tests.helpers import run
from training.config import LinksConfig
from training.links.examples import example_of, gold_spans
from training.links.folder import LinkError, relink
from training.links.network import TorchScorer, learn, write_onnx
from training.links.scores import link_scores

SCHEMA = load_schema()
QUICK = LinksConfig(epochs=2)
SIZE = 6
TWO = (
    "id: two\ngenre: wire\ncountry: Nowhere\n---\nA {bomb|WEAPON|E1} {exploded|ATTACK|E1} in {Kesra|LOCATION|E1}. "
    "{Rebels|PERPETRATOR|E2} {abducted|ATTACK|E2} {nurses|VICTIM|E2}. The {blast|ATTACK|E1} killed "
    "{four|TOLL:killed|E1}.\n---\nE1: bombing\nE2: abduction\n"
)


def example(document: Document) -> Any:
    """The example of a document's gold spans, with invented vectors."""
    spans = gold_spans(document)
    vectors = np.random.default_rng(len(spans)).normal(size=(len(spans), SIZE)).astype(np.float32)
    return example_of(document, spans, vectors, SCHEMA)


def inputs(found: Any) -> dict[str, Any]:
    """What a scorer takes."""
    return {
        "vectors": found.vectors,
        "same_pairs": np.stack([found.same.first, found.same.second], 1),
        "same_features": found.same.features,
        "belongs_pairs": np.stack([found.belongs.first, found.belongs.second], 1),
        "belongs_features": found.belongs.features,
    }


@pytest.fixture(scope="module")
def linked(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with a linker."""
    target = tmp_path_factory.mktemp("linked") / "model"
    documents = tiny.documents()
    relink(tiny_model_folder, target, documents[:8], documents[8:], QUICK, seed=3)
    return target


def test_gold_events_say_which_pairs_belong_together():
    document = parse(TWO, SCHEMA)
    found = example(document)
    assert found.same_answer.tolist() == [0, 1, 0]  # exploded and abducted, exploded and blast, abducted and blast
    words = [document.mention(span) for span in document.spans]
    yes = {
        words[argument]
        for argument, event in zip(found.belongs.second.tolist(), found.event.tolist(), strict=True)
        if found.belongs_answer[event]
    }
    assert yes == {"bomb", "Kesra", "Rebels", "nurses", "four"}
    assert found.belongs_answer.sum() == 5
    assert len(found.belongs_answer) == 10  # five arguments, two events


def test_a_wrong_trigger_is_an_event_without_arguments():
    document = parse(TWO, SCHEMA)
    bare = Document(document.id, document.text, document.spans, [document.events[1]])
    found = example(bare)
    assert found.belongs_answer.sum() == 2
    assert np.isnan(found.same_answer).all()


def test_the_same_seed_gives_the_same_scorer_and_onnx_computes_what_torch_does(tmp_path: Path):
    examples = [example(document) for document in [*tiny.documents(3), parse(TWO, SCHEMA)]]
    first, second, other = (learn(examples, epochs=2, learning_rate=0.01, seed=seed) for seed in (1, 1, 2))
    write_onnx(first, tmp_path / FILE)
    given = inputs(examples[-1])
    rated = TorchScorer(first)(given)
    for one, again, different, stored in zip(
        rated, TorchScorer(second)(given), TorchScorer(other)(given), OnnxScorer(tmp_path / FILE)(given), strict=True
    ):
        np.testing.assert_array_equal(one, again)
        np.testing.assert_allclose(one, stored, atol=1e-5)
        assert not np.allclose(one, different)


def test_documents_with_one_trigger_each_give_a_scorer_without_nan():
    found = [example(document) for document in tiny.documents(3)[2:]]
    assert not len(found[0].same.first)
    rated = TorchScorer(learn(found, epochs=1, learning_rate=0.01, seed=1))(inputs(example(parse(TWO, SCHEMA))))
    assert all(np.isfinite(part).all() for part in rated)


def test_a_linker_that_computes_nan_is_refused():
    facts = example(parse(TWO, SCHEMA)).facts
    linker = Linker(lambda given: (np.full(len(given["same_pairs"]), np.nan, np.float32),) * 2, LinkSettings())
    with pytest.raises(ModelError, match="nan"):
        linker.rate(facts, np.zeros((len(facts.spans), 4), np.float32))


def test_a_scorer_learns_its_examples():
    found = example(parse(TWO, SCHEMA))
    same, belongs = TorchScorer(learn([found], epochs=150, learning_rate=0.01, seed=1))(inputs(found))
    assert (same > 0).tolist() == [False, True, False]
    best = [max(belongs[found.event == event]) for event in range(len(found.belongs_answer))]
    assert [value > 0 for value in best] == found.belongs_answer.astype(bool).tolist()


@pytest.mark.integration  # takes seconds
def test_at_most_so_many_documents_are_read_the_same_for_a_seed(tiny_model_folder: Path, tmp_path: Path):
    read = []
    for number in range(2):
        config = LinksConfig(epochs=1, documents=3)
        relink(tiny_model_folder, tmp_path / str(number), tiny.documents()[:8], tiny.documents()[8:], config, seed=4)
        read.append(read_manifest(tmp_path / str(number)).files[FILE])
        assert read_manifest(tmp_path / str(number)).training["links"]["documents"] == 3
    assert read[0] == read[1]


def test_a_linked_folder_has_thresholds_and_says_what_it_learned_from(linked: Path, tiny_model_folder: Path):
    manifest = read_manifest(linked)
    assert FILE in manifest.files
    assert set(manifest.links) == {"join", "several", "least", "event", "kept"}
    known = {document.sha256 for document in tiny.documents()[:8]}
    assert known <= set(manifest.training["train_texts"])
    assert manifest.training["links"]["documents"] == 6  # two of eight report no attack
    assert set(manifest.training["links"]["data_digest"]) == {"train", "dev"}
    assert read_manifest(tiny_model_folder).links == {}


def test_events_below_the_fitted_score_are_left_out_unless_all_are_asked_for(linked: Path):
    model = Model(linked)
    assert model.linker is not None
    text = tiny.documents(4)[0].text
    every = model.predict(text, min_event_score=0)
    highest = max(event.score for event in every.events)
    for kept, expected in ((0.0, every.events), (highest, [e for e in every.events if e.score >= highest])):
        model.linker.settings = replace(model.linker.settings, kept=kept)
        assert model.predict(text).events == expected
        assert model.predict(text, min_event_score=0) == every
    model.linker.settings = replace(model.linker.settings, kept=1.0)
    assert not model.predict(text).events
    assert model.predict(text).spans == every.spans


def test_a_linked_model_predicts_by_its_linker_and_the_same_each_time(linked: Path, tiny_model_folder: Path):
    model = Model(linked)
    assert model.linker is not None
    assert Model(tiny_model_folder).linker is None
    texts = [document.text for document in tiny.documents(4)]
    assert [p.to_dict() for p in model.predict(texts)] == [model.predict(text).to_dict() for text in texts]
    for prediction, plain in zip(model.predict(texts), Model(tiny_model_folder).predict(texts), strict=True):
        assert prediction.spans == plain.spans
        ids = [span.id for event in prediction.events for span in event.triggers]
        assert sorted(ids) == sorted(span.id for span in prediction.spans if span.label == "ATTACK")


def test_a_linker_of_another_model_is_refused_by_name(linked: Path, tmp_path: Path):
    from dataclasses import replace
    from shutil import copytree

    from inference.manifest import write_manifest

    folder = Path(copytree(linked, tmp_path / "copy"))
    write_onnx(learn([example(parse(TWO, SCHEMA))], epochs=1, learning_rate=0.01, seed=1), folder / FILE)
    write_manifest(folder, replace(json_manifest(folder)))
    with pytest.raises(ModelError, match=FILE):
        Model(folder)


def json_manifest(folder: Path) -> Any:
    """The manifest of a folder whose files have changed."""
    from inference.manifest import Manifest

    return Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def test_a_folder_that_exists_and_data_without_events_are_refused(
    tiny_model_folder: Path, linked: Path, tmp_path: Path
):
    documents = tiny.documents()
    with pytest.raises(LinkError, match="exists"):
        relink(tiny_model_folder, linked, documents, [], QUICK, seed=1)
    quiet = [document for document in documents if not document.events]
    with pytest.raises(LinkError, match="no links to learn"):
        relink(tiny_model_folder, tmp_path / "new", quiet, [], QUICK, seed=1)
    assert not list(tmp_path.glob("new*"))


def test_linking_alone_is_scored_by_rules_and_by_the_linker(linked: Path, tiny_model_folder: Path):
    documents = tiny.documents()[8:]
    assert list(link_scores(Model(tiny_model_folder), documents)) == ["rules"]
    found = link_scores(Model(linked), documents)
    assert list(found) == ["rules", "linker"]
    assert found["rules"]["events"] == 1
    assert set(found["linker"]) == {"trigger_pairs", "arguments", "events", "types", "tolls"}


@pytest.mark.integration  # takes seconds
def test_commands_link_a_model_and_score_its_links(tiny_model_folder: Path, tmp_path: Path):
    documents = tiny.documents()
    write_documents(tmp_path / "train.jsonl", documents[:8])
    write_documents(tmp_path / "dev.jsonl", documents[8:])
    given = ("--data", "train.jsonl", "--dev", "dev.jsonl", "--to", "new", "--epochs", "1")
    done = run("link", str(tiny_model_folder), *given)
    assert done.returncode == 0, done.stderr
    scored = run("evaluate", "new", "dev.jsonl", "--gold-spans", "--no-cost", "--no-track", "--format", "json")
    assert set(json.loads(scored.stdout)["links"]) == {"rules", "linker"}
    shown = run("evaluate", "new", "dev.jsonl", "--gold-spans", "--no-cost", "--no-track")
    assert "linker" in shown.stdout
