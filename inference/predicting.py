"""`predict` and `predict_stream`, with a model that stays in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from inference.loading import MODEL_VARIABLE, Threshold, load
from inference.mlflow_stores import URI_VARIABLE

if TYPE_CHECKING:  # a model brings all that links events: imported when one is loaded
    from inference.given import GivenDate
    from inference.model import Model
    from inference.prediction import Prediction


@overload
def predict(  # type: ignore[overload-overlap]
    text: str,
    *,
    date: GivenDate = None,
    model: str | Path | None = None,
    convention: str | None = None,
    threshold: Threshold = None,
    min_event_score: float | None = None,
    min_relevance: float = 0,
    geo: bool = False,
) -> Prediction: ...
@overload
def predict(
    text: Iterable[str],
    *,
    date: GivenDate | Iterable[GivenDate] = None,
    model: str | Path | None = None,
    convention: str | None = None,
    threshold: Threshold = None,
    min_event_score: float | None = None,
    min_relevance: float = 0,
    geo: bool = False,
) -> list[Prediction]: ...
def predict(
    text: str | Iterable[str],
    *,
    date: GivenDate | Iterable[GivenDate] = None,
    model: str | Path | None = None,
    convention: str | None = None,
    threshold: Threshold = None,
    min_event_score: float | None = None,
    min_relevance: float = 0,
    geo: bool = False,
) -> Prediction | list[Prediction]:
    """Find attacks, perpetrators, victims and tolls in a text.

    Args:
        text: A text, or texts: a list, a generator, a column of a data frame or of a data set.
        date: The day of the text, such as `2021-03-04`, from which 'Monday' and 'last month' are counted; for
            several texts one day for all, or one for each. Without it only dates with a year are resolved.
        convention: As for `load`.
        threshold: As for `load`.
        min_event_score: Events with a lower score are left out; their spans stay. None: the score that was fitted with
            the model's linker; 0 leaves out none.
        min_relevance: A text with a lower probability of reporting an attack has neither spans nor events.
        geo: Whether to look up where events were, in the gazetteer of the extra `geo`.
        model: As for `load`. The model stays in memory between calls; versions registered later are not noticed.

    Returns:
        A prediction, or a list in the order of the texts.

    Raises:
        TypeError: Something that is not a string.
        ValueError: A string that is not text or is the path of a file, or a date that is none.
        ModelError: No model can be found or loaded.

    Example:
        >>> print(predict("Gunmen opened fire at a market in Gao, killing 12 traders."))  # doctest: +SKIP
        Prediction by conflict-events/1: 1 events, 5 spans, 1 windows
          E1 armed_assault (0.97) 'opened fire' [7:18]; Perpetrators: Gunmen; Toll: killed: 12
    """
    return _model(model, convention, threshold).predict(
        text, date, min_event_score=min_event_score, min_relevance=min_relevance, geo=geo
    )


def predict_stream(
    texts: Iterable[str],
    *,
    dates: Iterable[GivenDate] | None = None,
    model: str | Path | None = None,
    convention: str | None = None,
    threshold: Threshold = None,
    min_event_score: float | None = None,
    min_relevance: float | None = None,
    geo: bool = False,
) -> Iterator[Prediction]:
    """Find spans and events of any number of texts, in order and in bounded memory.

    Args:
        texts: Texts, read as they are needed.
        dates: The day of each text, or None where it is not known; as many as texts.
        model: As for `predict`.
        convention: As for `load`.
        threshold: As for `load`.
        min_event_score: As for `predict`.
        min_relevance: As for `predict`.
        geo: As for `predict`.

    Returns:
        An iterator of predictions; errors are those of `predict`, after the predictions of the texts before.

    Example:
        >>> for prediction in predict_stream(open("articles.txt")):  # doctest: +SKIP
        ...     print(prediction.to_json())
    """
    loaded = _model(model, convention, threshold)
    return loaded.predict_stream(
        texts, dates=dates, min_event_score=min_event_score, min_relevance=min_relevance, geo=geo
    )


def _model(model: str | Path | None, convention: str | None, threshold: Threshold) -> Model:
    """Return the model of an address, which stays in memory."""
    surroundings = (os.environ.get(MODEL_VARIABLE), os.environ.get(URI_VARIABLE), str(Path.cwd()))
    kept = tuple(sorted(threshold.items())) if isinstance(threshold, Mapping) else threshold
    # As a text, a path could be the name of a version.
    address = str(model.expanduser().absolute()) if isinstance(model, Path) else model
    return _kept(address, convention, kept, *surroundings)


@lru_cache(maxsize=2)
def _kept(
    address: str | None, convention: str | None, threshold: float | tuple[Any, ...] | None, *_surroundings: str | None
) -> Model:
    """Load once per address, environment and working folder, so that the store is not contacted for each text."""
    given = dict(threshold) if isinstance(threshold, tuple) else threshold
    return load(address, convention=convention, threshold=given)
