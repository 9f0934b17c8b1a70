"""Logs: structlog to stderr, lines to read on a terminal and JSON elsewhere, the standard library's routed through it.

Events are constants with fields: `log.info("corrected", ref=ref, job="phones")`. Above debug level no event carries
personal data: fields that hold people's values are dropped, and of exceptions only classes and places are told.
structlog takes longer to import than most commands to answer, so that it is for the first event.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, TextIO, cast

from .journal import is_journal, with_priority
from .redaction import Redaction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from structlog.typing import EventDict, FilteringBoundLogger

Format = Literal["auto", "json", "console"]
Level = Literal["debug", "info", "warning", "error"]

_CHATTY: Final = ("aiohttp.access", "asyncio")
"""Loggers whose ordinary news nobody needs; their warnings are kept."""

_OURS: Final = "b24syncd"
"""The logger of which all of ours are a part."""

_TOLD: Final = 3
"""So many items are named where an event is about many."""

_STRUCTLOG: Final = "structlog"

_secrets: tuple[str, ...] = ()
_later: deque[str] = deque(maxlen=64)
"""Secrets that came while the process ran, which are many in the course of years: the last ones."""
_redaction = Redaction()
_threshold: int | None = None
"""The level below which nothing is told, until structlog is imported and knows it."""


def configure_logs(
    format: Format = "auto",  # noqa: A002  # the name of the setting
    level: Level = "info",
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    personal: bool | None = None,
) -> None:
    """Send all logs to `stream` (stderr), none below `level`, none of the `secrets` in them; may be called again.

    At debug level people's data is told, and everything that libraries have to say, unless it is not to be `personal`.
    """
    global _secrets, _redaction, _threshold  # noqa: PLW0603  # logging is configured once for the whole process
    _secrets = tuple(secrets)
    _redaction = Redaction((*_secrets, *_later))
    stream = sys.stderr if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    personal_allowed = threshold <= logging.DEBUG if personal is None else personal
    as_json = format == "json" or (format == "auto" and not stream.isatty())

    def made() -> logging.Formatter:
        from . import events  # noqa: PLC0415  # imports structlog

        return events.formatter(stream, _redacted_event, as_json=as_json, personal=personal_allowed)

    _threshold = threshold
    if _STRUCTLOG in sys.modules:
        _let_events_through()
    handler = _Handler(stream, made)
    root = logging.getLogger()
    for old in _handlers():
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(threshold if personal_allowed else max(threshold, logging.INFO))
    logging.getLogger(_OURS).setLevel(threshold)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(threshold if personal_allowed else max(threshold, logging.WARNING))
    logging.captureWarnings(capture=True)


@contextmanager
def logs_through(stream: TextIO) -> Iterator[None]:
    """Write logs to `stream` for as long as the context lasts, for something that draws on the terminal.

    What is drawn tells the ordinary news, so only warnings are written, unless the level is debug.
    """
    handlers = _handlers()
    before = [(handler, handler.stream, handler.level) for handler in handlers]
    try:
        for handler in handlers:
            handler.setStream(stream)
            if logging.getLogger(_OURS).level > logging.DEBUG:
                handler.setLevel(logging.WARNING)
        yield
    finally:
        for handler, old, level in before:
            handler.setStream(old)
            handler.setLevel(level)


@contextmanager
def naming_portal(name: str) -> Iterator[None]:
    """Let everything that is logged in this context, and by tasks that begin in it, tell of which portal it is."""
    from . import events  # noqa: PLC0415  # imports structlog

    with events.naming_portal(name):
        yield


@contextmanager
def without_events(*told: str) -> Iterator[None]:
    """Write none of these events for as long as the context lasts, for whoever tells them in other words."""

    def is_news(record: logging.LogRecord) -> bool:
        return not (isinstance(record.msg, dict) and record.msg.get("event") in told)

    handlers = _handlers()
    for handler in handlers:
        handler.addFilter(is_news)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(is_news)


def _handlers() -> list[_Handler]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, _Handler)]


def get_logger() -> FilteringBoundLogger:
    """Return a logger; modules keep it as `log`."""
    return cast("FilteringBoundLogger", _Logger())


def some_of(refs: Collection[object]) -> dict[str, object]:
    """Return the fields of an event about several items: how many there are, and which the first ones are."""
    return {"items": len(refs), "refs": [str(ref) for ref in islice(refs, _TOLD)]}


def hide(*secrets: str) -> None:
    """Keep more secrets out of all that is told from now on, however the logs are configured later."""
    global _redaction  # noqa: PLW0603  # as in `configure_logs`
    if new := [secret for secret in secrets if secret and secret not in _later]:
        _later.extend(new)
        _redaction = Redaction((*_secrets, *_later))


def redacted(text: str) -> str:
    """Return `text` without the secrets that the logs were configured with."""
    return _redaction.text(text)


class _Logger:
    """structlog's logger of the module that uses it."""

    def __getattr__(self, name: str) -> object:
        """Return what structlog's logger has under this name."""
        from . import events  # noqa: PLC0415  # imports structlog

        _let_events_through()
        return getattr(events.logger(), name)


def _let_events_through() -> None:
    """Configure structlog as the logs were configured."""
    global _threshold  # noqa: PLW0603  # once
    from . import events  # noqa: PLC0415  # imports structlog

    if _threshold is not None:
        events.configure(_threshold)
        _threshold = None


def _redacted_event(event: EventDict) -> EventDict:
    return cast("EventDict", _redaction.plain(event))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to the stream, with priorities for the journal; what cannot be written is lost quietly.

    The formatter is made for the first event.
    """

    def __init__(self, stream: TextIO, made: Callable[[], logging.Formatter]) -> None:
        super().__init__(stream)
        self._made = made
        self._has_priorities = is_journal(stream)  # of the stream that it begins with; what draws is none

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        if self.formatter is None:
            self.setFormatter(self._made())
        line = super().format(record)
        return with_priority(line, record.levelno) if self._has_priorities else line

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Do nothing: the library's way prints the event unredacted, and a full disk must not stop the work."""
