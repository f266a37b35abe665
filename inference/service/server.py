"""The server: uvicorn, with patience for heads of requests and a stop that finishes what is accepted."""

from __future__ import annotations

import asyncio
import math
import threading
from types import FrameType
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from inference.service.app import Service, build_app

_KEEP_ALIVE = 30  # seconds that a connection stays open between requests
_HEAD_BYTES = 32_768
_LAST_WORDS = 3  # seconds to send the last answers and refusals


class _Server(uvicorn.Server):
    """Uvicorn, which tells the service at once that it stops: connections that live on get no further request in."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop on a signal."""
        super().handle_exit(sig, frame)
        # A handler runs between two steps of the main thread, which may hold the queue's lock: that one is reentrant.
        batcher, seconds = self._service.batcher, self._service.settings.stop_seconds
        if not batcher.draining:
            batcher.drain()
            timer = threading.Timer(seconds, batcher.abandon)
            timer.daemon = True
            timer.start()


def _patient(seconds: float) -> type[H11Protocol]:
    """Return uvicorn's protocol for HTTP, which alone waits for the head of a request for ever, with a limit."""

    class Protocol(H11Protocol):
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._watch(waits=True)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch(waits=True)

        def on_response_complete(self) -> None:
            super().on_response_complete()
            # Without a begun head, the time to keep a connection alive runs.
            self._watch(waits=bool(self.conn.trailing_data[0]))

        def connection_lost(self, exc: Exception | None) -> None:
            self._watch(waits=False)
            super().connection_lost(exc)

        def _watch(self, *, waits: bool) -> None:
            """Let the timer run while the head of a request is awaited, from its first byte."""
            awaited = waits and self.conn.their_state is h11.IDLE and not self.transport.is_closing()
            if awaited and self._timer is None:
                self._timer = self.loop.call_later(seconds, self.transport.close)
            elif not awaited and self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Protocol


def run_server(service: Service, host: str, port: int) -> None:
    """Serve until a signal stops it."""
    settings = service.settings
    config = uvicorn.Config(
        build_app(service),
        host=host,
        port=port,
        http=_patient(settings.header_seconds),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=settings.connections,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds) + _LAST_WORDS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
    )
    _Server(config, service).run()
