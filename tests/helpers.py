"""What tests of several subjects share: the command line, and strategies of values."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st

from annotations import load_schema
from annotations.quantity import MOST, Toll

_BOUNDS = st.none() | st.integers(0, 300) | st.integers(0, MOST)
_WIDTH = 80  # of what is no terminal

TOLLS = st.dictionaries(
    st.sampled_from(list(load_schema().labels["TOLL"].types)),
    st.builds(Toll, _BOUNDS, _BOUNDS, st.booleans()).filter(
        lambda toll: toll.min is None or toll.max is None or toll.min <= toll.max
    ),
)


def run_process(*words: str, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as a user does. Starting one takes seconds: mostly, `run` is enough."""
    return subprocess.run(
        [sys.executable, "-m", "training", *words], input=stdin, capture_output=True, text=True, check=False, cwd=cwd
    )


def run(*words: str, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, through the same `main`, with pipes for its streams; what it sets is reset.

    An exception that `main` does not turn into a message is raised here.
    """
    code, *written = run_bytes(*words, stdin=stdin.encode("utf-8"), cwd=cwd)
    return subprocess.CompletedProcess(words, code, *(content.decode("utf-8") for content in written))


def run_bytes(
    *words: str, stdin: bytes = b"", cwd: Path | None = None, encoding: str = "utf-8"
) -> tuple[int, bytes, bytes]:
    """Run a command as `run` does on streams of an encoding; return exit code, standard output and standard error."""
    from training.cli.app import main
    from training.cli.terminal import err, out

    raw_out, raw_err = io.BytesIO(), io.BytesIO()
    code = 0
    with contextlib.ExitStack() as stack:
        stack.enter_context(_store_reset())
        stack.enter_context(mock.patch.dict(os.environ))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("default")  # in tests, warnings of this project are errors
        for owner, name, value in (
            (sys, "argv", ["conflict-events", *words]),
            (sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding)),
            (sys, "stdout", io.TextIOWrapper(raw_out, encoding, newline="")),
            (sys, "stderr", io.TextIOWrapper(raw_err, encoding, "backslashreplace", newline="", write_through=True)),
            (sys, "excepthook", sys.excepthook),
            (out, "_width", _WIDTH),
            (err, "_width", _WIDTH),
        ):
            stack.enter_context(mock.patch.object(owner, name, value))
        stack.enter_context(contextlib.chdir(cwd or Path.cwd()))
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
        return code, raw_out.getvalue(), raw_err.getvalue()


@contextlib.contextmanager
def _store_reset() -> Iterator[None]:
    """Give MLflow back the store that it had; a command may be what loads it."""

    def loaded() -> Any:
        return sys.modules.get("mlflow")

    before = mlflow.get_tracking_uri() if (mlflow := loaded()) and mlflow.is_tracking_uri_set() else None
    try:
        yield
    finally:
        if mlflow := loaded():
            mlflow.set_tracking_uri(before)
