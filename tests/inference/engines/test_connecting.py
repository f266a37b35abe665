"""How Ray is started, and what is told of its failures; with a stand-in, as Ray takes seconds to start."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from inference.engines.on_ray import OnRay, RayError, _connect, _failure


class Ray:
    """Notes how it is started; takes SIGTERM for itself and writes on standard error, as Ray does."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.address = ""
        self.options: dict[str, Any] = {}

    def init(self, address: str, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.write(2, b"noise")
        self.address, self.options = address, options
        if self.error:
            raise self.error


def test_a_ray_of_its_own_is_started_and_bounded(tmp_path: Any) -> None:
    ray = Ray()
    _connect(ray, OnRay(workers=3), str(tmp_path))
    assert ray.address == "local"  # not one that runs already
    assert ray.options["num_cpus"] == 3
    assert ray.options["_temp_dir"] == str(tmp_path)
    assert ray.options["include_dashboard"] is False
    assert ray.options["object_store_memory"] > 0


def test_a_cluster_is_left_as_it_is(tmp_path: Any) -> None:
    ray = Ray()
    _connect(ray, OnRay("10.0.0.1:6379", 3), str(tmp_path))
    assert ray.address == "10.0.0.1:6379"
    assert set(ray.options) == {"log_to_driver", "logging_level"}


@pytest.mark.parametrize("error", [None, Exception("no")])
def test_signals_and_streams_are_given_back(error: Exception | None, capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if error:
            with pytest.raises(RayError):
                _connect(Ray(error), OnRay(), "")
        else:
            _connect(Ray(), OnRay(), "")
        assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGTERM, before)
    os.write(2, b"told")
    assert capfd.readouterr().err == "told"


@pytest.mark.parametrize(("address", "said"), [(None, "less busy"), ("10.0.0.1:6379", "--address")])
@pytest.mark.parametrize("error", [ConnectionError("gone\nmore"), RuntimeError("gone"), Exception("gone")])
def test_a_ray_that_cannot_be_used_is_one_line(address: str | None, said: str, error: Exception) -> None:
    with pytest.raises(RayError) as raised:
        _connect(Ray(error), OnRay(address), "")
    assert "gone" in str(raised.value)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_failed_in_a_worker_is_told() -> None:
    own = "Traceback (most recent call last):\n  File …\nValueError: min_relevance cannot be used"
    rays = "The above exception was the direct cause of the following exception:\n\nray::Worker\nUserCodeException"
    assert "ValueError: min_relevance cannot be used;" in str(_failure(RuntimeError(f"{own}\n\n{rays}")))
    assert "alone" in str(_failure(RuntimeError("alone")))
    assert "RuntimeError" in str(_failure(RuntimeError()))
