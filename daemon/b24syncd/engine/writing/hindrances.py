"""Hindrances: items of which the portal saves nothing, because an entry that stays in them is malformed.

Not every portal refuses them, so that is found out: once one was refused that had gone alone, the like of it is
believed at the first time, and goes as the last of a batch, which halts there: no other item waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.malformed import IN_THE_WAY, keeps_malformed
from b24syncd.domain.refused import Ground, Refusal
from b24syncd.portal.wire.faults import is_final, says_nothing

if TYPE_CHECKING:
    from b24syncd.engine.updates import Update
    from b24syncd.portal.wire.commands import Refused


class Hindrances:
    """What one run has found out of them."""

    def __init__(self) -> None:
        """Begin without any proof."""
        self._are_refused = False

    def goes_last(self, update: Update) -> bool:
        """Tell whether the portal would probably refuse this one."""
        return self._are_refused and keeps_malformed(update.snapshot, update.corrections)

    def explains(self, update: Update, refused: Refused) -> bool:
        """Tell whether a refusal that gives no reason of its own has this one, for what was proved of others."""
        return says_nothing(refused.code) and self.goes_last(update)

    def learn(self, update: Update, refused: Refused) -> None:
        """Take in a refusal that is certain."""
        self._are_refused |= says_nothing(refused.code) and keeps_malformed(update.snapshot, update.corrections)


def as_said(refused: Refused) -> Refusal:
    """Return a refusal as the portal tells it."""
    return Refusal(str(refused.rejected), Ground.STATED if is_final(refused.code) else Ground.UNSTATED)


def explained(update: Update, refused: Refused) -> Refusal:
    """Return what is listed of a refusal: the portal's words, and the cure where one is known."""
    said = as_said(refused)
    if not says_nothing(refused.code) or not keeps_malformed(update.snapshot, update.corrections):
        return said
    owed = "; what a person wrote there is in the journal" if update.repair_batch is not None else ""
    return Refusal(f"{said.words.rstrip('.')}; {IN_THE_WAY}{owed}", Ground.MALFORMED)
