"""The authenticated check at start: whether this is a portal, the credentials are good, and CRM data may be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.errors import AddressWrong, B24SyncError, CredentialsRefused, Rejected, RetryLater
from b24syncd.observe.logs import get_logger
from b24syncd.portal.paging import highest_ids
from b24syncd.portal.wire.commands import Answered, Command, Priority
from b24syncd.portal.wire.faults import is_of_no_type, raise_if_undocumented
from b24syncd.portal.wire.transport_faults import NotAPortal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.credentials import Called
    from b24syncd.portal.words.vocabulary import Vocabulary

_SCOPE = "crm"
_WITHOUT_SCOPE: Final[Mapping[Called, str]] = {
    "webhook": "the webhook has no permission {} (it has: {}); "
    "grant it in the portal under Developer resources → the webhook → permissions",
    "application": "the application has no permission {} (it has: {}); "
    "grant it in the portal under Developer resources → the application → permissions, then call `b24syncd auth login`",
}
_NOTHING_READABLE: Final[Mapping[Called, str]] = {
    "webhook": "the portal lets this webhook read none of the configured entity types ({})",
    "application": "the portal lets this application read none of the configured entity types ({})",
}

log = get_logger()


@dataclass(frozen=True, slots=True)
class Readable:
    """The entity types that may be read, with their highest ids, and why the others may not, or are `off`."""

    highest_ids: dict[EntityType, int]
    refused: dict[EntityType, str]
    off: dict[EntityType, str]


async def check_access(client: PortalClient) -> None:
    """Ask for the webhook's scopes, which needs none of them; raise `CredentialsRefused` without `crm`.

    The answer also tells the portal's clock, on which everything else is timed. Where the scopes are not told, the
    first list will show what is permitted. Raises `AddressWrong` where no portal answers, `RetryLater` where one did in
    an earlier life: it may be under maintenance.
    """
    try:
        await _check_scopes(client)
    except NotAPortal as fault:
        raise at_start(fault, has_answered_before=client.has_answered_before) from None


async def stay_let_in(client: PortalClient) -> None:
    """Ask an application's portal for the time, so that a token that has expired meanwhile is renewed.

    Others who only look wait for that: a pair is renewed by the process that holds the state.
    """
    if client.credentials.renews:
        await client.read([Command("server.time", {})], priority=Priority.LIVE)


def at_start(fault: NotAPortal, *, has_answered_before: bool) -> B24SyncError:
    """Return what it means for a command that no portal answers its first question."""
    if has_answered_before and not fault.has_moved:
        return RetryLater(str(fault))
    return (CredentialsRefused if fault.is_refusal else AddressWrong)(str(fault))


async def _check_scopes(client: PortalClient) -> None:
    (outcome,) = await client.read([Command("scope", {})], priority=Priority.LIVE)
    scopes = outcome.result if isinstance(outcome, Answered) else None
    if not isinstance(scopes, list):
        (outcome,) = await client.read([Command("server.time", {})], priority=Priority.LIVE)
    if not _tells_time(client):
        message = "what answers at this address does not tell its permissions and time; "
        message += client.credentials.cure.partition("?")[0] + "?"
        raise NotAPortal(message) if isinstance(outcome, Answered) else RetryLater(message)
    if isinstance(scopes, list) and _SCOPE not in scopes:
        told = ", ".join(map(str, scopes)) or "none"
        raise CredentialsRefused(_WITHOUT_SCOPE[client.credentials.called].format(repr(_SCOPE), told))


def _tells_time(client: PortalClient) -> bool:
    try:
        client.server_now()
    except LookupError:
        return False
    return True


async def readable_types(
    client: PortalClient, entity_types: Sequence[EntityType], *, priority: Priority, vocabulary: Vocabulary
) -> Readable:
    """Tell which entity types this webhook may read; warn of each other one, which is switched off or not permitted.

    Raises `CredentialsRefused` when it may read none, `RetryLater` when that may be of the moment.
    """
    found = await highest_ids(client, entity_types, priority=priority, vocabulary=vocabulary)
    refusals = {entity_type: answer for entity_type, answer in found.items() if isinstance(answer, Rejected)}
    refused = {entity_type: str(refusal) for entity_type, refusal in refusals.items()}
    for entity_type, detail in refused.items():
        log.warning("entity_type_refused", entity_type=entity_type.value, detail=detail)
    if len(refused) == len(found):
        for refusal in refusals.values():
            raise_if_undocumented(refusal)
        details = "; ".join(f"{entity_type.value}: {detail}" for entity_type, detail in refused.items())
        raise CredentialsRefused(_NOTHING_READABLE[client.credentials.called].format(details))
    readable = {entity_type: answer for entity_type, answer in found.items() if isinstance(answer, int)}
    off = {entity_type for entity_type, refusal in refusals.items() if is_of_no_type(refusal.code)}
    return Readable(
        readable,
        {entity_type: detail for entity_type, detail in refused.items() if entity_type not in off},
        {entity_type: detail for entity_type, detail in refused.items() if entity_type in off},
    )
