"""From text to predictions: no torch, no MLflow and no datasets needed.

Example:
    >>> from inference import normalise
    >>> normalise("at least 23")
    Toll(min=23, max=None, approximate=False)
"""

from annotations.installed import installed_version
from inference.loading import load, predict, predict_stream
from inference.model import Model, ModelError
from inference.numbers.toll import Toll, normalise
from inference.prediction import PredictedEvent, PredictedSpan, Prediction, predictions_to_dataframe

__version__ = installed_version()

__all__ = [
    "Model",
    "ModelError",
    "PredictedEvent",
    "PredictedSpan",
    "Prediction",
    "Toll",
    "__version__",
    "load",
    "normalise",
    "predict",
    "predict_stream",
    "predictions_to_dataframe",
]
