"""Checks that the parts of a model folder fit together: labels, vocabulary, window, output of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from inference.backends import Backend
from inference.manifest import Manifest, ModelError

# Encoders that count positions from the padding id + 1, so that fewer are left for text.
_LATE_POSITIONS = ("camembert", "mpnet", "roberta", "xlm-roberta")
_PROBE = 512  # maximum sub-words of a test run; more take seconds and gigabytes


def positions(config: Mapping[str, Any]) -> int | None:
    """Return the maximum number of sub-words that an encoder reads; None if its config sets no limit.

    Example:
        >>> positions({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1})
        512
    """
    most = config.get("max_position_embeddings")
    if not isinstance(most, int) or most <= 0:
        return None
    late = config.get("model_type") in _LATE_POSITIONS
    return most - (config.get("pad_token_id") or 0) - 1 if late else most


def check_labels(config: Mapping[str, Any], tags: Sequence[str]) -> None:
    """Check that the columns of a model are the tags of its schema, in the same order.

    Raises:
        ModelError: They differ; the message names the first difference.
    """
    named = config.get("id2label")
    columns = [named.get(str(number)) for number in range(len(named))] if isinstance(named, Mapping) else []
    for number in range(max(len(columns), len(tags))):
        column, tag = (names[number] if number < len(names) else None for names in (columns, tags))
        if column != tag:
            counts = f"id2label has {len(columns)} labels, the schema {len(tags)} tags"
            raise ModelError(
                f"config.json and schema.yaml differ: {counts}, number {number} is {column!r} in the first and {tag!r} "
                "in the second; copy the whole model folder again"
            )


def check_sizes(config: Mapping[str, Any], tokenizer: Tokenizer, manifest: Manifest, special: int) -> None:
    """Check that an encoder has every sub-word of its tokenizer, and can read a window.

    Raises:
        ModelError: A size does not fit; the message names both sizes.
    """
    known, last = config.get("vocab_size"), last_id(tokenizer)
    if isinstance(known, int) and last >= known:
        problem = f"tokenizer.json has sub-words up to number {last}, config.json has a vocab_size of {known}"
        raise ModelError(f"{problem}; copy the whole model folder again")
    most = positions(config)
    if most is not None and manifest.window > most:
        raise ModelError(
            f"the manifest has a window of {manifest.window}, config.json has positions for {most} sub-words; "
            "copy the whole model folder again"
        )
    if 2 * manifest.overlap > manifest.window - special:
        problem = f"the manifest has an overlap of {manifest.overlap}"
        raise ModelError(
            f"{problem}, more than half of the {manifest.window - special} sub-words that fit in a window of "
            f"{manifest.window} with {special} special tokens; train the model again"
        )


def last_id(tokenizer: Tokenizer) -> int:
    """Return the largest id of a tokenizer's vocabulary."""
    return max(tokenizer.get_vocab(with_added_tokens=True).values(), default=0)


def check_computation(backend: Backend, window: Sequence[int], tags: int) -> None:
    """Run one window, with special tokens and the last id of the vocabulary; the model must return a logit for a tag.

    Raises:
        ModelError: The model cannot be run, or returns another shape.
    """
    ids = np.asarray([window[:_PROBE]], dtype=np.int64)
    try:
        shape = backend(ids, np.ones_like(ids)).shape
    except ModelError:
        raise
    except Exception as error:  # torch and onnxruntime raise many kinds
        raise ModelError(f"the model cannot be run: {_first_line(error)}; copy the whole model folder again") from error
    if shape != (*ids.shape, tags):
        raise ModelError(
            f"the model computes {shape[-1]} columns, the schema has {tags} tags (shape {shape}); "
            "copy the whole model folder again"
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
