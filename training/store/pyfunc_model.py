"""The MLflow model: loaded as code by MLflow, it wraps a model folder.

The input is a data frame with a column `text`, the output one `Prediction.to_dict()` per text.
"""

from __future__ import annotations

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
    ) -> list[dict[str, Any]]:
        """Predict spans and events with their offsets.

        Args:
            context: Given by MLflow; not used.
            model_input: A data frame with a column `text`.
            params: Not used.

        Returns:
            One dictionary per text, from `Prediction.to_dict()`.

        Raises:
            MlflowException: A row is not text, or the model computes NaN or infinity. A model server answers with
                status 400 or 500 and the message; any other exception would reach its clients as a stack trace.
        """
        from inference.manifest import ModelError

        try:
            return [prediction.to_dict() for prediction in self._model.predict(model_input["text"].tolist())]
        except ModelError as error:
            raise MlflowException(str(error)) from error
        except (TypeError, ValueError) as error:
            raise MlflowException.invalid_parameter_value(f"column 'text' cannot be read: {error}") from error


mlflow.models.set_model(ConflictEventsModel())
