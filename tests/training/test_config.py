from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from tokenizers import Tokenizer
from transformers import DistilBertConfig, DistilBertModel

from annotations import DataError, Document, Span, load_schema
from annotations.io.config_files import config_folder
from tests.tiny import config as tiny_config
from tests.tiny import fit_of
from training.config import TrainConfig, load_config
from training.fit.encoders import EncoderError
from training.fit.prepare import check_encoder, prepare
from training.fit.reading import read_splits
from training.fit.starting import load_tokenizer, new_model
from training.fit.untracked import leave_one_out

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
SHIPPED = sorted(path.stem for path in config_folder().glob("*.yaml"))


def test_shipped_configs_are_there() -> None:
    assert {"default", "accurate", "released"} <= set(SHIPPED)


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
        "fit.frozen_layers=1",
    ]
    changes += [f"data.{split}={tiny['data'][split]}" for split in ("train", "dev")]
    config = load_config(name, changes)
    fit = fit_of(config, tmp_path)
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
        ("data.test=1.0", r"key data\.test.*less than 1"),
        ("data={train: [corpus/train], dev: 0.5, test: 0.5}", r"dev 0\.5 and test 0\.5"),
        ("data.dev=[]", r"key data\.dev.*: tuple should have at least 1 item"),
        ("tracking.register_as=a/b", r"key tracking\.register_as: string should match pattern"),
        ("tracking.register_as=''", r"key tracking\.register_as: string should match pattern"),
        ("encoder.x=1", r"goes below 'encoder', which holds a value"),
        ("epochs", r"is not key=value"),
        ("seed=[", r"--set 'seed=\["),
        ("seed=&a [*a]", r"--set 'seed=&a "),
        ("seed=" + "[" * 2000, r"--set 'seed=\[\["),
        ("seed=" + "9" * 5000, r"5000"),
        ("seed=\udc80", r"U\+DC80"),
        ("a." * 60_000 + "b=1", r"60001"),
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


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": {"window": 200}}, r"data\.window is 200, encoder .* reads at most 128 sub-words"),
        ({"fit": {"frozen_layers": 3}}, r"fit\.frozen_layers is 3, encoder .* has 1 layers, so 2 with the embeddings"),
    ],
)
def test_what_the_encoder_cannot_do_is_refused_before_training(
    changes: dict[str, dict[str, int]], message: str, tmp_path: Path
) -> None:
    settings = tiny_config(tmp_path)
    for key, values in changes.items():
        settings[key] |= values
    with pytest.raises(EncoderError, match=message):
        prepare(TrainConfig(**settings))


def test_encoder_without_mask_or_config_is_refused(tmp_path: Path) -> None:
    settings = tiny_config(tmp_path)
    tokenizer = load_tokenizer(settings["encoder"]).backend_tokenizer
    unmasked = Tokenizer.from_str(tokenizer.to_str().replace("[MASK]", "[HIDE]"))
    with pytest.raises(EncoderError, match=r"has none of the tokens \[MASK\], <mask>"):
        check_encoder(TrainConfig(**settings), unmasked)
    (Path(settings["encoder"]) / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        check_encoder(TrainConfig(**settings), tokenizer)


@pytest.mark.parametrize("split", ["train", "dev"])
def test_split_without_documents_is_refused(split: str, tmp_path: Path) -> None:
    settings = tiny_config(tmp_path)
    (tmp_path / "data" / f"{split}.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=f"the {split} split has no documents"):
        read_splits(TrainConfig(**settings), load_schema())


def test_dropout_is_off_whatever_the_encoder_calls_it(tmp_path: Path) -> None:
    settings = tiny_config(tmp_path)
    shape = DistilBertConfig(vocab_size=120, dim=32, n_layers=1, n_heads=2, hidden_dim=48)
    DistilBertModel(shape).save_pretrained(settings["encoder"])
    model = new_model(TrainConfig(**settings), load_schema())
    rates = {module.p for name, module in model.named_modules() if isinstance(module, torch.nn.Dropout)}
    assert rates == {0.0}
    assert model.config.attention_dropout == 0.0
    assert not hasattr(model.config, "hidden_dropout_prob")


def test_leave_one_out_checks_its_documents_first(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    with pytest.raises(DataError, match="1 documents to hold out, at least 2 are needed"):
        leave_one_out(config, [Document("x", "Nothing happened.")], start=tmp_path)
    wrong = Document("x", "Nothing happened.", [Span("S1", 0, 7, "NOTHING")])
    with pytest.raises(DataError, match="NOTHING"):
        leave_one_out(config, [wrong])
    cut = Document("x", "Nothing happened.", [Span(f"S{n}", n, n + 1, "DATE") for n in range(1, 6)])
    with pytest.raises(DataError, match=r"5 of \d+ gold spans would be lost"):
        leave_one_out(config, [cut])


def test_a_fit_leaves_the_arithmetic_of_the_process_alone(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path, epochs=1))
    fit = fit_of(config, tmp_path)
    fit.run()
    smallest = float("5e-324")
    assert smallest + 0.0 > 0  # not flushed to zero


def test_models_of_another_label_set_have_a_name_of_their_own() -> None:
    content = {"data": {"train": ["a.jsonl"]}, "schema": str(SCHEMAS / "recalls.yaml")}
    assert TrainConfig(data={"train": ["a.jsonl"]}).registered_name() == "conflict-events"
    assert TrainConfig(**content).registered_name() == "recalls"
    assert TrainConfig(**content, tracking={"register_as": "mine"}).registered_name() == "mine"
    assert TrainConfig(**content, tracking={"register_as": None}).registered_name() is None
    with pytest.raises(DataError, match=r"tracking\.register_as.*recalls"):
        TrainConfig(**content, tracking={"register_as": "conflict-events"}).registered_name()
