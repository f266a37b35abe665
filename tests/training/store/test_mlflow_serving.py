"""A registered version as MLflow's users run it: over HTTP, in Python without this project, and in evaluations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import mlflow
import pandas as pd
import pytest

from annotations import Document, load_schema
from annotations.errors import DataError
from inference import load
from tests.servers import free_port, running
from tests.tiny import documents
from training.evaluation.evaluate import evaluate
from training.evaluation.mlflow_metrics import extra_metrics
from training.store.registry import log_model

pytestmark = pytest.mark.slow

URI = "models:/conflict-events/1"
# An emoji and a flag are one and two characters in Python, more elsewhere; a CRLF must stay two.
TEXT = "Gunmen 😀 opened fire 🇲🇱 at a market in Ndoro.\r\nThey killed at least 12 traders.\r\n\r\nRebels fled."
PLAIN = "Rebels abducted seven nurses from a clinic in Kesra on Friday."


@pytest.fixture(scope="module")
def store(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a store whose only version is the tiny model."""
    folder = tmp_path_factory.mktemp("store")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # artifacts go beside the database
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment("serving")  # MLflow may remember one of another test's store
        with mlflow.start_run():
            log_model(tiny_model_folder, "conflict-events")
    yield uri
    mlflow.set_tracking_uri(None)


@pytest.fixture(autouse=True)
def _tracking(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)


def _check(prediction: Mapping[str, Any], text: str) -> None:
    """A prediction marks pieces of the text, and its events name the spans."""
    assert prediction["spans"]
    assert prediction["events"]
    ids = set()
    for span in prediction["spans"]:
        assert text[span["start"] : span["end"]] == span["text"]
        ids.add(span["id"])
    for event in prediction["events"]:
        assert event["triggers"]
        assert ids.issuperset(event["triggers"])


@pytest.fixture(scope="module")
def served(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", URI, "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    # MLflow looks for uvicorn in PATH, as an activated environment has it.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {**os.environ, "PATH": path, "MLFLOW_TRACKING_URI": store}
    with running(command, f"http://127.0.0.1:{port}", folder, variables, health="/ping") as address:
        yield address


@pytest.mark.parametrize(
    "payload",
    [
        {"dataframe_split": {"columns": ["text"], "data": [[TEXT], [PLAIN]]}},
        {"dataframe_records": [{"text": TEXT}, {"text": PLAIN}]},
        {"inputs": [TEXT, PLAIN]},
        {"inputs": {"text": [TEXT, PLAIN]}},
        {"inputs": [{"text": TEXT}, {"text": PLAIN}]},
    ],
)
def test_served_model_predicts_spans_and_events(served: str, payload: dict[str, Any], tiny_model_folder: Path) -> None:
    answer = httpx.post(f"{served}/invocations", json=payload, timeout=60)
    assert answer.status_code == 200, answer.text
    found = answer.json()["predictions"]
    for prediction, text in zip(found, (TEXT, PLAIN), strict=True):
        _check(prediction, text)
    local = load(tiny_model_folder).predict([TEXT, PLAIN])
    assert [one["spans"] for one in found] == [one.to_dict()["spans"] for one in local]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (
            {"columns": ["body"], "data": [[PLAIN]]},
            "missing inputs ['text']. Note that there were extra inputs: ['body']",
        ),
        (
            {"columns": ["text"], "data": [[PLAIN], [None]]},
            "column 'text' cannot be read: text[1] is float, not a string",
        ),
    ],
)
def test_served_model_says_what_is_wrong_with_a_request(served: str, frame: dict[str, Any], said: str) -> None:
    answer = httpx.post(f"{served}/invocations", json={"dataframe_split": frame}, timeout=60)
    assert answer.status_code == 400
    assert said in answer.json()["message"]
    assert "Traceback" not in answer.text


ELSEWHERE = """
import importlib.util, json, sys
import mlflow, pandas as pd

texts = json.loads(sys.argv[2])
# An editable install leaves annotations/configs behind: a folder without code, so without an origin.
specs = {name: importlib.util.find_spec(name) for name in ("annotations", "inference", "training")}
absent = [name for name, spec in specs.items() if spec is None or spec.origin is None]
model = mlflow.pyfunc.load_model(sys.argv[1])
found = {
    "frame": model.predict(pd.DataFrame({"text": texts})),
    "series": model.predict(pd.Series(texts, name="text")),
    "dictionary": model.predict({"text": texts[0]}),
}
import annotations, inference
print(json.dumps({"absent": absent, "code": [annotations.__file__, inference.__file__], "found": found}))
"""


