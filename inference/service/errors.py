"""Refusals: why a request gets no answer, as the client reads it."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response


class Refused(Exception):
    """A request that is not answered.

    Args:
        status: The HTTP status.
        code: A word for programs, such as `queue_full`; docs/serving.md lists them.
        message: What is wrong and what to do, for people.
        place: Where in the request, such as `texts[3].date`.
        limit: The limit that was passed.
        retry: Seconds after which the client may try again.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        place: str | None = None,
        limit: float | None = None,
        retry: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.place = place
        self.limit = limit
        self.retry = retry

    def to_dict(self, request_id: str = "") -> dict[str, Any]:
        """Return the body of the answer.

        Example:
            >>> Refused(429, "queue_full", "try again").to_dict("a1")
            {'error': {'code': 'queue_full', 'message': 'try again'}, 'request_id': 'a1'}
        """
        more = {"place": self.place, "limit": self.limit}
        told = {key: value for key, value in more.items() if value is not None}
        return {"error": {"code": self.code, "message": self.message, **told}, "request_id": request_id}

    def response(self, request_id: str = "") -> Response:
        """Return the answer."""
        headers = {"cache-control": "no-store"}
        if self.retry is not None:
            headers["retry-after"] = str(self.retry)
        if self.status == 401:  # noqa: PLR2004 - HTTP's number
            headers["www-authenticate"] = "Bearer"
        # Words of the request, which a message may quote, can hold what UTF-8 cannot; so JSON in ASCII.
        return Response(json.dumps(self.to_dict(request_id)), self.status, headers, "application/json")


# Refusals that the description of the API shows too, with the limits in force.


def no_key() -> Refused:
    """Return the refusal of a request without the right key."""
    return Refused(401, "no_key", "the key is missing or wrong; send Authorization: Bearer KEY")


def body_too_large(limit: int) -> Refused:
    """Return the refusal of a body with more bytes than allowed."""
    message = f"the body has more than {limit:,} bytes; send fewer or shorter texts"
    return Refused(413, "body_too_large", message, limit=limit)


def too_slow(seconds: float) -> Refused:
    """Return the refusal of a body that did not arrive in time."""
    return Refused(408, "too_slow", f"the body did not arrive in {seconds:g} s; send it again", limit=seconds)


def queue_full(waiting: int, limit: int, retry: int) -> Refused:
    """Return the refusal of a request that does not fit beside the texts that wait."""
    message = f"too many texts wait ({waiting}); try again in {retry} s"
    return Refused(429, "queue_full", message, limit=limit, retry=retry)


def no_answer(seconds: float) -> Refused:
    """Return the refusal of a request that waited too long."""
    message = f"no answer in {seconds:g} s; try again later, or send fewer texts"
    return Refused(503, "timeout", message, limit=seconds, retry=1)
