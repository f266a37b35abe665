"""Library output: what libraries would print into the middle of a run, and that no user can act on."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTY = ("mlflow", "alembic", "torch.onnx", "onnxscript", "onnx_ir", "httpx")
_SCHEMA_HINTS = (
    r"(?s).*Inferred schema contains integer column",
    r"(?s).*Type hint used in the model's predict function",
    r"(?s).*Failed to infer signature from type hint",
    r"(?s).*Add type hints to the `predict` method",
)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hold back progress bars, information logs and schema hints of MLflow, transformers and datasets; warnings of
    other kinds and all errors still show."""
    import datasets
    from transformers.utils import logging as transformers_logging

    before = {name: logging.getLogger(name).level for name in _CHATTY}
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    bars = datasets.are_progress_bars_disabled()
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    datasets.disable_progress_bars()
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            for message in _SCHEMA_HINTS:
                warnings.filterwarnings("ignore", message=message, category=UserWarning)
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
        if not bars:
            datasets.enable_progress_bars()
        transformers_logging.enable_progress_bar()
