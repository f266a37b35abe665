"""Settings of the service: its limits, times and access."""

from __future__ import annotations

from dataclasses import dataclass, fields

from annotations.errors import ExplainedError


class SettingError(ExplainedError, ValueError):
    """A setting that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a service allows; a request beyond a limit is refused with a message that names the limit.

    Args:
        body_bytes: Most bytes of a request's body.
        texts: Most texts of a request.
        characters: Most characters of a text.
        queue_texts: Most texts that wait at once.
        queue_characters: Most characters of all texts that wait at once.
        batch_characters: Characters that the model reads at once; a longer text is read alone.
        batch_seconds: How long a batch that is not full waits for more texts.
        answer_seconds: How long a request may wait for its answer.
        header_seconds: How long a client may take to send the head of a request.
        body_seconds: How long a client may take to send the body.
        stop_seconds: How long accepted requests may take when the service stops.
        connections: Most connections at once.
        refresh_seconds: How often the store is asked for a new version of an alias; 0 for never.
        key: The key that requests must bring; None for none.
        origins: Web pages of which origins may read answers (CORS); none by default.

    Raises:
        SettingError: A limit is not positive, or a request could never fit in the queue.
    """

    body_bytes: int = 8_000_000
    texts: int = 256
    characters: int = 200_000
    queue_texts: int = 512
    queue_characters: int = 2_000_000
    batch_characters: int = 16_000
    batch_seconds: float = 0.003
    answer_seconds: float = 60.0
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    stop_seconds: float = 30.0
    connections: int = 512
    refresh_seconds: float = 30.0
    key: str | None = None
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name in ("refresh_seconds", "batch_seconds") else 1e-6
            if isinstance(value, int | float) and value < least:
                raise SettingError(f"{field.name} is {value}; give a positive number")
        for one, all_of_them in (("texts", "queue_texts"), ("characters", "queue_characters")):
            if getattr(self, one) > getattr(self, all_of_them):
                numbers = f"{getattr(self, one):,} {one} are more than {all_of_them} {getattr(self, all_of_them):,}"
                raise SettingError(f"{numbers}, so that such a request would never fit; raise {all_of_them}")
