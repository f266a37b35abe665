"""The log: one line of JSON for each request and each thing that happens, and never a word of an article."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("conflict_events.service")
_KEPT = 2000  # characters of a message


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON.

    Example:
        >>> record = logging.makeLogRecord({"msg": "request", "levelname": "INFO", "told": {"status": 200}})
        >>> json.loads(JsonLines().format(record))["status"]
        200
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; keys of `told`, an extra of the record, stand beside its time, level and message."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage()[:_KEPT],
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            kind, _, trace = record.exc_info
            line["raised"] = getattr(kind, "__name__", "")
            # Where, not what: the message of an error may quote an article.
            line["trace"] = [f"{step.filename}:{step.lineno} {step.name}" for step in traceback.extract_tb(trace)]
        return json.dumps(line)  # in ASCII, so that nothing in it acts on a terminal


def log_to_stderr(level: str = "info") -> None:
    """Write the logs of service and server to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in (LOGGER.name, "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level.upper())
        logger.propagate = False


def tell(message: str, level: int = logging.INFO, raised: BaseException | None = None, **told: Any) -> None:
    """Log one line; of an error its name and place are added, not its message."""
    LOGGER.log(level, message, extra={"told": told}, exc_info=raised)
