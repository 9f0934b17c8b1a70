"""Undoing: what takes corrections of the journal back, where the portal still shows what they made. All pure.

A chain of corrections of one entry or field counts as one: what it began with comes back. What shows another value
belongs to somebody who came after us; it stays and is told. What shows already what undoing would bring is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from .corrections import AddItem, only_fields
from .job_names import EDITS
from .values import same_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .corrections import Correction, SetField
    from .snapshots import ItemState


class Why(StrEnum):
    """Why something is not taken back; part of the outside."""

    CHANGED = "changed"
    """Somebody changed it since."""
    GONE = "gone"
    """The entry, the item or the activity is gone, or what a duplicate repeated, or a text held as well."""
    ONLY_THERE = "only_there"
    """The value that was added stands nowhere else in the item any more, or the activity hangs on nothing else."""
    REFUSED = "refused"
    """The portal does not show it."""
    NOT_CONFIGURED = "not_configured"
    """The configuration does not tell any more which field it was."""
    ADDED_ITEM = "added_item"
    """An item that was added is never deleted: people may have worked on it since."""
    EXCLUDED = "excluded"
    """The configuration excludes the item."""


@dataclass(frozen=True, slots=True)
class NotUndone:
    """A correction (a chain of them as one) that is not taken back, and why."""

    correction: Correction
    why: Why


@dataclass(frozen=True, slots=True)
class Undoing:
    """What takes corrections of one subject back, and what is left as it is."""

    corrections: tuple[Correction, ...] = ()
    left: tuple[NotUndone, ...] = ()

    def __add__(self, other: Undoing) -> Undoing:
        """Return both as one."""
        return Undoing(self.corrections + other.corrections, self.left + other.left)


def undo_additions(made: Iterable[Correction]) -> Undoing:
    """Leave items that were added: whoever does not want one deletes it in the portal."""
    return Undoing(left=tuple(NotUndone(one, Why.ADDED_ITEM) for one in made if isinstance(one, AddItem)))


def undo_fields(state: ItemState, made: Iterable[Correction]) -> Undoing:
    """Give fields the values back that they had before `made`, which are in their order: a person's, if they are ours.

    What an edit replaced comes back as a person's, too: of what was ours there the journal goes on telling. What was
    written into a field that was not read stays, for the configuration does not name that any more.
    """
    chains: dict[str, SetField] = {}
    left: list[NotUndone] = []
    for correction in only_fields(made):
        chain = chains.get(correction.field)
        if correction.field not in state.fields:
            left.append(NotUndone(correction, Why.NOT_CONFIGURED))
        elif chain is not None and same_value(chain.after, correction.before):
            # a job that made a part of it is kept off what comes back
            job = correction.job if chain.job == EDITS else chain.job
            chains[correction.field] = replace(chain, after=correction.after, job=job)
        else:
            chains[correction.field] = replace(correction, restores=correction.restores and correction.job != EDITS)
    back: list[Correction] = []
    for name, chain in chains.items():
        if same_value(state.fields[name], chain.before):
            continue
        if same_value(state.fields[name], chain.after):
            back.append(replace(chain.inverse(), restores=not chain.restores))
        else:
            left.append(NotUndone(chain, Why.CHANGED))
    return Undoing(tuple(back), tuple(left))
