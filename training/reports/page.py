"""Pages: an evaluation, or a comparison of versions, as one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from annotations.document import Document
from annotations.text.words import words
from training.behaviour.run import Behaviour
from training.evaluation.assessment import Assessment
from training.evaluation.calibration import Calibration
from training.evaluation.compare import VersionComparison
from training.evaluation.counts import MAIN, title
from training.evaluation.errors import ERRORS
from training.evaluation.evaluate import Evaluation
from training.evaluation.events import false_alarms
from training.evaluation.resampling import FEWEST, draws, interval
from training.evaluation.training_overlap import describe_overlap
from training.reports import plots
from training.reports.document_view import DocumentView, compared, evaluated
from training.reports.page_tables import ROWS, confusion, error_kinds, largest, slice_groups, wrong_tolls
from training.reports.render import render

LIMIT = 3_000_000  # bytes of a page; larger ones are slow to open and to send
_SPARE = 40_000  # bytes reserved for links to documents and for the note on those left out
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A document, its sort key, and a function that renders it."""

    key: tuple[float, int]
    document: Document
    show: Callable[[], DocumentView]


def evaluation_page(assessment: Assessment, *, behaviour: Behaviour | None = None, texts: bool = True) -> str:
    """Return the report on a model as a self-contained page of less than 3 MB; all text is escaped.

    Documents with most errors come first; if not all fit, the page reports how many are left out.

    Args:
        assessment: The assessment of the model.
        behaviour: Results of the behaviour cases, if they were run.
        texts: Whether to show the documents; pass False for stand-off texts, which must not leave their folder.
    """
    one = assessment.evaluation
    entries = [
        _Entry((-len(found), number), document, partial(evaluated, one, number))
        for number, (document, found) in enumerate(zip(one.documents, one.errors, strict=True))
    ]
    values = {
        "title": f"Evaluation of {one.model}",
        "one": assessment,
        "main": [(group, [assessment.estimates[name] for name in names]) for group, names in MAIN.items()],
        "ece": (one.calibration.ece, _ece_interval(one.calibration, one)),
        "event_ece": (one.event_calibration.ece, _ece_interval(one.event_calibration, one)),
        "false_alarms": false_alarms(one.tally),
        "plots": _evaluation_plots(assessment),
        "confusions": [confusion(one, label) for label in one.schema.labels if one.schema.labels[label].types],
        "kinds": error_kinds(one),
        "slices": slice_groups(assessment.slices),
        "tolls": wrong_tolls(one),
        "behaviour": behaviour,
        "failed": [outcome for outcome in behaviour.outcomes if not outcome.passed][:ROWS] if behaviour else [],
        "anchors": {document.id: f"d{number}" for number, document in enumerate(one.documents)},
    }
    return _page("evaluation.html", one, values, entries, texts)


def comparison_page(
    comparisons: Sequence[VersionComparison], assessments: Sequence[Assessment], *, texts: bool = True
) -> str:
    """Return the report on versions as a self-contained page of less than 3 MB; all text is escaped.

    Documents that got worse come first; if not all fit, the page reports how many are left out.

    Args:
        comparisons: Each candidate compared with the same baseline.
        assessments: Of the baseline, then of each candidate, in the same order.
        texts: As for `evaluation_page`.
    """
    names = [*_ORDINALS[: len(assessments)], *(f"version {n}" for n in range(10, len(assessments) + 1))]
    versions = dict(zip(names, assessments, strict=True))
    candidates = dict(zip(names[1:], comparisons, strict=True))
    first = comparisons[0].first
    values = {
        "title": f"{' and '.join(one.second.model for one in comparisons)} compared with {first.model}",
        "versions": versions,
        "candidates": candidates,
        "forests": {
            name: [
                _plot(
                    "Difference by label, partial match, with 95 % interval; number of gold spans in brackets.",
                    plots.forest,
                    one.labels,
                ),
                _plot(
                    "Difference by slice, with 95 % interval. Only slices with most gold spans; the table has all.",
                    plots.forest,
                    largest(one.slices),
                ),
            ]
            for name, one in candidates.items()
        },
        "rows": ROWS,
        "plots": _comparison_plots(versions),
        "contaminated": {
            name: describe_overlap(ids, len(first.documents))
            for one in comparisons
            for name, ids in one.contaminated.items()
        },
    }
    entries = [entry for name, one in candidates.items() for entry in _changed(one, name)]
    return _page("comparison.html", first, values, entries, texts)


