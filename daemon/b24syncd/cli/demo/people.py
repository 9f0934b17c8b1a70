"""What the simulated person does: edits amid the backfill's writes, and edits while changes are followed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.seeds import mess

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

_PHONE, _EMAIL = "PHONE", "EMAIL"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a person, and the values that entries of its type must hold in the end."""

    ref: EntityRef
    made: PersonEdit
    expected: Counter[str]

    @property
    def job(self) -> str:
        """The name of the job that looks at the entry."""
        return "phones" if self.made.type_id == _PHONE else "emails"

    @property
    def trigger(self) -> Trigger:
        """The worst moment: the correction is planned, and its batch has reached this very item."""
        type_id, item_id = self.made.entity_type_id, self.made.item_id
        return Trigger(method="crm.item.get", entity_type_id=type_id, item_id=item_id, or_listed=True)


@dataclass(frozen=True, slots=True)
class LiveEdit:
    """An edit made while changes are followed: what it shows, and whether it leaves an open review."""

    shows: str
    edit: Edit
    leaves_review: bool = False


class Untouched:
    """Items with exactly one phone, and one e-mail perhaps, that no demonstrated edit has used yet."""

    def __init__(self, entries: Iterable[Mapping[str, Any]], rng: Random) -> None:
        """Choose by `rng` among the portal's generated entries."""
        by_item: defaultdict[EntityRef, list[Mapping[str, Any]]] = defaultdict(list)
        for entry in entries:
            ref = EntityRef(EntityType.from_type_id(entry["entity_type_id"]), entry["item_id"])
            by_item[ref].append(entry)
        self._items = list(by_item.items())
        rng.shuffle(self._items)

    def take(self, entity_type: EntityType, type_id: str, *, messy: bool) -> tuple[EntityRef, str]:
        """Return an item with one entry of this type, and what that entry means; `messy` ones are written otherwise."""
        for index, (ref, entries) in enumerate(self._items):
            found = [entry for entry in entries if entry["type_id"] == type_id]
            if ref.type is not entity_type or len(found) != 1:
                continue
            canonical = found[0]["canonical"]
            if canonical is not None and len(canonical) == 1 and (not messy or found[0]["raw"] != canonical[0]):
                del self._items[index]
                return ref, canonical[0]
        message = f"no {entity_type.value} is left to be edited"
        raise LookupError(message)

    def take_typo(self) -> tuple[EntityRef, str] | None:
        """Return an item whose only e-mail has a mistyped provider, and the address that was meant."""
        for index, (ref, entries) in enumerate(self._items):
            found = [entry["raw"] for entry in entries if entry["type_id"] == _EMAIL]
            if len(found) == 1 and found[0].endswith(("@gmial.com", "@gmail.con")):
                del self._items[index]
                return ref, f"{found[0].partition('@')[0]}@gmail.com"
        return None


def edits_meanwhile(untouched: Untouched, rng: Random, number: int) -> list[Edit]:
    """Return edits of items that the backfill is about to correct: changes, additions and deletions in turn."""
    edits = []
    for index in range(number):
        ref, old = untouched.take(EntityType.CONTACT, _PHONE, messy=True)
        entry = mess.messy_phone(rng)
        new = entry.canonical or ()
        match index % 4:
            case 0 | 1:
                edits.append(_edit(ref, Action.CHANGE, entry.value, new))
            case 2:
                edits.append(_edit(ref, Action.ADD, entry.value, new, keeps=(old,)))
            case _:
                edits.append(_edit(ref, Action.DELETE, "", ()))
    return edits


def live_edits(untouched: Untouched) -> list[LiveEdit]:
    """Return edits for a person to make while changes are followed, one of each kind."""
    contact, _ = untouched.take(EntityType.CONTACT, _PHONE, messy=False)
    company, _ = untouched.take(EntityType.COMPANY, _EMAIL, messy=False)
    second, _ = untouched.take(EntityType.CONTACT, _PHONE, messy=False)
    lead, _ = untouched.take(EntityType.LEAD, _PHONE, messy=False)
    extended, late = "8 (916) 123-45-67 доб. 12", "8 903 111-22-33 после 18:00"
    double, address = "8 495 765-43-21 / 8 (903) 222-33-44", "Анна Ким <Anna@Romashka-Opt.RU>"
    edits = [
        LiveEdit("an extension in words", _edit(contact, Action.CHANGE, extended, ("+79161234567;12",))),
        LiveEdit("a display name", _edit(company, Action.CHANGE, address, ("anna@romashka-opt.ru",), type_id=_EMAIL)),
        LiveEdit("two numbers in one field", _edit(second, Action.CHANGE, double, ("+74957654321", "+79032223344"))),
        LiveEdit("a remark", _edit(lead, Action.CHANGE, late, ()), leaves_review=True),
    ]
    typo = untouched.take_typo()
    if typo is not None:
        ref, meant = typo
        edits.append(LiveEdit("the cure of a review", _edit(ref, Action.CHANGE, meant, (meant,), type_id=_EMAIL)))
    return edits


def _edit(  # noqa: PLR0913 # what makes an edit, by name where it is not plain
    ref: EntityRef,
    action: Action,
    value: str,
    canonical: tuple[str, ...],
    *,
    keeps: tuple[str, ...] = (),
    type_id: str = _PHONE,
) -> Edit:
    made = PersonEdit(
        action=action,
        entity_type_id=ref.type.type_id,
        item_id=ref.id,
        type_id=type_id,
        value=value,
        canonical=canonical,
    )
    left = canonical or ((value,) if value else ())
    return Edit(ref, made, Counter({*keeps, *left}))
