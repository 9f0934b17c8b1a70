"""What counts for a canary: corrections that were made under it, those of processes that were killed included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.store import approvals, journal, runs

from .safety import Limit

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.store.database import Database

    from .safety import Allowance


async def count_firsts(database: Database, firsts: Allowance, enough: int) -> None:
    """Bring the allowance for the first corrections of the state up to date, and note it.

    A state that had made as many when they were counted first is no new one; retention may have shortened its journal.
    """

    def count(db: sqlite_utils.Database) -> approvals.Firsts:
        noted = approvals.firsts_of(db)
        if noted is None:
            made = max(journal.count_made(db), runs.count_made(db))
            noted = approvals.Firsts(made, is_approved=made >= enough)
        else:
            noted = approvals.Firsts(max(noted.sent, journal.count_made(db)), noted.is_approved, noted.is_used_up)
        approvals.note_firsts(db, noted)
        return noted

    noted = await database.write(count)
    firsts.sent = max(firsts.sent, noted.sent)
    firsts.is_used_up |= noted.is_used_up
    if noted.is_approved:
        firsts.approved.add(Limit.CANARY)


async def note_firsts(database: Database, firsts: Allowance) -> None:
    """Put on record how many first corrections were sent, and whether a person approved them."""
    is_approved = Limit.CANARY in firsts.approved
    firsts.is_used_up &= not is_approved
    noted = approvals.Firsts(firsts.sent, is_approved, firsts.is_used_up)
    await database.write(lambda db: approvals.note_firsts(db, noted))


async def count_sent(database: Database, fingerprint: str, counted: int) -> int:
    """Return how many corrections were sent with the rules of this fingerprint since a canary counts, and note it.

    Those that a killed process left open are in no count but the journal's. The journal may have been shortened
    meanwhile, and one that was emptied begins with the first id again.
    """

    def count(db: sqlite_utils.Database) -> int:
        last = journal.last_id(db)
        begun, noted = approvals.canary_of(db, fingerprint) or (last, 0)
        begun = min(begun, last)
        sent = max(counted, noted, journal.count_sent(db, fingerprint, after=begun))
        approvals.note_canary(db, fingerprint, begun, sent)
        return sent

    return await database.write(count)
