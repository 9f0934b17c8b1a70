"""Whether notices can go out: what `config check` proves of `[notify]`, without telling anybody anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.errors import B24SyncError, Problem
from b24syncd.memory import BorrowedMemory
from b24syncd.portal.wire.commands import Answered, Command, Priority, Refused
from b24syncd.session import connected

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome
    from b24syncd.settings import Settings

_METHOD = "im.user.get"
"""It takes the same scope as a notification, and tells of anybody (docs: im-user-get.md)."""


@dataclass(frozen=True, slots=True)
class NotifyProof:
    """What is wrong with the user of `[notify]`, or why that could not be proved; empty where all is well."""

    problems: tuple[Problem, ...] = ()
    unproved: str = ""


async def prove_user(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> NotifyProof:
    """Ask the portal for the scope and the user of `[notify]`, which names one."""
    try:
        async with connected(settings, BorrowedMemory(settings.state.path), clock) as client:
            found = await problem_of_user(client, settings.notify.user)
    except B24SyncError as error:
        return NotifyProof(unproved=str(error))
    return NotifyProof(() if found is None else (found,))


async def problem_of_user(client: PortalClient, user: int) -> Problem | None:
    """Ask the portal whether the webhook may tell this user, and return why not."""
    (outcome,) = await client.read([Command(_METHOD, {"ID": user})], priority=Priority.LIVE)
    return _problem(outcome, user, client.credentials.called)


def _problem(outcome: Outcome, user: int, called: str) -> Problem | None:
    match outcome:
        case Answered(result={"active": True}):
            return None
        case Refused(code=code) if code.lower() == "insufficient_scope":
            cure = f"grant it in the portal under Developer resources → the {called} → permissions"
            return Problem("notify.user", f"the {called} has no permission 'im'", cure, str(user))
        case Refused() as refused if refused.code != "USER_NOT_EXISTS":
            return Problem("notify.user", f"the portal refused {_METHOD}: {refused.rejected}", "mend that", str(user))
    cure = "write the number in the address of a person's profile in the portal: …/company/personal/user/NUMBER/"
    return Problem("notify.user", "the portal has no active user with this id", cure, str(user))
