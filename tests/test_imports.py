"""What imports what: inference runs with no training library, and nothing imports from a later room."""

from __future__ import annotations

import ast
import contextlib
import importlib.metadata
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import annotations
import inference
from annotations import write_documents
from annotations.installed import extra_of
from inference import conflict_events
from tests.tiny import documents

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
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)


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
    code = "for name in sys.argv[1:]:\n try: __import__(name)\n except ImportError as error: print(error)"
    halted = run(code, *BLOCKED).stdout.splitlines()
    assert [line.split(";")[0] for line in halted] == [f"import of {name} halted" for name in BLOCKED]


def test_inference_imports_with_no_training_library():
    finished = run("import inference, annotations; print(inference.normalise('dozens').min)")
    assert (finished.stdout.strip(), finished.stderr) == ("24", "")


@pytest.mark.parametrize("package", ["inference", "inference.conflict_events"])
def test_what_a_model_needs_is_imported_with_the_first_model(package: str):
    finished = run(f"import {package}; print([n for n in sys.modules if n.startswith(('inference.events', 'numpy'))])")
    assert (finished.stdout.strip(), finished.stderr) == ("[]", "")


@pytest.mark.parametrize("package", [inference, conflict_events])
def test_each_public_name_is_there_and_listed(package: ModuleType):
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert set(package.__all__) <= set(dir(package))
    assert not hasattr(package, "no_such_name")


def test_inference_predicts_with_no_training_library(tiny_model_folder: Path):
    text = "Gunmen opened fire at a market, killing at least 12 soldiers."
    code = "from inference import predict; print(predict(sys.argv[1], model=sys.argv[2]).to_json())"
    finished = run(code, text, str(tiny_model_folder))
    assert finished.stderr == ""
    here = inference.load(tiny_model_folder).predict(text)
    assert json.loads(finished.stdout) == here.to_dict()
    assert here.spans


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        ("load('models:/conflict-events/1')", ("mlflow", "[train]")),
        ("load('champion')", ("mlflow.db",)),  # there is no store, so nothing is missing
        ("load(sys.argv[1], backend='torch')", ("torch", "[train]")),
        ("predict('Gunmen struck.', model=sys.argv[1]).to_dataframe()", ("pandas", "[tables]")),
    ],
)
def test_what_needs_a_training_library_says_so(call: str, parts: tuple[str, ...], tiny_model_folder: Path):
    finished = run(f"from inference import load, predict; {call}", str(tiny_model_folder))
    assert finished.returncode == 1
    last = finished.stderr.splitlines()[-1]
    assert [part for part in parts if part not in last] == []


ANNOTATORS = Path(__file__).parent / "golden" / "inputs" / "annotators"
EXTRAS = ("mlflow", "torch", "transformers", "sklearn", "label_studio_sdk", "krippendorff", "fastapi", "uvicorn")
# A call of each command that needs an extra, the command that the message names, and the extra. Files may be missing:
# a library is looked for first.
COMMANDS = {
    "train default": ("train", "train"),
    "leave-one-out default articles": ("leave-one-out", "train"),
    "link MODEL --data GOLD --dev GOLD --to made": ("link", "train"),
    "predict 'Gunmen struck.' --model models:/conflict-events/1": ("predict", "train"),
    "evaluate MODEL GOLD --no-cost": ("evaluate", "train"),
    "compare MODEL MODEL --data GOLD": ("compare", "train"),
    "models": ("models", "train"),
    "models show 1": ("models show", "train"),
    "models diff 1 2": ("models diff", "train"),
    "promote 1": ("promote", "train"),
    "rollback --reason no": ("rollback", "train"),
    "release MODEL --data GOLD": ("release", "train"),
    "data report GOLD": ("data report", "train"),
    "annotate push GOLD --project a --url http://127.0.0.1:9": ("annotate push", "annotate"),
    "annotate serve --model MODEL": ("annotate serve", "annotate"),
    "serve --model MODEL": ("serve", "serve"),
    "annotate agreement ANNOTATORS/anna.jsonl ANNOTATORS/ben.jsonl": ("annotate agreement", "annotate"),
    "predict 'Gunmen struck.' --model MODEL --format parquet --output made.parquet": ("predict", "tables"),
}


