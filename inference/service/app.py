"""The application: its routes, and what starts and stops with it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from inference.service.answers import PREDICTIONS, REVIEW, Form, schema_record, table_form
from inference.service.asked import Article, read_asked
from inference.service.batching import Batcher
from inference.service.body import read_body
from inference.service.described import answers, asks, describe, refusals
from inference.service.errors import Refused, no_answer
from inference.service.gate import Gate
from inference.service.log import tell
from inference.service.metrics import Metrics
from inference.service.served import Served
from inference.service.settings import Settings

_PAGE = Path(__file__).parent / "page"
_FILES = {
    "/": ("index.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/correct.js": ("correct.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_ASKED = (400, 401, 408, 413, 415, 422, 429, 500, 503)
_NEVER = {"cache-control": "no-store"}
_UNFIT = re.compile(r"[^!-~]+")  # for a header
_LAST_BATCH = 1.0  # seconds


class Service:
    """All parts of a running service."""

    def __init__(self, served: Served, settings: Settings) -> None:
        self.served = served
        self.settings = settings
        self.metrics = Metrics(lambda: self.batcher.waiting)
        self.batcher = Batcher(settings, self)

    def batch(self, articles: Sequence[Article]) -> None:
        """Count a batch."""
        self.metrics.batch(articles)

    def failed(self, error: Exception) -> None:
        """Log and count a text on which the model failed."""
        self.metrics.failure()
        tell("prediction failed", logging.ERROR, error)

    async def answer(self, request: Request, form: Form, *, one_only: bool = False) -> Response:
        """Answer a request for predictions.

        Raises:
            Refused: It is not answered.
        """
        asked = read_asked(await read_body(request, self.settings), self.settings)
        if one_only and asked.many:
            raise Refused(422, "unknown_key", "texts: this address takes one text; send text", place="texts")
        request.state.told.update(texts=len(asked.articles), characters=asked.characters)
        model = self.served.model
        future = asyncio.wrap_future(self.batcher.submit(asked, model, form.piece))
        pieces = await self._wait(request, future)
        body = form.whole(pieces, model.schema, asked.many)
        headers = {**_NEVER, "x-model": _UNFIT.sub("?", model.name)}
        return Response(body.encode("utf-8"), 200, headers, form.media)

    async def _wait(self, request: Request, future: asyncio.Future[list[str]]) -> list[str]:
        """Wait for an answer as long as the client does, and not longer than allowed."""
        gone = asyncio.create_task(_disconnected(request))
        try:
            either: tuple[asyncio.Future[Any], ...] = (future, gone)
            seconds = self.settings.answer_seconds
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if future.done():
                return future.result()
            if gone.done():
                raise Refused(499, "gone", "the client has gone")
            raise no_answer(seconds)
        finally:
            gone.cancel()
            future.cancel()  # takes what still waits out of the queue

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """Return status and body of `/ready`."""
        reasons = {
            "stopping": self.batcher.draining,
            "queue_full": self.batcher.full,
            "worker_ended": not self.batcher.alive,
        }
        why = [reason for reason, holds in reasons.items() if holds]
        queue = {"waiting": self.batcher.waiting, "limit": self.settings.queue_texts}
        body = {"ready": not why, "reasons": why, **self.served.to_dict(), "queue": queue}
        return 503 if why else 200, body


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def build_app(service: Service) -> FastAPI:
    """Return the application of a service.

    Example:
        >>> app = build_app(Service(served, Settings()))  # doctest: +SKIP
    """
    settings = service.settings

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        service.served.watch(settings.refresh_seconds, service.metrics)
        yield
        service.served.stop()
        # By now a server has sent all answers; the model may still read what was abandoned.
        await asyncio.to_thread(service.batcher.close, _LAST_BATCH)

    app = FastAPI(
        title="conflict-events",
        version=version("conflict-events"),
        description="Attacks, perpetrators, victims and tolls from news articles.",
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.service = service
    _add_predictions(app, service)
    _add_state(app, service)
    for path, (name, media) in _FILES.items():
        _add_file(app, path, _PAGE / name, media)
    app.add_exception_handler(Refused, _refusal)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(Gate, key=settings.key, metrics=service.metrics, shared=bool(settings.origins))
    if settings.origins:
        headers = ["authorization", "content-type", "x-request-id"]
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=headers,
            expose_headers=["x-request-id", "retry-after", "x-model"],
        )
    describe(app, key=settings.key is not None)
    return app


def _add_predictions(app: FastAPI, service: Service) -> None:
    documented = refusals(service.settings, *_ASKED)

    @app.post(
        "/predict",
        summary="Spans and events of one article or many",
        openapi_extra=asks(),
        responses={**answers("PredictionAnswer", "PredictionsAnswer"), **documented},
    )
    async def predict(request: Request) -> Response:
        return await service.answer(request, PREDICTIONS)

    @app.post(
        "/events",
        summary="Rows of the event table, as JSON or as CSV (Accept: text/csv)",
        openapi_extra=asks(),
        responses={**answers("RowsAnswer", csv=True), **documented},
    )
    async def events(request: Request) -> Response:
        return await service.answer(request, table_form(request.headers.get("accept", "")))

    @app.post(
        "/review",
        summary="One article as a document to correct, with its prediction and table; the page uses it",
        openapi_extra=asks(one_only=True),
        responses={**answers("ReviewAnswer"), **documented},
    )
    async def review(request: Request) -> Response:
        return await service.answer(request, REVIEW, one_only=True)


def _add_state(app: FastAPI, service: Service) -> None:
    described: dict[int | str, dict[str, Any]] = {503: {"description": "No."}}
    no_key = refusals(service.settings, 401)

    @app.get("/health", summary="Whether the process lives", responses=described)
    async def health() -> JSONResponse:
        alive = service.batcher.alive or service.batcher.draining
        return JSONResponse({"alive": alive}, 200 if alive else 503, _NEVER)

    @app.get("/ready", summary="Whether requests are accepted now, and by which model", responses=described)
    async def ready() -> JSONResponse:
        status, body = service.readiness()
        return JSONResponse(body, status, _NEVER)

    @app.get("/schema", summary="The label set of the model", responses=no_key)
    async def schema() -> JSONResponse:
        return JSONResponse(schema_record(service.served.model.schema), 200, _NEVER)

    metrics_page: dict[int | str, dict[str, Any]] = {
        200: {"description": "Counts for Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }

    @app.get("/metrics", summary="Counts for Prometheus", responses={**metrics_page, **no_key})
    async def metrics() -> Response:
        return Response(service.metrics.page(), 200, _NEVER, CONTENT_TYPE_LATEST)


def _add_file(app: FastAPI, path: str, file: Path, media: str) -> None:
    content = file.read_bytes()
    headers = {"content-security-policy": _POLICY, "cache-control": "no-cache"}

    @app.get(path, include_in_schema=False, name=file.stem)
    async def page() -> Response:
        return Response(content, 200, headers, f"{media}; charset=utf-8")


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - it is registered for no other
    request.state.told["error"] = error.code
    return error.response(request.state.request_id)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for no other
    code = {404: "no_such_address", 405: "wrong_method"}.get(error.status_code, "http")
    message = f"{str(error.detail).lower()}; GET /openapi.json lists the addresses"
    answer = Refused(error.status_code, code, message).response(request.state.request_id)
    answer.headers.update(error.headers or {})
    return answer