def _changed(one: VersionComparison, name: str) -> Iterator[_Entry]:
    for change in one.changes:
        show = partial(compared, one, change, (_ORDINALS[0], name))
        yield _Entry((change.difference, change.document), one.first.documents[change.document], show)


def _page(template: str, one: Evaluation, values: Mapping[str, Any], entries: Sequence[_Entry], texts: bool) -> str:
    """Render a page with as many documents as fit, in order of their keys."""
    script = render("_tables.js") + render("_report.js")
    classes = {label: f"l{number}" for number, label in enumerate(one.schema.labels)}
    shared = {
        **values,
        "script": Markup(script),  # noqa: S704
        "script_digest": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "schema": one.schema,
        "label_classes": classes,
        "title_of": title,
        "kinds_of_error": ERRORS,
        "fewest": FEWEST,
        "texts": texts,
    }
    columns = [role for role in one.schema.arguments.values() if role.heading]
    room = LIMIT - _SPARE - len(render(template, **shared, documents=[], left_out=0, shown=set()).encode())
    kept, shown = [], set()
    for entry in sorted(entries, key=lambda entry: entry.key) if texts else ():
        if len(entry.document.text) > room:  # its HTML is longer than its text, so it cannot fit
            continue
        view = entry.show()
        made = render("_document.html", one=view, label_classes=classes, columns=columns, quantity=one.schema.quantity)
        size = len(made.encode())
        if size <= room:
            room -= size
            kept.append(Markup(made))  # noqa: S704
            shown.add(view.anchor)
    return render(template, **shared, documents=kept, left_out=len(entries) - len(kept), shown=shown)


def _evaluation_plots(assessment: Assessment) -> list[tuple[str, Markup]]:
    one, found = assessment.evaluation, assessment.estimates
    by_label = [{label: found[f"{match}_{label}"] for label in one.schema.labels} for match in ("partial", "strict")]
    lengths = [len(words(document.text)) for document in one.documents]
    history = assessment.manifest.training.get("history")
    made = [
        _plot("F1 by label, with 95 % intervals; number of gold spans in brackets.", plots.label_intervals, *by_label),
        _plot("Share of right spans and number of spans, by score.", plots.reliability,
              {"model": one.calibration}),
        _plot("Share of right events, found and with the right type, by score.", plots.reliability,
              {"model": one.event_calibration}, "events"),
        _plot("Effect of a threshold on the score; strict match.", plots.thresholds, one.calibration),
        _plot("F1 by length, one dot per document.", plots.by_length, lengths, one.document_f1),
    ]  # fmt: skip
    return [*made, _plot("Learning curve of the run.", plots.learning_curve, history)] if history else made


def _comparison_plots(versions: Mapping[str, Assessment]) -> list[tuple[str, Markup]]:
    calibrations = {name: one.evaluation.calibration for name, one in versions.items()}
    histories = {
        name: rows for name, one in versions.items() if (rows := one.manifest.training.get("history")) is not None
    }
    made = [_plot("Share of right spans and number of spans, by score.", plots.reliability,
                  calibrations),
            _plot("Share of right events, found and with the right type, by score.", plots.reliability,
                  {name: one.evaluation.event_calibration for name, one in versions.items()}, "events")]  # fmt: skip
    return [*made, _plot("Learning curves of the runs.", plots.learning_curves, histories)] if histories else made


def _plot(caption: str, draw: Callable[..., Figure], *values: Any) -> tuple[str, Markup]:
    return caption, plots.drawn(caption, draw, *values)


def _ece_interval(scores: Calibration, one: Evaluation) -> tuple[float, float] | None:
    number = len(one.documents)
    return interval(scores.resampled(draws(number))) if number >= FEWEST else None
