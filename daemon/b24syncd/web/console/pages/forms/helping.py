"""What a form asks while somebody types: whether it is good, what is meant, and who is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.domain.controls import Control
from b24syncd.errors import UsageInvalid
from b24syncd.reports.forms import Option
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.rendering import fragment
from b24syncd.web.console.sentences.telling import told

from .judging import is_as_shown, problem_of, typed_of
from .parts import forms_of, no_card, type_of
from .sent import read_sent
from .sentences import type_title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.app.forms import Forms
    from b24syncd.domain.entities import EntityType
    from b24syncd.web.console.visit import Console, Visit

    from .sent import SentField, SentPoint

_LONGEST: Final = 200


async def check(console: Console, visit: Visit) -> web.StreamResponse:
    """Tell of what was typed into a field, or of an entry, what is wrong with it, or as what it would be saved."""
    kind = type_of(visit)
    if kind is None:
        return no_card(visit)
    forms, sent = forms_of(console), read_sent(visit.form)
    of_fields = {one.name: await _checked(forms, kind, one, sent.category) for one in sent.fields}
    return web.json_response({**of_fields, **{one.name: _checked_point(forms, one) for one in sent.points}})


async def _checked(forms: Forms, kind: EntityType, one: SentField, category: str | None) -> dict[str, str]:
    about = (await forms.references.fields(kind)).get(one.name)
    if about is None or (is_as_shown(one, about) and one.shown is not None):
        return {"problem": "", "note": ""}
    checked = await forms.check(kind, one.name, typed_of(one, about), category, is_picked=True)
    problem = "" if checked.is_good else problem_of(checked)
    return {"problem": problem, "note": told(checked.note)}


def _checked_point(forms: Forms, one: SentPoint) -> dict[str, str]:
    if not one.typed or one.typed == one.shown:
        return {"problem": "", "note": ""}
    checked = forms.check_point(one.kind, one.typed)
    return {"problem": "" if checked.is_good else problem_of(checked), "note": told(checked.note)}


async def search(console: Console, visit: Visit) -> web.StreamResponse:
    """Return what a person may mean who types into a field of links or users: each with what it is called."""
    kind = type_of(visit)
    if kind is None:
        return no_card(visit)
    forms = forms_of(console)
    text = visit.form.get("text", "").strip()[:_LONGEST]
    about = (await forms.references.fields(kind)).get(visit.form.get("field", ""))
    if about is None or about.control not in (Control.USER, Control.LINK):
        raise UsageInvalid(_("There is no such field."))
    if about.control is Control.USER:
        return web.json_response({"found": _users(await forms.found_users(text) if text else (), text)})
    found = [one for linked in about.linked for one in await forms.found(linked, text)]
    rows = [
        {
            "value": str(one.item),
            "title": one.title,
            "detail": " · ".join(filter(None, (type_title(one.item.type), f"№ {one.item.id}", _by(one.detail)))),
            "url": one.url,
        }
        for one in found
    ]
    return web.json_response({"found": rows})


def _users(found: Iterable[Option] | None, text: str) -> list[dict[str, str]]:
    """Return the users that were found; where the webhook may not read them, the one of a number that was typed."""
    if found is None:
        found = (Option(text, told(f"user {text}")),) if text.isascii() and text.isdigit() else ()
    return [{"value": one.id, "title": one.title, "detail": f"№ {one.id}"} for one in found]


def _by(detail: str | None) -> str:
    words = {"phone": _("has this phone"), "email": _("has this e-mail")}
    return ", ".join(words[one] for one in (detail or "").split(", ") if one in words)


async def duplicates(console: Console, visit: Visit) -> web.StreamResponse:
    """Return the cards that have one of the typed phones or e-mails already."""
    if type_of(visit) is None:
        return no_card(visit)
    points = [(one.kind, one.typed) for one in read_sent(visit.form).points]
    found = await forms_of(console).duplicates(points)
    return web.json_response({"html": fragment(visit, "forms/duplicates.html", {"duplicates": found, "anyway": False})})
