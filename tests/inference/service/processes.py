"""The service as a process on loopback, and clients that behave badly."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.inference.service.services import SECONDS
from tests.servers import free_port

_ROOT = Path(__file__).parents[3]


@contextmanager
def started(
    folder: Path, *options: str, environment: dict[str, str] | None = None
) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """Run `conflict-events serve` until the end of the block; yield a client and the process."""
    port = free_port()
    command = [sys.executable, "-m", "training", "serve", "--port", str(port), *options]
    variables = {**os.environ, "PYTHONPATH": str(_ROOT), **(environment or {})}
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=variables)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
                wait_for(client, process)
                yield client, process
        finally:
            process.kill()
            process.wait(SECONDS)


def wait_for(client: httpx.Client, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None
        try:
            if client.get("/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the service did not start")


def connected(client: httpx.Client) -> socket.socket:
    """A bare connection to the service of a client."""
    place = urlsplit(str(client.base_url))
    made = socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=SECONDS)
    made.settimeout(SECONDS)
    return made


def received(connection: socket.socket) -> bytes:
    """All that the service sends until it ends the connection."""
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found
