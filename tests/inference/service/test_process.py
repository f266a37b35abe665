"""The service as a process: slow and leaving clients, large texts, the end by a signal, and the API under fire."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from inference import load
from tests.benchmarks.texts import report
from tests.inference.service.processes import connected, received, started
from tests.inference.service.services import PLAIN, SECONDS

pytestmark = pytest.mark.slow

_HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_slow_clients_are_sent_away_and_hold_up_nobody(tiny_model_folder: Path, tmp_path: Path) -> None:
    times = ("--header-timeout", "1", "--body-timeout", "1")
    with started(tmp_path, "--model", str(tiny_model_folder), *times) as (client, _):
        silent, dripping, halfway, chunked, lost = (connected(client) for _ in range(5))
        lost.sendall(_HEAD.replace(b"predict", b"nowhere") + b"Content-Length: 100\r\n\r\n{")
        assert received(lost).startswith(b"HTTP/1.1 404 ")  # and then the end, though the body is not here yet
        halfway.sendall(_HEAD + b"Content-Length: 100\r\n\r\n{")
        chunked.sendall(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
        begin = time.monotonic()
        try:
            while time.monotonic() < begin + 3:
                dripping.sendall(b"P")
                time.sleep(0.2)
        except OSError:  # it is sent away
            pass
        assert time.monotonic() < begin + 3
        assert received(silent) == b""
        for one in (halfway, chunked):
            answer = received(one)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b'"too_slow"' in answer
        assert client.post("/predict", json={"text": PLAIN}).status_code == 200


def test_a_connection_lives_on_between_requests(tiny_model_folder: Path, tmp_path: Path) -> None:
    with started(tmp_path, "--model", str(tiny_model_folder), "--header-timeout", "0.5") as (client, _):
        connection = connected(client)
        for _ in range(2):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            found = b""
            while b"alive" not in found:
                found += connection.recv(65536)
            assert found.startswith(b"HTTP/1.1 200 ")
            time.sleep(1)  # longer than the head of a request may take
        connection.close()


def test_a_text_of_ten_megabytes(tiny_model_folder: Path, tmp_path: Path) -> None:
    text = report(10_000_000 // 80).text[:10_000_000]
    with started(tmp_path, "--model", str(tiny_model_folder)) as (client, _):
        answer = client.post("/predict", json={"text": text})
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
        assert client.post("/predict", json={"text": PLAIN}).status_code == 200
    large = [f"--{name}=20000000" for name in ("body-bytes", "characters", "queue-characters")]
    with started(tmp_path, "--model", str(tiny_model_folder), *large, "--timeout", "5") as (client, _):
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(client.post, "/predict", json={"text": text})
            time.sleep(2)
            begin = time.monotonic()
            assert client.get("/health").status_code == 200  # while the model reads
            assert time.monotonic() - begin < 5
            answer = first.result(120)
        assert answer.status_code in (200, 503)  # as fast as this machine is
        assert answer.status_code == 200 or answer.json()["error"]["code"] == "timeout"


def test_a_client_that_leaves_is_forgotten(tiny_model_folder: Path, tmp_path: Path) -> None:
    long = report(1500).text[:100_000]
    with started(tmp_path, "--model", str(tiny_model_folder)) as (client, _):
        body = json.dumps({"texts": [long] * 15}).encode()
        connection = connected(client)
        connection.sendall(_HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        end = time.monotonic() + SECONDS
        while not client.get("/ready").json()["queue"]["waiting"]:
            assert time.monotonic() < end
        connection.close()
        while client.get("/ready").json()["queue"]["waiting"]:
            assert time.monotonic() < end
        log = (tmp_path / "service.log").read_text(encoding="utf-8")
        assert '"status": 499' in log


def test_a_signal_ends_the_service_when_it_has_finished(tiny_model_folder: Path, tmp_path: Path) -> None:
    long = report(400).text[:20_000]
    with started(tmp_path, "--model", str(tiny_model_folder)) as (client, process), ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(client.post, "/predict", json={"text": f"{long} {n}"}) for n in range(6)]
        time.sleep(0.5)
        assert client.get("/health").status_code == 200
        process.send_signal(signal.SIGTERM)
        answers = [one.result(60) for one in waiting]
        assert {answer.status_code for answer in answers} == {200}
        assert answers[0].json() == load(tiny_model_folder).predict(f"{long} 0").to_dict()
        assert process.wait(30) in (0, -signal.SIGTERM)
        with pytest.raises(httpx.ConnectError):
            client.get("/health")
    lines = [line for line in (tmp_path / "service.log").read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
    assert sum(json.loads(line).get("path") == "/predict" for line in lines) == 6


def test_the_end_is_limited_in_time(tiny_model_folder: Path, tmp_path: Path) -> None:
    long = report(2500).text[:200_000]
    with (
        started(tmp_path, "--model", str(tiny_model_folder), "--stop-timeout", "1") as (client, process),
        ThreadPoolExecutor(1) as pool,
    ):
        waiting = pool.submit(client.post, "/predict", json={"texts": [long] * 10})
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        answer = waiting.result(SECONDS)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "stopping")


def test_a_key_from_a_file_or_the_environment(tiny_model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n", encoding="utf-8")
    key = {"CONFLICT_EVENTS_API_KEY": "from-environment"}
    for options, right in (((), "from-environment"), (("--api-key-file", "key"), "from-file")):
        with started(tmp_path, "--model", str(tiny_model_folder), *options, environment=key) as (client, _):
            for given, status in ((right, 200), ("another", 401)):
                headers = {"Authorization": f"Bearer {given}"}
                assert client.post("/predict", json={"text": "a"}, headers=headers).status_code == status


_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_the_api_holds_what_it_describes(tiny_model_folder: Path, tmp_path: Path) -> None:
    with started(tmp_path, "--model", str(tiny_model_folder)) as (client, _):
        address = str(client.base_url).rstrip("/") + "/openapi.json"
        command = [str(Path(sys.executable).parent / "schemathesis"), "run", address, "--checks", _CHECKS]
        command += ["--max-examples", "25", "--mode", "all", "--seed", "1", "--workers", "1", "--max-failures", "5"]
        found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300)
        assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
        counts = client.get("/metrics").text
        assert 'status="500"' not in counts
        assert 'route="/predict",status="200"' in counts
        assert 'route="/predict",status="422"' in counts
