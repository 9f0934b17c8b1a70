"""A form: one item, or a new one, as a person edits it. All that a page or a command needs, and no layout."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from b24syncd.domain.edits import AMOUNT, MANUAL_AMOUNT, Fate, FieldEdit, same_text
from b24syncd.domain.refused import IGNORED
from b24syncd.domain.values import shown as value_shown
from b24syncd.store.value_json import encode

from .links import card_url
from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.domain.additions import AddEnding, AddFate
    from b24syncd.domain.controls import Control
    from b24syncd.domain.edits import Ending
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.snapshots import PointKind
    from b24syncd.domain.values import Value


RECKONED = (
    "the portal reckons it from the products of the item: what is typed stays only with a manual amount"
    f" ({MANUAL_AMOUNT})"
)
"""What is to be known of the amount of an item with products."""


@dataclass(frozen=True, slots=True)
class Option(Report):
    """One of the values that a field offers, by the id that is written and the title that is read."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Entry(Report):
    """One value that stands in a field: the text of its control, what people read, and where it leads."""

    text: str
    title: str
    item: EntityRef | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class FormField(Report):
    """A field of a form: with what it is edited, what stands in it, and why it cannot be edited, None where it can.

    `value` is what was read, which an edit of it brings back as what the form showed. `linked` are the types of items
    that it links to; `notice` is what a person should know before editing it.
    """

    name: str
    code: str
    title: str
    control: Control
    value: Value
    entries: tuple[Entry, ...] = ()
    options: tuple[Option, ...] = ()
    linked: tuple[EntityType, ...] = ()
    is_required: bool = False
    is_multiple: bool = False
    is_custom: bool = False
    can_be_empty: bool = True
    longest: int | None = None
    decimals: int | None = None
    why_not: str | None = None
    notice: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, with the value as the journal keeps it."""
        return {**Report.to_json(self), "value": encode(self.value)}


@dataclass(frozen=True, slots=True)
class FormPoint(Report):
    """A phone or an e-mail of a form."""

    kind: PointKind
    id: int
    value: str
    value_type: str


@dataclass(frozen=True, slots=True)
class FormGroup(Report):
    """Fields that stand together, as a section of the portal's card does; the rest is in one without a title."""

    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Form(Report):
    """One item as a person edits it; `item` is None for one that is to be created.

    `value_types` are those that phones and e-mails may have; empty where items of the type have none. `utc_offset`
    tells in seconds how far the portal's wall, by which times are typed, is ahead of UTC. `notices` are about all.
    """

    item: EntityRef | None
    entity_type: EntityType
    title: str
    url: str | None
    category: str | None
    groups: tuple[FormGroup, ...]
    points: tuple[FormPoint, ...] = ()
    value_types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    utc_offset: float | None = None
    notices: tuple[str, ...] = ()

    @property
    def fields(self) -> dict[str, FormField]:
        """All fields by their names."""
        return {one.name: one for group in self.groups for one in group.fields}


@dataclass(frozen=True, slots=True)
class Checked(Report):
    """What a typed value is: the value that would be saved, or why it is none, with what to write instead."""

    field: str
    value: Value = None
    note: str | None = None
    problem: str | None = None
    cure: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether it can be saved."""
        return self.problem is None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, with the value as the journal keeps it."""
        return {**Report.to_json(self), "value": encode(self.value)}


@dataclass(frozen=True, slots=True)
class Found(Report):
    """An item that a search found, or that has the same phone or e-mail."""

    item: EntityRef
    title: str
    url: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class SavedField(Report):
    """What became of one change of a form: what was wanted, what stands there now, and a sentence for a person.

    A refusal may be `about` another field, which the portal's words name: at that it is told.
    """

    field: str
    title: str
    outcome: Fate
    shown: str | None
    wanted: str | None
    there: str | None
    detail: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Saved(Report):
    """How saving ended; `run` is what takes it back, None where nothing was written."""

    item: EntityRef
    url: str | None
    run: int | None
    changes: tuple[SavedField, ...]


