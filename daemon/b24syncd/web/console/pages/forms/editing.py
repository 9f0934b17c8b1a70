"""The form of an item: shown, and saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.app.requests import EditRequest
from b24syncd.domain.edits import Edit
from b24syncd.errors import Rejected
from b24syncd.portal.wire.faults import is_gone
from b24syncd.web.console.asking import carried_out
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.rendering import fragment, page

from .judging import Judged, judge, tell
from .parts import SECTION, forms_of, item_of, no_card, wants_json
from .sent import read_sent
from .sentences import VALUE_TYPES, type_title
from .view import view_of

if TYPE_CHECKING:
    from b24syncd.app.forms import Forms
    from b24syncd.domain.entities import EntityRef
    from b24syncd.reports.forms import Form
    from b24syncd.web.console.visit import Console, Visit

    from .judging import Line


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show the form of an item."""
    ref = item_of(visit)
    if ref is None:
        return no_card(visit)
    forms = forms_of(console)
    form = await _form(forms, ref)
    return no_card(visit) if form is None else await _answer(visit, forms, form, Judged())


async def save(console: Console, visit: Visit) -> web.StreamResponse:
    """Save what was changed in a form, and show it again with what became of each change."""
    ref = item_of(visit)
    if ref is None:
        return no_card(visit)
    forms, sent = forms_of(console), read_sent(visit.form)
    judged = await judge(forms, ref.type, sent)
    if judged.problems:
        form = await _form(forms, ref)
        if form is None:
            return no_card(visit)
        judged.keep_typed()
        return await _answer(visit, forms, form, judged)
    edit = Edit(
        ref,
        tuple(one for one, _ in judged.fields.values()),
        tuple(one for one, _ in judged.points.values()),
    )
    if not edit.all:
        form = await _form(forms, ref)
        return (
            no_card(visit)
            if form is None
            else await _answer(visit, forms, form, judged, _Ended(said=_("Nothing is changed.")))
        )
    edited = await carried_out(console, EditRequest(edit=edit, by=visit.person.name))
    form = await _form(forms, ref)
    if form is None:
        return no_card(visit)
    lines = await tell(forms, form, judged, edited)
    return await _answer(visit, forms, form, judged, _Ended(lines, edited.run_id))


async def _form(forms: Forms, ref: EntityRef) -> Form | None:
    try:
        return await forms.form(ref)
    except Rejected as error:
        if is_gone(error.code):
            return None
        raise


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a page tells of how saving ended: a line for each change and the run, or a sentence."""

    lines: tuple[Line, ...] = ()
    run: int | None = None
    said: str = ""


_NOTHING: Final = _Ended()


async def _answer(
    visit: Visit, forms: Forms, form: Form, judged: Judged, ended: _Ended = _NOTHING
) -> web.StreamResponse:
    context = {
        "view": await view_of(forms, form, judged.of_fields, judged.of_points),
        "type_title": type_title(form.entity_type),
        "value_types": VALUE_TYPES,
        "problems": judged.problems,
        "lines": ended.lines,
        "run": ended.run,
        "said": ended.said,
        "token": "",
        "added": None,
        "duplicates": (),
        "anyway": False,
    }
    if not wants_json(visit):
        return page(visit, "forms/page.html", context, section=SECTION)
    return web.json_response({"html": fragment(visit, "forms/form.html", context)})
