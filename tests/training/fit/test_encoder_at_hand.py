"""An encoder that is not on this machine is refused at once if the hub cannot be reached."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from training.config import TrainConfig
from training.fit.encoders import EncoderError, check_at_hand
from training.fit.prepare import prepare


def test_an_encoder_that_is_nowhere_is_refused_before_the_data_is_read(tmp_path: Path) -> None:
    data = {"train": [str(tmp_path / "missing.jsonl")]}
    with pytest.raises(EncoderError, match=r"'nobody/nothing'.*hf download nobody/nothing .*--set encoder=FOLDER"):
        prepare(TrainConfig(encoder="nobody/nothing", data=data, output=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_the_hub_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Session:
        def head(self, url: str, timeout: float) -> NoReturn:
            asked.append((url, timeout))
            raise OSError("no route to host")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.get_session", Session)
    with pytest.raises(EncoderError, match="no route to host"):
        check_at_hand("nobody/nothing")
    assert len(asked) == 1
    assert asked[0][1] <= 10


@pytest.mark.parametrize("name", ["minilm", "released", "."])
def test_bundled_encoders_and_folders_need_no_hub(name: str) -> None:
    check_at_hand(name)
