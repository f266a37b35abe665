"""The wheel: it brings the configs and the data, and works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from annotations import load_schema
from training.config import load_config

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[1]
CODE = """
import annotations, pathlib
from annotations import load_schema, read_documents
from training.config import load_config
assert pathlib.Path(annotations.__file__).is_relative_to(pathlib.Path.cwd()), annotations.__file__
assert len(read_documents("corpus/train")) > 100
import conflict_events
assert pathlib.Path(conflict_events.__file__).is_relative_to(pathlib.Path.cwd()), conflict_events.__file__
assert conflict_events.normalise("dozens").min == 24
print(load_config("default").encoder, load_config("accurate").seed, load_schema().name)
"""


def test_wheel_holds_configs_and_data(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(CHECKOUT)]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert "annotations/configs/schema/events.yaml" in names
    packages = ("annotations", "inference", "training", "conflict_events")
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert {f"inference/service/page/{name}" for name in ("index.html", "page.js", "correct.js", "page.css")} <= set(
        names
    )
    assert not any(name.startswith(("tests/", "docs/", "configs/")) for name in names)
    result = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path / "site",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["released", "13", "events"]


EDITABLE = """
import pathlib, sys
import conflict_events, inference
assert pathlib.Path(inference.__file__).is_relative_to(sys.argv[1]), inference.__file__
assert pathlib.Path(conflict_events.__file__).is_relative_to(sys.prefix), conflict_events.__file__
print(conflict_events.__version__, conflict_events.normalise("dozens").min)
"""


def test_an_editable_install_has_both_names(tmp_path: Path) -> None:
    """In an environment of its own, which takes the libraries from the one of the tests."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text("\n".join(path for path in sys.path if "-packages" in path), encoding="utf-8")
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    for command in ([*install, "--ignore-installed", "--editable", CHECKOUT], [python, "-c", EDITABLE, CHECKOUT]):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [version("conflict-events"), "24"]


ANSWER = """
import sys
from inference.conflict_events import predict
prediction = predict("Gunmen opened fire at a market in Gao on Friday, killing 12 traders and wounding 30.")
(event,) = prediction.events
assert not {"torch", "mlflow", "transformers"} & set(sys.modules)
print(event.attack_type, *(event.toll[kind].toll.min for kind in ("killed", "injured")), event.perpetrators[0].name)
"""


def test_the_released_model_answers_in_an_empty_folder_without_torch(tmp_path: Path) -> None:
    named = ("CONFLICT_EVENTS_MODEL", "MLFLOW_TRACKING_URI")
    env = {name: value for name, value in os.environ.items() if name not in named}
    command = [sys.executable, "-c", ANSWER]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["armed_assault", "12", "30", "Gunmen"]


def test_the_default_run_goes_on_from_the_released_model() -> None:
    from training.fit.encoders import training_before
    from training.fit.starting import new_model

    config = load_config("default")
    model = new_model(config, load_schema())
    assert len(training_before(config.encoder)["train_texts"]) > 3000
    assert len({round(float(value), 6) for value in model.classifier.bias.detach()}) > 20  # a trained head, not zeros
