"""The authenticated check at start: whether this is a portal, the credentials are good, and CRM data may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import CredentialsRefused
from b24syncd.portal.commands import Answered, Command, Priority

if TYPE_CHECKING:
    from b24syncd.portal.client import PortalClient

_SCOPE = "crm"


async def check_access(client: PortalClient) -> None:
    """Ask for the webhook's scopes, which needs none of them; raise `CredentialsRefused` without `crm`.

    The answer also tells the portal's clock, on which everything else is timed.
    """
    (outcome,) = await client.read([Command("scope", {})], priority=Priority.LIVE)
    scopes = outcome.result if isinstance(outcome, Answered) else None
    if isinstance(scopes, list) and _SCOPE not in scopes:
        message = (
            f"the webhook has no permission {_SCOPE!r} (it has: {', '.join(map(str, scopes)) or 'none'}); "
            "grant it in the portal under Developer resources → the webhook → permissions"
        )
        raise CredentialsRefused(message)
