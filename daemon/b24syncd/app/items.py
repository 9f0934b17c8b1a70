"""Single items from the shell: shown, changed by `field=value`, added; what changes them goes through the engine."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.additions import Addition
from b24syncd.domain.edits import CATEGORY, STAGE, Edit, FieldEdit, PointEdit
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.snapshots import PointKind
from b24syncd.domain.values import Choice, same_value
from b24syncd.errors import Rejected, UsageInvalid
from b24syncd.memory import BorrowedMemory
from b24syncd.portal.cards.references import References
from b24syncd.portal.wire.faults import is_gone
from b24syncd.reports.forms import field_called
from b24syncd.session import connected

from .forms import Forms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.reports.forms import Checked, Form, FormField, Found
    from b24syncd.settings import Settings


@dataclass(frozen=True, slots=True)
class Assignment:
    """`field=value` of a command line; of a phone or an e-mail perhaps the entry, or the type of one that is added."""

    name: str
    value: str
    entry: int | None = None
    adds: bool = False
    value_type: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An edit as it would be saved, the form that it is of, and what was to be said of typed values."""

    form: Form
    edit: Edit
    checks: tuple[Checked, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PreparedAddition:
    """An item as it would be added, its form, and who has the same phone or e-mail."""

    form: Form
    addition: Addition
    duplicates: tuple[Found, ...] = ()


@asynccontextmanager
async def forms_of(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> AsyncIterator[Forms]:
    """Give what makes forms, beside whoever holds the state; nothing is changed by it."""
    async with connected(settings, BorrowedMemory(settings.state.path), clock) as client:
        yield Forms(client, settings, References(client))


async def form_of(settings: Settings, ref: EntityRef, *, clock: Clock = SYSTEM_CLOCK) -> Form:
    """Return the form of an item."""
    async with forms_of(settings, clock) as forms:
        return await _form(forms, ref)


async def prepare(
    settings: Settings, ref: EntityRef, assignments: Sequence[Assignment], *, clock: Clock = SYSTEM_CLOCK
) -> Prepared:
    """Return the edit that assignments make of what stands in an item now; raise `UsageInvalid` for what is no good."""
    async with forms_of(settings, clock) as forms:
        form = await _form(forms, ref)
        return await _prepared(forms, form, ref, assignments)


async def prepare_addition(
    settings: Settings, entity_type: EntityType, assignments: Sequence[Assignment], *, clock: Clock = SYSTEM_CLOCK
) -> PreparedAddition:
    """Return the item that assignments make; raise `UsageInvalid` for what is no good."""
    async with forms_of(settings, clock) as forms:
        form = await forms.blank(entity_type)
        made = await _prepared(forms, form, EntityRef(entity_type, 1), assignments)
        fields = tuple((one.field, one.wanted) for one in made.edit.fields)
        addition = Addition(entity_type, uuid4().hex, fields, made.edit.points)
        duplicates = await forms.duplicates((one.kind, one.wanted) for one in addition.points)
        return PreparedAddition(form, addition, duplicates)


async def _form(forms: Forms, ref: EntityRef) -> Form:
    try:
        return await forms.form(ref)
    except Rejected as error:
        if not is_gone(error.code):
            raise
        told = f"{ref} is not there, or the user that b24syncd works as may not see it"
        raise Rejected(error.code, told) from None


async def _prepared(forms: Forms, form: Form, ref: EntityRef, assignments: Sequence[Assignment]) -> Prepared:
    typed: dict[str, list[str]] = {}
    points: list[PointEdit] = []
    checks: list[Checked] = []
    for one in assignments:
        kind = _kind_of(one, form)
        if kind is None:
            typed.setdefault(_field_of(form, one.name).name, []).append(one.value)
            continue
        checked = forms.check_point(kind, one.value)
        _require_good(checked)
        checks.append(checked)
        points.append(_point_edit(form, kind, one, str(checked.value or "")))
    edits: list[FieldEdit] = []
    category = form.category if CATEGORY not in typed else None
    for name, texts in sorted(typed.items(), key=lambda pair: pair[0] == STAGE):
        checked = await forms.check(ref.type, name, texts, category)
        _require_good(checked)
        checks.append(checked)
        if name == CATEGORY and isinstance(checked.value, Choice):
            category = checked.value.id
        if not same_value(form.fields[name].value, checked.value):
            edits.append(FieldEdit(name, form.fields[name].value, checked.value))
    return Prepared(form, Edit(ref, tuple(edits), tuple(points)), tuple(checks))


def _kind_of(one: Assignment, form: Form) -> PointKind | None:
    kinds: Mapping[str, PointKind] = {"phone": PointKind.PHONE, "email": PointKind.EMAIL}
    kind = kinds.get(one.name.lower())
    if kind is None and (one.adds or one.entry is not None):
        message = f"{one.name!r} is neither phone nor email, of which entries are named"
        raise UsageInvalid(message)
    if kind is not None and not form.value_types:
        message = f"items of the type {form.entity_type.value} have no phones and e-mails"
        raise UsageInvalid(message)
    return kind


def _field_of(form: Form, name: str) -> FormField:
    found = field_called(form, name)
    if isinstance(found, str):
        raise UsageInvalid(found)
    if found.why_not is not None:
        message = f"{found.title} ({found.name}) is not edited here: {found.why_not}"
        raise UsageInvalid(message)
    return found


def _require_good(checked: Checked) -> None:
    if checked.problem is not None:
        message = f"{checked.field}: {checked.problem}; {checked.cure}"
        raise UsageInvalid(message)


def _point_edit(form: Form, kind: PointKind, one: Assignment, value: str) -> PointEdit:
    """Return the edit of an entry: the named one, the only one, or one that is added."""
    known = [point for point in form.points if point.kind is kind]
    if one.adds or (one.entry is None and not known):
        return PointEdit(kind, None, "", value, one.value_type)
    meant = [point for point in known if one.entry in (None, point.id)]
    if len(meant) != 1:
        told = ", ".join(f"{one.name}:{point.id} ({point.value})" for point in known) or "none"
        message = f"write which {one.name}, or {one.name}+=… to add one; there are: {told}"
        raise UsageInvalid(message)
    return PointEdit(kind, meant[0].id, meant[0].value, value, one.value_type or meant[0].value_type)
