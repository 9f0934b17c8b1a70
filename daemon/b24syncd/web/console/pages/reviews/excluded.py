"""Cards that are left alone: by the settings, or because people said so, who may take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.app.requests import ExcludeRequest, IncludeRequest
from b24syncd.domain.entities import EntityRef
from b24syncd.errors import UsageInvalid
from b24syncd.reports import exclusions
from b24syncd.reports.portal_words import portal_words
from b24syncd.web.console.asking import carried_out
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.rendering import done, page

from .listing import SECTION

if TYPE_CHECKING:
    import sqlite_utils
    from aiohttp import web

    from b24syncd.reports.exclusions import ExclusionReport
    from b24syncd.web.console.visit import Console, Visit

_SHOWN: Final = 500


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show what is excluded."""
    by_settings = console.session.settings.safety.exclude

    def read(db: sqlite_utils.Database) -> list[ExclusionReport]:
        return list(exclusions.excluded(db, by_settings, portal_words(db)))

    found = await console.session.database.read(read)
    newest = [*found[: len(by_settings)], *reversed(found[len(by_settings) :])][:_SHOWN]
    shown = {"excluded": newest, "others": len(found) - len(newest)}
    return page(visit, "reviews/excluded.html", shown, section=SECTION)


async def exclude(console: Console, visit: Visit) -> web.StreamResponse:
    """Leave a card alone from now on."""
    ref = _item(visit)
    await carried_out(console, ExcludeRequest(refs=(ref,), by=visit.person.name))
    return done(visit, _("%(card)s is left alone from now on.") % {"card": ref})


async def include(console: Console, visit: Visit) -> web.StreamResponse:
    """Leave a card alone no longer: it is looked at again."""
    ref = _item(visit)
    await carried_out(console, IncludeRequest(refs=(ref,), by=visit.person.name))
    return done(visit, _("%(card)s is looked at again.") % {"card": ref}, go="/reviews/excluded")


def _item(visit: Visit) -> EntityRef:
    try:
        return EntityRef.parse(visit.form.get("item", ""))
    except ValueError:
        raise UsageInvalid(_("There is no such card.")) from None
