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
