"""Real servers for tests: on loopback, on a free port, stopped by their own process id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

POSTGRES_USER = "postgres"  # the Debian package makes it; postgres refuses to run as root


def needed(program: str) -> str:
    """Return where a program of the operating system is.

    Without it the test is skipped; with CI=true it fails, so that no server goes untested unnoticed.
    """
    debian = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), key=_major, reverse=True)
    found = shutil.which(program) or shutil.which(program, path=os.pathsep.join(debian))
    if found:
        return found
    reason = f"{program} is not installed; 'make servers' installs it on Debian"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _major(folder: str) -> float:
    version = Path(folder).parent.name
    return float(version) if version.isdigit() else 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str],
    address: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    health: str = "/health",
) -> Iterator[str]:
    """Start a server, wait until it answers under its health address, yield its address, and stop it and its
    children."""
    options = {"cwd": folder, "env": environment, "start_new_session": True}
    with _started(command, folder, lambda: _answers(address + health), _end_group, options):
        yield address


@contextmanager
def mlflow_server(
    folder: Path, store: str, artifacts: str, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run `mlflow server` over a database and a place for artifacts; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", store, "--artifacts-destination", artifacts]
    # The server's queue for jobs has nothing to do with tracking, and takes seconds to start.
    variables = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **(environment or {})}
    with running(command, f"http://127.0.0.1:{port}", folder, variables) as address:
        yield address


@contextmanager
def postgresql() -> Iterator[str]:
    """Run PostgreSQL over a new, empty database; yield its address with user and password."""
    initdb, postgres = needed("initdb"), needed("postgres")
    # Not pytest's tmp_path: its parents are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    try:
        data, secret, port = folder / "data", folder / "password", free_port()
        secret.write_text("only-for-tests")
        owner: dict[str, Any] = {"cwd": folder}
        if os.geteuid() == 0:
            owner |= {"user": POSTGRES_USER, "group": POSTGRES_USER, "extra_groups": ()}
            for path in (folder, secret):
                shutil.chown(path, POSTGRES_USER, POSTGRES_USER)
        create = [initdb, "-D", str(data), "-U", "mlflow", f"--pwfile={secret}", "--auth=scram-sha-256"]
        create += ["--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(create, capture_output=True, text=True, check=False, **owner)
        assert made.returncode == 0, made.stdout + made.stderr
        command = [postgres, "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-c", "fsync=off"]
        address = f"postgresql://mlflow:only-for-tests@127.0.0.1:{port}/postgres"
        with _started(command, folder, lambda: _accepts(address), _shut_down_postgresql, owner):
            yield address
    finally:
        shutil.rmtree(folder)


@contextmanager
def s3(folder: Path, bucket: str) -> Iterator[dict[str, str]]:
    """Run an S3-like store with an empty bucket; yield the environment variables by which MLflow finds it."""
    import boto3

    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, f"http://127.0.0.1:{port}", folder, health="/moto-api/") as address:
        access = {"aws_access_key_id": "tests", "aws_secret_access_key": "only-for-tests"}
        client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **access)
        client.create_bucket(Bucket=bucket)
        yield {
            "MLFLOW_S3_ENDPOINT_URL": address,
            "AWS_DEFAULT_REGION": "us-east-1",
            **{key.upper(): value for key, value in access.items()},
        }


@contextmanager
def _started(
    command: Sequence[str],
    folder: Path,
    ready: Callable[[], bool],
    stop: Callable[[subprocess.Popen[bytes]], None],
    options: Mapping[str, Any],
) -> Iterator[None]:
    handle, log = tempfile.mkstemp(dir=folder, prefix="server-", suffix=".log")
    with open(handle, "w") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, **options)
        try:
            _wait(process, ready, Path(log))
            yield
        finally:
            stop(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Stop a process that leads a session, and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def _shut_down_postgresql(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # 'fast': clients are sent away, children end with it
    process.wait(30)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-4000:]
        if ready():
            return
        time.sleep(0.2)
    raise AssertionError(f"the server did not answer in {seconds} s: {log.read_text()[-4000:]}")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _accepts(address: str) -> bool:
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
