"""Telling people: what is due goes out through each channel, on record before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.domain.notices import Event, due
from b24syncd.observe.logs import get_logger
from b24syncd.store import conditions, notices
from b24syncd.task_group import Tasks

from .endings import told_of
from .notice_channels import NoticeFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.clock import Clock
    from b24syncd.domain.notices import Channel, Digest, Notice, Topic
    from b24syncd.portal.pace.waits import Waits
    from b24syncd.store.database import Database

    from .notice_channels import Sends

LOOK_SECONDS: Final = 15.0
"""How often it is looked for something to tell."""

log = get_logger()


class Notifier:
    """Tells what is due. Nothing that fails here disturbs anybody else; it is tried again, with growing pauses."""

    def __init__(self, database: Database, channels: Sequence[Sends], topics: frozenset[Topic], clock: Clock) -> None:
        """Tell these topics through these channels, as far as the state says that they were not told yet."""
        self._database = database
        self._channels = channels
        self._topics = topics
        self._clock = clock
        self._told_lack: str | None = None
        self._sign: Callable[[], None] = _unheard

    async def forget_other_channels(self) -> None:
        """Put on record that channels that nobody configures any more do not fail."""
        names = {each.channel.value for each in self._channels}

        def is_other(one: Condition) -> bool:
            return one.kind is ConditionKind.NOTICE_FAILED and one.about not in names

        if any(map(is_other, await self._database.read(conditions.standing))):
            now = self._clock.now()
            await self._database.write(lambda db: conditions.note(db, (), judged=is_other, now=now))

    async def keep_telling(self, digest: Digest | None, waits: Waits) -> None:
        """Look for something to tell, over and over; with a `digest`, also for reviews that wait."""
        self._sign = waits.sign
        with waits.running("notices"):
            while True:
                await self.tell(digest)
                waits.sign()
                await self._clock.sleep(LOOK_SECONDS)

    async def tell(self, digest: Digest | None = None) -> None:
        """Tell what is due by now."""
        async with Tasks() as group:
            for each in self._channels:
                group.create_task(self._tell_through(each, digest))

    async def owes(self, channel: Channel, digest: Digest | None = None) -> tuple[Notice, ...]:
        """Return what is due through a channel by now."""
        now = self._clock.now()
        facts, before = await self._database.read(
            lambda db: (notices.facts(db, now, digest), notices.attempts(db, channel))
        )
        return due(facts, before, now, channel=channel, topics=self._topics)

    async def _tell_through(self, sends: Sends, digest: Digest | None) -> None:
        try:
            for notice in await self.owes(sends.channel, digest):
                if not await self._send(sends, notice):
                    break  # the next one would fare no better
            self._told_lack = None
        except Exception as error:  # noqa: BLE001 # the state cannot be read or written, or worse: the work goes on
            detail = told_of(error)
            level = log.debug if self._told_lack == detail else log.warning
            self._told_lack = detail
            level("notices_not_told", channel=sends.channel, detail=detail)

    async def _send(self, sends: Sends, notice: Notice) -> bool:
        self._sign()
        channel = sends.channel
        tried_at = self._clock.now()
        await self._database.write(lambda db: notices.note_attempt(db, channel, notice.subject, tried_at))
        error = None
        try:
            await sends.send(notice)
        except NoticeFailed as failure:
            error = str(failure)
        except Exception as failure:  # noqa: BLE001 # whatever it is, only a notice failed
            error = f"unexpected failure: {type(failure).__name__}"
        now = self._clock.now()
        await self._database.write(lambda db: _put_on_record(db, channel, notice, error, now))
        if error is None:
            about = {"about": notice.about} if notice.about else {}
            log.info("notice_sent", channel=channel, event_told=notice.event, kind=notice.kind, **about)
        else:
            log.warning("notice_failed", channel=channel, kind=notice.kind, detail=error)
        return error is None


def _unheard() -> None:
    """Give a sign of life to nobody."""


def _put_on_record(
    db: sqlite_utils.Database, channel: Channel, notice: Notice, error: str | None, now: datetime
) -> None:
    """Store what became of a notice; a channel that fails is a condition until something goes through it."""
    failing = Condition(ConditionKind.NOTICE_FAILED, channel, now, error or "")
    met = () if error is None else (failing,)
    conditions.note(db, met, judged=lambda one: one.key == failing.key, now=now)
    if error is not None:
        notices.note_failed(db, channel, notice.subject, error)
        if notice.condition_id is not None:
            conditions.note_notice_failed(db, notice.condition_id, error)
        return
    notices.note_sent(db, channel, notice.subject, now)
    if notice.condition_id is not None:
        told = conditions.note_told if notice.event is Event.BEGAN else conditions.note_told_over
        told(db, notice.condition_id, now)
