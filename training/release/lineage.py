"""Lineage: from a registered version to its run, config, data, code and scores, and what differs between two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import mlflow
from mlflow.entities import DatasetInput, Run
from mlflow.exceptions import MlflowException

from annotations.errors import ExplainedError
from annotations.schema import Schema
from inference.manifest import Manifest
from inference.mlflow_stores import pages
from training.config import flatten
from training.evaluation.mlflow_runs import EXPERIMENT
from training.release.promotion_record import is_count, is_move, read_record, strange_items
from training.store.registry import RegistryError, Version, read_model_files, scores

_CONTEXT = "mlflow.data.context"


@dataclass(frozen=True)
class Split:
    """The data of one use: `train`, `dev` or `test`."""

    files: Sequence[str]  # files, named sets, or a share of the training documents
    digest: str | None  # SHA-256 of the documents with their annotation; None if unknown
    documents: int | None  # number of annotated documents; None if unknown
    # SHA-256 of the texts; None if the manifest has none. Also of those without annotation, and of what the teachers
    # and the model that training went on from have read.
    texts: frozenset[str] | None
    unannotated: int = 0  # number of texts without annotation

    def to_dict(self) -> dict[str, Any]:
        """Return files, digest, number of documents, and of texts without annotation if there are any."""
        more = {"unannotated": self.unannotated} if self.unannotated else {}
        return {"files": list(self.files), "digest": self.digest, "documents": self.documents, **more}


@dataclass(frozen=True)
class Lineage:
    """Where a version comes from. Parts that could not be read are empty and listed in `problems`."""

    version: Version  # the version
    run: Mapping[str, Any]  # id, name, status, user, start (UTC, ISO), seconds
    config: Mapping[str, str]  # dotted keys and values
    data: Mapping[str, Split]  # data by use
    schema: Mapping[str, Any]  # name, version and SHA-256 of the label set, and its classes
    commit: str | None  # commit of the code
    packages: Mapping[str, str]  # versions of the packages that affect the result
    scores: Mapping[str, float]  # F1 as tagged, by name
    metrics: Mapping[str, float]  # all metrics of the run
    promotions: Sequence[Mapping[str, Any]]  # moves of aliases, oldest first
    evaluations: Sequence[Mapping[str, Any]]  # runs that evaluated or compared the version, newest first
    problems: Sequence[str]  # parts that could not be read

    def to_dict(self) -> dict[str, Any]:
        """Return the lineage as plain values."""
        version = self.version
        plain = ("config", "schema", "packages", "scores", "metrics")
        return {
            "name": version.name,
            "version": version.number,
            "aliases": list(version.aliases),
            "created": version.created.isoformat(timespec="seconds"),
            "run": dict(self.run),
            "commit": self.commit,
            "data": {use: split.to_dict() for use, split in self.data.items()},
            **{name: dict(getattr(self, name)) for name in plain},
            "promotions": [dict(move) for move in self.promotions],
            "evaluations": [dict(one) for one in self.evaluations],
            "problems": list(self.problems),
        }


def lineage(version: Version) -> Lineage:
    """Trace a version. Only the manifest and the label set of its model folder are fetched.

    Raises:
        MlflowException: The store fails.
    """
    problems: list[str] = []
    run = _run(version, problems)
    manifest, schema = _files(version, problems)
    training = manifest.training if manifest else {}
    params = run.data.params if run else {}
    tagged, wrong = scores(version)
    problems += wrong
    return Lineage(
        version=version,
        run=_run_facts(run) if run else {},
        config={**params, **{key: str(value) for key, value in flatten(training.get("config", {}))}},
        data=_data(training, run),
        schema=_schema_facts(manifest, schema) if manifest and schema else {},
        commit=training.get("commit") or (run.data.tags.get("commit") if run else None),
        packages=training.get("packages", {}),
        scores=tagged,
        metrics=dict(sorted(run.data.metrics.items())) if run else {},
        promotions=_promotions(version, problems),
        evaluations=evaluations(version),
        problems=problems,
    )


def _run(version: Version, problems: list[str]) -> Run | None:
    if not version.run_id:
        problems.append("no run is known of this version")
        return None
    try:
        return mlflow.MlflowClient().get_run(version.run_id)
    except MlflowException as error:
        problems.append(f"the run {version.run_id} cannot be read: {error}")
        return None


def _files(version: Version, problems: list[str]) -> tuple[Manifest | None, Schema | None]:
    try:
        return read_model_files(version)
    except RegistryError as error:
        problems.append(str(error))
        return None, None


def _promotions(version: Version, problems: list[str]) -> Sequence[Mapping[str, Any]]:
    try:
        record = read_record(version.tags, version.address)
    except ExplainedError as error:
        problems.append(str(error))
        return []
    problems += strange_items(record, version.address)
    return [item for item in record if is_move(item) or is_count(item)]


def _run_facts(run: Run) -> dict[str, Any]:
    info = run.info
    return {
        "id": info.run_id,
        "name": info.run_name,
        "status": info.status,
        "user": run.data.tags.get("mlflow.user"),
        "started": _time(info.start_time),
        "seconds": round((info.end_time - info.start_time) / 1000) if info.end_time else None,
    }


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")


def _data(training: Mapping[str, Any], run: Run | None) -> dict[str, Split]:
    """Combine the data in the manifest with the data that the run logged; only the run knows the test documents."""
    named = training.get("config", {}).get("data", {})
    digests = training.get("data_digest", {})
    recorded = {_use(item): item.dataset for item in run.inputs.dataset_inputs} if run and run.inputs else {}
    found = {}
    for use in dict.fromkeys([*digests, *recorded]):
        texts = training.get(f"{use}_texts")
        unannotated = int(training.get("unannotated_texts", 0)) if use == "train" else 0
        profile = json.loads(recorded[use].profile or "{}") if use in recorded else {}
        files = named.get(use, [])
        # For versions of which neither manifest nor run has the number of documents, it follows from the texts.
        annotated = None if texts is None else len(texts) - unannotated
        found[use] = Split(
            files if isinstance(files, list) else [f"{files} of {', '.join(named.get('train', ()))}"],
            digests.get(use) or recorded[use].digest,
            training.get("documents", {}).get(use, profile.get("num_rows", annotated)),
            None if texts is None else frozenset(texts),
            unannotated,
        )
    return found


def _use(item: DatasetInput) -> str:
    """The use of a dataset in a run; its name if it was logged without a context."""
    return next((tag.value for tag in item.tags if tag.key == _CONTEXT), item.dataset.name)


def _schema_facts(manifest: Manifest, schema: Schema) -> dict[str, Any]:
    digest = manifest.files.get("schema.yaml")
    return {"name": schema.name, "version": schema.version, "sha256": digest, "classes": list(schema.class_names)}


def evaluations(version: Version) -> list[dict[str, Any]]:
    """Return the evaluation and comparison runs of a version, newest first.

    Raises:
        MlflowException: The store fails.
    """
    found = []
    for run in _evaluation_runs():
        tags = run.data.tags
        compared = _names(tags.get("compared_models", ""))
        own = tags.get("evaluated_model") == version.address
        if own or version.address in compared or (version.run_id and tags.get("evaluated_run") == version.run_id):
            logged = {key.replace("/", "_"): value for key, value in run.data.metrics.items()}  # older runs wrote _
            figures = {key: logged[key] for key in ("eval_partial_core_f1", "eval_ece") if key in logged}
            facts = {"run": run.info.run_id, "name": run.info.run_name, "at": _time(run.info.start_time)}
            found.append(facts | {"data": tags.get("data"), "verdict": tags.get("verdict")} | figures)
    return found


def _evaluation_runs() -> Iterator[Run]:
    """Every evaluation run, newest first."""
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is not None:
        order = ["attributes.start_time DESC"]
        yield from pages(partial(client.search_runs, [experiment.experiment_id], order_by=order))


def _names(tag: str) -> list[str]:
    """Read the names of compared models: a JSON list, or separated by commas in older runs.

    Example:
        >>> _names('["a, b/1", "c/2"]'), _names("a/1, c/2")
        (['a, b/1', 'c/2'], ['a/1', 'c/2'])
    """
    try:
        names = json.loads(tag)
    except ValueError:
        names = None
    return [str(name) for name in names] if isinstance(names, list) else tag.split(", ")
