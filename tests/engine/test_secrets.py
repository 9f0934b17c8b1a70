"""Whatever the portal and the way to it do, neither the log nor what stays on the disk holds a secret."""

from __future__ import annotations

import asyncio
import io
import ssl
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
import trustme
from tests.contract.nearby_proxy import proxying
from tests.engine.scripting import edit
from tests.engine.world import World
from tests.hidden import PORTAL_SECRET, PROXY_USER, Hidden, Place
from tests.simulated_time import time_of_the_loop

from b24syncd.app.login import kept_pair
from b24syncd.errors import B24SyncError
from b24syncd.observe.logs import configure_logs
from b24syncd.settings.application import Application
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.oauth_server import TOKEN_METHOD
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.people.person import Action
from b24syncd.simulator.portal import Options, Portal

if TYPE_CHECKING:
    from pathlib import Path

HOST = "portal.example"
REQUESTS = ("crm.item.list", "crm.item.get", "crm.item.update", "*")
FAULTS = tuple(
    (kind, match, when)
    for kind, match, when in product(Kind, REQUESTS, ("before", "after"))
    if when == "before" or kind in {Kind.RESET, Kind.TRUNCATED, Kind.COMMAND_ERROR, Kind.HANG}
)
ASKED = frozenset(Kind) - {Kind.CUT, Kind.ERROR_429, Kind.COMMAND_ERROR}
"""What can become of a request for tokens, in which there are no commands."""


def secret_of(webhook: str) -> str:
    return webhook.rstrip("/").rpartition("/")[2]


def hidden(webhook: str) -> str:
    return webhook.replace(secret_of(webhook), "***")


async def test_no_file_of_the_state_holds_the_secret(world: World) -> None:
    webhook = world.server.webhook_url
    world.fill(1, contacts=30)
    world.portal.faults.add(
        Fault(kind=Kind.RESET, match="crm.item.update", when="after"),
        Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", nth=3, code="ACCESS_DENIED", description=webhook),
    )
    await world.backfill()
    assert [entry.detail for entry in world.given_up()] == [f"ACCESS_DENIED: {hidden(webhook)}"]
    assert not [name for name, content in held(world) if secret_of(webhook).encode() in content]


async def lived(world: World, said: io.StringIO) -> None:
    """Let the daemon follow for ever; where it ends, it is started again, as by systemd."""
    while True:
        try:
            await world.follow(1e6)
        except B24SyncError as error:
            said.write(f"{error}\n")


async def quoted(world: World) -> str:
    """Return what a portal says that quotes all that lets the program in."""
    credentials = world.settings.portal.credentials
    known: tuple[str, ...] = credentials.secrets
    if isinstance(credentials, Application):
        pair = await kept_pair(world.settings, clock=world.clock)
        known += (pair.access, pair.refresh)
    return f"not for https://{unquote(PROXY_USER)}@proxy.example nor {' '.join(known)}"


@pytest.mark.parametrize("way", ["webhook", "application"])
async def test_at_debug_level_no_fault_of_any_request_tells_a_secret(tmp_path: Path, way: str) -> None:
    time, hidden_texts, log = time_of_the_loop(), Hidden(), io.StringIO()
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    portal = Portal(Options(burst=1e4, per_second=5e3), clock=time.of_portal)
    async with (
        serve(portal, tls=context) as server,
        proxying(port := urlsplit(server.url).port or 0, credentials=unquote(PROXY_USER)) as proxy,
    ):
        world, root = World(portal, server, tmp_path, clock=time), f"https://{HOST}:{port}"
        world.overrides |= {
            "B24SYNCD_PORTAL__WEBHOOK": f"{root}/rest/1/{PORTAL_SECRET}/",
            "B24SYNCD_PORTAL__CA_FILE": str(tmp_path / "authority.pem"),
            "HTTPS_PROXY": proxy.address.replace(unquote(PROXY_USER), PROXY_USER),
        }
        world.configure(limits__witness_seconds=0)
        faults = FAULTS
        if way == "application":
            del world.overrides["B24SYNCD_PORTAL__WEBHOOK"]
            await world.by_application(root=root)
            portal.applications.grace_seconds = 1e9  # nobody has to log in again after an answer that is lost
            faults += tuple(
                (kind, TOKEN_METHOD, when) for kind, match, when in FAULTS if match == "*" and kind in ASKED
            )
        configure_logs("json", "debug", secrets=world.settings.secrets, stream=log)
        struck = portal.history.faults
        life = asyncio.create_task(lived(world, log))
        for number, (kind, match, when) in enumerate(faults):
            wanted = struck[kind] + 1
            portal.faults.add(Fault(kind=kind, match=match, when=when, description=await quoted(world)))
            portal.person.edit(edit(Action.CHANGE, world.add(f"+7916{number:07}"), value=f"8 916 {number:07}"))
            if match in {"*", TOKEN_METHOD}:
                portal.applications.expire()
            await world.until(lambda kind=kind, wanted=wanted: struck[kind] >= wanted, seconds=1e6)  # type: ignore[misc]
        left = held(world)  # while the journal of the database stands beside it
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life
    told = log.getvalue()
    assert "not for https://" in told
    assert (portal.applications.refreshed > len(FAULTS) / 4) == (way == "application")
    hidden_texts.add_given(portal.applications.given)
    found = hidden_texts.found(Place.LOG, "the log", told.encode())
    for name, content in left + held(world):
        found += hidden_texts.found(Place.STATE, name, content)
    assert found == []


def held(world: World) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in world.state.parent.iterdir() if path.is_file()]
