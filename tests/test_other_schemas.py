"""Other schemas: roles that YAML alone adds, and labels that are not about attacks, from mark-up to scores."""

from __future__ import annotations

import json
import random
import re
import string
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient
from typer.testing import CliRunner

from annotations import DataError, Document, Schema, load_schema, read_documents, write_documents
from annotations.formats.inline import parse
from annotations.io.config_files import config_folder
from inference import load
from tests.invariance import gold_prediction
from tests.tiny import config as tiny_config
from training.cli.app import app

RECALLS = Path(__file__).with_name("schemas") / "recalls.yaml"


@dataclass(frozen=True)
class Case:
    """A schema file, marked texts by it, and what events of the first text hold."""

    path: Path
    marked: tuple[tuple[str, str], ...]
    event: dict[str, object]
    headings: list[str]

    @property
    def schema(self) -> Schema:
        """The schema."""
        return load_schema(self.path)

    def documents(self, count: int = 12) -> list[Document]:
        """Documents that differ enough not to be near-duplicates."""
        made = []
        for number in range(count):
            text, events = self.marked[number % len(self.marked)]
            letters = random.Random(number)
            rest = " ".join("".join(letters.choices(string.ascii_lowercase, k=6)) for _ in range(40))
            made.append(parse(f"id: d{number:02}\n---\n{text}\n\n{rest}.\n---\n{events}\n", self.schema))
        return made


def with_claims(folder: Path) -> Case:
    """The shipped schema and two labels with roles of their own."""
    content = yaml.safe_load((config_folder() / "schema" / "events.yaml").read_text(encoding="utf-8"))
    content["labels"] |= {
        "CLAIMANT": {"role": "claimants", "named": True, "heading": "Claimed by", "definition": "Who claims it."},
        "RESCUER": {"role": "rescuers", "core": True, "definition": "Who helps."},
    }
    path = folder / "claims.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    marked = (
        (
            "{Gunmen|PERPETRATOR|E1} {killed|ATTACK|E1} {four|TOLL:killed|E1} {traders|VICTIM|E1} in "
            "{Gao|LOCATION|E1}. The {Red Front|CLAIMANT|E1} said it did it. {Medics|RESCUER|E1} came.",
            "E1: armed_assault; killed=4",
        ),
        ("A {bomb|WEAPON|E1} {exploded|ATTACK|E1}; {firemen|RESCUER|E1} helped.", "E1: bombing"),
        ("Rain fell.", ""),
    )
    event = {
        "perpetrators": ["Gunmen"],
        "victims": ["traders"],
        "claimants": ["Red Front"],
        "rescuers": ["Medics"],
        "locations": ["Gao"],
        "toll": {"killed": 4},
    }
    headings = ["Event", "Type", "Perpetrators", "Victims", "Claimed by", "Toll", "Where", "When", "Rescuers"]
    return Case(path, marked, event, headings)


def about_recalls(folder: Path) -> Case:
    """Recalls of products."""
    marked = (
        (
            "{Arden Motors|MAKER|E1} {called back|RECALL|E1} its {vans|PRODUCT|E1} for {brakes that fail|FAULT|E1}; "
            "{12,000|UNITS:sold|E1} were sold.",
            "E1: safety; sold=12000",
        ),
        (
            "A {recall|RECALL|E1} of {lamps|PRODUCT|E1} by {Lumo|MAKER|E1}: {dozens|UNITS:returned|E1} came.",
            "E1: quality",
        ),
        ("Rain fell.", ""),
    )
    event = {"makers": ["Arden Motors"], "products": ["vans"], "faults": ["brakes that fail"], "toll": {"sold": 12000}}
    return Case(RECALLS, marked, event, ["Event", "Type", "Makers", "Toll", "What", "Faults"])


@pytest.fixture(params=[with_claims, about_recalls])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    made: Case = request.param(tmp_path)
    return made


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, (words, result.output, result.exception)
    return result.stdout


def test_spans_are_tied_to_events_and_shown(case: Case) -> None:
    document = case.documents(1)[0]
    prediction = gold_prediction(document, case.schema)
    (event,) = prediction.to_dict()["events"]
    words = {span.id: span.text for span in prediction.spans}
    found: dict[str, object] = {"toll": {kind: toll["min"] for kind, toll in event["toll"].items()}}
    for role in case.schema.arguments:
        if event[role]:
            found[role] = [one["name"] if isinstance(one, dict) else words[one] for one in event[role]]
    assert found == case.event
    shown = re.findall('scope="col">(.*?)</th>', prediction.to_html())
    assert set(case.headings) - set(shown) <= {"When"}  # no column without a date
    (predicted,), (gold,) = prediction.to_document("d").events, document.events
    assert predicted.roles == gold.roles
    for name in case.event:
        assert getattr(prediction.events[0], name)