def test_version_predicts_where_this_project_is_not_installed(store: str, tmp_path: Path) -> None:
    # -S: no .pth files, so an editable install is not there; installed packages come by PYTHONPATH.
    packages = os.pathsep.join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    variables = {**os.environ, "PYTHONPATH": packages, "MLFLOW_TRACKING_URI": store}
    command = [sys.executable, "-S", "-c", ELSEWHERE, URI, json.dumps([TEXT, PLAIN])]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["absent"] == ["annotations", "inference", "training"]
    checkout = Path(__file__).parents[3]
    assert not any(Path(file).is_relative_to(checkout) for file in answer["code"])
    for prediction, text in zip(answer["found"]["frame"], (TEXT, PLAIN), strict=True):
        _check(prediction, text)
    assert answer["found"]["series"] == answer["found"]["frame"]
    assert answer["found"]["dictionary"] == answer["found"]["frame"][:1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([PLAIN], r"missing inputs \['text'\]"),  # a list over HTTP is fine; in Python it wants a name
        (pd.DataFrame({"body": [PLAIN]}), r"missing inputs \['text'\]. Note that there were extra inputs: \['body'\]"),
        (pd.DataFrame({"text": [1, 2]}), "Incompatible input types for column text"),
        (pd.DataFrame({"text": [PLAIN, None]}), r"text\[1\] is float, not a string"),
    ],
)
def test_loaded_version_says_what_is_wrong_with_its_input(data: Any, said: str) -> None:
    with pytest.raises(mlflow.MlflowException, match=said):
        mlflow.pyfunc.load_model(URI).predict(data)


def test_columns_beside_the_text_are_not_predicted() -> None:
    frame = pd.DataFrame({"title": [PLAIN], "text": [TEXT]})
    (prediction,) = mlflow.pyfunc.load_model(URI).predict(frame)
    _check(prediction, TEXT)


def _frame(gold: list[Document], as_json: bool = True) -> pd.DataFrame:
    records = [document.to_dict() for document in gold]
    targets = [json.dumps(record) for record in records] if as_json else records
    return pd.DataFrame({"text": [document.text for document in gold], "gold": targets})


def _evaluated(frame: pd.DataFrame, **options: Any) -> dict[str, float]:
    with mlflow.start_run() as run:
        found = mlflow.models.evaluate(
            options.pop("model", URI),
            frame,
            targets="gold",
            predictions=options.pop("predictions", "spans"),
            evaluators="default",
            extra_metrics=extra_metrics(),
        )
    assert mlflow.get_run(run.info.run_id).data.metrics.items() >= found.metrics.items()
    assert not mlflow.artifacts.list_artifacts(run_id=run.info.run_id)  # no table with the texts
    return dict(found.metrics)


def test_mlflow_evaluates_a_version_with_our_scores(tiny_model_folder: Path) -> None:
    gold = documents(6)
    metrics = _evaluated(_frame(gold))
    ours = evaluate(load(tiny_model_folder), gold)
    assert metrics["strict_micro_f1"] == pytest.approx(ours.scores["strict"].micro.f1)
    assert metrics["overlap_micro_recall"] == pytest.approx(ours.scores["overlap"].micro.recall)
    assert metrics["partial_core_f1"] == pytest.approx(ours.scores["partial"].core.f1)
    assert 0 < metrics["partial_core_f1"] < 1
    assert _evaluated(_frame(gold, as_json=False)) == pytest.approx(metrics)


def test_mlflow_gives_a_perfect_model_full_marks() -> None:
    gold = documents(4)

    def perfect(_: pd.DataFrame) -> list[dict[str, Any]]:
        marked = [[{**s.to_dict(), "text": d.mention(s), "score": 1.0} for s in d.spans] for d in gold]
        return [{"spans": spans, "events": []} for spans in marked]

    metrics = _evaluated(_frame(gold), model=perfect)
    assert set(metrics.values()) == {1.0}


def test_metrics_say_what_is_wrong_with_the_targets() -> None:
    def score(**columns: Any) -> float:
        return float(extra_metrics()[0].eval_fn(**{name: pd.Series([value]) for name, value in columns.items()}))

    document = documents(1)[0]
    gold = document.to_dict()
    with pytest.raises(DataError, match="row 0: the target is not JSON: Expecting value"):
        score(predictions=[], targets="Gunmen", text="Gunmen")
    with pytest.raises(DataError, match="row 0: the target is float, not a document"):
        score(predictions=[], targets=1.5, text="Gunmen")
    with pytest.raises(DataError, match="document 'd000': row 0: the target has another text"):
        score(predictions=[], targets=gold, text="Gunmen")
    with pytest.raises(DataError, match="evaluate with predictions='spans'"):
        score(predictions=[{"id": "E1"}], targets=gold, text=document.text)
    unknown = {**gold, "spans": [{**gold["spans"][0], "label": "VICTIMS"}], "events": []}
    with pytest.raises(DataError, match="did you mean 'VICTIM'"):
        score(predictions=[], targets=unknown, text=document.text)


def test_metrics_are_undefined_where_nothing_is_annotated_exhaustively() -> None:
    document = documents(1)[0]
    some = {**document.to_dict(), "meta": {"coverage": dict.fromkeys(load_schema().labels, "some")}}
    columns = {"predictions": pd.Series([[]]), "targets": pd.Series([some]), "text": pd.Series([document.text])}
    for metric in extra_metrics():
        assert metric.eval_fn(**columns) != metric.eval_fn(**columns)  # NaN
