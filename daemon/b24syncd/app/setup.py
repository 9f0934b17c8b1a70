"""Setting up a portal: whether what is to let the program in does so, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.memory import BorrowedMemory
from b24syncd.portal.wire.commands import Answered, Command, Priority
from b24syncd.session import connected

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.settings import Settings


@dataclass(frozen=True, slots=True)
class Admission:
    """As whom the portal lets the program in, and what it permits; an administrator is None where that is not told."""

    host: str
    user: int
    is_administrator: bool | None
    scopes: tuple[str, ...]


async def admission(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Admission:
    """Ask the portal for the webhook's permissions and user; raise what a command would fail with."""
    webhook = settings.portal.webhook
    async with connected(settings, BorrowedMemory(settings.state.path), clock) as client:
        commands = [Command("scope", {}), Command("profile", {})]
        scope, profile = await client.read(commands, priority=Priority.LIVE)
    scopes = scope.result if isinstance(scope, Answered) and isinstance(scope.result, list) else ()
    told = profile.result.get("ADMIN") if isinstance(profile, Answered) and isinstance(profile.result, dict) else None
    return Admission(webhook.host, webhook.user_id, told if isinstance(told, bool) else None, tuple(map(str, scopes)))
