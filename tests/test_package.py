"""The wheel: it brings the configs and the data, and works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[1]
CODE = """
import annotations, pathlib
from annotations import load_schema, read_documents
from training.config import load_config
assert pathlib.Path(annotations.__file__).is_relative_to(pathlib.Path.cwd()), annotations.__file__
assert len(read_documents("corpus/train")) > 100
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
