"""The benchmarks' own code, on the smallest size of each kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import parquet

from annotations import write_documents
from tests import tiny
from tests.benchmarks import __main__ as command
from tests.benchmarks import training
from tests.benchmarks.cases import CASES
from tests.benchmarks.page import put_part
from tests.benchmarks.process import Measurement
from tests.benchmarks.scale.cost import USED, Cost, Machine, cost
from tests.benchmarks.scale.wire import short_texts, write_wire
from tests.benchmarks.speed import report as speed_report
from tests.benchmarks.speed.clock import Timing, latencies, take_turns
from tests.benchmarks.speed.limit import Limit, operations
from tests.benchmarks.table import table
from tests.benchmarks.texts import HARD, hard, report

pytestmark = pytest.mark.integration  # each case does the work of a whole command

SMALL = 2  # of any unit, but for the one document of an import


@pytest.mark.parametrize("name", CASES)
def test_each_case_makes_its_input_and_does_its_work(
    name: str, tmp_path: Path, tiny_model_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    size = 20 if name.startswith("import") else SMALL
    CASES[name].make(size, tmp_path)
    work = CASES[name].prepare(tmp_path, str(tiny_model_folder))
    work()
    assert len(capfd.readouterr().out.splitlines()) == {"command-lines": SMALL, "command-text": 1}.get(name, 0)


def test_a_size_is_measured_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "import-json-lines"
    monkeypatch.setitem(command.CASES, name, replace(CASES[name], sizes=(20, 40, 80)))
    command.main([name, "--model", "none", "--repeats", "1", "--largest", "40"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][1:]
    assert [row[0] for row in rows] == ["| 20", "| 40"]
    assert all(float(row[4]) > 10 for row in rows)


@pytest.mark.parametrize("words", [["import-colnn"], ["predict-text", "--write"], ["--largest", "5", "--write"]])
def test_wrong_calls_measure_nothing(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(words)


def test_sizes_double() -> None:
    assert CASES["events-triggers"].sizes == (50, 100, 200, 400, 800)


def test_growth_is_told_as_ratio_and_exponent() -> None:
    found = {10: Measurement(1.0, 100.0, 90.0), 20: Measurement(4.0, 120.0, 90.0)}
    rows = table(CASES["predict-text"], found).splitlines()[-2:]
    assert rows == ["| 10 | 1.000 |  |  | 100 | 10 |", "| 20 | 4.000 | 4.00 | 2.00 | 120 | 30 |"]


@pytest.mark.parametrize("kind", HARD)
def test_hard_texts_have_their_length_and_spans(kind: str) -> None:
    document = hard(kind, 5000)
    assert 4950 < len(document.text) < 5500
    assert len(document.spans) > 50
    assert document.events


def test_reports_have_names_of_their_own() -> None:
    first, second = report(20, 0), report(20, 1)
    assert first.id != second.id
    names = [{one.mention(span) for span in one.spans if one.mention(span).startswith("Ko")} for one in (first, second)]
    assert not names[0] & names[1]


def test_a_part_of_the_page_replaces_the_one_before_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for part in ("# One\n\n### a\n1\n", "# Two\n2\n", "# One\n\n### b\n3\n"):
        put_part(page, part)
    assert page.read_text(encoding="utf-8") == "# One\n\n### b\n3\n\n# Two\n2\n"


def test_works_take_turns_and_latencies_rise() -> None:
    seen: list[str] = []
    timings = take_turns({name: lambda name=name: seen.append(name) for name in "ab"}, 2)  # type: ignore[misc]
    assert seen == ["a", "b"] * 3
    assert all(one.wall >= 0 for one in timings.values())
    half, most, nearly_all = latencies(len, ["a", "bb", "ccc"])
    assert half <= most <= nearly_all


def test_operations_are_those_of_the_matrices() -> None:
    config = {"hidden_size": 2, "intermediate_size": 8, "num_hidden_layers": 3, "id2label": {"0": "O"}}
    dense, exact = operations(config, 1, 5)
    assert dense == 3 * 2 * 5 * (4 * 4 + 2 * 16)
    assert exact == 3 * 4 * 5 * 5 * 2 + 2 * 5 * 2


def test_the_speed_page_shows_ratios_to_ours() -> None:
    timings = {speed_report.OURS: Timing(2.0, 2.0), speed_report.PIPELINE: Timing(4.0, 10.0)}
    found = speed_report.Found(
        f1={speed_report.OURS: 0.778},
        words=1000,
        timings={1: timings},
        latency={1: (10.0, 20.0, 30.0)},
        lengths={100: 0.5},
        counts={10: 2.0},
        cold={"import": 0.3, "first": 0.9, "process": 1.0, "peak": 160.0},
        limit=Limit(400.0, 100.0, 0.1, 0.2),
    )
    page = speed_report.page(found, "a machine", 10, quick=True)
    assert page.startswith(speed_report.TITLE)
    (row,) = (line for line in page.splitlines() if line.startswith(f"| 1 | {speed_report.PIPELINE}"))
    assert "| 5.00 |" in row
    assert "50 %" in page


def test_many_articles_cost_what_the_arithmetic_says() -> None:
    cores, gpu = Machine("", 4, 2.0), Machine("", 4, 2.0, 1e12)
    assert cost(cores, 3600 * 4 * 500, 500, 0.6, 1e6) == Cost(1.0, 2.0)
    rest = cost(gpu, 3600 * 4 * 500, 500, 0.6, 1e6)  # the cores do what the network does not
    assert rest.hours == pytest.approx(0.4)
    network = cost(gpu, 3600 * 4 * 500, 500, 0.6, 1e9)
    assert network.hours == pytest.approx(4 * 500 * 1e9 / (1e12 * USED))


def test_short_articles_come_round_again_in_their_file(tmp_path: Path) -> None:
    texts = short_texts()
    assert len(texts) > 1000
    assert len(set(texts)) == len(texts)
    assert all(35 <= len(text.split()) <= 45 for text in texts)
    write_wire(tmp_path / "wire.parquet", texts[:3], 7)
    rows = parquet.read_table(tmp_path / "wire.parquet").to_pylist()
    assert [row["text"] for row in rows] == [*texts[:3], *texts[:3], texts[0]]
    before = (tmp_path / "wire.parquet").stat().st_mtime_ns
    write_wire(tmp_path / "wire.parquet", texts[:3], 7)  # else a run could not go on
    assert (tmp_path / "wire.parquet").stat().st_mtime_ns == before


def test_the_page_of_training_compares_processor_time() -> None:
    found = {
        training.TRAINER: [training.Epoch(10.0, 8.0, 0.5), training.Epoch(30.0, 8.0, 0.6)],
        training.BF16: [training.Epoch(5.0, 2.0, 0.55), training.Epoch(5.0, 2.0, 0.61)],
    }
    part = training.page(found, 1000, 2, quick=False)
    rows = [line.split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]
    assert part.startswith(training.TITLE)
    assert [row[1:] for row in rows] == [["50", "125", "1.00", "50.0, 60.0 |"], ["200", "500", "4.00", "55.0, 61.0 |"]]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_contenders_take_turns(tmp_path: Path) -> None:
    pytest.importorskip("accelerate")
    documents = tiny.documents()
    files = {name: str(tmp_path / f"{name}.jsonl") for name in ("train", "dev")}
    write_documents(files["train"], documents[:8])
    write_documents(files["dev"], documents[8:])
    names = [training.TRAINER, training.FP32]
    chosen = training.Settings(files, str(tmp_path), 2, 1, str(tiny.encoder(tmp_path / "encoder")), 128)
    found = training.measure(names, chosen)
    assert {name: len(epochs) for name, epochs in found.items()} == dict.fromkeys(names, 2)
    assert all(epoch.wall > 0 and 0 <= epoch.f1 <= 1 for epochs in found.values() for epoch in epochs)
