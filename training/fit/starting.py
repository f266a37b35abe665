"""The model that training starts from: an encoder, released, bundled, in a folder or of the hub, or several models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from annotations.schema import Schema, load_schema
from training.config import TrainConfig
from training.fit.compress import is_compressed, weights
from training.fit.encoders import EncoderError, encoder_path
from training.fit.loss import check_weights

COMPRESSED = "model.onnx"
_DROPOUTS = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "dropout",
    "attention_dropout",
    "classifier_dropout",
)


def encoder_config(encoder: str, **values: Any) -> Any:
    """Load an encoder's config, with some values set.

    Raises:
        EncoderError: It cannot be loaded, or names code.
    """
    from transformers import AutoConfig

    with _source(encoder) as path:
        shape = AutoConfig.from_pretrained(path, trust_remote_code=False, **values)
    _refuse_code(encoder, getattr(shape, "auto_map", None))
    return shape


def _refuse_code(encoder: str, auto_map: object) -> None:
    """Refuse an encoder of the hub that brings code, as `encoder_path` refuses a folder: its export would name it."""
    if auto_map:
        raise EncoderError(
            f"encoder {encoder!r} names code of its own (auto_map: {auto_map!r:.80}), which is never run; choose "
            "another encoder"
        )


def load_tokenizer(encoder: str) -> Any:
    """Load an encoder's tokenizer.

    Raises:
        EncoderError: It cannot be loaded, or is not of the fast kind, which alone knows character offsets.
    """
    from transformers import AutoTokenizer

    with _source(encoder) as path:
        auto = AutoTokenizer.from_pretrained(path, use_fast=True, trust_remote_code=False)
    _refuse_code(encoder, auto.init_kwargs.get("auto_map"))
    if not getattr(auto, "is_fast", False):
        raise EncoderError(f"encoder {encoder!r} has no fast tokenizer; choose one with a tokenizer.json")
    return auto


def new_model(config: TrainConfig, schema: Schema) -> Any:
    """Load the encoder under a head with the schema's tags.

    The head is new, and its weights follow from the seed, unless the encoder is a model of as many tags: then training
    goes on from its head too. With `average_with`, every weight is the mean of those of several models (Wortsman et al.
    2022, "Model soups").

    Dropout is off: on a CPU it costs as much as the forward pass. Hidden sub-words and early stopping take its place.

    Raises:
        EncoderError: The weights cannot be loaded, are not those of the whole encoder, or cannot be averaged.
        NotFiniteError: One of them is nan or infinite.
    """
    model = _load(config.encoder, config.seed, schema)
    if config.average_with:
        _check_same_tags((config.encoder, *config.average_with), schema)
        _average(model, [(name, _load(name, config.seed, schema)) for name in config.average_with])
    return model


def _check_same_tags(names: Sequence[str], schema: Schema) -> None:
    """Refuse to average with an encoder that is no model of the schema: its head would be random."""
    for name in names:
        path = Path(encoder_path(name)) / "schema.yaml"
        if not path.is_file() or load_schema(str(path)).tags != schema.tags:
            raise EncoderError(f"{name!r} is no model of the label set {schema.name}; average_with needs such models")


def _average(model: Any, others: Sequence[tuple[str, Any]]) -> None:
    state = model.state_dict()
    for name, other in others:
        found = other.state_dict()
        if {key: value.shape for key, value in found.items()} != {key: value.shape for key, value in state.items()}:
            raise EncoderError(f"{name!r} has another encoder; average_with needs models of one encoder")
        for key, value in found.items():
            if value.is_floating_point():
                state[key] = state[key] + value
    count = 1 + len(others)
    model.load_state_dict({key: value / count if value.is_floating_point() else value for key, value in state.items()})


def _load(encoder: str, seed: int, schema: Schema) -> Any:
    from transformers import AutoModelForTokenClassification, logging

    ids = dict(enumerate(schema.tags))
    label2id = {tag: number for number, tag in ids.items()}
    shape = encoder_config(encoder, num_labels=len(ids), id2label=ids, label2id=label2id)
    for name in _DROPOUTS:  # which of them there are depends on the encoder's kind
        if hasattr(shape, name):
            setattr(shape, name, 0.0)
    torch.manual_seed(seed)
    compressed = Path(encoder_path(encoder)) / COMPRESSED
    if is_compressed(compressed):
        return _from_compressed(encoder, shape, compressed)
    level = logging.get_verbosity()
    logging.set_verbosity_error()  # it warns that the head is new, which is the point
    try:
        with _source(encoder) as path:
            model, told = AutoModelForTokenClassification.from_pretrained(
                path,
                config=shape,
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    finally:
        logging.set_verbosity(level)
    _check_whole(encoder, model, told["missing_keys"])
    return model


def _from_compressed(encoder: str, shape: Any, path: Path) -> Any:
    """Return a model with the weights of a released model; the head is new if the labels differ."""
    from transformers import AutoModelForTokenClassification

    model = AutoModelForTokenClassification.from_config(shape, dtype=torch.float32)
    state = model.state_dict()
    try:
        found = {name: torch.from_numpy(array) for name, array in weights(path).items()}
    except Exception as error:  # onnx and numpy raise many kinds for a damaged file
        raise EncoderError(f"the weights of encoder {encoder!r} in {path} cannot be read: {error}") from error
    fitting = {name: array for name, array in found.items() if name in state and state[name].shape == array.shape}
    _check_whole(encoder, model, sorted(set(state) - set(fitting)))
    model.load_state_dict(fitting, strict=False)
    return model


def _check_whole(encoder: str, model: Any, missing: Collection[str]) -> None:
    """Refuse weights that lack a part of the encoder, which transformers fills with random numbers, or are no numbers;
    only the head is to be new."""
    lacking = sorted(name for name in missing if name.startswith(f"{model.base_model_prefix}."))
    if lacking:
        raise EncoderError(
            f"the weights of encoder {encoder!r} lack {len(lacking)} parts that its config.json asks for, such as "
            f"{lacking[0]}; copy it again, or choose another one"
        )
    check_weights(model, f"encoder {encoder!r} is damaged; copy it again, or choose another one")


@contextmanager
def _source(encoder: str) -> Iterator[str]:
    """Yield what an encoder is loaded from, and say what is wrong where that fails."""
    path = encoder_path(encoder)
    try:
        yield path
    except ImportError:
        raise
    except Exception as error:  # transformers, tokenizers and safetensors raise many kinds
        raise EncoderError(_unreachable(encoder, error)) from error


def _unreachable(encoder: str, error: Exception) -> str:
    first = (str(error).strip() or type(error).__name__).split("\n")[0]
    remedy = "name 'minilm' (bundled), a folder, or a hub id that this machine can reach"
    return f"encoder {encoder!r} cannot be loaded: {first}; {remedy}"
