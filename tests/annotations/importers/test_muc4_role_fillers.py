"""Reading MUC-4 as processed for role-filler extraction. All texts here are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations import DataError
from annotations.importers.muc4 import role_fillers, texts_and_keys
from tests.annotations.importers.test_muc4 import NAME, SCHEMA, assert_sound, losses, marked


def record(**changes: Any) -> dict[str, Any]:
    text = "masked men threw grenades at the old mill. the masked men (gf) fled."
    extracts = {
        "PerpInd": [[["masked men", 0]]],
        "PerpOrg": [[["gf", text.index("gf")]]],
        "Target": [[["the old mill", text.index("the old")], ["mill", text.index("mill")]]],
        "Victim": [],
        "Weapon": [[["grenade", text.index("grenade")]]],
    }
    return {"docid": NAME, "doctext": text, "extracts": extracts, **changes}


def lines(path: Path, *records: Any) -> Path:
    file = path / "set.json"
    file.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), encoding="utf-8")
    return file


def test_processed_json(tmp_path: Path) -> None:
    found = role_fillers.read(lines(tmp_path, record(), record(docid="DEV-MUC3-0002")))
    assert role_fillers.read(tmp_path) == found
    document, _ = found.documents
    assert_sound(document)
    assert marked(document) == [
        ("PERPETRATOR", "masked men"),
        ("WEAPON", "grenades"),
        ("TARGET", "old mill"),
        ("PERPETRATOR", "masked men"),
        ("PERPETRATOR", "gf"),
    ]
    assert document.events == ()
    assert document.meta["muc4_json"]["extracts"] == record()["extracts"]
    assert document.meta["coverage"] == role_fillers.COVERAGE
    assert losses(found, "offset") == [("grenade", "the offset points into a word")] * 2
    assert losses(found, "Target") == [("mill", "only found within longer mentions of the same role")] * 2
    assert found.aligned["PerpInd"] == 2


def test_offsets_that_are_wrong(tmp_path: Path) -> None:
    extracts = {"PerpInd": [[["masked men", 3], ["goblins", -1], ["...", 900]]]}
    found = role_fillers.read(lines(tmp_path, record(extracts=extracts)))
    assert losses(found, "offset") == [
        (v, "the offset points at other words") for v in ("masked men", "goblins", "...")
    ]
    assert losses(found, "PerpInd") == [(value, "not found in the text") for value in ("goblins", "...")]
    assert len(found.documents[0].spans) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is not JSON in UTF-8"),
        ("[]", "is list, not an object"),
        ({"docid": NAME, "extracts": {}}, "key doctext: "),
        (record(docid=""), "key docid: "),
        (record(docid=7), "key docid: "),
        (record(extracts=[]), "key extracts: "),
        (record(extracts={"Perp": []}), "key extracts.Perp: is not a known key; did you mean"),
        (record(extracts={"Victim": [["nun", 3]]}), "key extracts.Victim.0.0"),
        (record(extracts={"Victim": [[["nun", True]]]}), "key extracts.Victim.0.0"),
        (record(docid="first"), "'docid' of "),
    ],
)
def test_faults_of_processed_json(tmp_path: Path, line: Any, message: str) -> None:
    with pytest.raises(DataError) as raised:
        role_fillers.read(lines(tmp_path, record(docid="first"), line))
    assert all("set.json:2" in str(fault) for fault in raised.value.faults)
    assert any(message in str(fault) for fault in raised.value.faults)


def test_no_processed_json(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        role_fillers.read(tmp_path / "set.json")
    with pytest.raises(DataError, match=r"\*\.json"):
        role_fillers.read(tmp_path)


@pytest.mark.parametrize("source", [texts_and_keys.SOURCE, role_fillers.SOURCE])
def test_sources_say_how_far_each_label_is_annotated(source: Any) -> None:
    assert set(source.coverage) == set(SCHEMA.labels)
