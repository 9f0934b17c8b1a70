"""Links to the cards of a portal, for whoever reads a list and wants to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.entities import FIRST_SMART_TYPE, EntityType

if TYPE_CHECKING:
    from b24syncd.domain.entities import EntityRef

_NAMED = frozenset({EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY})
_QUOTE = 7


def card_url(host: str, ref: EntityRef, owner: EntityRef | None = None) -> str:
    """Return the address of an item's card at the portal `host`; of an activity that of its `owner`'s card.

    An activity has no card of its own: where its owner is not known, or has none either, the list of activities shows
    it.

    Source: php modules/crm/lib/Service/Router.php `getItemDetailUrl`, Router/Page/ItemDetails/DynamicDetailsPage.php,
    modules/crm/lib/integration/booking/clientprovider.php `getClientUrl`; for activities
    modules/crm/lib/integration/main/eventhandler.php (`open_view`).
    """
    if ref.type is not EntityType.ACTIVITY:
        return f"https://{host}{_path(ref)}"
    if owner is not None and _has_card(owner.type):
        return f"https://{host}{_path(owner)}"
    return f"https://{host}/crm/activity/?ID={ref.id}&open_view={ref.id}"


def _path(ref: EntityRef) -> str:
    if ref.type in _NAMED:
        return f"/crm/{ref.type.value}/details/{ref.id}/"
    return f"/crm/type/{ref.type.type_id}/details/{ref.id}/"


def _has_card(entity_type: EntityType) -> bool:
    """Tell whether the portal has a page for such items; of old invoices and orders the addresses are others."""
    type_id = entity_type.type_id
    return entity_type in {*_NAMED, EntityType.SMART_INVOICE} or type_id == _QUOTE or type_id >= FIRST_SMART_TYPE
