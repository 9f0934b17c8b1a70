"""Logs: structlog to stderr, lines to read on a terminal and JSON elsewhere, the standard library's routed through it.

Events are constants with fields: `log.info("corrected", ref=ref, job="phones")`. Above debug level no event carries
personal data: fields that hold people's values are dropped, and of exceptions only classes and places are told.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, TextIO, cast

from .importing import without
from .redaction import PERSONAL_FIELDS, Redaction, brief

with without("rich"):  # it takes long, and its tracebacks show what people wrote: the values of variables
    import structlog
    from structlog.processors import format_exc_info
    from structlog.stdlib import ProcessorFormatter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

Format = Literal["auto", "json", "console"]
Level = Literal["debug", "info", "warning", "error"]

_CHATTY: Final = ("aiohttp.access", "asyncio")
"""Loggers whose ordinary news nobody needs; their warnings are kept."""

_OURS: Final = "b24syncd"
"""The logger of which all of ours are a part."""

_TOLD: Final = 3
"""So many items are named where an event is about many."""

_redaction = Redaction()


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
    global _redaction  # noqa: PLW0603  # logging is configured once for the whole process
    _redaction = Redaction(secrets)
    stream = sys.stderr if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    personal_allowed = threshold <= logging.DEBUG if personal is None else personal
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*common, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # may be configured again
    )
    handler = _Handler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*common, structlog.stdlib.add_logger_name],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                _tell_exceptions if personal_allowed else _tell_exceptions_briefly,
                *([] if personal_allowed else [_drop_personal_fields]),
                _redact,
                *_renderers(stream, as_json=format == "json" or (format == "auto" and not stream.isatty())),
            ],
        )
    )
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
    with structlog.contextvars.bound_contextvars(portal=name):
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
    return cast("FilteringBoundLogger", structlog.get_logger())


def some_of(refs: Collection[object]) -> dict[str, object]:
    """Return the fields of an event about several items: how many there are, and which the first ones are."""
    return {"items": len(refs), "refs": [str(ref) for ref in islice(refs, _TOLD)]}


def redacted(text: str) -> str:
    """Return `text` without the secrets that the logs were configured with."""
    return _redaction.text(text)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to the stream; what cannot be written is lost quietly."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Do nothing: the library's way prints the event unredacted, and a full disk must not stop the work."""


def _renderers(stream: TextIO, *, as_json: bool) -> list[Processor]:
    if as_json:
        return [structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False)]
    colors = stream.isatty() and not os.environ.get("NO_COLOR")
    plain = structlog.dev.plain_traceback
    console = structlog.dev.ConsoleRenderer(
        0, colors=colors, timestamp_key="at", pad_level=False, exception_formatter=plain
    )
    time = "%H:%M:%S" if stream.isatty() else "%Y-%m-%d %H:%M:%S"
    return [_for_people(None if _is_journal(stream) else time), console]


def _is_journal(stream: TextIO) -> bool:
    """Tell whether what is written there goes to the journal, which adds its own time (systemd.exec(5))."""
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{about.st_dev}:{about.st_ino}"


def _for_people(time: str | None) -> Processor:
    """Return what lets an event be read: the local time in this form, or none, and lists as they are written."""

    def read(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        at = event.pop("at", None)
        told = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in event.items()}
        if at is not None and time is not None:
            told["at"] = datetime.fromisoformat(str(at)).astimezone().strftime(time)
        return told

    return read


def _tell_exceptions(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return format_exc_info(logger, name, event)


def _tell_exceptions_briefly(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Tell class and place of an exception; its text, and a library's further lines, may quote people's data."""
    told = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = told[1] if isinstance(told, tuple) else sys.exc_info()[1] if told is True else told
    if isinstance(error, BaseException):
        event["exception"] = brief(error)
    event["event"] = str(event.get("event", "")).partition("\n")[0]
    return event


def _drop_personal_fields(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    for field in PERSONAL_FIELDS & event.keys():
        del event[field]
    return event


def _redact(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return cast("EventDict", _redaction.plain(event))
