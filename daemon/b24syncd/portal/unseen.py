"""Items that a list leaves out: whether they are gone, or there and not to be read.

`crm.item.get` looks for the item first and for the rights then (php: modules/crm/lib/controller/item.php `getAction`).
`crm.item.payment.list` and the classic methods of leads, contacts and companies ask for the rights first: to who is no
administrator and may not read everything they deny what is gone like what is another's (php:
modules/crm/lib/Service/UserPermissions/EntityPermissions/Item.php `hasPermissions`, which finds no attributes of an
item that is not there; modules/crm/classes/general/restservice.php `innerGet`). Deals have an order of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import Rejected
from b24syncd.portal.wire.commands import Refused
from b24syncd.portal.wire.faults import is_denied, is_gone
from b24syncd.portal.words.universal import UniversalWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.wire.commands import Outcome, Priority
    from b24syncd.portal.words.vocabulary import Vocabulary

    from .client import PortalClient

_NO_SUCH_METHOD = "ERROR_METHOD_NOT_FOUND"
NOT_SHOWN = "NOT_SHOWN"
"""Our own code for an item that is gone or not to be read, and nobody can tell which: no right is lost by that."""


async def denied(
    client: PortalClient, vocabulary: Vocabulary, refs: Sequence[EntityRef], *, priority: Priority
) -> dict[EntityRef, Rejected]:
    """Return those of the items that are there and not shown, with why; those that are gone are left out."""
    refusals = await _refusals(client, vocabulary, refs, priority)
    return {ref: rejected for ref, rejected in refusals.items() if not is_gone(rejected.code)}


async def without_gone(
    client: PortalClient, vocabulary: Vocabulary, refused: Mapping[EntityRef, Rejected], *, priority: Priority
) -> dict[EntityRef, Rejected]:
    """Return the refusals but those of items that are gone, whatever the portal said instead.

    What it says of missing rights has no code of its own on older portals (docs: crm-item-payment-list.md).
    """
    refusals = await _refusals(client, vocabulary, list(refused), priority)
    gone = {ref for ref, rejected in refusals.items() if is_gone(rejected.code)}
    return {ref: told for ref, told in refused.items() if ref not in gone}


async def _refusals(
    client: PortalClient, vocabulary: Vocabulary, refs: Sequence[EntityRef], priority: Priority
) -> dict[EntityRef, Rejected]:
    """Ask for items by themselves; return why those are not shown that are not."""
    if not refs:
        return {}
    words = {ref: vocabulary.of(ref.type) for ref in refs}
    outcomes = await client.read([words[ref].write(ref.id, {})[0] for ref in refs], priority=priority)
    refusals = {
        ref: words[ref].refusal(outcome).rejected
        for ref, outcome in zip(refs, outcomes, strict=True)
        if isinstance(outcome, Refused)
    }
    doubtful = [
        ref
        for ref, rejected in refusals.items()
        if not isinstance(words[ref], UniversalWords) and is_denied(rejected.code, rejected.description)
    ]
    again = await client.read([UniversalWords(ref.type).write(ref.id, {})[0] for ref in doubtful], priority=priority)
    return refusals | {ref: _told_again(refusals[ref], outcome) for ref, outcome in zip(doubtful, again, strict=True)}


def _told_again(told: Rejected, outcome: Outcome) -> Rejected:
    """Return what an item's refusal is by the method that looks for it first."""
    if not isinstance(outcome, Refused):
        return told
    if outcome.code.upper() == _NO_SUCH_METHOD:
        return Rejected(NOT_SHOWN, f"it is gone, or not to be read ({told})")
    return outcome.rejected
