"""The measurements that gates need: a version and the holder of an alias, scored, timed and tested in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from annotations.document import Document
from annotations.errors import DataError
from annotations.formats.jsonl import read_documents
from annotations.formats.texts import TextSource
from inference.model import Model
from training.behaviour.run import behave, read_cases
from training.evaluation.compare import compare_versions
from training.evaluation.cost import Cost, measure
from training.evaluation.estimates import Difference
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.events import event_measures
from training.evaluation.scores import span_measures
from training.evaluation.training_overlap import trained_on
from training.release.gate_checks import Facts
from training.release.gates import Gates, unknown_names

Report = Callable[[str], None]


def gather(
    gates: Gates,
    file: str,
    alias: str,
    version: Model,
    holder: Model | str | None,
    texts: TextSource,
    report: Report = lambda _: None,
) -> Facts:
    """Measure what the gates need, and nothing else.

    Args:
        gates: The gates.
        file: Name of the gates' file for messages.
        alias: The alias that the version is meant to get.
        version: The version.
        holder: The version that holds the alias; its name if it cannot be loaded; None if there is none.
        texts: Texts of stand-off documents.
        report: Called with a line before each longer step.

    Raises:
        DataError: The gates name an unknown measure, capability or dataset, or the data cannot be scored.
        CostError: The measuring process failed.
    """
    cases = read_cases() if gates.behaviour else []
    measures = [measure.name for measure in [*span_measures(version.schema), *event_measures(version.schema)]]
    DataError.check(unknown_names(gates, measures, [capability.name for capability in cases], file))
    documents = {data: read_documents(data, texts) for data in gates.sets}
    models = [version, *([holder] if isinstance(holder, Model) else [])]
    scored = _evaluations(version, documents, report)
    labels, incomparable = _labels(gates, holder, scored, documents, report)
    facts = Facts(
        version=version.name,
        alias=alias,
        holder=holder.name if isinstance(holder, Model) else holder,
        incomparable=incomparable,
        labels=labels,
        measures={data: {name: found.f1(name) for name in measures} for data, found in scored.items()},
        ece={data: found.calibration.ece for data, found in scored.items()},
        trained_on={
            data: {model.name: trained_on(model.manifest, found, texts) for model in models}
            for data, found in documents.items()
        },
    )
    if gates.speed or gates.size:
        own, *others = _costs(gates, models, documents, report)
        facts = replace(
            facts,
            milliseconds=own.milliseconds,
            holder_milliseconds=others[0].milliseconds if others else None,
            folder_mb=own.size_mb,
            memory_mb=own.memory_mb,
        )
    if cases:
        report(f"running behaviour cases on {version.name}")
        facts = replace(facts, behaviour=behave(version, cases).capabilities())
    return facts


def _labels(
    gates: Gates,
    holder: Model | str | None,
    scored: Mapping[str, Evaluation],
    documents: Mapping[str, Sequence[Document]],
    report: Report,
) -> tuple[dict[str, list[Difference]], str]:
    """Return the differences by label, by dataset; or none, and why there is no comparison with the holder."""
    if isinstance(holder, str):
        return {}, f"{holder} cannot be loaded"
    if gates.labels is None or holder is None:
        return {}, ""
    try:
        theirs = _evaluations(holder, {data: documents[data] for data in gates.data}, report)
        return {data: compare_versions(found, scored[data]).labels for data, found in theirs.items()}, ""
    except DataError as error:  # the version was scored on the same data, so the holder has another label set
        return {}, f"{holder.name} cannot be compared with: {error.faults[0].problem}"


def _evaluations(model: Model, documents: Mapping[str, Sequence[Document]], report: Report) -> dict[str, Evaluation]:
    found = {}
    for data, gold in documents.items():
        report(f"scoring {model.name} on {data}")
        found[data] = evaluate(model, gold)
    return found


def _costs(
    gates: Gates, models: Sequence[Model], documents: Mapping[str, Sequence[Document]], report: Report
) -> list[Cost]:
    """Measure the version, and the holder if the gates compare with it.

    Two models are measured in turn, twice each, and the faster time counts, so that other work on the machine does not
    decide between them.
    """
    texts = [document.text for data in gates.data for document in documents[data]]
    chosen = models if gates.speed and gates.speed.times_holder is not None else models[:1]
    report(f"timing {' and '.join(model.name for model in chosen)}")
    rounds = [[measure(model.folder, texts) for model in chosen] for _ in chosen]
    return [min(found, key=lambda cost: cost.milliseconds) for found in zip(*rounds, strict=True)]
