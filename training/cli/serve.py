"""`conflict-events serve`: predictions over HTTP."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from annotations.installed import lacking
from annotations.io.decoding import read_text
from inference.service.settings import Settings
from training.cli.options import BackendOption, ConventionOption, ModelOption, ThresholdOption, TrackingUri
from training.cli.terminal import fail, line, use_store

KEY_VARIABLE = "CONFLICT_EVENTS_API_KEY"
_USUAL = Settings()


def serve(
    model: ModelOption = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any other makes the service reachable from the network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    backend: BackendOption = "onnx",
    convention: ConventionOption = None,
    threshold: ThresholdOption = None,
    body_bytes: Annotated[int, typer.Option(min=1, help="Most bytes of a request.")] = _USUAL.body_bytes,
    texts: Annotated[int, typer.Option(min=1, help="Most texts of a request.")] = _USUAL.texts,
    characters: Annotated[int, typer.Option(min=1, help="Most characters of a text.")] = _USUAL.characters,
    queue_texts: Annotated[int, typer.Option(min=1, help="Most texts that wait.")] = _USUAL.queue_texts,
    queue_characters: Annotated[
        int, typer.Option(min=1, help="Most characters of all texts that wait.")
    ] = _USUAL.queue_characters,
    batch_characters: Annotated[
        int, typer.Option(min=1, help="Characters that the model reads at once.")
    ] = _USUAL.batch_characters,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a request may wait for its answer.")
    ] = _USUAL.answer_seconds,
    header_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a client may take to send the head of a request.")
    ] = _USUAL.header_seconds,
    body_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a client may take to send the body.")
    ] = _USUAL.body_seconds,
    stop_timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that accepted requests may take when the service stops.")
    ] = _USUAL.stop_seconds,
    connections: Annotated[int, typer.Option(min=1, help="Most connections at once.")] = _USUAL.connections,
    refresh: Annotated[
        float, typer.Option(min=0, help="Seconds between looks for a new version of an alias; 0: never.")
    ] = _USUAL.refresh_seconds,
    api_key_file: Annotated[
        Path | None,
        typer.Option(help=f"A file with the key that requests must bring. Default: {KEY_VARIABLE}, else no key."),
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(help="An origin such as https://example.org whose pages may read answers; may be repeated."),
    ] = None,
    log_level: Annotated[Literal["info", "warning", "error"], typer.Option(help="Least level of the log.")] = "info",
    uri: TrackingUri = None,
) -> None:
    """Serve predictions over HTTP, and a page to try the model at http://127.0.0.1:8000/.

    Example: `conflict-events serve --model models:/conflict-events@champion --port 8000`
    """
    settings = Settings(
        body_bytes=body_bytes,
        texts=texts,
        characters=characters,
        queue_texts=queue_texts,
        queue_characters=queue_characters,
        batch_characters=batch_characters,
        answer_seconds=timeout,
        header_seconds=header_timeout,
        body_seconds=body_timeout,
        stop_seconds=stop_timeout,
        connections=connections,
        refresh_seconds=refresh,
        key=_key(api_key_file),
        origins=tuple(cors_origin or ()),
    )
    options = {"backend": backend, "convention": convention, "threshold": threshold}
    _serve(model, uri, options, settings, (host, port), log_level)


def _serve(
    model: str | None,
    uri: str | None,
    options: Mapping[str, object],
    settings: Settings,
    place: tuple[str, int],
    log_level: str,
) -> None:
    try:
        from inference.service.app import Service
        from inference.service.log import log_to_stderr
        from inference.service.served import Served, Source
        from inference.service.server import run_server
    except ImportError as error:
        raise lacking(error, "serve", "serve") from None
    from inference.loading import address_now, in_store, load

    check_port(*place)
    if in_store(model, uri):
        use_store(uri)
    source = Source(
        lambda: address_now(model, uri),
        lambda address: load(address, tracking_uri=uri, **options),  # type: ignore[arg-type]
    )
    served = Served(source)
    line(f"serving {served.model.name} at http://{place[0]}:{place[1]}")
    log_to_stderr(log_level)
    run_server(Service(served, settings), *place)


def check_port(host: str, port: int) -> None:
    """Refuse a place that a server could not listen at, before a model is loaded.

    Raises:
        SystemExit: The port is in use or not allowed, or the address is none of this machine.
    """
    try:
        for family, kind, protocol, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as uvicorn, after a stop
                tried.bind(place)
    except OSError as error:
        fail([f"cannot listen at {host}:{port}: {error.strerror}; name another --port, or a --host of this machine"])


def _key(file: Path | None) -> str | None:
    """Return the key from its file, else from the environment.

    Raises:
        SystemExit: It cannot be sent in a header.
    """
    where = str(file) if file else KEY_VARIABLE
    key = read_text(file).strip() if file else os.environ.get(KEY_VARIABLE)
    if key is None:
        return None
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        fail([f"{where} holds no key; write letters, digits and signs of ASCII without spaces, on one line"])
    return key