@dataclass(frozen=True, slots=True)
class AddedItem(Report):
    """How adding ended: the item where there is one, what is wrong by field, and who has the same phone or e-mail.

    `outcome` is None for what was only rehearsed.
    """

    item: EntityRef | None
    url: str | None
    run: int | None
    outcome: AddFate | None
    detail: str | None
    faults: dict[str, str]
    duplicates: tuple[Found, ...]


def added_report(
    run: int | None, ending: AddEnding | None, duplicates: tuple[Found, ...], titles: Mapping[str, str], host: str
) -> AddedItem:
    """Return what is told of a form of a new item, whose fields have these titles."""
    if ending is None:
        return AddedItem(None, None, run, None, None, {}, duplicates)
    url = None if ending.ref is None else card_url(host, ending.ref)
    about = None if ending.ref is not None else field_named(ending.detail, titles)
    faults = dict(ending.faults) | ({} if about is None else {about: ending.detail})
    return AddedItem(ending.ref, url, run, ending.fate, ending.detail or None, faults, duplicates)


def field_named(words: str, titles: Mapping[str, str]) -> str | None:
    """Return the field that the portal's words name, in quotes and by its title; None where that is not certain.

    Nothing else tells it (php: modules/rest/lib/engine/restmanager.php `createExceptionFromErrors`).
    """
    quoted = set(_QUOTED.findall(words))
    found = [name for name, title in titles.items() if title in quoted]
    return found[0] if len(found) == 1 else None


_QUOTED = re.compile('"([^"]+)"')


def field_called(form: Form, wanted: str) -> FormField | str:
    """Return the field of a form that a name, a code or a title means; else a sentence that tells what may be meant."""
    every = list(form.fields.values())
    found = [one for one in every if wanted in (one.name, one.code)] or [one for one in every if one.title == wanted]
    folded = " ".join(wanted.casefold().split())
    found = found or [one for one in every if folded in map(str.casefold, (one.name, one.code, one.title))]
    if len(found) == 1:
        return found[0]
    if found:
        return f"{len(found)} fields are called {wanted!r}: write {' or '.join(one.name for one in found)}"
    near = get_close_matches(folded, {name for one in every for name in (one.name, one.title)}, n=1)
    cure = f"did you mean {near[0]!r}?" if near else "`b24syncd item show` lists them"
    return f"there is no field {wanted!r}; {cure}"


def saved_report(  # what is told of one saving
    item: EntityRef, run: int | None, endings: Iterable[Ending], titles: Mapping[str, str], host: str
) -> Saved:
    """Return what is told of a form that was saved."""
    changes = []
    for one in endings:
        name = one.edit.field if isinstance(one.edit, FieldEdit) else one.edit.kind.value.lower()
        values = (told(one.edit.shown), told(one.edit.wanted), told(one.there))
        changes.append(
            SavedField(name, titles.get(name, name), one.fate, *values, _detail(one, name), _about(one, titles))
        )
    return Saved(item, card_url(host, item), run, tuple(changes))


def told(value: Value) -> str | None:
    """Return a value as people read it; None for nothing, and for an entry that is not there."""
    return None if value == "" else value_shown(value)


def _detail(one: Ending, name: str) -> str | None:
    if name == AMOUNT and one.detail == IGNORED.words:
        return RECKONED
    if one.fate in _KEPT and isinstance(one.edit, FieldEdit) and not same_text(one.there, one.edit.wanted):
        return f"the portal keeps it as {told(one.there)}"
    return one.detail or _TOLD.get(one.fate)


def _about(one: Ending, titles: Mapping[str, str]) -> str | None:
    return field_named(one.detail, titles) if one.fate is Fate.REFUSED else None


_KEPT = (Fate.SAVED, Fate.UNVERIFIED)
_TOLD = {
    Fate.UNVERIFIED: "the answer was lost; reading shows that it was saved",
    Fate.UNCHANGED: "it stands there already",
    Fate.CONFLICT: "somebody changed it since it was shown; nothing was written",
    Fate.RESTORED: "somebody changed it in the moment of saving; theirs is newer, and came back",
    Fate.GONE: "it is gone",
    Fate.NOT_WRITTEN: "nothing was written",
    Fate.UNKNOWN: "the answer was lost; the next work of this program tells what became of it",
}
