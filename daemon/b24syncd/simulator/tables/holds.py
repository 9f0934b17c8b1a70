"""Scripted meetings of two requests: a write waits between its read and its write until others have read as well."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The next writes of an activity's bindings wait until `readers` of them have read, `seconds` at most."""

    activity_id: int
    readers: int = 2
    seconds: float = 10.0


@dataclass(slots=True)
class _Meeting:
    hold: Hold
    arrived: int = 0
    complete: asyncio.Event = field(default_factory=asyncio.Event)


class Holds:
    """All holds that lie in wait, one per activity."""

    def __init__(self) -> None:
        """Begin without any."""
        self._meetings: dict[int, _Meeting] = {}

    def plan(self, hold: Hold) -> None:
        """Let the next writes of one activity meet."""
        self._meetings[hold.activity_id] = _Meeting(hold)

    async def wait(self, activity_id: int) -> None:
        """Wait for the others, if a meeting is planned; it is held once."""
        meeting = self._meetings.get(activity_id)
        if meeting is None:
            return
        meeting.arrived += 1
        if meeting.arrived >= meeting.hold.readers:
            meeting.complete.set()
            self._meetings.pop(activity_id, None)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(meeting.complete.wait(), meeting.hold.seconds)
