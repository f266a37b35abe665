"""Runs over many articles: the same results as plain `predict`, whatever stops on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from inference import Model
from inference.engines import Folder, FolderError, Job, Progress, Totals, plan, run
from inference.engines.job import packed, unpacked
from tests.inference.engines.archive import TEXT, archive, articles, files, plain, rows
from tests.inference.engines.here import Here


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    archive(tmp_path / "archive")
    return Job(["archive"], tmp_path, rows=4)


def done(job: Job, model: Model, path: Path, engine: Here | None = None) -> Totals:
    folder = Folder(path)
    return run(job, model, folder, plan(job, model, folder), engine or Here(), lambda _: None)


def test_results_are_those_of_predict(job: Job, model: Model, tmp_path: Path) -> None:
    totals = done(job, model, tmp_path / "out")
    expected, code = plain(Path("archive"), model.folder)
    found = articles(tmp_path / "out")
    assert code == 1
    assert len(found) == len(expected) == totals.articles == 9
    for ours, theirs in zip(found, expected, strict=True):
        theirs.pop("text", None)
        source = {name: value for name, value in theirs.pop("source", {}).items() if value is not None}
        kept = {name: value for name, value in ours.pop("source").items() if value is not None}
        assert ours == theirs
        assert set(kept) == set(source)
    assert totals.events == len(rows(tmp_path / "out", "events")) == sum(len(one["events"]) for one in expected)


def test_other_columns_are_kept_with_one_kind_in_all_partitions(job: Job, model: Model, tmp_path: Path) -> None:
    done(job, model, tmp_path / "out")
    found = {row["id"]: row for row in rows(tmp_path / "out", "articles")}
    assert found["j2"]["n"] == 2.0  # a whole number in one file, a fraction in the other
    assert found["p1"]["n"] == 0.5
    assert json.loads(found["j2"]["tags"]) == ["a", 2]
    assert found["1"]["country"] == "Mali"
    assert found["p1"]["ok"] is True
    events = rows(tmp_path / "out", "events")
    assert events
    # The event table has a column `country` of its own.
    assert all((row["source_country"] == "Mali") == (row["source_id"] == "1") for row in events)


def test_what_cannot_be_read_is_in_a_file_with_its_place(job: Job, model: Model, tmp_path: Path) -> None:
    done(job, model, tmp_path / "out")
    told = [json.loads(line) for line in (tmp_path / "out" / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(Path(one["file"]).name, one["line"] or one["row"]) for one in told] == [
        ("b.txt", None),
        ("c.csv", 3),
        ("d.jsonl", 4),
        ("d.jsonl", 6),
        ("d.jsonl", 8),
        ("e.parquet", 2),
        ("f.pdf", None),
    ]
    assert all(one["reason"] for one in told)
    assert len(list(Folder(tmp_path / "out").errors())) == 6  # a file that is left out is no fault


def test_a_run_that_stops_ends_in_the_same_files(job: Job, model: Model, tmp_path: Path) -> None:
    done(job, model, tmp_path / "whole")
    stopped = Here(stop=2)
    with pytest.raises(KeyboardInterrupt):
        done(job, model, tmp_path / "out", stopped)
    assert "errors.jsonl" not in files(tmp_path / "out")
    again = Here()
    done(job, model, tmp_path / "out", again)
    assert sorted(stopped.made + again.made) == list(range(4))
    assert files(tmp_path / "out") == files(tmp_path / "whole")
    last = Here()
    done(job, model, tmp_path / "out", last)
    assert last.made == []


def test_a_partition_whose_files_are_not_all_there_is_made_again(job: Job, model: Model, tmp_path: Path) -> None:
    done(job, model, tmp_path / "out")
    whole = files(tmp_path / "out")
    (tmp_path / "out" / "articles" / "part-00001.parquet").unlink()
    (tmp_path / "out" / "events" / "part-00001.parquet").write_bytes(b"torn")
    again = Here()
    done(job, model, tmp_path / "out", again)
    assert again.made == [1]
    assert files(tmp_path / "out") == whole


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rows": 5}, "rows of a partition"),
        ({"inputs": ["archive/a.txt"]}, "inputs"),
        ({"day": date(2021, 1, 1)}, "date"),
        ({"options": {"min_event_score": 0.5}}, "options"),
        ({"form": "text"}, "input format"),
    ],
)
def test_another_job_does_not_go_on(
    changed: dict[str, object], said: str, job: Job, model: Model, tmp_path: Path
) -> None:
    done(job, model, tmp_path / "out")
    before = files(tmp_path / "out")
    with pytest.raises(FolderError, match=f"made with {said}"):
        done(replace(job, **changed), model, tmp_path / "out")  # type: ignore[arg-type]
    assert files(tmp_path / "out") == before


def test_changed_inputs_or_another_model_do_not_go_on(job: Job, model: Model, tmp_path: Path) -> None:
    done(job, model, tmp_path / "out")
    with pytest.raises(FolderError, match="thresholds"):
        done(job, Model(model.folder, threshold=0.7), tmp_path / "out")
    (tmp_path / "archive" / "a.txt").write_text("Rain fell.", encoding="utf-8")
    with pytest.raises(FolderError, match="state of the inputs"):
        done(job, model, tmp_path / "out")


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert Folder(tmp_path / "out").done(3) == []
    (tmp_path / "out" / "mine.txt").write_text("x", encoding="utf-8")
    for path in ("out", "out/mine.txt"):
        with pytest.raises(FolderError, match=path):
            Folder(tmp_path / path)


def test_progress_counts_what_an_earlier_run_made(job: Job, model: Model, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        done(job, model, tmp_path / "out", Here(stop=1))
    told: list[Progress] = []
    folder = Folder(tmp_path / "out")
    run(job, model, folder, plan(job, model, folder), Here(), told.append)
    assert [(one.done, one.inputs) for one in told] == [(1, 0), (2, 4), (3, 4), (4, 4)]


def test_a_packed_model_predicts_the_same(model: Model) -> None:
    chosen = Model(model.folder, threshold=0.3, convention="acled", name="mine")
    again = unpacked(packed(chosen))
    assert not again.folder.exists()
    assert again.predict(TEXT).to_dict() == chosen.predict(TEXT).to_dict()
    assert again.predict(TEXT).model == "mine"
