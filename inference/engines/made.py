"""The results of one partition: an article table, an event table, and what could not be read."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from annotations.schema import Schema
from inference.engines.job import Job
from inference.inputs import Input
from inference.prediction import Prediction
from inference.tables import Column, event_columns
from inference.tables.other_columns import OtherColumns
from inference.tables.parquet import PutRow, parquet_rows
from inference.tagger import Tagger

ARTICLE_COLUMNS = (
    Column("id", "text", "Id of the article."),
    Column("text", "text", "The text that offsets count in: with its title, if it has one."),
    Column("prediction", "text", "`Prediction.to_dict()` as JSON."),
)
NOT_READ = "is of a kind that is not read"


@dataclass(frozen=True, slots=True)
class Made:
    """The results of a partition: its files, as bytes, and what is in them."""

    number: int  # of the partition
    articles: bytes  # a Parquet file with a row for each article
    events: bytes  # a Parquet file with a row for each event
    errors: bytes  # a line of JSON for each fault, and for each file that is left out
    count: int  # number of inputs, those that cannot be read included
    process: int  # the process that made them


class Tables:
    """The columns of the two tables.

    Args:
        schema: The label set, from which columns of events follow.
        kinds: The kinds of the columns that inputs have beside text and id.
    """

    def __init__(self, schema: Schema, kinds: Mapping[str, str]) -> None:
        own = event_columns(schema)
        self._beside_article, self._beside_event = OtherColumns(kinds, ARTICLE_COLUMNS), OtherColumns(kinds, own)
        self.articles = [*ARTICLE_COLUMNS[:2], *self._beside_article.columns, *ARTICLE_COLUMNS[2:]]
        self.events = [*own, *self._beside_event.columns]

    def put(self, given: Input, prediction: Prediction, article: PutRow, event: PutRow) -> None:
        """Write the rows of an article."""
        cells = self._beside_article.cells(given.source)
        article({"id": given.name, "text": prediction.text, **cells, "prediction": prediction.to_json()})
        cells = self._beside_event.cells(given.source)
        for row in prediction.to_rows(given.name):
            event({**row, **cells})


def make(number: int, part: Sequence[Input], model: Tagger, job: Job, tables: Tables) -> Made:
    """Predict a partition."""
    articles, events = io.BytesIO(), io.BytesIO()
    texts = [one for one in part if one.text is not None]
    found = model.predict_stream(
        (one.text or "" for one in texts), dates=[one.date or job.day for one in texts], **job.options
    )
    with ExitStack() as stack:
        article = stack.enter_context(parquet_rows(articles, tables.articles))
        event = stack.enter_context(parquet_rows(events, tables.events))
        for given, prediction in zip(texts, found, strict=True):
            tables.put(given, prediction, article, event)
    errors = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in _errors(part))
    told = errors.encode("utf-8", "backslashreplace")
    return Made(number, articles.getvalue(), events.getvalue(), told, len(part), os.getpid())


def _errors(part: Iterable[Input]) -> Iterator[dict[str, Any]]:
    """Yield a record for each fault, and for each file of a folder that is left out."""
    for one in part:
        place = {"id": one.name, "file": one.file or one.name, "line": one.line or None, "row": one.row or None}
        for fault in one.faults:
            told = {"reason": fault.problem, "remedy": fault.remedy, "message": str(fault)}
            yield {**place, "file": fault.file or place["file"], "line": fault.line or place["line"], **told}
        if one.text is None and not one.faults:
            yield {**place, "reason": NOT_READ, "remedy": "", "message": f"{one.name}: {NOT_READ}"}
