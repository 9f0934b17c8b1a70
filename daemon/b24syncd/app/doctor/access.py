"""Whether the portal lets this webhook in, and what time it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.engine.startup import check_access
from b24syncd.errors import B24SyncError, CredentialsRefused
from b24syncd.memory import BorrowedMemory
from b24syncd.portal.wire.commands import Answered, Command, Priority
from b24syncd.reports.doctor import of_error, ok, warning
from b24syncd.session import client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.reports.doctor import Finding

    from .case import Case

_MOST_SECONDS = 60.0
"""By more, people compare times in logs with those in the portal and are wrong; the program itself never does."""

_ABOUT = ("scope", "profile", "app.info", "crm.settings.mode.get")
"""What tells of the webhook, its user, the plan and the CRM as a whole; asked once."""


async def authentication(case: Case) -> AsyncIterator[Finding]:
    """Ask what every command asks first, inside the limits as the state knows them."""
    memory = BorrowedMemory(case.settings.state.path)
    credentials = case.settings.portal.credentials
    client = await case.stack.enter_async_context(client_of(case.settings, memory, case.clock))
    case.asked = client
    try:
        await check_access(client)
    except B24SyncError as error:
        is_refused = client.knows_time or isinstance(error, CredentialsRefused)
        refused = f"the portal does not let this {credentials.called} in"
        case.refused = refused if is_refused else "the portal did not answer"
        yield of_error(error)
        return
    asked = [Command(method, {}) for method in _ABOUT]
    outcomes = await client.read(asked, priority=Priority.LIVE)
    case.about = {
        method: outcome.result
        for method, outcome in zip(_ABOUT, outcomes, strict=True)
        if isinstance(outcome, Answered)
    }
    scopes = case.about.get("scope")
    told = ", ".join(map(str, scopes)) if isinstance(scopes, list) else "not told"
    profile = case.about.get("profile")
    user = profile.get("ID", "unknown") if isinstance(profile, dict) else "unknown"
    yield ok(f"the {credentials.called} of user {user} is let in; its permissions: {told}")


async def clock(case: Case) -> AsyncIterator[Finding]:
    """Compare the portal's clock with this machine's."""
    yield judged(case.client.server_now() - case.clock.now().timestamp())


def judged(ahead: float) -> Finding:
    """Judge by how many seconds the portal's clock is ahead of this machine's."""
    if abs(ahead) < 1:
        return ok("the portal's and this machine's agree")
    told = f"the portal's is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    if abs(ahead) <= _MOST_SECONDS:
        return ok(told)
    return warning(told, "set this machine's clock (timedatectl set-ntp true), unless it is the portal's that is wrong")
