"""The MLflow model: loaded as code by MLflow, it wraps a model folder.

The input is a data frame with a column `text`. The output is one `Prediction.to_dict()` per text. With the parameter
`form` set to `json` it is one string of JSON per text, which a column of Spark can hold; a row that cannot be read then
has `{"error": …}`, as one bad row should not end a long job.
"""

from __future__ import annotations

import json
from typing import Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class ConflictEventsModel(PythonModel):
    """Wraps `inference.Model` for `mlflow.pyfunc`."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model folder from the artifacts."""
        from inference.model import Model

        self._model = Model(context.artifacts["model"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> list[dict[str, Any]] | list[str]:
        """Predict spans and events with their offsets.

        Args:
            context: Given by MLflow; not used.
            model_input: A data frame with a column `text`.
            params: `form`: `dict` or `json`.

        Returns:
            By text, a dictionary from `Prediction.to_dict()`, or the same as JSON.

        Raises:
            MlflowException: The form is unknown; a row is not text, for dictionaries; or the model computes NaN or
                infinity. A model server answers with status 400 or 500 and the message; any other exception would
                reach its clients as a stack trace.
        """
        from inference.manifest import ModelError

        form = (params or {}).get("form", "dict")
        if form not in ("dict", "json"):
            raise MlflowException.invalid_parameter_value(f"form is {form!r}; set it to 'dict' or 'json'")
        texts = model_input["text"].tolist()
        try:
            if form == "json":
                return self._json(texts)
            return [prediction.to_dict() for prediction in self._model.predict(texts)]
        except ModelError as error:
            raise MlflowException(str(error)) from error
        except (TypeError, ValueError) as error:
            raise MlflowException.invalid_parameter_value(f"column 'text' cannot be read: {error}") from error

    def _json(self, texts: list[Any]) -> list[str]:
        """Return the prediction of each text as JSON, or what is wrong with it."""
        told = [_wrong(text) for text in texts]
        found = iter(self._model.predict([text for text, wrong in zip(texts, told, strict=True) if wrong is None]))
        return [next(found).to_json() if wrong is None else json.dumps({"error": wrong}) for wrong in told]


def _wrong(text: Any) -> str | None:
    """Return what is wrong with a text; None if nothing is."""
    from inference.given import checked_text

    if text is None or text is pd.NA or isinstance(text, float):  # pandas has NaN for nothing
        return "text is missing"
    try:
        checked_text(text, "text")
    except (TypeError, ValueError) as error:
        return str(error)
    return None if text.strip() else "text is empty"


mlflow.models.set_model(ConflictEventsModel())
