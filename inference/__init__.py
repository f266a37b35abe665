"""From text to predictions: no torch, no MLflow and no datasets needed.

Example:
    >>> from inference import normalise
    >>> normalise("at least 23")
    Toll(min=23, max=None, approximate=False)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from annotations.installed import installed_version
from inference.loading import load
from inference.manifest import ModelError
from inference.predicting import predict, predict_stream

if TYPE_CHECKING:
    from inference.model import Model
    from inference.numbers.toll import Toll, normalise
    from inference.prediction import PredictedEvent, PredictedSpan, Prediction, predictions_to_dataframe

__version__ = installed_version()

# Imported at their first use: with a model comes all that links events, and its patterns take a while to compile.
_LATER = {
    "Model": "inference.model",
    "PredictedEvent": "inference.prediction",
    "PredictedSpan": "inference.prediction",
    "Prediction": "inference.prediction",
    "Toll": "inference.numbers.toll",
    "normalise": "inference.numbers.toll",
    "predictions_to_dataframe": "inference.prediction",
}

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


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    """Return the names of the module, also those not yet imported."""
    return sorted({*globals(), *__all__})
