"""`[notify]`: who is told of what, and how."""

# No `from __future__ import annotations`: pydantic reads the annotations.
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, model_validator
from pydantic import Field as Key

from b24syncd.domain.notices import Digest, Topic
from b24syncd.errors import Problem

from .sections import Section, once_each, refuse
from .zones import zone_name

_COMMAND: Final = 'write it with its arguments, each in quotes: ["/usr/local/bin/notify", "--all"]'


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told: a `user` of the portal (0: none), a `command` (none if empty) that may run for so many seconds."""

    user: int = 0
    command: tuple[str, ...] = ()
    command_seconds: float = 10.0
    topics: frozenset[Topic] = frozenset()
    digest: Digest = field(default_factory=lambda: Digest(time(9)))

    @property
    def is_on(self) -> bool:
        """Whether anybody is told anything."""
        return bool(self.user or self.command)

    def problems(self) -> Iterator[Problem]:
        """Yield a problem where the command cannot be run by this user; nothing but notices suffers by it."""
        if self.command and not os.access(self.command[0], os.X_OK):
            message = f"{self.command[0]} is no file that this user may execute"
            yield Problem("notify.command", message, "name another one, or make it executable with chmod +x")


def _command(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0].startswith("/"):
        refuse("the command is named without its folder", _COMMAND)
    if any("\0" in word for word in words):
        refuse("no argument can hold this character", _COMMAND)
    return words


def _moment(text: str) -> str:
    hours, colon, minutes = text.partition(":")
    is_clock = bool(colon) and all(part.isascii() and part.isdigit() and len(part) == 2 for part in (hours, minutes))  # noqa: PLR2004
    if not is_clock or int(hours) > 23 or int(minutes) > 59:  # noqa: PLR2004 # a day
        refuse("this is no time of day", 'write hours and minutes in quotes, such as "09:00"')
    return text


class NotifySection(Section):
    """`[notify]`; without a user and a command nobody is told anything."""

    user: Annotated[int, Key(ge=0)] = 0
    """The id of the user of the portal who is [told](notices.md), by a notification there; takes the permission `im`;
    0: nobody.
    """
    command: Annotated[tuple[str, ...], AfterValidator(_command)] = ()
    """A program with its arguments that gets each notice as JSON on its standard input.

    It is told also when the portal is away or refuses the webhook, and has to end with 0. There are scripts for mail
    and Telegram. `["/usr/local/bin/notify"]` is one without arguments.
    """
    command_seconds: Annotated[float, Key(gt=0, le=60)] = 10.0
    """After so many seconds the program is killed, and the notice counts as not told."""
    on: Annotated[tuple[Topic, ...], AfterValidator(once_each)] = tuple(Topic)
    """[What](notices.md#what-is-told) they are told.

    `"reviews"` is a daily count at `digest_at`, `"walks"` that a backfill has come to its end.
    """
    digest_at: Annotated[str, AfterValidator(_moment)] = "09:00"
    """When the reviews that wait are counted for them, once a day."""
    time_zone: Annotated[str, AfterValidator(zone_name)] = ""
    """The zone of this hour and of times in notices: an IANA name such as `Europe/Berlin`; empty: this machine's."""

    @model_validator(mode="after")
    def _tells_something(self) -> Self:
        if (self.user or self.command) and not self.on:
            refuse("nobody would be told anything", f"name some of {', '.join(Topic)}, or leave `on` out")
        return self

    def as_settings(self) -> Notify:
        """Return the values."""
        zone = ZoneInfo(self.time_zone) if self.time_zone else None
        digest = Digest(time.fromisoformat(self.digest_at), zone)
        return Notify(self.user, self.command, self.command_seconds, frozenset(self.on), digest)