def test_files_of_every_format_come_back(case: Case, tmp_path: Path) -> None:
    documents = case.documents()
    write_documents("gold.jsonl", documents)
    assert read_documents("gold.jsonl") == documents
    run("data", "validate", "gold.jsonl", "--schema", case.path)
    run("data", "convert", "gold.jsonl", "marked", "--schema", case.path)
    run("data", "convert", "marked", "again.jsonl", "--schema", case.path)
    assert read_documents("again.jsonl") == documents
    run("data", "export", "conll", "gold.jsonl", "--to", "gold.conll", "--schema", case.path)
    run("data", "import", "conll", "gold.conll", "back.jsonl", "--schema", case.path)
    marks = [[(s.start, s.end, s.label, s.type) for s in d.spans] for d in documents]
    assert [[(s.start, s.end, s.label, s.type) for s in d.spans] for d in read_documents("back.jsonl")] == marks
    run("data", "export", "label-studio", "gold.jsonl", "--to", "tasks.json", "--schema", case.path)
    for task in (tasks := json.loads(Path("tasks.json").read_text())):
        task["annotations"] = [{"result": one["result"], "completed_by": 1} for one in task.pop("predictions", [])]
    Path("tasks.json").write_text(json.dumps(tasks))
    run("data", "import", "label-studio", "tasks.json", "labelled.jsonl", "--schema", case.path)
    assert [d.events for d in read_documents("labelled.jsonl")] == [d.events for d in documents]


def test_a_model_is_trained_and_used(case: Case, tmp_path: Path) -> None:
    content = tiny_config(tmp_path) | {"schema": str(case.path)}
    write_documents(tmp_path / "train.jsonl", case.documents()[:8])
    write_documents(tmp_path / "dev.jsonl", case.documents()[8:])
    content["data"] |= {"train": ["train.jsonl"], "dev": ["dev.jsonl"]}
    content["fit"] |= {"epochs": 1}
    content["tracking"] = {"uri": "sqlite:///mlflow.db"}
    Path("mine.yaml").write_text(yaml.safe_dump(content))
    run("train", "mine.yaml", "--allow-empty")
    name = case.schema.name if case.path == RECALLS else "conflict-events"
    model = f"{name}/1"
    example = json.dumps(MlflowClient().get_registered_model(name).description)
    assert next(iter(case.schema.labels)) in example
    assert load(model).schema == case.schema
    text = case.documents(1)[0].text
    predicted = json.loads(run("predict", text, "--model", model, "--format", "json"))
    for event in predicted["events"]:
        assert {*case.schema.arguments} <= {*event}
    assert "<html" in run("predict", text, "--model", model, "--format", "html")
    report = json.loads(run("evaluate", model, "dev.jsonl", "--no-cost", "--html", "report.html", "--format", "json"))
    assert {f"event_role:{role}" for role in case.schema.arguments} <= {*report["intervals"]}
    assert case.headings[2].lower() in Path("report.html").read_text()
    run("compare", model, model, "--data", "dev.jsonl", "--no-cost", "--html", "compared.html", "--contaminated")
    run("data", "report", "train.jsonl", "--config", "mine.yaml")


def test_a_corpus_says_that_it_does_not_annotate_a_label_of_another_schema(tmp_path: Path) -> None:
    case = with_claims(tmp_path)
    source = Path("incidents.jsonl")
    source.write_text(json.dumps({"text": "Gunmen killed four traders."}) + "\n")
    from annotations.importers.base import Imported, Source

    made = Imported((Document("d1", "Gunmen killed four traders.", meta={"coverage": {"DATE": "some"}}),))
    corpus = Source("made-up", {"DATE": "some"}, lambda path: made)
    (document,) = corpus.load(source, case.schema).documents
    assert document.meta["coverage"] == {"DATE": "some", "CLAIMANT": "none", "RESCUER": "none"}
    assert corpus.load(source, load_schema()) == made


def test_roles_that_the_schema_lacks_are_refused(tmp_path: Path) -> None:
    case = with_claims(tmp_path)
    write_documents("gold.jsonl", case.documents(1))
    result = CliRunner().invoke(app, ["data", "validate", "gold.jsonl"])
    assert result.exit_code == 1
    assert "'claimants'" in result.output
    assert "'CLAIMANT'" in result.output


@pytest.mark.parametrize("heading", ["Toll", "Type", "Where"])
def test_two_columns_of_one_heading_are_refused(heading: str, tmp_path: Path) -> None:
    content = yaml.safe_load(with_claims(tmp_path).path.read_text(encoding="utf-8"))
    content["labels"]["CLAIMANT"]["heading"] = heading
    (tmp_path / "twice.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(DataError, match=f"'{heading}'"):
        load_schema(tmp_path / "twice.yaml")
