"""Whether the parts of a model folder fit each other: labels, vocabulary, window, and what the model computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from inference.backends import Backend
from inference.manifest import Manifest, ModelError

# Encoders whose positions are counted from the padding id + 1, so that fewer are left for text.
_LATE_POSITIONS = ("camembert", "mpnet", "roberta", "xlm-roberta")
_PROBE = 512  # sub-words of a trial run at most; longer ones take seconds and gigabytes


def positions(config: Mapping[str, Any]) -> int | None:
    """Return how many sub-words an encoder reads at most; None where its config sets no bound.

    Args:
        config: What stands in its `config.json`.

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
    """Make sure that the columns of a model are the tags of its schema, in their order.

    Raises:
        ModelError: They are not; the message names the first that differs.
    """
    named = config.get("id2label")
    columns = [named.get(str(number)) for number in range(len(named))] if isinstance(named, Mapping) else []
    for number in range(max(len(columns), len(tags))):
        column, tag = (names[number] if number < len(names) else None for names in (columns, tags))
        if column != tag:
            counts = f"id2label has {len(columns)} labels, the schema {len(tags)} tags"
            raise ModelError(
                f"config.json and schema.yaml differ: {counts}, number {number} is {column!r} in the one and {tag!r} "
                "in the other; copy the whole model folder again"
            )


def check_sizes(config: Mapping[str, Any], tokenizer: Tokenizer, manifest: Manifest, special: int) -> None:
    """Make sure that an encoder knows every sub-word of its tokenizer, and can read a window.

    Args:
        config: What stands in `config.json`.
        tokenizer: The tokenizer.
        manifest: The manifest.
        special: Number of special tokens around a window.

    Raises:
        ModelError: It does not; the message names both sizes.
    """
    known, last = config.get("vocab_size"), last_id(tokenizer)
    if isinstance(known, int) and last >= known:
        problem = f"tokenizer.json has sub-words up to number {last}, config.json a vocab_size of {known}"
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
            f"{problem}, more than half of the {manifest.window - special} sub-words that a window of "
            f"{manifest.window} has beside {special} special tokens; train the model again"
        )


def last_id(tokenizer: Tokenizer) -> int:
    """Return the largest id of a tokenizer's vocabulary."""
    return max(tokenizer.get_vocab(with_added_tokens=True).values(), default=0)


def check_computation(backend: Backend, window: Sequence[int], tags: int) -> None:
    """Run a window once, and make sure that logits come out, one for each tag.

    Args:
        backend: The backend.
        window: Ids of sub-words; special tokens and the last id of the vocabulary should be among them.
        tags: Number of tags.

    Raises:
        ModelError: The model cannot be run, or computes something else.
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
