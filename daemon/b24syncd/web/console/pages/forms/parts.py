"""What all handlers of forms begin with: of which type and item an address is, and what makes forms."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from b24syncd.app.forms import Forms
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.refusals import refused

if TYPE_CHECKING:
    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "items"
_HIGHEST_ID: Final = (1 << 31) - 1


def forms_of(console: Console) -> Forms:
    """Return what makes forms; what fields offer is kept for all of the session."""
    return Forms(console.session.client, console.session.settings, console.session.references)


def type_of(visit: Visit) -> EntityType | None:
    """Return the type that an address names; None for none of which there are cards."""
    try:
        found = EntityRef.parse(f"{visit.path['type']}:1").type
    except ValueError:
        return None
    return None if found is EntityType.ACTIVITY else found


def item_of(visit: Visit) -> EntityRef | None:
    """Return the item that an address names."""
    kind = type_of(visit)
    try:
        found = EntityRef.parse(f"{visit.path['type']}:{visit.path['id']}")
    except ValueError:
        return None
    return found if kind is not None and found.id <= _HIGHEST_ID else None


def no_card(visit: Visit) -> web.Response:
    """Return the answer to an address that names none."""
    return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such card."))


def wants_json(visit: Visit) -> bool:
    """Tell whether a script of the page asks."""
    return "application/json" in visit.request.headers.get("Accept", "")
