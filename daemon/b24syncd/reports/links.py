"""Links to the cards of a portal, for whoever reads a list and wants to look."""

from __future__ import annotations

import re

from b24syncd.domain.entities import FIRST_SMART_TYPE, EntityRef, EntityType

_NAMED = frozenset({EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY})
_QUOTE = 7
_CARD = re.compile(r"/crm/(?:type/)?(?P<type>[a-z0-9]+)/(?:details|show)/(?P<id>[0-9]{1,18})(?![0-9])", re.ASCII)


def card_named(text: str) -> EntityRef:
    """Return the item that somebody names, by `contact:42` or by the address of its card at the portal.

    Raises `ValueError` with a sentence fit for a user.
    """
    found = _CARD.search(text)
    if found is None:
        return EntityRef.parse(text)
    name, number = found["type"], found["id"]
    entity_type = EntityType.from_type_id(int(name)).value if name.isdigit() else name
    return EntityRef.parse(f"{entity_type}:{number}")


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
