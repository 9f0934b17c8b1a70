"""Making a page of a form: its panels, and at each field what was typed into it and what is to be said of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.controls import CHOSEN, Control
from b24syncd.domain.edits import CATEGORY, STAGE
from b24syncd.domain.snapshots import PointKind
from b24syncd.reports.forms import Entry
from b24syncd.store.value_json import value_to_json
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.sentences.telling import told

from .rows import Panel, PointRow, Row, Told, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.app.forms import Forms
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.values import Value
    from b24syncd.reports.forms import Form, FormField

    from .sent import SentPoint


async def view_of(
    forms: Forms, form: Form, of_fields: Mapping[str, Told], of_points: Iterable[tuple[SentPoint, Told]] = ()
) -> View:
    """Return a form with what was typed into it, and what is to be said of that."""
    rows = {name: await _row(forms, form, one, of_fields.get(name, Told())) for name, one in form.fields.items()}
    panels: list[Panel] = []
    for title, names in _arranged(form):
        panels += _panels(title, [rows[name] for name in names], form)
    notices = tuple(map(told, form.notices))
    return View(form, tuple(panels), _points(form, tuple(of_points)), await forms.stages(form.entity_type), notices)


def _arranged(form: Form) -> Iterable[tuple[str, Sequence[str]]]:
    """Yield the groups with the names of their fields; a pipeline stands by its stages, wherever the card has it."""
    pipeline = form.fields.get(CATEGORY)
    moves = pipeline is not None and STAGE in form.fields and len(pipeline.options) > 1
    for group in form.groups:
        names = [one.name for one in group.fields if not (moves and one.name == CATEGORY)]
        if moves and STAGE in names:
            names.insert(names.index(STAGE), CATEGORY)
        yield group.title, names


def _panels(title: str, rows: Sequence[Row], form: Form) -> Iterable[Panel]:
    """Yield the panels of a group: of what the card does not show, what can be edited, then what cannot.

    Of a new item what cannot be edited says nothing yet.
    """
    fixed = tuple(row for row in rows if row.field.why_not is not None)
    edited = tuple(row for row in rows if row.field.why_not is None)
    is_new = form.item is None
    if title:
        if edited or not is_new:
            yield Panel(title, edited if is_new else tuple(rows))
        return
    is_all = all(not group.title for group in form.groups)
    apart = {True: _("Fields of this portal"), False: _("Fields")}
    for is_custom in (False, True) if is_all else ():
        own = tuple(row for row in edited if row.field.is_custom is is_custom and not _is_by_the_way(row.field))
        if own:
            yield Panel(apart[is_custom], own)
    rest = tuple(row for row in edited if not is_all or _is_by_the_way(row.field))
    if rest:
        yield Panel(_("Other fields"), rest, is_rest=True)
    if fixed and not is_new:
        yield Panel(_("What is not edited here"), fixed, is_rest=True, is_fixed=True)


def _is_by_the_way(one: FormField) -> bool:
    """Tell whether a field is none that people look for, where no card tells an order."""
    return one.name.startswith("utm") and not one.is_required


async def _row(forms: Forms, form: Form, one: FormField, of_field: Told) -> Row:
    shown = value_to_json(one.value) if of_field.shown is None else of_field.shown
    entries = one.entries
    if of_field.typed is not None and not of_field.is_saved and one.why_not is None:
        entries = await typed_entries(forms, form, one, of_field.typed)
    if one.control is Control.USER:  # those without a name
        entries = tuple(replace(entry, title=told(entry.title)) for entry in entries)
    return Row(one, shown, entries, of_field)


async def typed_entries(forms: Forms, form: Form, one: FormField, typed: Sequence[str]) -> tuple[Entry, ...]:
    """Return what was typed as its control shows it again, with what chosen items and users are called."""
    if one.control in CHOSEN:
        checked = await forms.check(form.entity_type, one.name, typed, form.category, is_picked=True)
        if checked.is_good:
            return await forms.entries(form.entity_type, one.name, checked.value, form.category)
    return tuple(Entry(text, text) for text in typed if text.strip())


async def titles_of(
    forms: Forms, entity_type: EntityType, name: str, value: Value, category: str | None
) -> tuple[str, ...]:
    """Return what people read of a value of a field."""
    entries = await forms.entries(entity_type, name, value, category)
    is_flag = (await forms.references.fields(entity_type))[name].control is Control.BOOLEAN
    return tuple((_("yes") if entry.text == "yes" else _("no")) if is_flag else entry.title for entry in entries)


def _points(form: Form, sent: Sequence[tuple[SentPoint, Told]]) -> dict[str, tuple[PointRow, ...]]:
    of_points = {point.name: (point, one) for point, one in sent}
    found: dict[str, list[PointRow]] = {kind: [] for kind in form.value_types}
    for known in form.points:
        row = PointRow(known.kind, str(known.id), known.value, known.value_type, known.value, known.value_type)
        found.setdefault(known.kind.value, []).append(_typed(row, of_points.pop(row.name, None)))
    for point, one in of_points.values():
        if point.typed and not one.is_saved:
            row = PointRow(point.kind, f"n{len(found[point.kind.value])}", point.typed, point.value_type)
            found[point.kind.value].append(_typed(row, (point, one)))
    for kind, rows in found.items():
        rows.append(PointRow(PointKind(kind), f"n{len(rows)}", "", form.value_types[kind][0]))
    return {kind: tuple(rows) for kind, rows in found.items()}


def _typed(row: PointRow, sent: tuple[SentPoint, Told] | None) -> PointRow:
    if sent is None:
        return row
    point, one = sent
    if one.is_saved:
        return PointRow(row.kind, row.key, row.value, row.value_type, row.shown, row.shown_type, one)
    shown = row.shown if one.shown is None else one.shown
    return PointRow(row.kind, row.key, point.typed, point.value_type, shown, row.shown_type, one)
