"""What `predict` takes in Python: a text, or texts of any iterable; and no path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import datasets
import pandas
import pytest

from inference import Model, predict

TEXTS = ["Gunmen fired at a market.", "Rain fell.", ""]


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder)


@pytest.mark.parametrize(
    "made",
    [
        tuple,
        iter,
        lambda texts: (text for text in texts),
        lambda texts: pandas.Series(texts, index=[7, 8, 9]),
        lambda texts: pandas.DataFrame({"text": texts})["text"],
        lambda texts: pandas.array(texts, dtype="string"),
        lambda texts: datasets.Dataset.from_dict({"text": texts})["text"],
    ],
)
def test_any_iterable_of_texts_is_predicted(made: Callable[[list[str]], Iterable[str]], model: Model) -> None:
    expected = model.predict(TEXTS)
    assert model.predict(made(TEXTS)) == expected


@pytest.mark.parametrize("kind", ["str", "object", "string", "datetime64[s]"])
def test_a_column_of_days_may_lack_some(kind: str, model: Model) -> None:
    days = pandas.Series(["2021-03-04", None, "2021-03-05"]).astype(kind)
    expected = ["2021-03-04", "None", "2021-03-05"]
    assert [str(one.date) for one in model.predict(TEXTS, days)] == expected
    assert [str(one.date) for one in model.predict_stream(TEXTS, dates=days)] == expected


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (pandas.Series(["a", None], index=[5, 6]), "text[1]"),
        (pandas.DataFrame({"text": ["a"]}), "DataFrame"),
        ((one for one in ["a", "b", 3]), "text[2]"),
        (Path("a.txt"), "PosixPath"),
    ],
)
def test_what_is_no_text_is_named(wrong: object, named: str, model: Model) -> None:
    with pytest.raises(TypeError) as caught:
        model.predict(wrong)  # type: ignore[call-overload]
    assert named in str(caught.value)


@pytest.mark.parametrize("path", ["articles/x.txt", "export.CSV", "news"])
def test_a_path_is_refused(path: str, model: Model, tiny_model_folder: Path) -> None:
    Path("news").mkdir()
    for call in (model.predict, lambda text: predict(text, model=tiny_model_folder)):
        with pytest.raises(ValueError, match="path"):
            call(path)
    assert len(model.predict([path])) == 1  # among texts, a short one may end like this
