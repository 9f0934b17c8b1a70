"""What was there before and is not any more: a whole type that lists nothing is an accident until a person says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.store import portal_facts

from .safety import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityType

    from .context import WholeRun


async def compare_types(run: WholeRun, highest: Mapping[EntityType, int]) -> None:
    """Stop the run where a type that had items lists none; remember the highest ids otherwise."""
    now = {entity_type.value: highest_id for entity_type, highest_id in highest.items()}

    def compare(db: sqlite_utils.Database) -> list[str]:
        before = portal_facts.types(db)
        empty = [name for name, highest_id in now.items() if not highest_id and before.get(name)]
        if empty and not run.safety.passes(Limit.EMPTY):
            return empty
        portal_facts.remember_types(db, now)
        return []

    empty = await run.database.write(compare)
    if empty:
        told = f"the portal lists no {', '.join(empty)} any more, though it had some"
        told += "; look at the portal and at the webhook's rights, or go on with --continue"
        run.safety.stop(Limit.EMPTY, told)
