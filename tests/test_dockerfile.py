"""The Dockerfile: what it copies is there, gets into the build, and is enough to build the package."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from training.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def copied() -> set[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return {path for line in lines for path in line.split()[:-1]}


def test_every_path_that_is_copied_exists_and_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert copied() == allowed
    assert [path for path in sorted(copied()) if not (ROOT / path).exists()] == []


def test_all_that_the_package_is_built_from_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"], "LICENSE", "pyproject.toml"}
    assert [path for path in sorted(needed) if not {path, *map(str, Path(path).parents)} & copied()] == []
    assert (ROOT / "inference" / "released" / "model.onnx").is_file()


def test_the_service_runs_without_rights_and_is_checked() -> None:
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.MULTILINE)
    entry = json.loads(re.search(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)[1])  # type: ignore[index]
    assert entry[:2] == ["conflict-events", "serve"]
    assert "serve" in {command.callback.__name__ for command in app.registered_commands if command.callback}
    check = json.loads(re.search(r"^HEALTHCHECK .*?CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)[1])  # type: ignore[index]
    compile(check[2], "HEALTHCHECK", "exec")
    assert "/health" in check[2]
    assert f":{entry[entry.index('--port') + 1]}/" in check[2]
