"""Tokens that grow too old: requests leave with one that is not, and what was refused for it is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.portal.wire.commands import Deferred, Refused
from b24syncd.portal.wire.faults import is_expired
from b24syncd.portal.wire.transport_faults import NotSent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.portal.pace.signs import Signs
    from b24syncd.portal.wire.commands import Outcome
    from b24syncd.portal.wire.credentials import Credentials


async def let_in(credentials: Credentials, signs: Signs) -> None:
    """Have what the next call is signed with; a token that has expired is renewed once for all that wait."""
    try:
        await credentials.ready()
    except NotSent as fault:
        signs.failed(str(fault))
        raise


def again_if_expired(
    credentials: Credentials, outcomes: tuple[Outcome, ...], call: Mapping[str, object]
) -> tuple[Outcome, ...]:
    """Return the outcomes with those that were refused for the age of the token of this call to be sent again."""
    refused = [isinstance(outcome, Refused) and is_expired(outcome.code) for outcome in outcomes]
    if not any(refused) or not credentials.renews:
        return outcomes
    credentials.expired(call)
    return tuple(Deferred(0.0) if again else outcome for outcome, again in zip(outcomes, refused, strict=True))
