"""`conflict-events serve` before it serves: wrong calls, and what is not installed."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest
import regex

from tests.helpers import run
from training.cli.serve import serve

DOCS = Path(__file__).parents[3] / "docs" / "serving.md"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--api-key-file", "empty"), "empty"),
        (("--api-key-file", "spaced"), "spaced"),
        (("--api-key-file", "nowhere"), "nowhere"),
        (("--texts", "600"), "queue_texts"),
        (("--model", "nowhere"), "nowhere"),
    ],
)
def test_wrong_calls_are_explained(tmp_path: Path, options: tuple[str, ...], named: str) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "spaced").write_text("a key\n", encoding="utf-8")
    result = run("serve", *options, cwd=tmp_path)
    assert result.returncode == 1
    assert named in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("library", ["fastapi", "uvicorn", "prometheus_client"])
def test_a_missing_library_is_named_with_its_extra(
    tmp_path: Path, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("inference.service.")]:
        if name != "inference.service.settings":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    result = run("serve", "--model", str(tiny_model_folder), cwd=tmp_path)
    assert result.returncode == 1
    assert library in result.stderr
    assert "conflict-events[serve]" in result.stderr


def test_the_page_on_serving_has_the_limits_of_the_command() -> None:
    usual = {
        f"--{key.replace('_', '-')}": option.default for key, option in inspect.signature(serve).parameters.items()
    }
    rows = regex.findall(r"^\| (`--[^|]+) \| ([^|]+) \|", DOCS.read_text(encoding="utf-8"), regex.MULTILINE)
    told = {
        option: float(number.removesuffix(" s").replace(",", ""))
        for options, numbers in rows
        for option, number in zip(regex.findall(r"--[\w-]+", options), numbers.split("; "), strict=True)
    }
    limits = {option: usual[option] for option in usual if isinstance(usual[option], int | float)}
    assert told == {option: value for option, value in limits.items() if option != "--port"}
