"""Provenance: digests of config and data, the commit, and the installed packages."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from annotations.document import Document
from training.config import TrainConfig


def config_digest(config: TrainConfig) -> str:
    """SHA-256 of what decides a run's outcome: the config without tracking and output."""
    values = {key: value for key, value in config.to_dict().items() if key not in ("tracking", "output")}
    return json_digest(values)


def json_digest(content: Any) -> str:
    """SHA-256 of plain values, whatever the order of keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def document_digest(document: Document) -> str:
    """SHA-256 of a document with its annotation."""
    return hashlib.sha256(json.dumps(document.to_dict(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def data_digest(documents: Sequence[Document]) -> str:
    """SHA-256 of a set of documents, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(document_digest, documents))).encode()).hexdigest()


def git_commit() -> str | None:
    """Return the commit of this checkout, with `+changes` where files differ from it; None outside of one."""
    folder = Path(__file__).parent
    try:
        commit = git(folder, "rev-parse", "HEAD")
        return commit + "+changes" * bool(git(folder, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError):
        return None


def git(folder: Path, *words: str) -> str:
    """Return what a git command prints in a folder.

    Raises:
        OSError: There is no git here.
        subprocess.CalledProcessError: The command failed.
    """
    result = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603, S607
    return result.stdout.strip()


def package_versions() -> dict[str, str]:
    """Versions of all installed packages."""
    return dict(sorted((d.metadata["Name"], d.version) for d in distributions() if d.metadata["Name"]))
