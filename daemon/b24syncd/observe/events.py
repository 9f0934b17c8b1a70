"""How events become lines, by structlog: readable on a terminal, JSON elsewhere, without what nobody is to read."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Final, TextIO, cast

from .importing import without
from .journal import is_journal
from .redaction import PERSONAL_FIELDS, brief

with without("rich"):  # it takes long, and its tracebacks show what people wrote: the values of variables
    import structlog
    from structlog.processors import format_exc_info
    from structlog.stdlib import ProcessorFormatter

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_INDENT: Final = "  "

_COMMON: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)


def configure(threshold: int) -> None:
    """Send structlog's events of at least this level through the standard library's logs; may be called again."""
    structlog.configure(
        processors=[*_COMMON, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(["b24syncd.observe"]),
        cache_logger_on_first_use=False,  # may be configured again
    )


def logger() -> FilteringBoundLogger:
    """Return a logger of the module that asks, outside of this package."""
    return cast("FilteringBoundLogger", structlog.get_logger())


def naming_portal(name: str) -> AbstractContextManager[None]:
    """Let everything that is logged in this context, and by tasks that begin in it, tell of which portal it is."""
    return structlog.contextvars.bound_contextvars(portal=name)


def formatter(
    stream: TextIO, redact: Callable[[EventDict], EventDict], *, as_json: bool, personal: bool
) -> logging.Formatter:
    """Return what makes lines for `stream` of events; people's data only where that may be told."""

    def redacted(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        return redact(event)

    return ProcessorFormatter(
        foreign_pre_chain=[*_COMMON, structlog.stdlib.add_logger_name],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            *((_tell_exceptions,) if personal else (_tell_exceptions_briefly, _drop_personal_fields)),
            redacted,
            *_renderers(stream, as_json=as_json),
        ],
    )


def _renderers(stream: TextIO, *, as_json: bool) -> list[Processor]:
    if as_json:
        return [structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False)]
    colors = stream.isatty() and not os.environ.get("NO_COLOR")
    plain = structlog.dev.plain_traceback
    console = structlog.dev.ConsoleRenderer(
        0, colors=colors, timestamp_key="at", pad_level=False, exception_formatter=plain
    )
    time = "%H:%M:%S" if stream.isatty() else "%Y-%m-%d %H:%M:%S"
    return [_for_people(None if is_journal(stream) else time), console, _folded(stream)]


def _folded(stream: TextIO) -> Processor:
    """Return what lets no word of an event be broken on a terminal; a traceback below it is left as it is."""

    def fold(_logger: WrappedLogger, _name: str, line: str) -> str:
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):  # no terminal, or none of the system's
            return line
        first, *others = line.split("\n")
        return "\n".join([*folded(first, columns), *others])

    return cast("Processor", fold)


def folded(line: str, columns: int) -> Iterator[str]:
    """Yield a line in parts of so many columns, colours not counted, that are broken at spaces only."""
    part, used = "", 0
    for word in line.split(" "):
        taken = len(_COLOUR.sub("", word))
        if part and used + 1 + taken > columns:
            yield part
            part, used = f"{_INDENT}{word}", len(_INDENT) + taken
        else:
            part, used = (f"{part} {word}", used + 1 + taken) if part else (word, taken)
    yield part


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
