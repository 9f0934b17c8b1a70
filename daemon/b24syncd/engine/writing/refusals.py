"""Refusals: what the portal will not let this webhook do is not tried again and again.

What is refused of an item, unit by unit, counts as failed and is tried again when the item has changed, or by the next
process. A refused rebinding is a person's to decide. The same rebinding, or the same value for a field, is not tried
again for a day, or an hour where the portal gave no documented reason, whatever process asks for it: otherwise every
backfill would send what is known to be refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import BindingCorrection, SetField, unit_of
from b24syncd.domain.descriptions import describe
from b24syncd.domain.malformed import keeps_malformed
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.refused import Ground

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from b24syncd.domain.corrections import Correction, Unit
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.refused import Refusal
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.observe.digest import Digest

REST = timedelta(days=1)
"""How long the same correction is not tried again."""

_SHORT_REST = timedelta(hours=1)
"""How long it is not after a refusal without a documented code: that may be over sooner."""

_Held = BindingCorrection | SetField


@dataclass(frozen=True, slots=True)
class Standing:
    """A refusal that holds: the reviews that go on being asked for, whether it is news to this process, its words."""

    reviews: Plan
    is_news: bool
    detail: str = ""


class Refusals:
    """What was refused, and what became of it."""

    def __init__(self, digest: Digest) -> None:
        """Begin without any; what is new of them is told by `digest`."""
        self._digest = digest
        self._items: dict[EntityRef, dict[Unit, tuple[AnySnapshot, str]]] = {}
        self._held: dict[Correction, tuple[Refusal, datetime]] = {}

    def remember(self, refused: Iterable[tuple[Correction, Refusal, datetime]], since: datetime) -> None:
        """Take in what was refused `since` then: corrections, the refusal, and when. What was before holds no more."""
        self._held = {each: one for each, one in self._held.items() if one[1] >= since}
        self._held |= {
            correction: (refusal, at) for correction, refusal, at in refused if isinstance(correction, _Held)
        }

    def forget(self) -> None:
        """Let everything be tried again: a person asks for it."""
        self._items.clear()
        self._held.clear()

    def add_item(self, state: AnySnapshot, corrections: Iterable[Correction], detail: str) -> bool:
        """Note an item in whose very state these were refused; return whether nothing of that state was before."""
        of_item = self._items.setdefault(state.ref, {})
        is_first = all(before != state for before, _ in of_item.values())
        of_item |= dict.fromkeys(map(unit_of, corrections), (state, detail))
        self._digest.add("refused", state.ref, detail)
        return is_first

    def told_of(self, state: AnySnapshot) -> str:
        """Return what is listed of an item: the portal's words about each unit that it refused in this state."""
        told = (detail for before, detail in self._items.get(state.ref, {}).values() if before == state)
        return "; ".join(dict.fromkeys(told))

    def carry_over(self, before: AnySnapshot, after: AnySnapshot) -> None:
        """Let what was refused of an item stand after a write of other units of it, for nothing else has changed."""
        of_item = self._items.get(before.ref, {})
        of_item |= {unit: (after, detail) for unit, (state, detail) in of_item.items() if state == before}

    def add(self, ref: EntityRef, corrections: Sequence[Correction], refusal: Refusal, now: datetime) -> Plan:
        """Note refused corrections; return the review of a rebinding, nothing for others."""
        self._held |= {each: (refusal, now) for each in corrections if isinstance(each, _Held)}
        reviews = _reviews(ref, corrections, refusal.words)
        if reviews:
            self._digest.add("refused", ref, refusal.words)
        return Plan(reviews=reviews)

    def hold(self, corrections: Iterable[Correction], refusal: Refusal, now: datetime) -> None:
        """Let these corrections rest, of which a part was made and taken back: planning asks for them again."""
        self._held |= dict.fromkeys(corrections, (refusal, now))

    def standing(self, snapshot: AnySnapshot, corrections: Sequence[Correction], now: datetime) -> Standing | None:
        """Return the refusal for which these corrections, one unit of a plan, are not to be tried; None if they are."""
        unit = unit_of(corrections[0])
        refused = self._items.get(snapshot.ref, {}).get(unit)
        if refused is not None and refused[0] == snapshot:
            return Standing(Plan(), is_news=False)
        for correction in corrections:
            if correction not in self._held:
                continue
            refusal, at = self._held[correction]
            is_cured = refusal.ground is Ground.MALFORMED and not keeps_malformed(snapshot, corrections)
            if not is_cured and now - at < _rest_after(refusal):
                reviews = _reviews(snapshot.ref, corrections, refusal.words)
                if not reviews:
                    self._items.setdefault(snapshot.ref, {})[unit] = (snapshot, refusal.words)
                return Standing(Plan(reviews=reviews), is_news=not reviews, detail=refusal.words)
        return None


def _rest_after(refusal: Refusal) -> timedelta:
    """Return how long a refusal holds."""
    return REST if refusal.ground in {Ground.STATED, None} else _SHORT_REST


def _reviews(ref: EntityRef, corrections: Sequence[Correction], detail: str) -> tuple[Review, ...]:
    rebindings = [correction for correction in corrections if isinstance(correction, BindingCorrection)]
    if not rebindings:
        return ()
    wanted = ", ".join(describe(each).request() for each in rebindings)
    return (Review(ref, rebindings[0].job, 0, f"{wanted}: {detail}", Reason.REFUSED),)
