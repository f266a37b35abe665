"""Bodies of requests: read within a limit of bytes and of time."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from inference.service.errors import Refused, body_too_large, too_slow
from inference.service.settings import Settings

_THROWN_AWAY = 4  # times the limit: read and dropped, so that a client that only writes gets to read the refusal


async def read_body(request: Request, settings: Settings) -> bytes:
    """Read a JSON body.

    Raises:
        Refused: 415 for another kind of content, 413 for too many bytes (also without `Content-Length`), 408 for a
            client that is too slow.
        ClientDisconnect: The client has gone.
    """
    _check_kind(request)
    limit = settings.body_bytes
    declared = request.headers.get("content-length", "0")
    length = int(declared) if declared.isdecimal() else 0
    hopeless = length > _THROWN_AWAY * limit or (length > limit and "expect" in request.headers)
    if hopeless:
        raise body_too_large(limit)
    try:
        async with asyncio.timeout(settings.body_seconds):
            return await _read(request, limit)
    except TimeoutError:
        raise too_slow(settings.body_seconds) from None


async def _read(request: Request, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size <= limit:
            pieces.append(piece)
        elif size > _THROWN_AWAY * limit:
            break
        else:
            pieces.clear()
    if size > limit:
        raise body_too_large(limit)
    return b"".join(pieces)


def _check_kind(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Refused(415, "not_json", "the body is not declared as JSON; send Content-Type: application/json")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "encoded", "the body is compressed; send it as it is")
