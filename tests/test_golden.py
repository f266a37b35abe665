"""What the product does, frozen: predictions, reports, imports, exports, and what is left in the MLflow store.

Each test makes an output by a public command and compares it with a file in `tests/golden/frozen/`. Structure, keys,
numbers and offsets are frozen; wording, times, paths, ids and versions are not (`tests/golden/normal.py`). The models
are tables counted from ten small documents (`tests/golden/product.py`), so nothing depends on the processor.

If a test fails, look at the difference. If it is what the change is for, write the files anew and say in the commit
what differs and why:

    RENEW_GOLDEN=1 python -m pytest tests/test_golden.py

A renewal in a commit that only moves or merges code is a mistake.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import tiny
from tests.golden import normal, product

HERE = Path(__file__).parent / "golden"
INPUTS, FROZEN = HERE / "inputs", HERE / "frozen"
RENEW = "RENEW_GOLDEN"
SOURCES = {
    "conll": "conll.conll",
    "hrdsattack": "hrdsattack.json",
    "label-studio": "label-studio.json",
    "muc4": "muc4",
    "muc4-json": "muc4-json.json",
    "wikievents": "wikievents.jsonl",
    "wiki-incidents": "wiki-incidents.jsonl",
}
OF_PREDICTIONS = ("dev_event_type.", "dev_event_toll.")  # metrics that there are only for types predicted or in gold
# Few documents give wide intervals; that no gate is passed by chance is not the point here.
GATES = {
    "data": ["gold.jsonl"],
    "labels": {"tolerance": 0.0},
    "minimum": {"gold.jsonl": {"partial_core": 0.6, "event_detection": 0.5}},
    "calibration": {"ece": 0.9},
    "uncontaminated": True,
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the gold documents, two models and the inputs; every test works in a copy of it."""
    folder = tmp_path_factory.mktemp("golden")
    product.run("data", "convert", str(INPUTS / "gold"), str(folder / "gold.jsonl"))
    gold = product.read_documents(folder / "gold.jsonl")
    # The texts that the models are said to have learned from differ in a blank, so that they may be scored on gold.
    learned = [replace(one, id=f"{one.id}-learned", text=f"{one.text} ") for one in gold]
    product.write_documents(folder / "learned.jsonl", learned)
    others = {"temperature": 1.2, "outside_weight": 0.8, "convention": "acled"}
    for name, count, more in (("first", 10, {}), ("second", 5, others)):
        told = product.told(learned[:count], "learned.jsonl")
        product.model_folder(folder / name, gold[:count], name, training=told, **more)
    (folder / "gates.yaml").write_text(yaml.safe_dump(GATES), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty store, as making one takes seconds."""
    folder = tmp_path_factory.mktemp("empty")
    product.store(folder).search_experiments()
    return folder


@pytest.fixture(scope="session")
def registered(made: Path, empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of three versions: the second model, the first, and the first trained on gold."""
    folder = tmp_path_factory.mktemp("registered")
    shutil.copytree(empty_store, folder, dirs_exist_ok=True)
    product.store(folder)
    gold = product.read_documents(made / "gold.jsonl")
    with contextlib.chdir(folder):  # MLflow puts its files beside
        for number, (model, train) in enumerate((("second", []), ("first", []), ("first", gold[:3])), start=1):
            product.register(made / model, folder / f"copy{number}", train, {"dev_strict_f1": 0.5 + number / 100})
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a test, in which it runs."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    for name, value in {"COLUMNS": "300", "NO_COLOR": "1", "TZ": "UTC", "USER": "anna"}.items():
        monkeypatch.setenv(name, value)
    for console in (product.out, product.err):  # made before, and so of the width of the terminal
        monkeypatch.setattr(console, "_width", 300)
    yield tmp_path
    product.leave_store()


@pytest.fixture
def client(here: Path, registered: Path) -> product.MlflowClient:
    """The store with three versions, in the folder of the test."""
    shutil.copytree(registered, here, dirs_exist_ok=True)
    return product.store(here)


def frozen(name: str, content: str) -> None:
    """Compare an output with its file, or write the file where this is asked for."""
    path = FROZEN / name
    if os.environ.get(RENEW):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return
    expected = path.read_text(encoding="utf-8") if path.is_file() else ""
    if content != expected:
        lines = difflib.unified_diff(expected.splitlines(), content.splitlines(), "frozen", "now", lineterm="", n=1)
        shown = "\n".join([*lines][:80])
        pytest.fail(f"{path.relative_to(HERE.parent)} differs; see the docstring of test_golden.py\n{shown}", False)


def values(name: str, content: Any, folder: Path, *keep: str) -> None:
    frozen(f"{name}.json", normal.dumped(normal.plain(content, folder, keep=keep)))


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("convention", [None, "acled", "isaf"])
def test_predict(here: Path, convention: str | None) -> None:
    given = ["predict", str(INPUTS / "texts.jsonl"), *(["--convention", convention] if convention else [])]
    name = f"predict/{convention or 'own'}"
    values(name, json.loads(product.run(*given, "-m", "first", "-f", "json").stdout), here)
    frozen(f"{name}.html.txt", normal.page(product.run(*given, "-m", "second", "-f", "html").stdout, here))
    frozen(f"{name}.table.txt", normal.tables(product.run(*given, "-m", "first").stdout, here))


def test_evaluate(here: Path, client: product.MlflowClient) -> None:
    given = ["evaluate", "models:/conflict-events/2", "gold.jsonl", "--no-cost"]
    shown = product.run(*given, "-f", "json", "--html", "page.html").stdout
    values("evaluate/report", json.loads(shown), here)
    frozen("evaluate/page.html.txt", normal.page(Path("page.html").read_text(encoding="utf-8"), here))
    frozen("evaluate/table.txt", normal.tables(product.run(*given, "--no-track").stdout, here))
    values("evaluate/store", product.left_in_store(client), here)


def test_compare(here: Path, client: product.MlflowClient) -> None:
    given = ["compare", "models:/conflict-events/1", "models:/conflict-events/2", "-d", "gold.jsonl", "--no-cost"]
    shown = product.run(*given, "-f", "json", "--html", "page.html").stdout
    values("compare/report", json.loads(shown), here)
    frozen("compare/page.html.txt", normal.page(Path("page.html").read_text(encoding="utf-8"), here))
    frozen("compare/table.txt", normal.tables(product.run(*given, "--no-track").stdout, here))
    values("compare/store", product.left_in_store(client), here)
    product.run("compare", "models:/conflict-events/1", "models:/conflict-events/3", "-d", "gold.jsonl", code=1)


@pytest.mark.parametrize("source", SOURCES)
def test_import(here: Path, source: str) -> None:
    result = product.run("data", "import", source, str(INPUTS / "sources" / SOURCES[source]), "made.jsonl")
    found = {"documents": lines(Path("made.jsonl")), "losses": lines(Path("made.losses.jsonl"))}
    values(f"import/{source}", found, here, "date", "at")
    frozen(f"import/{source}.table.txt", normal.tables(result.stdout, here))


def test_exports(here: Path) -> None:
    """Documents in every format, and what comes back of them."""
    for form in ("jsonl", "standoff", "label-studio", "conll"):
        texts = ["--texts-to", "texts"] if form == "standoff" else []
        product.run("data", "export", form, "gold.jsonl", "--to", f"made.{form}", *texts)
    frozen("export/gold.jsonl", Path("made.jsonl").read_text(encoding="utf-8"))
    frozen("export/gold.standoff.jsonl", Path("made.standoff").read_text(encoding="utf-8"))
    frozen("export/gold.conll", Path("made.conll").read_text(encoding="utf-8"))
    frozen("export/label-studio.json", normal.dumped(json.loads(Path("made.label-studio").read_text(encoding="utf-8"))))
    product.run("data", "import", "conll", "made.conll", "back.jsonl")
    frozen("export/back-from-conll.jsonl", Path("back.jsonl").read_text(encoding="utf-8"))
    product.run("data", "convert", "gold.jsonl", "inline")
    inline = [path.read_text(encoding="utf-8") for path in sorted(Path("inline").iterdir())]
    frozen("export/inline.txt", "\n".join(inline))


def test_interface_of_label_studio(here: Path) -> None:
    frozen("label-studio/interface.txt", normal.page(product.run("annotate", "interface").stdout, here))


@pytest.mark.parametrize("rule", ["majority", "anna"])
def test_agreement_and_adjudication(here: Path, rule: str) -> None:
    given = [str(INPUTS / "annotators" / f"{name}.jsonl") for name in ("anna", "ben", "cleo")]
    if rule == "majority":
        values("agreement/report", json.loads(product.run("annotate", "agreement", *given, "-f", "json").stdout), here)
        page = product.run("annotate", "agreement", *given, "-f", "html").stdout
        frozen("agreement/page.html.txt", normal.page(page, here))
        frozen("agreement/table.txt", normal.tables(product.run("annotate", "agreement", *given).stdout, here))
    product.run("annotate", "adjudicate", *given, "--to", "made.jsonl", "--open", "open.json", "--rule", rule)
    found = {"settled": lines(Path("made.jsonl")), "open": json.loads(Path("open.json").read_text(encoding="utf-8"))}
    values(f"agreement/{rule}", found, here, "date")


def test_data_commands(here: Path) -> None:
    for name in ("faulty.jsonl", "odd.jsonl"):
        shutil.copy(INPUTS / name, here / name)
    shutil.copy(INPUTS / "encoder.yaml", here / "mine.yaml")
    tiny.encoder(here / "encoder")
    product.write_documents(here / "new.jsonl", product.read_documents("gold.jsonl")[5:])
    values("data/stats", json.loads(product.run("data", "stats", "gold.jsonl", "-f", "json").stdout), here)
    frozen("data/stats.table.txt", normal.tables(product.run("data", "stats", "gold.jsonl").stdout, here))
    values("data/tolls", json.loads(product.run("data", "tolls", "gold.jsonl", "-f", "json").stdout), here)
    frozen("data/tolls.table.txt", normal.tables(product.run("data", "tolls", "gold.jsonl").stdout, here))
    for name in ("faulty", "odd"):
        found = product.run("data", "validate", "gold.jsonl", f"{name}.jsonl", code=1)
        places = re.findall(rf"{name}\.jsonl(?::\d+)?|\b[SE]\d\b|\bf\d\b|\b\d+\b", found.stderr)
        values(f"data/validate-{name}", {"checked": normal.tables(found.stdout, here), "places": places}, here)
    given = ["data", "report", "gold.jsonl", "learned.jsonl", "new.jsonl", "--config", "mine.yaml"]
    shown = product.run(*given, "-f", "json", "--html", "page.html").stdout
    values("data/report", json.loads(shown), here)
    frozen("data/report.html.txt", normal.page(Path("page.html").read_text(encoding="utf-8"), here))
    frozen("data/report.table.txt", normal.tables(product.run(*given).stdout, here))


def test_behaviour(here: Path) -> None:
    given = ["--cases", str(INPUTS / "cases")]
    for model in ("first", "second"):
        found = json.loads(product.run("behave", model, *given, "-f", "json").stdout)
        values(f"behave/{model}", found, here)
    table = product.run("behave", "first", *given, "--failures").stdout
    frozen("behave/table.txt", normal.tables(table, here))


def test_options(here: Path) -> None:
    """Names and kinds of the options of all commands; every help text can be shown."""
    found = product.commands()
    for name in found:
        product.run(*name.split(), "--help")
    values("options", found, here, *{key for own in found.values() for key in own})


def test_versions(here: Path, client: product.MlflowClient) -> None:
    """Promotion and rollback: what they print, and what they leave in the store."""
    outputs = {}
    steps = {
        "promote the first": ("promote", "1", "--reason", "the first"),
        "try the second": ("promote", "2", "--dry-run"),
        "promote the second": ("promote", "2", "--reason", "better on tolls"),
        "go back": ("rollback", "--reason", "doubled"),
        "force": ("promote", "3", "--force", "--reason", "for a trial", "--alias", "challenger"),
        "list": ("models",),
        "show": ("models", "show", "champion"),
        "show a trained one": ("models", "show", "3"),
        "differ": ("models", "diff", "1", "2"),
    }
    for step, words in steps.items():
        gates = ["--gates", "gates.yaml"] if words[0] == "promote" else []
        outputs[step] = json.loads(product.run(*words, *gates, "-f", "json").stdout)
    refused = product.run("promote", "3", "--gates", "gates.yaml", "-f", "json", code=1)
    outputs["refuse"] = json.loads(refused.stdout)
    values("store/outputs", outputs, here)
    values("store/left", product.left_in_store(client), here)
    shown = [
        product.run(*words).stdout for words in (("models",), ("models", "show", "1"), ("models", "diff", "1", "2"))
    ]
    frozen("store/tables.txt", normal.tables("\n".join(shown), here))


def headings(description: str) -> list[str]:
    """The columns of the table in a description."""
    return next(
        [cell.strip() for cell in line.strip("|").split("|")] for line in description.splitlines() if "|" in line
    )


@pytest.mark.slow
def test_training(here: Path, empty_store: Path) -> None:
    """The names of what a training run leaves; its numbers depend on the processor."""
    config = tiny.config(here / "run", epochs=1, precision="fp32")
    shutil.copytree(empty_store, here / "run", dirs_exist_ok=True)
    Path("mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    product.run("train", "mine.yaml")
    left = normal.plain(product.left_in_store(product.store(here / "run")), here)
    for one in left["runs"]:
        one["metrics"] = sorted(name for name in one["metrics"] if not name.startswith(OF_PREDICTIONS))
        one["tags"].pop("commit", None)  # there is one only where the tests run in a clone
        one["tags"]["mlflow.note.content"] = headings(one["tags"]["mlflow.note.content"])
    left["versions"] = [
        {**one, "tags": sorted(one["tags"]), "description": headings(one["description"])} for one in left["versions"]
    ]
    (folder,) = Path("run/runs").glob("*/model")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    keys = {name: sorted(one) if isinstance(one, dict) else type(one).__name__ for name, one in manifest.items()}
    values("store/training", {**left, "manifest": keys}, here)
