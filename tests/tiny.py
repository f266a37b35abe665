"""A one-layer encoder, a small data set and a quick config, made in the tests."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotations import Document, load_schema, write_documents
from annotations.formats.inline import parse

if TYPE_CHECKING:
    from training.config import TrainConfig
    from training.fit.loop import Fit

_WORDS = [
    "gunmen",
    "opened",
    "fire",
    "killed",
    "at",
    "least",
    "market",
    "bomb",
    "blast",
    "rebels",
    "soldiers",
    "the",
    "a",
    "in",
    "on",
]
_SEED = 1
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

MARKED = [
    "{Gunmen|PERPETRATOR|E1} {opened fire|ATTACK|E1} at a {market|TARGET|E1} in {Ndoro|LOCATION|E1} on "
    "{Friday|DATE|E1}, killing {at least 12|TOLL:killed|E1} {traders|VICTIM|E1} and wounding {dozens|TOLL:injured|E1}.",
    "A {bomb|WEAPON|E1} {exploded|ATTACK|E1} near a {school|TARGET|E1} in {Kesra|LOCATION|E1}. {Four|TOLL:killed|E1} "
    "{pupils|VICTIM|E1} died in the {blast|ATTACK|E1}, the mayor said.",
    "{Rebels|PERPETRATOR|E1} {abducted|ATTACK|E1} {seven|TOLL:abducted|E1} {nurses|VICTIM|E1} from a "
    "{clinic|TARGET|E1}.",
    "The striker's attack on goal won the match, and the crowd of 4,000 went home happy.",
]
EVENTS = ["E1: armed_assault", "E1: bombing", "E1: abduction", ""]


def documents(count: int = 12) -> list[Document]:
    """Small documents, each different enough from the others not to count as a near-duplicate."""
    schema = load_schema()
    made = []
    for number in range(count):
        kind = number % len(MARKED)
        letters = random.Random(number)
        tail = " ".join("".join(letters.choices(string.ascii_lowercase, k=6)) for _ in range(40))
        content = (
            f"id: d{number:03}\ngenre: wire\ncountry: Nowhere\n---\n{MARKED[kind]}\n\n{tail}.\n---\n{EVENTS[kind]}\n"
        )
        made.append(parse(content, schema))
    return made


def encoder(folder: Path) -> Path:
    """Write a one-layer BERT with a word-piece vocabulary of letters and a few words; every word can be spelled."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    letters = [*string.ascii_lowercase, *string.digits, *string.punctuation, "’", "“", "”", "–"]
    vocabulary = [*_SPECIAL, *_WORDS, *letters, *(f"##{letter}" for letter in letters)]
    unique = {token: number for number, token in enumerate(dict.fromkeys(vocabulary))}
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = BertWordPieceTokenizer(vocab=unique, lowercase=True)
    BertTokenizerFast(tokenizer_object=tokenizer._tokenizer).save_pretrained(folder)
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 48}
    with torch.random.fork_rng():  # the same encoder, whatever ran before
        torch.manual_seed(_SEED)
        BertModel(BertConfig(vocab_size=len(unique), max_position_embeddings=128, **shape)).save_pretrained(folder)
    return folder


def config(folder: Path, **fit: Any) -> dict[str, Any]:
    """A config for the tiny encoder and data in a folder; nothing is written outside of it."""
    data = folder / "data"
    if not data.exists():
        found = documents()
        write_documents(data / "train.jsonl", found[:8])
        write_documents(data / "dev.jsonl", found[8:])
    chosen = folder / "encoder"
    if not chosen.exists():
        encoder(chosen)
    settings = {"epochs": 2, "tokens_per_batch": 256, "learning_rate": 0.01, "frozen_layers": 0, "checkpoint_steps": 1}
    return {
        "encoder": str(chosen),
        "data": {"train": [str(data / "train.jsonl")], "dev": [str(data / "dev.jsonl")], "window": 64, "overlap": 16},
        "fit": {**settings, **fit},
        "tracking": {"uri": f"sqlite:///{folder / 'mlflow.db'}"},
        "output": str(folder / "runs"),
    }


def model_folder(folder: Path, *, seed: int = 1) -> Path:
    """An untrained tagger as a model folder; its random head marks spans all over the place, which is good for tests
    of offsets."""
    import torch
    from transformers import AutoTokenizer

    from inference.manifest import Manifest
    from training.config import TrainConfig
    from training.fit.export import export_model
    from training.fit.starting import new_model

    chosen = encoder(folder / "encoder")
    schema = load_schema()
    settings = TrainConfig(encoder=str(chosen), data={"train": ["none"]}, seed=seed)
    model = new_model(settings, schema)
    torch.nn.init.normal_(model.classifier.weight, std=2.0, generator=torch.Generator().manual_seed(seed))
    auto = AutoTokenizer.from_pretrained(chosen)
    export_model(
        folder / "model",
        model=model,
        tokenizer=auto.backend_tokenizer,
        auto_tokenizer=auto,
        schema=schema,
        manifest=Manifest(name="tiny", window=32, overlap=8),
    )
    return folder / "model"


def fit_of(config: TrainConfig, folder: Path) -> Fit:
    """A fit of a config that has not run."""
    from training.fit.loop import Fit
    from training.fit.prepare import prepare
    from training.fit.starting import new_model

    prepared = prepare(config)
    return Fit(
        config,
        model=new_model(config, prepared.schema),
        tokenizer=prepared.tokenizer,
        schema=prepared.schema,
        examples=prepared.examples,
        dev=prepared.splits["dev"],
        folder=folder,
        weights=prepared.weights,
        soft=prepared.soft,
    )
