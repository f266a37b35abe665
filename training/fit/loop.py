"""Fitting: the training loop."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from annotations.document import Document
from annotations.schema import Schema
from inference.backends import Ids, Logits, all_finite, budget_of, torch_logits
from inference.tagger import Tagger
from training.config import FitConfig, TrainConfig
from training.evaluation.counts import zero_if_undefined
from training.evaluation.scores import Scores, score_documents
from training.fit import checkpoint
from training.fit.attention import bf16_attention
from training.fit.batches import collate, hide, plan
from training.fit.checkpoint import State
from training.fit.distil import SoftTags, soft_loss
from training.fit.encoders import EncoderError
from training.fit.examples import lengths
from training.fit.loss import NotFiniteError, check_weights, informative, token_loss
from training.fit.processes import Processes, ProcessesError

PAD, MASK = ("[PAD]", "<pad>"), ("[MASK]", "<mask>")


class ModuleBackend:
    """A torch module as a backend, so that development documents are scored by the code of inference."""

    def __init__(self, model: torch.nn.Module, device: torch.device) -> None:
        self._model = model
        self._device = device
        self.budget = budget_of(device.type)

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits.

        Raises:
            NotFiniteError: A logit is nan or infinite.
        """
        logits = torch_logits(self._model.eval(), ids, mask, self._device)
        if not all_finite(logits, mask):
            raise NotFiniteError("the model computes logits that are nan or infinite; train with a lower learning rate")
        return logits


