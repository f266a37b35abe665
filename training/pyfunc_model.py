"""The MLflow model: loaded as code by MLflow, it wraps a model folder.

Input is a data frame with a column `text` (or a list of texts), output is one `Prediction.to_dict()` a text.
"""

from __future__ import annotations

import mlflow
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class ConflictEventsModel(PythonModel):
    """Wraps `inference.Model` for `mlflow.pyfunc`."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model folder among the artifacts."""
        from inference.model import Model

        self._model = Model(context.artifacts["model"])

    # MLflow reads type hints of this method as a data schema, and warns of any other; the signature says it all.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Predict spans and events with their offsets.

        Args:
            context: MLflow's; not used.
            model_input: A data frame with a column `text`, or a list of texts.
            params: None are known.

        Returns:
            One dictionary a text, as `Prediction.to_dict()` gives it.
        """
        texts = model_input["text"].tolist() if hasattr(model_input, "columns") else list(model_input)
        return [prediction.to_dict() for prediction in self._model.predict(texts)]


mlflow.models.set_model(ConflictEventsModel())