# Each command is run in a copy of one process, which has imported the command line: that alone takes a second.
EACH = f"""
for name in {(*EXTRAS, "pyarrow")!r}:
    sys.modules[name] = None
import os
from training.cli import main
for number, words in enumerate(json.loads(sys.argv[1])):
    if not os.fork():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(f"{{number}}.txt", os.O_WRONLY | os.O_CREAT), 2)
        sys.argv = ["conflict-events", *words]
        sys.exit(main())
    print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""


@pytest.fixture(scope="module")
def ended(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """The exit code of each command, and its standard error."""
    folder = tmp_path_factory.mktemp("commands")
    write_documents(folder / "gold.jsonl", documents(2))
    files = {"MODEL": str(tiny_model_folder), "GOLD": "gold.jsonl", "ANNOTATORS": str(ANNOTATORS)}
    given = json.dumps([[re.sub("|".join(files), lambda m: files[m[0]], w) for w in shlex.split(c)] for c in COMMANDS])
    with contextlib.chdir(folder):
        codes = run(EACH, given).stdout.split()
    written = [(folder / f"{number}.txt").read_text(encoding="utf-8") for number in range(len(COMMANDS))]
    return dict(zip(COMMANDS, zip(codes, written, strict=True), strict=True))


@pytest.mark.parametrize("call", COMMANDS)
def test_each_command_says_which_extra_it_needs(call: str, ended: dict[str, tuple[str, str]]):
    code, written = ended[call]
    what, extra = COMMANDS[call]
    (said,) = (line for line in written.splitlines() if "pip install" in line)
    assert code == "1"
    assert said.startswith(f"error: {what} needs ")
    assert said.endswith(f": pip install 'conflict-events[{extra}]'")


def test_extras_are_read_from_what_is_installed():
    for line in importlib.metadata.requires("conflict-events") or ():
        name = re.match(r"[\w-]+", line)[0]  # type: ignore[index]
        if 'extra == "train"' in line:
            assert extra_of(name) == "train"
        if "extra ==" not in line:
            assert extra_of(name) is None


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
    assert using == {"loading.py", "backends.py", "mlflow_stores.py"}


# Modules and folders of each package: each may import from those in front of it. CONTRIBUTING.md shows the same list.
ROOMS = {
    "annotations": (
        "errors installed io text quantity document schema coverage stats formats validate label_studio importers "
        "entities export agreement"
    ),
    "inference": (
        "spans numbers dates places entities given encoding contents manifest backends windowed consistency "
        "tables html predicted_event spacy_doc prediction events relevance decode tagger "
        "model label_studio inputs mlflow_stores incidents addresses loading predicting engines service conflict_events"
    ),
    "training": (
        "config provenance library_output store behaviour evaluation fit links merging curation reports release resume "
        "record run cli __main__"
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
        later = rooms(file.read_text(encoding="utf-8"), package) & set(order) - set(earlier)
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


def test_both_names_of_the_package_have_the_same():
    assert sorted(conflict_events.__all__) == sorted(inference.__all__)
    assert all(getattr(conflict_events, name) is getattr(inference, name) for name in inference.__all__)
    assert conflict_events.__version__ == importlib.metadata.version("conflict-events")


@pytest.mark.parametrize("name", ["inference", "annotations"])
def test_a_file_of_the_user_with_our_name_is_named(name: str, tmp_path: Path):
    module = Path(conflict_events.__file__)
    (tmp_path / f"{name}.py").write_text("load = 1", encoding="utf-8")
    (tmp_path / "conflict_events.py").write_bytes(module.read_bytes())
    finished = subprocess.run(
        [sys.executable, "-c", "import conflict_events"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert finished.returncode == 1
    assert f"'{name}', and Python finds {tmp_path / name}.py" in finished.stderr
