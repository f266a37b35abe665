"""From text to predictions: no torch, no MLflow and no datasets needed.

Example:
    >>> from inference import normalise
    >>> normalise("at least 23")
    Toll(min=23, max=None, approximate=False)
"""

from inference.address import load, predict
from inference.model import Model, ModelError
from inference.prediction import PredictedEvent, PredictedSpan, Prediction
from inference.toll import Toll, normalise

__all__ = [
    "Model",
    "ModelError",
    "PredictedEvent",
    "PredictedSpan",
    "Prediction",
    "Toll",
    "load",
    "normalise",
    "predict",
]
