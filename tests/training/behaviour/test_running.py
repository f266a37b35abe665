"""Behaviour cases run on a model, in code and as a command."""

from __future__ import annotations

import json
from pathlib import Path

import regex
import typer
from typer.testing import CliRunner

from inference import load
from tests.training.behaviour.marked import ALL_RIGHT, DIRECTION, MINIMUM, RIGHT, TOWNS, Fake, write
from training.behaviour.run import Behaviour, CaseResult, behave, read_cases
from training.cli.evaluate import behave as command


def test_all_texts_are_predicted_in_one_call_and_outcomes_counted(tmp_path: Path) -> None:
    write(tmp_path, "minimum", MINIMUM, {**MINIMUM, "id": "b", "expect": ALL_RIGHT}, file="a.yaml")
    write(tmp_path, "invariance", {"id": "c", **TOWNS}, name="towns", file="b.yaml")
    write(tmp_path, "direction", DIRECTION, name="calm", file="c.yaml")
    model = Fake(RIGHT)
    behaviour = behave(model, read_cases(tmp_path))
    assert [len(texts) for texts in model.calls] == [1 + 1 + 3 + 2]
    assert [(one.capability, one.case, one.passed) for one in behaviour.outcomes] == [
        ("tolls", "a", False),
        ("tolls", "b", True),
        ("towns", "c", True),
        ("calm", "a", True),
    ]
    assert behaviour.capabilities() == {"tolls": (1, 2), "towns": (1, 1), "calm": (1, 1)}
    assert behaviour.pass_rate == 0.75
    assert behaviour.to_dict() == {
        "pass_rate": 0.75,
        "passed": 3,
        "total": 4,
        "capabilities": {
            "tolls": {"kind": "minimum", "passed": 1, "total": 2},
            "towns": {"kind": "invariance", "passed": 1, "total": 1},
            "calm": {"kind": "direction", "passed": 1, "total": 1},
        },
        "failed": [
            {
                "capability": "tolls",
                "kind": "minimum",
                "case": "a",
                "failures": ["expected no attack, predicted 1: armed_assault 'killed'"],
            }
        ],
    }
    assert Behaviour([]).pass_rate == 0
    assert CaseResult("a", "minimum", "b", ("wrong",)).passed is False


def call(*words: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "100"})
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_rates_failures_and_json(tmp_path: Path, tiny_model_folder: Path) -> None:
    impossible = {**MINIMUM, "id": "two-attacks", "expect": {"attack_types": ["abduction"] * 9}}
    write(
        tmp_path,
        "minimum",
        {
            **MINIMUM,
            "id": "calm",
            "expect": {"absent": [{"label": "DATE", "text": "12"}, {"label": "DATE", "text": "12"}]},
        },
        impossible,
    )
    write(tmp_path, "direction", DIRECTION, name="calm words", file="calm.yaml")
    ask = (str(tiny_model_folder), "--cases", str(tmp_path))
    code, shown, _ = call(*ask, "--format", "json")
    found = json.loads(shown)
    assert (code, found["total"], found["model"]) == (0, 3, load(tiny_model_folder).name)
    assert found["passed"] == sum(one["passed"] for one in found["capabilities"].values()) == 3 - len(found["failed"])
    code, shown, _ = call(*ask, "--failures", "--capability", "tolls")
    assert code == 0
    assert "tolls, two-attacks: expected the attack types abduction" in shown
    assert "calm words" not in shown
    counts = found["capabilities"]["tolls"]
    assert regex.search(rf"total.* {counts['passed']}/2 .* {counts['passed'] * 50}%", shown)
    assert "two-attacks" not in call(*ask)[1]
    code, _, told = call(*ask, "--at-least", "0.99")
    assert (code, "99.0%" in told) == (1, True)
    assert call(*ask, "--at-least", "0")[0] == 0
    assert call(*ask, "--format", "xml")[0] == 2
    assert call(*ask, "--at-least", "80")[0] == 2
