"""What to label next: the choice, its reasons, and the simulation of what it saves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from annotations import DataError, Document, read_documents, write_documents
from inference import load
from inference.decode import softmax
from tests.helpers import run, run_process
from tests.tiny import config as tiny_config
from tests.tiny import documents
from training.config import TrainConfig
from training.curation.learning_curve import RANDOM, SELECTED, Point, simulate
from training.curation.select import doubts, select
from training.reports.data_plots import selection_curve


def test_doubt_is_the_expected_share_of_wrong_words(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    found = doubts(model, [*documents(2), Document("empty", " ")])
    assert all(0 < doubt.rate < 1 for doubt in found[:2])
    assert found[2].rate == 0
    sums = model.logits([documents(1)[0].text])[0]
    probabilities = softmax(sums[1], model.temperature)
    tags = model.schema.tag_labels
    grouped = [
        [sum(p for p, t in zip(row, tags, strict=True) if t == label) for label in set(tags)] for row in probabilities
    ]
    assert found[0].rate == pytest.approx(sum(1 - max(row) for row in grouped) / len(grouped))


def test_copies_and_what_is_labelled_are_not_chosen_again(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    pool = documents(6)
    copy = replace(pool[0], id="copy")
    chosen = select(model, [*pool[:3], copy], 4, labelled=pool[3:])
    assert len({one.document.sha256 for one in chosen}) == len(chosen) == 3
    assert [one.score for one in chosen] == sorted((one.score for one in chosen), reverse=True)
    assert [one.document.id for one in select(model, pool, 9, labelled=pool[1:])] == ["d000"]
    assert "of 100 words expected wrong" in chosen[0].reason
    assert chosen[0].nearest in chosen[0].reason
    with pytest.raises(DataError, match="there is no document to choose from"):
        select(model, [], 1)
    with pytest.raises(DataError, match="all 6 documents are labelled already; name a folder"):
        select(model, pool, 1, labelled=pool)
    assert len(select(model, [Document("blank", " "), Document("empty", "")], 2)) == 1


def test_the_choice_is_the_same_each_time(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    first, second = (select(model, documents(8), 5) for _ in range(2))
    assert [one.to_dict() for one in first] == [one.to_dict() for one in second]


def test_a_simulation_goes_on_where_it_stopped(tmp_path: Path) -> None:
    settings = tiny_config(tmp_path, epochs=1)
    config = TrainConfig.model_validate(settings)
    tests = {"dev": [d for d in documents(16) if d.id >= "d012"]}
    seen: list[Point] = []
    part = simulate(config, tests, [2, 4], [1], tmp_path / "curve", seen.append)
    assert [(p.strategy, p.documents) for p in part] == [(RANDOM, 2), (SELECTED, 4), (RANDOM, 4)]
    assert all(0 <= score <= 1 for point in part for score in point.scores.values())
    whole = simulate(config, tests, [2, 4, 8], [1], tmp_path / "curve", seen.append)
    assert whole[:3] == part == seen[:3]
    assert [(p.strategy, p.documents) for p in whole[3:]] == [(RANDOM, 8)]
    (axes,) = selection_curve(whole).axes
    lines = {str(line.get_label()): [float(y) for y in line.get_ydata()] for line in axes.get_lines()}
    score = {(p.strategy, p.documents): p.scores["dev"] for p in whole}
    shared = [score[RANDOM, 2], score[RANDOM, 8]]
    assert lines == {
        RANDOM: [shared[0], score[RANDOM, 4], shared[1]],
        SELECTED: [shared[0], score[SELECTED, 4], shared[1]],
    }
    kept = json.loads((tmp_path / "curve" / "points.json").read_text())
    assert [len(names) for names in kept["choices"].values()] == [2]
    assert simulate(config, tests, [2], [1], tmp_path / "curve") == part[:1]


def test_a_simulation_refuses_what_would_mislead(tmp_path: Path) -> None:
    settings = tiny_config(tmp_path, epochs=1)
    config = TrainConfig.model_validate(settings)
    tests = {"x": [Document("x", "Nothing happened in the town of Lumo today, and nobody was there to see it.")]}
    simulate(config, tests, [2], [1], tmp_path / "curve")
    with pytest.raises(DataError, match=r"sizes \[4, 2\] do not rise from 1 to at most 8; choose rising sizes up to 8"):
        simulate(config, tests, [4, 2], [1], tmp_path / "curve")
    other = config.model_copy(update={"fit": config.fit.model_copy(update={"epochs": 2})})
    with pytest.raises(DataError, match=r"points\.json: .* of another fit;"):
        simulate(other, tests, [2], [1], tmp_path / "curve")
    for known in ("train", "dev"):
        with pytest.raises(DataError, match="stands in"):
            simulate(config, {"x": read_documents(settings["data"][known][0])}, [2], [1], tmp_path / "curve")


def test_the_command_writes_what_to_push_next(tmp_path: Path, tiny_model_folder: Path) -> None:
    (tmp_path / "articles" / "may").mkdir(parents=True)
    for number, document in enumerate(documents(4)):
        (tmp_path / "articles" / "may" / f"{number}.txt").write_text(document.text)
    write_documents(tmp_path / "known.jsonl", documents(1))
    options = ("--from", "articles", "--labelled", "known.jsonl", "--count", "2", "--to", "next.jsonl")
    found = run("annotate", "select", *options, "--model", str(tiny_model_folder), "--format", "json")
    assert found.returncode == 0, found.stderr
    chosen = json.loads(found.stdout)
    assert sorted(one["id"] for one in chosen) == [d.id for d in read_documents(tmp_path / "next.jsonl")]
    assert {one["id"] for one in chosen} < {"may/1", "may/2", "may/3"}


@pytest.mark.slow
def test_the_curve_command_draws_and_refuses_what_is_no_number(tmp_path: Path) -> None:
    import yaml

    settings = tiny_config(tmp_path, epochs=1)
    settings["data"]["test"] = settings["data"].pop("dev")
    settings["data"]["dev"] = 0.3
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(settings))
    found = run_process("annotate", "learning-curve", "c.yaml", "--to", "curve", "--sizes", "1,2", "--seeds", "1")
    assert found.returncode == 0, found.stderr
    assert "seed 1, 2 selected: " in found.stdout
    assert (tmp_path / "curve" / "curve.png").stat().st_size > 10_000
    wrong = run_process("annotate", "learning-curve", "c.yaml", "--to", "curve", "--sizes", "1,x")
    assert wrong.returncode == 2
    assert "'1,x'" in wrong.stderr
