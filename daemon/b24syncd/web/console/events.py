"""`GET /events`: what lives on a page, told again whenever it changes (server-sent events).

A page names its topic. A topic is a role, a template and what it shows; whatever the page's address asks for is asked
of the stream as well. Who is not let in any more is told so at once, and the stream ends.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.errors import B24SyncError
from b24syncd.observe.logs import get_logger
from b24syncd.task_group import Tasks

from .language import gettext as _
from .refusals import refused
from .rendering import fragment
from .security import HEADERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from b24syncd.domain.people import Role

    from .visit import Console, Handler, Visit

SNAPSHOT: Final = "snapshot"
"""An event whose data is what is to be seen now."""

OVER: Final = "over"
"""The session is over."""

AWAY: Final = "away"
"""The stream ends for another reason, and may be asked for again."""

_AT_ONCE: Final = {"X-Accel-Buffering": "no"}
"""Keeps nginx from collecting what is sent."""

_EVERY_SECONDS: Final = 1.0
_SILENCE: Final = 15
"""After so many looks without a change something is sent all the same: proxies end what is silent."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that lives on a page: `look` returns what its `template` shows, to who has the `role`."""

    role: Role
    template: str
    look: Callable[[Console, Visit], Awaitable[Mapping[str, object]]]


def streaming(topics: Mapping[str, Topic]) -> Handler:
    """Return what tells these topics."""

    async def stream(console: Console, visit: Visit) -> web.StreamResponse:
        topic = topics.get(visit.asked.get("topic", ""))
        if topic is None:
            return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such page."))
        if not visit.may(topic.role):
            return refused(visit.request, HTTPStatus.FORBIDDEN, _("Your role does not allow this."))
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream", **_AT_ONCE})
        with suppress(ConnectionError):  # who looked is gone
            await response.prepare(visit.request)
            try:
                await _tell(response, console, visit, topic)
            except B24SyncError as error:  # such as a state that cannot be read just now: the page asks again
                log.warning("console_interrupted", topic=visit.asked["topic"], detail=str(error))
            await _send(response, AWAY, "")
        return response

    return stream


async def _tell(response: web.StreamResponse, console: Console, visit: Visit, topic: Topic) -> None:
    told, silent = "", 0
    while not console.over.is_set() and visit.request.transport is not None:
        visitor = await console.people.again(visit.visitor)
        if visitor is None or not visitor.person.role.allows(topic.role):
            await _send(response, OVER, "")
            return
        seen = fragment(visit, topic.template, await topic.look(console, visit))
        if seen != told:
            await _send(response, SNAPSHOT, seen)
            told, silent = seen, 0
        elif (silent := silent + 1) >= _SILENCE:
            await response.write(b":\n\n")
            silent = 0
        await _until_something_changes(console)


async def _until_something_changes(console: Console) -> None:
    """Wait until a command has ended or the daemon is gone, at most until it is time to look again."""
    async with Tasks() as group:
        waiting = [group.create_task(console.over.wait()), group.create_task(console.commands.changed.wait())]
        await asyncio.wait(waiting, timeout=_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


async def _send(response: web.StreamResponse, event: str, data: str) -> None:
    await response.write(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())