def choose_device(name: str) -> torch.device:
    """Return the device of a config; `auto` is CUDA if available."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> str:
    """Return `bf16` or `fp32`; `auto` is bf16 only if the hardware supports it, since emulation is slower than fp32."""
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    capabilities: Mapping[str, Any] = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return "bf16" if capabilities.get("amx_bf16") or capabilities.get("avx512_bf16") else "fp32"


@dataclass(eq=False, repr=False)
class Fit:
    """One training run over prepared examples.

    Args:
        config: The run's config.
        model: A token-classification model whose head has the schema's tags.
        tokenizer: Its tokenizer.
        schema: The label set.
        examples: Windows with `input_ids`, `labels` and `possible`.
        dev: Documents for early stopping.
        folder: Folder of the checkpoints.
        weights: How often an epoch reads each window; None is once.
        soft: The teachers' tag probabilities of the examples; None without teachers.
        processes: The processes that fit this model. All are given the same; only the first one scores, writes and
            reports.
        on_step: Called after each step with the state, the number of steps in all epochs, and the estimated seconds
            left.
        on_epoch: Called after each epoch with its row of the history and the dev scores.
    """

    config: TrainConfig
    _: KW_ONLY
    model: torch.nn.Module
    tokenizer: Tokenizer
    schema: Schema
    examples: Any
    dev: Sequence[Document]
    folder: Path
    weights: Sequence[float] | None = None
    soft: SoftTags | None = None
    processes: Processes = field(default_factory=Processes)
    on_step: Callable[[State, int, float], None] = lambda *_: None
    on_epoch: Callable[[dict[str, float], dict[str, Scores]], None] = lambda *_: None

    def __post_init__(self) -> None:
        self.settings: FitConfig = self.config.fit
        self.device = choose_device(self.settings.device)
        self.precision = choose_precision(self.settings.precision, self.device)
        self.model = self.model.to(self.device)
        self.lengths = lengths(self.examples)
        self.pad_id, self.mask_id = special_id(self.tokenizer, *PAD), special_id(self.tokenizer, *MASK)
        self.tagger = Tagger(
            tokenizer=self.tokenizer,
            schema=self.schema,
            backend=ModuleBackend(self.model, self.device),
            window=self.config.data.window,
            overlap=self.config.data.overlap,
        )
        self.optimizer = self._optimizer()
        self.state = State()

    def _optimizer(self) -> torch.optim.Optimizer:
        head, body = [], []
        for name, parameter in self.model.named_parameters():
            if _depth(name) < self.settings.frozen_layers:
                parameter.requires_grad_(False)
            elif name.startswith("classifier"):
                head.append(parameter)
            else:
                body.append(parameter)
        groups = [
            {"params": body, "peak": self.settings.learning_rate},
            {"params": head, "peak": self.settings.head_learning_rate},
        ]
        return torch.optim.AdamW(groups, weight_decay=self.settings.weight_decay, fused=True)

    def resume(self) -> list[str]:
        """Continue from the newest complete checkpoint in the folder; without one, from the beginning.

        Returns:
            A message for each damaged checkpoint.

        Raises:
            CheckpointError: The checkpoint belongs to another model.
        """
        first = self.processes.first
        reached = 0.0 if first else self.processes.tell(0)  # the first one restores before the others
        found, problems = checkpoint.restore(self.folder, self.model, self.optimizer, best=first)
        self.state = found or self.state
        if first:
            self.processes.tell(self.state.step)
        elif self.state.step != reached:
            raise ProcessesError(
                f"process {self.processes.rank} finds a checkpoint of step {self.state.step} in {self.folder}, the "
                f"first one of step {reached:.0f}; put the output folder where all of them read it"
            )
        place = f"continues from step {found.step}" if found else "starts from the beginning"
        return [f"{problem}; training {place}" for problem in problems]

    def run(self) -> State:
        """Train until all epochs are done or dev F1 stops rising, then load the weights of the best epoch.

        Raises:
            NotFiniteError: The loss, a gradient, a weight or a logit became nan or infinite; the message says at which
                step, and what to change.
        """
        # With weights epochs differ by a few batches; the schedule of the learning rate is that of the first.
        steps_per_epoch = len(self._plan(0))
        # Denormal gradients slow a CPU down, and make no difference as zeros. The setting is global, so it ends with
        # the loop.
        torch.set_flush_denormal(True)
        try:
            while self.state.epoch < self.settings.epochs and self.state.since_best < self.settings.patience:
                self._epoch(steps_per_epoch)
        finally:
            torch.set_flush_denormal(False)
        if self.processes.first:
            checkpoint.restore_best(self.folder, self.model)
        return self.state

    def _plan(self, epoch: int) -> list[list[int]]:
        return plan(self.lengths, self.settings.tokens_per_batch, self.config.seed, epoch, self.weights)

    def _epoch(self, steps_per_epoch: int) -> None:
        state = self.state
        started, first = time.monotonic(), state.batch
        batches = self._plan(state.epoch)
        total = steps_per_epoch * self.settings.epochs
        while state.batch < len(batches):
            state.loss += self._step(batches[state.batch], total)
            state.batch += 1
            state.step += 1
            pace = (time.monotonic() - started) / (state.batch - first)
            self.on_step(state, total, pace * (total - state.step))
            if state.step % self.settings.checkpoint_steps == 0 and state.batch < len(batches):
                check_weights(self.model, self._remedy())
                self._save()
        self._end_epoch(len(batches), time.monotonic() - started)

    def _end_epoch(self, batches: int, seconds: float) -> None:
        state = self.state
        check_weights(self.model, self._remedy())
        row, scores = self._row(batches, seconds) if self.processes.first else ({}, {})
        better = bool(self.processes.tell(bool(row) and row["dev_strict_f1"] > state.best))
        if better and self.processes.first:
            state.best = row["dev_strict_f1"]
            checkpoint.save_best(self.folder, self.model)
        state.since_best = 0 if better else state.since_best + 1
        state.epoch, state.batch, state.loss = state.epoch + 1, 0, 0.0
        if self.processes.first:
            # Before the checkpoint: a run that stops in between repeats a report instead of missing it.
            self.on_epoch(row, scores)
        self._save()

    def _row(self, batches: int, seconds: float) -> tuple[dict[str, float], dict[str, Scores]]:
        """Score an epoch, and add it to the history."""
        state, scores = self.state, self.score()
        row: dict[str, float] = {"epoch": state.epoch + 1, "loss": state.loss / batches, "seconds": seconds}
        row |= {f"dev_{name}_f1": zero_if_undefined(scores[name].micro.f1) for name in scores}
        row |= {f"dev_partial_{label}_f1": zero_if_undefined(one.f1) for label, one in scores["partial"].labels.items()}
        state.history.append(row)
        return row, scores

    def _save(self) -> None:
        if self.processes.first:
            checkpoint.save(self.folder, self.model, self.optimizer, self.state)

    def _step(self, rows: Sequence[int], total_steps: int) -> float:
        state, settings = self.state, self.settings
        batch = collate([self.examples[index] for index in rows], self.pad_id, len(self.schema.tags))
        batch = hide(batch, settings.mask_rate, self.mask_id, [self.config.seed, state.epoch, state.batch])
        factor = rate_factor(state.step, total_steps, settings.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        counts = [int(informative(batch["labels"], batch["possible"]).sum())]
        own = self.processes.part(len(rows))
        read = own or [0]  # a process without a row reads one all the same, for gradients of 0
        batch = {name: tensor[read] for name, tensor in batch.items()}
        if self.soft:
            batch |= self.soft.batch([rows[number] for number in read], batch["input_ids"].shape[1])
            counts.append(self.soft.words(rows))
        self.model.train()
        batch = {name: tensor.to(self.device) for name, tensor in batch.items()}
        with self._numbers():
            logits = self.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        loss = self._loss(logits.float(), batch, *counts) * bool(own)
        loss.backward()
        value = self.processes.add_up(self.model.parameters(), loss)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._check_step({"loss": value, "norm of the gradients": float(norm)})
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return value

    def _loss(self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor], subwords: int, words: int = 0) -> Any:
        """Return this process's part of the loss of a batch with so many sub-words and words to learn from."""
        loss = token_loss(logits, batch["labels"], batch["possible"], subwords)
        if self.soft is None:
            return loss
        share = self.config.distil.share
        return (1 - share) * loss + share * soft_loss(logits, batch["soft"], batch["soft_at"], words)

    def _check_step(self, numbers: Mapping[str, float]) -> None:
        """Stop before a number that is not finite reaches the weights."""
        for name, number in numbers.items():
            if not math.isfinite(number):
                at = f"step {self.state.step + 1} (epoch {self.state.epoch + 1}, batch {self.state.batch + 1})"
                raise NotFiniteError(f"the {name} became {number} at {at}; {self._remedy()}")

    def _remedy(self) -> str:
        """Return what to change in the config if training diverges."""
        rates = (
            f"fit.learning_rate ({self.settings.learning_rate:g}) and "
            f"fit.head_learning_rate ({self.settings.head_learning_rate:g})"
        )
        precision = ", or set fit.precision to fp32" if self.precision == "bf16" else ""
        return f"start a new run with lower {rates}, or a higher fit.warmup ({self.settings.warmup:g}){precision}"

    @contextmanager
    def _numbers(self) -> Iterator[None]:
        """Compute in the run's precision."""
        if self.precision == "fp32":
            yield
            return
        attention = bf16_attention(self.model) if self.device.type == "cpu" else nullcontext()
        with attention, torch.autocast(self.device.type, dtype=torch.bfloat16):
            yield

    def score(self) -> dict[str, Scores]:
        """Score the development documents."""
        found = self.tagger.find_spans(document.text for document in self.dev)
        return score_documents(self.dev, found, self.schema)


def rate_factor(step: int, total: int, warmup: float) -> float:
    """Return the share of the peak learning rate at a step: linear warm-up, then cosine decay to 0.

    Example:
        >>> [round(rate_factor(step, 10, 0.2), 2) for step in (0, 1, 2, 6, 9)]
        [0.5, 1.0, 1.0, 0.5, 0.04]
    """
    rising = max(1, int(total * warmup)) if warmup else 0
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + math.cos(math.pi * min(1, (step - rising) / max(1, total - rising))))


def _depth(name: str) -> int:
    """Return the depth of a parameter in the encoder: 0 for embeddings, i + 1 for layer i, more for all others."""
    layer = re.search(r"\.layers?\.(\d+)\.", name)
    return int(layer[1]) + 1 if layer else 0 if "embeddings" in name else 1_000


def special_id(tokenizer: Tokenizer, *names: str) -> int:
    """Return the id of the first of these special tokens that a tokenizer has.

    Raises:
        EncoderError: It has none of them.
    """
    for name in names:
        found = tokenizer.token_to_id(name)
        if found is not None:
            return int(found)
    raise EncoderError(f"the encoder's tokenizer has none of the tokens {', '.join(names)}; choose another encoder")
