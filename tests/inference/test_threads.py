"""One model in many threads and processes: the same results as alone."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from inference import Model, load
from inference.backends import OnnxBackend
from inference.windowed import Workers

TEXTS = [
    f"{'Gunmen opened fire at a market. ' * (number % 7)}A bomb killed {number} people in Gao on Friday." * (number % 3)
    for number in range(30)
]


@pytest.fixture(scope="module")
def alone(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder, threads=1)


def test_threads_give_what_one_gives(alone: Model, tiny_model_folder: Path) -> None:
    expected = [alone.predict(text) for text in TEXTS]
    assert Model(tiny_model_folder, threads=3).predict(TEXTS) == expected
    assert list(Model(tiny_model_folder, threads=2).predict_stream(iter(TEXTS))) == expected


def test_many_threads_share_a_model(alone: Model, tiny_model_folder: Path) -> None:
    shared = Model(tiny_model_folder, threads=2)
    expected = [alone.predict(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(shared.predict, TEXTS * 3)) == expected * 3


def test_pickled_model_is_the_same_model(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder, threshold={"ATTACK": 0.2}, convention="acled", threads=2)
    model.predict(TEXTS[:3])  # its threads have started
    copy = pickle.loads(pickle.dumps(model))
    assert copy.predict(TEXTS) == model.predict(TEXTS)
    assert (copy.thresholds, copy.convention, copy.folder) == (model.thresholds, model.convention, model.folder)


@pytest.mark.integration  # forks
def test_forked_process_starts_threads_of_its_own(tiny_model_folder: Path) -> None:
    model = Model(tiny_model_folder, threads=2)
    expected = model.predict(TEXTS[:5])
    with get_context("fork").Pool(1) as pool:
        assert pool.apply_async(model.predict, (TEXTS[:5],)).get(timeout=60) == expected


def test_error_of_a_batch_is_raised(tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(tiny_model_folder, threads=2)

    def broken(*_: object) -> None:
        raise RuntimeError("batch 7")

    monkeypatch.setattr(OnnxBackend, "_run", broken)
    with pytest.raises(RuntimeError, match="batch 7"):
        model.predict(TEXTS)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True])
def test_threads_below_one_are_refused(wrong: int, tiny_model_folder: Path) -> None:
    with pytest.raises(ValueError, match=repr(wrong)):
        load(tiny_model_folder, threads=wrong)


def test_by_default_there_is_a_thread_for_each_processor() -> None:
    assert Workers().threads >= 1


def test_padding_changes_nothing(tiny_model_folder: Path) -> None:
    backend = OnnxBackend(tiny_model_folder)
    ids = np.arange(5, 21).reshape(2, 8)
    mask = np.ones_like(ids)
    mask[1, 5:] = 0
    whole, alone = backend(ids, mask), backend(ids[1:, :5], mask[1:, :5])
    assert np.allclose(whole[1, :5], alone[0], atol=1e-5)
