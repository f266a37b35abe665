"""`python -m tests.benchmarks.training --quick --write`: training speed and dev F1 beside transformers' `Trainer`.

All contenders fine-tune the same encoder on the same windows for the same epochs. Each has a process of its own, so
that no setting of one reaches another, and they take turns epoch by epoch, because a machine is never as fast twice.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.page import PAGE, put_part

TITLE = "# Speed of training"
TRAINER, FP32, BF16 = "transformers Trainer", "conflict-events, fp32", "conflict-events, bf16"
_SETS = ("corpus/train", "corpus/forms", "corpus/several")
_DEV = "corpus/dev"
_BATCH, _DROPOUT = 8, 0.1  # of the Trainer: its own default, and that of BERT
_FULL = {"documents": None, "dev": None, "epochs": 3}
_QUICK = {"documents": 90, "dev": 15, "epochs": 3}


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of one contender.

    Args:
        wall: Seconds on the clock, without scoring.
        processor: Seconds of processor time, of all threads.
        f1: Strict micro F1 on the dev documents after it.
    """

    wall: float
    processor: float
    f1: float


def main(words: list[str] | None = None) -> None:
    """Measure all contenders, print the part of the page, and write it if that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.training", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer documents: some minutes")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="all processors by default")
    parser.add_argument("--write", action="store_true", help=f"write the table to docs/{PAGE.name}")
    chosen = parser.parse_args(words)
    sizes: Mapping[str, Any] = _QUICK if chosen.quick else _FULL
    names = [TRAINER, FP32, *([BF16] if computes_bf16() else [])]
    with tempfile.TemporaryDirectory(prefix="training-") as folder:
        files, subwords = write_data(Path(folder), sizes)
        found = measure(names, Settings(files, folder, sizes["epochs"], chosen.threads))
    part = page(found, subwords, chosen.threads, quick=chosen.quick)
    print(part)
    if chosen.write:
        put_part(PAGE, part)


@dataclass(frozen=True, slots=True)
class Settings:
    """What all contenders share.

    Args:
        files: Data files by use, `train` and `dev`.
        folder: Folder for caches and checkpoints.
        epochs: Passes over the data.
        threads: Threads of torch.
        encoder: As in a config.
        window: Sub-words of a window.
    """

    files: Mapping[str, str]
    folder: str
    epochs: int
    threads: int
    encoder: str = "minilm"
    window: int = 256


def computes_bf16() -> bool:
    """Whether the processor computes in bf16."""
    import torch

    from training.fit.loop import choose_precision

    return choose_precision("auto", torch.device("cpu")) == "bf16"


def write_data(folder: Path, sizes: Mapping[str, Any]) -> tuple[dict[str, str], int]:
    """Write the documents to train on and to score, and return their files and the number of sub-words to train on."""
    from annotations import read_documents, write_documents
    from annotations.formats.jsonl import read_sets

    train, dev = read_sets(_SETS), read_documents(_DEV)
    step = -(-len(train) // (sizes["documents"] or len(train)))  # of each set as much
    files = {name: str(folder / f"{name}.jsonl") for name in ("train", "dev")}
    write_documents(files["train"], train[::step])
    write_documents(files["dev"], dev[: sizes["dev"]])
    prepared = _prepared(Settings(files, str(folder), 1, 1), FP32)[1]
    return files, sum(map(len, prepared.examples["input_ids"]))


def measure(names: Sequence[str], settings: Settings) -> dict[str, list[Epoch]]:
    """Train all contenders in turns, and return their epochs."""
    context = get_context("spawn")
    found: dict[str, list[Epoch]] = {name: [] for name in names}
    ends: dict[str, Connection] = {}
    processes = []
    for name in names:
        ends[name], theirs = context.Pipe()
        processes.append(context.Process(target=_contend, args=(name, settings, theirs), daemon=True))
        processes[-1].start()
        theirs.close()  # so that the end of a process is told here
        ends[name].recv()  # it is ready
    for number in range(settings.epochs):
        for name, end in ends.items():
            print(f"epoch {number + 1}: {name}", file=sys.stderr, flush=True)
            end.send("go")
            found[name].append(end.recv())
    for process in processes:  # they still write to the folder
        process.join()
    return found


def _contend(name: str, settings: Settings, end: Connection) -> None:
    """Train in this process: wait for each turn, and tell what the epoch has taken and come to."""
    import torch

    torch.set_num_threads(settings.threads)
    fit = _fit(name, settings)
    clock = _Clock(end, settings.epochs)
    end.send("ready")
    (_train_theirs if name == TRAINER else _train_ours)(fit, settings, clock)


class _Clock:
    """Measures the epochs of a contender, and waits for its turn before each."""

    def __init__(self, end: Connection, turns: int) -> None:
        self._end, self._left = end, turns
        self._began = self._reached = (0.0, 0.0)

    def start(self) -> None:
        """Wait for a turn."""
        self._end.recv()
        self._began = self._reached = _now()

    def mark(self) -> None:
        """Note that the epoch has come so far; what follows its last mark is not counted."""
        self._reached = _now()

    def stop(self, f1: float) -> None:
        """End a turn, and wait for the next one."""
        wall, processor = (after - before for after, before in zip(self._reached, self._began, strict=True))
        self._end.send(Epoch(wall, processor, f1))
        self._left -= 1
        if self._left:
            self.start()


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _prepared(settings: Settings, name: str) -> tuple[Any, Any]:
    """Return the config and the prepared data of a contender."""
    from training.config import TrainConfig
    from training.fit.prepare import prepare
    from training.library_output import quiet_libraries

    config = TrainConfig(
        encoder=settings.encoder,
        data={**{name: [file] for name, file in settings.files.items()}, "window": settings.window},
        fit={"epochs": settings.epochs, "patience": settings.epochs, "precision": "bf16" if name == BF16 else "fp32"},
        output=settings.folder,
    )
    with quiet_libraries():
        return config, prepare(config)


def _fit(name: str, settings: Settings) -> Any:
    """Return what `conflict-events train` would run; the Trainer gets its model and windows, and is scored with it."""
    from training.fit.loop import Fit
    from training.fit.starting import new_model
    from training.library_output import quiet_libraries

    config, prepared = _prepared(settings, name)
    with quiet_libraries():
        model = new_model(config, prepared.schema)
    folder = Path(settings.folder) / name.replace(" ", "-")
    folder.mkdir()
    return Fit(
        config,
        model=model,
        tokenizer=prepared.tokenizer,
        schema=prepared.schema,
        examples=prepared.examples,
        dev=prepared.splits["dev"],
        folder=folder,
    )


def _train_ours(fit: Any, settings: Settings, clock: _Clock) -> None:
    fit.on_step = lambda *_: clock.mark()
    fit.on_epoch = lambda row, _: clock.stop(row["dev_strict_f1"])
    clock.start()
    fit.run()


def _train_theirs(fit: Any, settings: Settings, clock: _Clock) -> None:
    """Train as people use the Trainer: fp32, its default attention, dropout, and batches padded to their longest."""
    import torch
    from transformers import (
        AutoTokenizer,
        DataCollatorForTokenClassification,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    from training.fit.encoders import encoder_path

    class Turns(TrainerCallback):  # type: ignore[misc]
        def on_epoch_end(self, *_: Any, **__: Any) -> None:
            clock.mark()
            clock.stop(_strict_f1(fit))
            model.train()

    model = fit.model.requires_grad_(True)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = _DROPOUT
    arguments = TrainingArguments(
        output_dir=str(fit.folder),
        per_device_train_batch_size=_BATCH,
        num_train_epochs=settings.epochs,
        learning_rate=fit.settings.learning_rate,
        warmup_steps=fit.settings.warmup,
        save_strategy="epoch",
        save_total_limit=1,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=fit.examples.remove_columns(["document", "possible"]),
        data_collator=DataCollatorForTokenClassification(AutoTokenizer.from_pretrained(encoder_path(settings.encoder))),
        callbacks=[Turns()],
    )
    clock.start()
    trainer.train()


def _strict_f1(fit: Any) -> float:
    from training.evaluation.counts import zero_if_undefined

    return float(zero_if_undefined(fit.score()["strict"].micro.f1))


def page(found: Mapping[str, Sequence[Epoch]], subwords: int, threads: int, *, quick: bool) -> str:
    """Return the part of the page in Markdown.

    Args:
        found: The epochs of each contender.
        subwords: Number of sub-words of an epoch, without padding.
        threads: Threads of torch.
        quick: Whether it was a part of the documents only.
    """
    lines = [
        "| program | sub-words/s | sub-words a processor second | times as fast | dev F1 after each epoch |",
        "|---|---:|---:|---:|---|",
    ]
    theirs = median(epoch.processor for epoch in found[TRAINER])
    for name, epochs in found.items():
        processor = median(epoch.processor for epoch in epochs)
        cells = (
            name,
            f"{subwords / median(epoch.wall for epoch in epochs):,.0f}",
            f"{subwords / processor:,.0f}",
            f"{theirs / processor:.2f}",
            ", ".join(f"{100 * epoch.f1:.1f}" for epoch in epochs),
        )
        lines.append(f"| {' | '.join(cells)} |")
    table = "\n".join(lines)
    kind = " --quick" if quick else ""
    python = (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    part = ", a part of them" if quick else ""
    return f"""{TITLE}

Written by `python -m tests.benchmarks.training{kind} --threads {threads} --write`; {python}.
The encoder is MiniLM under a new head, the data {", ".join(_SETS)}{part}: {subwords:,} sub-words in
windows of at most 256. Each program has a process of its own on {threads} threads; they take turns epoch by epoch, and
medians of epochs are shown. `times as fast` compares processor time, which hardly depends on what else the machine
does. F1 is strict, on {_DEV}{part}, after each epoch, decoded by the same code.

- `{TRAINER}` is used as people use it: fp32, its default attention, dropout {_DROPOUT}, batches of {_BATCH} windows
  in random order, all weights learned; with the learning rate of our config.
- `conflict-events` is the loop of `conflict-events train` with the settings of a config that names none: batches of
  about as many sub-words, the embeddings frozen, sub-words hidden in place of dropout.

{table}
"""


if __name__ == "__main__":
    main()
