"""The form of a new item: shown, and sent; it comes to one item at most, however often it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from aiohttp import web

from b24syncd.app.requests import AddRequest
from b24syncd.domain.additions import AddFate, Addition
from b24syncd.domain.edits import CATEGORY
from b24syncd.domain.values import Choice
from b24syncd.errors import UsageInvalid
from b24syncd.reports.forms import added_report
from b24syncd.store import additions
from b24syncd.store.journal import Outcome
from b24syncd.web.console.asking import carried_out
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.rendering import done, fragment, page
from b24syncd.web.console.sentences.telling import told

from .judging import Judged, judge
from .parts import SECTION, forms_of, no_card, type_of, wants_json
from .rows import Told
from .sent import read_sent
from .sentences import ADD_FATES, VALUE_TYPES, type_title
from .view import view_of

if TYPE_CHECKING:
    from b24syncd.app import Added
    from b24syncd.app.forms import Forms
    from b24syncd.domain.entities import EntityType
    from b24syncd.reports.forms import Found
    from b24syncd.web.console.visit import Console, Visit

    from .sent import Sent

_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_MADE: Final = (AddFate.ADDED, AddFate.UNVERIFIED)


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show an empty form."""
    kind = type_of(visit)
    if kind is None:
        return no_card(visit)
    return await _answer(visit, forms_of(console), kind, _Told(uuid4().hex))


async def create(console: Console, visit: Visit) -> web.StreamResponse:
    """Create an item of what was typed, after the cards with the same phone or e-mail were shown."""
    kind = type_of(visit)
    if kind is None:
        return no_card(visit)
    forms, sent = forms_of(console), read_sent(visit.form)
    if not _TOKEN.fullmatch(sent.token):
        raise UsageInvalid(_("This form was not made by the console. Load the page again."))
    judged = await judge(forms, kind, sent)
    if judged.problems:
        judged.keep_typed()
        return await _answer(visit, forms, kind, _Told(sent.token, judged, sent=sent))
    known = await console.session.database.read(lambda db: additions.of_token(db, sent.token))
    is_there = known is not None and known.outcome not in (Outcome.REFUSED, Outcome.NOT_SENT)
    points = [] if is_there else [edit for edit, _ in judged.points.values()]  # it would be its own duplicate
    same = await forms.duplicates((edit.kind, edit.wanted) for edit in points)
    if {str(one.item) for one in same} - sent.anyway:
        judged.keep_typed()
        return await _answer(visit, forms, kind, _Told(sent.token, judged, sent=sent, duplicates=same))
    fields = tuple((edit.field, edit.wanted) for edit, _ in judged.fields.values())
    if fields and sent.category and CATEGORY not in judged.fields and not await _is_first(forms, kind, sent.category):
        fields = (*fields, (CATEGORY, Choice(sent.category)))
    if not (fields or judged.points):
        return await _answer(
            visit, forms, kind, _Told(sent.token, judged, sent=sent, said=_("Nothing is filled in yet."))
        )
    addition = Addition(kind, sent.token, fields, tuple(edit for edit, _ in judged.points.values()))
    added = await carried_out(console, AddRequest(addition=addition, by=visit.person.name))
    ending = added.ending
    if ending.fate in _MADE and ending.ref is not None:
        return done(visit, _(ADD_FATES[ending.fate]), go=f"/items/{ending.ref.type.value}/{ending.ref.id}")
    judged.keep_typed()
    titles = {name: one.title for name, one in (await forms.references.fields(kind)).items()}
    for name, why in added_report(added.run_id, ending, same, titles, "").faults.items():
        before = judged.of_fields.get(name, Told())
        judged.of_fields[name] = Told(before.typed, before.shown, problem=told(why))
    return await _answer(visit, forms, kind, _Told(sent.token, judged, sent=sent, added=added, duplicates=same))


async def _is_first(forms: Forms, kind: EntityType, category: str) -> bool:
    """Tell whether items come into a pipeline by themselves: into the first one, and where there are none."""
    if CATEGORY not in await forms.references.fields(kind):
        return True
    pipelines = await forms.references.categories(kind)
    return not pipelines or pipelines[0][0] == category


@dataclass(frozen=True, slots=True)
class _Told:
    """What a page tells of the form that was sent: what is wrong in it, what it met, what became of it."""

    token: str
    judged: Judged = field(default_factory=Judged)
    sent: Sent | None = None
    added: Added | None = None
    duplicates: tuple[Found, ...] = ()
    said: str = ""


async def _answer(visit: Visit, forms: Forms, kind: EntityType, page_tells: _Told) -> web.StreamResponse:
    judged, sent, added, duplicates = page_tells.judged, page_tells.sent, page_tells.added, page_tells.duplicates
    asked = visit.asked.get("category") or None
    form = await forms.blank(kind, asked if sent is None else sent.category)
    context = {
        "view": await view_of(forms, form, judged.of_fields, judged.of_points),
        "type_title": type_title(kind, is_new=True),
        "value_types": VALUE_TYPES,
        "problems": judged.problems,
        "lines": (),
        "run": None,
        "said": page_tells.said,
        "token": page_tells.token,
        "added": None if added is None else (_(ADD_FATES[added.ending.fate]), told(added.ending.detail)),
        "duplicates": duplicates,
        "anyway": sent is not None and bool(duplicates) and {str(one.item) for one in duplicates} <= sent.anyway,
    }
    if not wants_json(visit):
        return page(visit, "forms/page.html", context, section=SECTION)
    return web.json_response({"html": fragment(visit, "forms/form.html", context)})
