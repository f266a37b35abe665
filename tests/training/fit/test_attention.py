"""Attention in bf16: as exact as autocast's, and gone after training."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest
import torch

from annotations import load_schema
from tests.tiny import encoder
from training.config import TrainConfig
from training.fit.attention import bf16_attention
from training.fit.starting import new_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> torch.nn.Module:
    chosen = encoder(tmp_path_factory.mktemp("encoder"))
    found: torch.nn.Module = new_model(TrainConfig(encoder=str(chosen), data={"train": ["none"]}), load_schema())
    return found


def test_it_reads_what_autocast_reads(model: torch.nn.Module) -> None:
    torch.manual_seed(1)
    ids, mask = torch.randint(5, 60, (3, 32)), torch.ones(3, 32, dtype=torch.long)
    mask[1, 20:] = 0
    exact = model(input_ids=ids, attention_mask=mask).logits

    def off(attention: AbstractContextManager[None]) -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16), attention:
            found = model(input_ids=ids, attention_mask=mask).logits
        found.float().sum().backward()
        return float((found.float() - exact)[mask.bool()].abs().max())

    assert 0 < off(bf16_attention(model)) < 2 * off(nullcontext()) + 0.01


def test_padding_is_not_read(model: torch.nn.Module) -> None:
    ids, mask = torch.randint(5, 60, (1, 32)), torch.ones(1, 32, dtype=torch.long)
    mask[0, 20:] = 0
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16), bf16_attention(model):
        one = model(input_ids=ids, attention_mask=mask).logits[0, :20]
        ids[0, 20:] = 7
        other = model(input_ids=ids, attention_mask=mask).logits[0, :20]
    torch.testing.assert_close(one, other)


def test_a_model_is_as_before_afterwards(model: torch.nn.Module) -> None:
    before = model.config._attn_implementation

    def fail() -> None:
        with bf16_attention(model):
            assert model.config._attn_implementation != before
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert model.config._attn_implementation == before


def test_other_encoders_stay_as_they_are(model: torch.nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.config, "model_type", "deberta-v2")
    before = model.config._attn_implementation
    with bf16_attention(model):
        assert model.config._attn_implementation == before
