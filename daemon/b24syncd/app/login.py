"""Letting an application in: from the address where a person authorises it to the tokens in the state."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.errors import CredentialsRefused, UsageInvalid
from b24syncd.observe.logs import hide
from b24syncd.session import require_own_state, server_of, vault_of
from b24syncd.settings.application import Application
from b24syncd.store import meta
from b24syncd.store.database import open_for_writing
from b24syncd.store.lock import socket_of
from b24syncd.tokens import BorrowedPairs

from .commands import let_in

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.portal.wire.tokens import TokenPair
    from b24syncd.settings import Portal, Settings

_CODE: Final = "write the code, or the whole address to which the portal sent the browser"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where a person authorises the application; `state` comes back with them."""

    address: str
    state: str


def application_of(portal: Portal) -> Application:
    """Return the application that is configured; raise `UsageInvalid` where a webhook is."""
    if isinstance(portal.credentials, Application):
        return portal.credentials
    message = "the configuration names a webhook, which nobody has to authorise; [portal.oauth] is for an application"
    raise UsageInvalid(message)


def invitation_to(application: Application) -> Invitation:
    """Return where a person authorises it (docs: settings/oauth/index.md)."""
    state = secrets.token_urlsafe(16)
    query = urlencode({"client_id": application.client_id, "state": state})
    return Invitation(f"{application.url}/oauth/authorize/?{query}", state)


def code_from(text: str, application: Application, state: str) -> str:
    """Return the code in what a person pasted: itself, or the address to which the portal sent their browser.

    Raises `UsageInvalid` for one that was not made for this invitation, this portal and this authorisation server.
    """
    text = text.strip()
    if not text or len(text.split()) > 1:
        raise UsageInvalid(_CODE)
    if "=" not in text and "/" not in text:
        hide(text)
        return text
    query = parse_qs(urlsplit(text).query if "?" in text else text)
    told = {name: query.get(name, [""])[0] for name in ("code", "state", "domain", "server_domain")}
    if not told["code"]:
        message = f"there is no code in that; {_CODE}"
        raise UsageInvalid(message)
    hide(told["code"])
    if told["state"] != state:
        message = "this address was not made for this attempt to log in; open the address above, and paste what follows"
        raise UsageInvalid(message)
    if told["domain"] and told["domain"].lower() != application.host.lower():
        message = f"this is of the portal {_plain(told['domain'])}, the configuration names {application.host}"
        raise UsageInvalid(message)
    if told["server_domain"] and told["server_domain"].lower() != application.server.host.lower():
        server = _plain(told["server_domain"])
        message = f'the portal names another authorisation server; set portal.oauth.server = "https://{server}"'
        raise UsageInvalid(message)
    return told["code"]


def _plain(host: str) -> str:
    return "".join(letter for letter in host[:253] if letter.isalnum() or letter in ".-:")


async def require_state(settings: Settings) -> None:
    """Raise where nothing could be kept in the state, before a code is asked for that counts for seconds only."""
    require_own_state(settings)
    if socket_of(settings.state.path) is None:
        async with open_for_writing(settings.state.path) as database:
            await database.read(lambda db: meta.require_portal(db, settings.portal.host))


async def exchanged(portal: Portal, code: str) -> TokenPair:
    """Return the tokens for a code; raise `CredentialsRefused` where they are of another portal."""
    application = application_of(portal)
    pair = await server_of(application, portal.authorities).exchange(code)
    told = urlsplit(pair.endpoint).netloc
    if told.lower() != application.host.lower():
        message = f"the tokens are of {_plain(told) or 'no portal'}, the configuration names {application.host}"
        raise CredentialsRefused(message)
    return pair


async def log_in(settings: Settings, code: str, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Get the tokens for a code, and keep them in the state: here, or by the daemon that holds it."""
    await keep_pair(settings, await exchanged(settings.portal, code), clock=clock)


async def keep_pair(settings: Settings, pair: TokenPair, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Keep tokens in the state, here, or by the daemon that holds it."""
    await let_in(settings, vault_of(application_of(settings.portal)).close(pair), clock=clock)


async def kept_pair(settings: Settings, *, clock: Clock = SYSTEM_CLOCK) -> TokenPair:
    """Return the tokens in the state; raise `CredentialsRefused` where there are none that can be opened."""
    vault = vault_of(application_of(settings.portal))
    return await BorrowedPairs(settings.state.path, vault, clock).load()
