"""People: who may come in, invitations, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.app.requests import InviteRequest, RevokeRequest
from b24syncd.domain.people import Role
from b24syncd.errors import UsageInvalid
from b24syncd.store import people
from b24syncd.web.console.asking import carried_out
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.rendering import done, page

if TYPE_CHECKING:
    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "people"
_ADDRESS: Final = "/people"


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show who may come in."""
    return await _shown(console, visit)


async def invite(console: Console, visit: Visit) -> web.StreamResponse:
    """Invite a person; the link is shown once, and kept nowhere."""
    try:
        role = Role(visit.form.get("role", ""))
    except ValueError:
        raise UsageInvalid(_("There is no such role.")) from None
    invited = await carried_out(console, InviteRequest(name=visit.form.get("name", ""), role=role))
    host = visit.request.headers.get("Host", "")  # one of the console's names, or nobody would be here
    return await _shown(console, visit, f"{console.scheme}://{host}/join#{invited.key}", invited.name)


async def revoke(console: Console, visit: Visit) -> web.StreamResponse:
    """Let a person in no more."""
    revoked = await carried_out(console, RevokeRequest(name=visit.form.get("name", "")))
    return done(visit, _("%(name)s may not come in any more.") % {"name": revoked.name}, go=_ADDRESS)


async def _shown(console: Console, visit: Visit, link: str = "", name: str = "") -> web.StreamResponse:
    everybody = await console.session.database.read(people.everybody)
    shown = {"people": everybody, "roles": tuple(Role), "link": link, "name": name}
    return page(visit, "people/page.html", shown, section=SECTION)
