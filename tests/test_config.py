from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from annotations import DataError
from annotations.config_files import config_folder
from tests.tiny import config as tiny_config
from training.config import TrainConfig, load_config
from training.fit import Fit
from training.prepare import new_model, prepare

SHIPPED = sorted(path.stem for path in config_folder().glob("*.yaml"))


def test_shipped_configs_are_there() -> None:
    assert {"default", "accurate"} <= set(SHIPPED)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_config_trains_one_step(name: str, precision: str, tmp_path: Path) -> None:
    tiny = tiny_config(tmp_path)
    changes = [
        f"fit.precision={precision}",
        f"encoder={tiny['encoder']}",
        f"output={tmp_path / 'runs'}",
        "data.test=[]",
        "data.window=64",
        "data.overlap=16",
    ]
    changes += [f"data.{split}={tiny['data'][split]}" for split in ("train", "dev")]
    config = load_config(name, changes)
    prepared = prepare(config)
    fit = Fit(
        config,
        model=new_model(config, prepared.schema),
        tokenizer=prepared.tokenizer,
        schema=prepared.schema,
        examples=prepared.examples,
        dev=prepared.splits["dev"],
        folder=tmp_path,
    )
    before = fit.model.classifier.weight.detach().clone()
    fit._step([0], 10)
    assert not before.equal(fit.model.classifier.weight)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("fit.epoch=3", r"key fit\.epoch: is not a known key; did you mean 'epochs'\?"),
        ("trackin.uri=x", r"key trackin: is not a known key; did you mean 'tracking'\?"),
        ("fit.epochs=many", r"key fit\.epochs: input should be a valid integer.*got 'many'"),
        ("fit.epochs=0", r"key fit\.epochs: .*greater than or equal to 1"),
        ("data.overlap=200", r"overlap 200 is more than half of window 256"),
        ("encoder.x=1", r"goes below 'encoder', which holds a value"),
        ("epochs", r"is not key=value"),
        ("seed=[", r"has a value that is not YAML"),
    ],
)
def test_wrong_change_is_refused_with_its_key(change: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_config("default", [change])


def test_every_wrong_key_of_a_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("encodr: minilm\ndata: {train: [a], widow: 3}\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_config(path)
    problems = [str(fault) for fault in caught.value.faults]
    assert [("'encoder'" in p, "'window'" in p, str(path) in p) for p in sorted(problems)] == [
        (False, True, True),
        (True, False, True),
    ]


def test_unknown_config_suggests_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'default'"):
        load_config("defalt")


def test_broken_yaml_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 1\nencoder: [a\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"mine\.yaml:3: is not YAML"):
        load_config(path)


def test_resolved_config_reads_back(tmp_path: Path) -> None:
    config = load_config("default", ["fit.epochs=3", "data.dev=0.2"])
    path = tmp_path / "resolved.yaml"
    path.write_text(config.to_yaml(), encoding="utf-8")
    assert load_config(path) == config
    assert config.flat()["fit.epochs"] == "3"
    assert config.flat()["schema"] == "events"


def test_config_holds_only_what_yaml_can_say() -> None:
    assert yaml.safe_load(TrainConfig(data={"train": ["a"]}).to_yaml())["data"]["train"] == ["a"]
