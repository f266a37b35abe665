"""What to label next: the choice, its reasons, and the simulation of what it saves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from annotations import DataError, Document, read_documents, write_documents
from inference import load
from tests.test_cli import run
from tests.tiny import config as tiny_config
from tests.tiny import documents
from training.config import TrainConfig
from training.plots import selection_curve
from training.select import doubts, select
from training.simulate import RANDOM, SELECTED, Point, simulate


def test_doubt_is_the_expected_share_of_wrong_words(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    found = doubts(model, [*documents(2), Document("empty", " ")])
    assert all(0 < doubt.rate < 1 for doubt in found[:2])
    assert found[2].rate == 0
    assert all(share <= 0.75 for doubt in found for _, _, share in doubt.words)


def test_copies_and_what_is_labelled_are_not_chosen_again(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    pool = documents(6)
    copy = replace(pool[0], id="copy")
    chosen = select(model, [*pool[:3], copy], 4, labelled=pool[3:])
    assert len(chosen) == 4
    assert {chosen[-1].document.id, chosen[-1].nearest} == {"copy", "d000"}
    assert chosen[-1].score == pytest.approx(0, abs=1e-9)
    assert [one.score for one in chosen] == sorted((one.score for one in chosen), reverse=True)
    assert [one.document.id for one in select(model, pool, 9, labelled=pool[1:])] == ["d000"]
    assert "of 100 words expected wrong" in chosen[0].reason
    assert chosen[0].nearest in chosen[0].reason
    with pytest.raises(DataError, match="there is no document to choose from"):
        select(model, [], 1)


def test_the_choice_is_the_same_each_time(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    first, second = (select(model, documents(8), 5) for _ in range(2))
    assert [one.to_dict() for one in first] == [one.to_dict() for one in second]


def test_a_simulation_goes_on_where_it_stopped(tmp_path: Path) -> None:
    settings = tiny_config(tmp_path, epochs=1)
    config = TrainConfig.model_validate(settings)
    tests = {"dev": read_documents(settings["data"]["dev"][0])}
    seen: list[Point] = []
    part = simulate(config, tests, [2, 4], [1], tmp_path / "curve", seen.append)
    assert [(p.strategy, p.documents) for p in part] == [(RANDOM, 2), (SELECTED, 4), (RANDOM, 4)]
    assert all(0 <= score <= 1 for point in part for score in point.scores.values())
    whole = simulate(config, tests, [2, 4, 8], [1], tmp_path / "curve", seen.append)
    assert whole[:3] == part == seen[:3]
    assert [(p.strategy, p.documents) for p in whole[3:]] == [(RANDOM, 8)]
    assert len(selection_curve(whole).axes) == 1
    kept = json.loads((tmp_path / "curve" / "points.json").read_text())
    assert len(kept["choices"]["1/2/4"]) == 2
    with pytest.raises(DataError, match=r"sizes \[4, 2\] do not rise from 1 to at most 8"):
        simulate(config, tests, [4, 2], [1], tmp_path / "curve")


def test_the_command_writes_what_to_push_next(tmp_path: Path, tiny_model_folder: Path) -> None:
    (tmp_path / "articles" / "may").mkdir(parents=True)
    for number, document in enumerate(documents(4)):
        (tmp_path / "articles" / "may" / f"{number}.txt").write_text(document.text)
    write_documents(tmp_path / "known.jsonl", documents(1))
    words = (
        "annotate",
        "select",
        "--from",
        "articles",
        "--labelled",
        "known.jsonl",
        "--count",
        "2",
        "--to",
        "next.jsonl",
    )
    found = run(*words, "--model", str(tiny_model_folder), "--format", "json")
    assert found.returncode == 0, found.stderr
    chosen = json.loads(found.stdout)
    assert sorted(one["id"] for one in chosen) == [d.id for d in read_documents(tmp_path / "next.jsonl")]
    assert {one["id"] for one in chosen} < {"may/1", "may/2", "may/3"}


def test_the_curve_command_draws_and_refuses_what_is_no_number(tmp_path: Path) -> None:
    import yaml

    settings = tiny_config(tmp_path, epochs=1)
    settings["data"]["test"] = settings["data"].pop("dev")
    settings["data"]["dev"] = 0.3
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(settings))
    found = run("annotate", "learning-curve", "c.yaml", "--to", "curve", "--sizes", "1,2", "--seeds", "1")
    assert found.returncode == 0, found.stderr
    assert "seed 1, 2 selected: " in found.stdout
    assert (tmp_path / "curve" / "curve.png").stat().st_size > 10_000
    wrong = run("annotate", "learning-curve", "c.yaml", "--to", "curve", "--sizes", "1,x")
    assert wrong.returncode == 2
    assert "no list of whole numbers" in wrong.stderr
