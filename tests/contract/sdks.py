"""Other people's clients, connected to a simulated portal."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from b24pysdk import BitrixWebhook, Client  # type: ignore[import-untyped]
from fast_bitrix24 import BitrixAsync  # type: ignore[import-untyped]

from b24syncd.simulator.http.certificates import issue
from b24syncd.simulator.http.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from b24syncd.simulator.portal import Portal


@asynccontextmanager
async def b24pysdk_of(portal: Portal, authority: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Connect b24pysdk, which calls by https only and blocks its thread."""
    certificates = issue()
    await asyncio.to_thread(authority.write_bytes, certificates.authority)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    async with serve(portal, tls=certificates.context) as server:
        options = portal.options
        token = f"{options.user_id}/{options.secret}"
        yield Client(BitrixWebhook(domain=f"127.0.0.1:{server.port}", webhook_token=token))


@asynccontextmanager
async def fast_bitrix24_of(portal: Portal) -> AsyncIterator[Any]:
    """Connect fast-bitrix24, over TLS."""
    certificates = issue()
    trusting = ssl.create_default_context(cadata=certificates.authority.decode())
    async with (
        serve(portal, tls=certificates.context) as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting), raise_for_status=True) as session,
    ):
        yield BitrixAsync(server.webhook_url, client=session, verbose=False)
