"""The gate in front of all routes: request id, key, log and counts, and an answer to whatever goes wrong."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.service.errors import Refused, no_key
from inference.service.log import tell
from inference.service.metrics import Metrics

OPEN = frozenset({"/health", "/ready", "/", "/page.js", "/correct.js", "/page.css"})  # hold nothing that needs a key
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_GONE = 499  # of a client that has left; nginx's number
_FAILED = 500
_KEPT = 200  # characters of a path in the log
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Gate:
    """Middleware around all routes.

    Args:
        app: The routes.
        key: The key that requests must bring as `Authorization: Bearer KEY`; None for none.
        metrics: Counts requests.
        shared: Whether pages of other origins may read answers.
    """

    def __init__(self, app: ASGIApp, key: str | None, metrics: Metrics, *, shared: bool = False) -> None:
        self._app = app
        self._key = key
        self._metrics = metrics
        self._headers = _HEADERS | ({"cross-origin-resource-policy": "cross-origin"} if shared else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        request_id = _request_id(Headers(scope=scope))
        told: dict[str, Any] = {}
        scope.setdefault("state", {}).update(request_id=request_id, told=told)
        status = 0
        unread = _has_body(Headers(scope=scope))

        async def read() -> Message:
            nonlocal unread
            message = await receive()
            unread = unread and bool(message.get("more_body"))
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in {**self._headers, "x-request-id": request_id}.items():
                    headers.setdefault(name, value)
                if unread:  # who goes on sending would hold the connection for ever
                    headers["connection"] = "close"
            await send(message)

        try:
            await self._pass(scope, read, answer)
        except (ClientDisconnect, asyncio.CancelledError) as error:
            status = status or _GONE
            if isinstance(error, asyncio.CancelledError):
                raise
        except Exception as error:  # noqa: BLE001 - a client never gets a trace
            tell("request failed", logging.ERROR, error, request_id=request_id)
            if not status:
                refusal = Refused(_FAILED, "internal", "something went wrong in the service; its log says what")
                await refusal.response(request_id)(scope, read, answer)
        finally:
            self._note(scope, status or _GONE, time.perf_counter() - start, request_id, told)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._key is not None and scope["path"] not in OPEN and not self._has_key(Headers(scope=scope)):
            await no_key().response(scope["state"]["request_id"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        wanted = (self._key or "").encode("utf-8")
        return hmac.compare_digest(given.strip().encode("utf-8"), wanted) and scheme.lower() == "bearer"

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str, told: MutableMapping[str, Any]) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.request(route, status, seconds)
        tell(
            "request",
            request_id=request_id,
            method=scope["method"][:20],
            path=scope["path"][:_KEPT],
            status=status,
            ms=round(1000 * seconds, 1),
            **told,
        )


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
