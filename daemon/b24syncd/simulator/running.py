"""The portal as a process of its own, for `b24syncd portal serve`."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .http.certificates import issue
from .http.server import Server, serve
from .portal import Options, Portal
from .seeds.activities import generate_activities
from .seeds.cards import furnish
from .seeds.field_mess import generate_field_mess
from .seeds.items import generate
from .seeds.payments import generate_payments
from .tables.applications import TOKEN_SECONDS, Application

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What to serve and where; with `tls` the authority's certificate is written to `authority_file`."""

    portal: Options = field(default_factory=Options)
    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    contacts: int = 0
    companies: int = 0
    leads: int = 0
    deals: int = 0
    converted_leads: int = 0
    duplicated_leads: int = 0
    split_leads: int = 0
    activities: float = 5
    """So many activities a converted, duplicated or split lead has, about."""
    paid_deals: int = 0
    messy_deals: int = 0
    paid_invoices: int = 0
    paid_processes: int = 0
    """So many items of every smart process that has payments."""
    payments: float = 2.5
    """So many payments a deal, an invoice, an item of a smart process has, about."""
    furnished: bool = False
    """Whether there is all that a form can meet: pipelines, custom fields of every type, people, priced deals."""
    oauth: bool = False
    """Whether there is a local application, which may what the webhook may."""
    token_seconds: float = TOKEN_SECONDS
    tls: bool = False
    authority_file: Path | None = None


def run_server(options: ServeOptions) -> None:
    """Serve until SIGINT or SIGTERM; the webhook's address goes to standard output when the portal is ready.

    Below it an application's address, client id and secret.
    """
    asyncio.run(_run(options))


async def _run(options: ServeOptions) -> None:
    certificates = issue() if options.tls else None
    if certificates is not None and options.authority_file is not None:
        options.authority_file.write_bytes(certificates.authority)
    portal = Portal(options.portal)
    generate(
        portal,
        options.seed,
        contacts=options.contacts,
        companies=options.companies,
        leads=options.leads,
        deals=options.deals,
    )
    generate_activities(
        portal,
        options.seed,
        converted=options.converted_leads,
        duplicated=options.duplicated_leads,
        split=options.split_leads,
        activities=options.activities,
    )
    generate_payments(
        portal,
        options.seed,
        deals=options.paid_deals,
        invoices=options.paid_invoices,
        processes=options.paid_processes,
        payments=options.payments,
    )
    generate_field_mess(portal, options.seed, deals=options.messy_deals)
    if options.furnished:
        furnish(portal, options.seed)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    tls = certificates.context if certificates else None
    async with serve(portal, host=options.host, port=options.port, tls=tls) as server:
        more = _installed(server, options) if options.oauth else ""
        sys.stdout.write(f"{server.webhook_url}\n{more}")
        sys.stdout.flush()
        await stop.wait()


def _installed(server: Server, options: ServeOptions) -> str:
    """Install a local application, and return what its card in the portal would show."""
    client_id, secret = "local.5f0e1d2c3b4a59.68778695", "simulated0client0secret"
    applications = server.portal.applications
    applications.token_seconds = options.token_seconds
    applications.install(Application(client_id, secret, server.portal.access.scopes, server.application_url))
    return f"address        {server.url}\nclient_id      {client_id}\nclient_secret  {secret}\n"
