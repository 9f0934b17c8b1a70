"""Keeping the tokens that a login got, by whoever holds the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.tokens import keep

from .results import Changed

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.store.database import Database

    from .requests import LoginRequest


async def keep_login(database: Database, request: LoginRequest, _now: datetime) -> Changed:
    """Keep sealed tokens instead of those before; whoever uses these takes them up when they are to be renewed."""
    await database.write(lambda db: keep(db, request.sealed))
    return Changed(1)
