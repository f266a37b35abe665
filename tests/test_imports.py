"""What imports what: inference runs with no training library, and nothing imports from a later room."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import annotations
import inference

BLOCKED = (
    "torch",
    "transformers",
    "mlflow",
    "datasets",
    "sklearn",
    "pandas",
    "nervaluate",
    "matplotlib",
    "onnx",
    "safetensors",
)
PACKAGES = {"annotations": Path(annotations.__file__).parent, "inference": Path(inference.__file__).parent}
SCRIPT = f"""
import json, sys
for name in {BLOCKED!r}:
    sys.modules[name] = None
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, in which the training libraries cannot be imported."""
    command = [sys.executable, "-W", "error", "-c", SCRIPT + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)


def imported(source: str) -> Iterator[str]:
    """Top-level names that source code imports anywhere, functions included; a dot for its own package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else str(node.module).split(".")[0]


def test_the_walk_sees_every_kind_of_import():
    source = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    from i import j\n    import k as l\n"
    assert sorted(imported(source)) == [".", "a", "c", "d", "i", "k"]


def test_blocked_libraries_cannot_be_imported():
    for name in BLOCKED:
        finished = run(f"import {name}")
        assert f"import of {name} halted" in finished.stderr


def test_inference_imports_with_no_training_library():
    finished = run("import inference, annotations; print(inference.normalise('dozens').min)")
    assert (finished.stdout.strip(), finished.stderr) == ("24", "")


def test_inference_predicts_with_no_training_library(tiny_model_folder: Path):
    text = "Gunmen opened fire at a market, killing at least 12 soldiers."
    code = "from inference import predict; print(predict(sys.argv[1], model=sys.argv[2]).to_json())"
    finished = run(code, text, str(tiny_model_folder))
    assert finished.stderr == ""
    here = inference.load(tiny_model_folder).predict(text)
    assert json.loads(finished.stdout) == here.to_dict()
    assert here.spans


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "load('models:/conflict-events/1')",
            "models:/ and runs:/ addresses need MLflow: pip install 'conflict-events[train]'",
        ),
        ("load(sys.argv[1], backend='torch')", "the torch backend needs torch: pip install 'conflict-events[train]'"),
    ],
)
def test_what_needs_a_training_library_says_so(call: str, message: str, tiny_model_folder: Path):
    finished = run(f"from inference import load; {call}", str(tiny_model_folder))
    assert finished.returncode == 1
    assert f"ImportError: {message}" in finished.stderr


@pytest.mark.parametrize(
    ("package", "foreign"),
    [("annotations", {"inference", "training", "tests"}), ("inference", {"training", "tests"})],
)
def test_package_knows_only_those_below_it(package: str, foreign: set[str]):
    files = sorted(PACKAGES[package].rglob("*.py"))
    assert len(files) > 5
    wrong = {str(file): names for file in files if (names := foreign & set(imported(file.read_text(encoding="utf-8"))))}
    assert wrong == {}


def test_training_libraries_are_imported_only_where_they_are_asked_for():
    files = [file for folder in PACKAGES.values() for file in folder.rglob("*.py")]
    using = {file.name for file in files if set(BLOCKED) & set(imported(file.read_text(encoding="utf-8")))}
    assert using == {"loading.py", "backends.py", "mlflow_stores.py", "frames.py"}


# Modules and folders of each package: each may import from those in front of it. CONTRIBUTING.md shows the same list.
ROOMS = {
    "annotations": (
        "errors io text quantity document schema coverage stats formats validate label_studio importers entities "
        "export agreement"
    ),
    "inference": (
        "numbers dates places entities encoding onnx_file contents manifest backends consistency decode html tables "
        "prediction events tagger model label_studio inputs mlflow_stores loading"
    ),
    "training": (
        "config provenance library_output store behaviour evaluation fit links curation reports run release cli"
        " __main__"
    ),
}
SOURCES = {package: Path(annotations.__file__).parents[1] / package for package in ROOMS}


def rooms(source: str, package: str) -> set[str]:
    """Rooms of a package that source code imports from, functions included; empty for what the package itself has."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith(f"{package}.")}
    return found


def test_rooms_are_found_in_every_kind_of_import():
    source = (
        "import a.b.c\nfrom a import d\nfrom ab.c import x\ndef f():\n    from a.e.f import g, h\n    import a.i as j\n"
    )
    assert rooms(source, "a") == {"b", "d", "e", "i"}


@pytest.mark.parametrize("package", ROOMS)
def test_no_module_imports_from_a_later_room(package: str):
    order = ROOMS[package].split()
    wrong, met = [], set()
    for file in sorted(SOURCES[package].rglob("*.py")):
        room = file.relative_to(SOURCES[package]).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        met.add(room)
        earlier = order[: order.index(room) + 1] if room in order else []
        later = rooms(file.read_text(encoding="utf-8"), package) - set(earlier)
        wrong += [f"{file.relative_to(SOURCES[package].parent)} imports {package}.{other}" for other in sorted(later)]
    assert wrong == []
    assert met == set(order)


def test_contributing_shows_the_rooms():
    text = (SOURCES["training"].parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown: dict[str, list[str]] = {}
    for part in text.split("```")[3].strip().split("\n\n"):
        head, *lines = part.splitlines()
        shown[head.split("/")[0]] = [line.split()[0].rstrip("/") for line in lines]
    assert shown == {package: order.split() for package, order in ROOMS.items()}
