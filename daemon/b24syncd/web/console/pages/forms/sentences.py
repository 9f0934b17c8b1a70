"""Sentences of forms in the visitor's language: what the program says of a field, with values of customers in it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from b24syncd.domain.additions import AddFate
from b24syncd.domain.edits import Fate
from b24syncd.domain.entities import EntityType
from b24syncd.web.console.language import gettext, marked

FATES: Final = {
    Fate.SAVED: (marked("saved"), "well"),
    Fate.UNVERIFIED: (marked("saved"), "well"),
    Fate.UNCHANGED: (marked("was so already"), "noted"),
    Fate.CONFLICT: (marked("to be decided"), "waiting"),
    Fate.RESTORED: (marked("to be decided"), "waiting"),
    Fate.REFUSED: (marked("not saved"), "trouble"),
    Fate.GONE: (marked("gone"), "trouble"),
    Fate.NOT_WRITTEN: (marked("not saved"), "waiting"),
    Fate.UNKNOWN: (marked("not known yet"), "waiting"),
}
"""What became of a change, and the kind of its badge."""

ADD_FATES: Final = {
    AddFate.ADDED: marked("It was created."),
    AddFate.UNVERIFIED: marked("The answer was lost; reading shows that it was created, once."),
    AddFate.REFUSED: marked("It was not created."),
    AddFate.NOT_ADDED: marked("It was certainly not created. Trying again does no harm."),
    AddFate.UNKNOWN: marked("It is not known yet whether it was created, so it is not tried again by itself."),
}

VALUE_TYPES: Final = {
    "WORK": marked("Work"),
    "MOBILE": marked("Mobile"),
    "FAX": marked("Fax"),
    "HOME": marked("Home"),
    "PAGER": marked("Pager"),
    "MAILING": marked("Mailings"),
    "OTHER": marked("Other"),
}

TYPES: Final = {
    EntityType.LEAD: (marked("Lead"), marked("New lead")),
    EntityType.DEAL: (marked("Deal"), marked("New deal")),
    EntityType.CONTACT: (marked("Contact"), marked("New contact")),
    EntityType.COMPANY: (marked("Company"), marked("New company")),
    EntityType.SMART_INVOICE: (marked("Invoice"), marked("New invoice")),
}
"""What items of a type are called, and a new one."""

_OTHER: Final = (marked("Item"), marked("New item"))

_SENTENCES: Final = (
    # why a field is not edited here, and what to know before it is
    marked("files are not edited here: add them in the card of the portal"),
    marked("products are not edited here: the portal reckons with them in its card"),
    marked("it is edited as phones and e-mails"),
    marked("it links to a list outside of the CRM, which this program does not read"),
    marked("estimates are not edited here"),
    marked("places are not edited here: choose them in the card of the portal"),
    marked("bookings are not edited here"),
    marked("the portal does not let it be changed"),
    marked("the portal lets it be set when an item is created, and not changed"),
    marked("the portal keeps it for older programs; another field has taken its place"),
    marked("the portal sets it by itself"),
    marked("programs tell by it what they added"),
    marked("the portal reckons it from the products"),
    marked("the portal does not tell which items it links to"),
    marked("the portal showed a value that is none of its type"),
    marked("users are shown by their numbers: the webhook lacks the permission `user_brief`"),
    marked(
        "the portal reckons it from the products of the item: what is typed stays only with a manual amount"
        " (isManualOpportunity)"
    ),
    # what is wrong with what was typed
    marked("it is required"),
    marked("the portal does not let it be empty"),
    marked("the portal never lets the last of several values go: empty it in the card of the portal"),
    marked("write a value"),
    marked("it holds several values"),
    marked("it holds one value"),
    marked("items of this type have no phones and e-mails"),
    # what became of it
    marked("the answer was lost; reading shows that it was saved"),
    marked("it stands there already"),
    marked("somebody changed it since it was shown; nothing was written"),
    marked("somebody changed it in the moment of saving; theirs is newer, and came back"),
    marked("it is gone"),
    marked("nothing was written"),
    marked("the portal answered that it was done, but the item does not show it"),
    marked("the answer was lost; the next work of this program tells what became of it"),
    marked("the answer was lost; the next work of this program tells whether it was added"),
    marked("the answer was lost; the portal has none, so that adding it again does no harm"),
    marked(
        "the answer was lost, and items of this type carry nothing by which reading could tell: look in the portal"
        " whether it is there before you add it again"
    ),
)

_PATTERNS: Final = (
    marked("this program has no control for fields of the type {}"),
    marked("fields of the type {} are not edited here"),
    marked("will be saved as {}"),
    marked("several values: {}; write each by itself"),
    marked("it is saved as it is: {}, perhaps {}"),
    marked("it is saved as it is: {}"),
    marked("the portal keeps it as {}"),
    marked("it has {} characters; the portal takes {}"),
    marked("it has {} characters; the field takes {}"),
    marked("it has {} characters; the field wants at least {}"),
    marked("{} is no number; write one as 1500 or 1 500,50"),
    marked("{} is no whole number; write one as 1500"),
    marked("{} is out of range; write a number from {} to {}"),
    marked("{} is out of range; write a number from {}"),
    marked("{} is out of range; write a number to {}"),
    marked("{} is no amount of money with its currency; write both, as 1500 RUB"),
    marked("{} is neither yes nor no; write yes or no for {}"),
    marked("{} is no day; write one as 2026-01-31 or 31.01.2026"),
    marked("{} is no day with a time; write both, as 2026-01-31 09:00 or 31.01.2026 09:00"),
    marked("{} is no user; choose one for {}, or write the number of one"),
    marked("{} is no item; choose one, or write it as {}"),
    marked("the field does not link to items of the type {}; choose one, or write it as {}"),
    marked("the list has no value {}"),
    marked("write one of {} as its type"),
    marked("user {}"),
)
"""With what is put into them; the first that fits is taken."""


def told(text: str | None) -> str:
    """Return a sentence of the program in the visitor's language; what the portal said stays as it is."""
    if not text:
        return ""
    known = gettext(text)
    if known == text:
        for pattern, template in _compiled():
            found = pattern.fullmatch(text)
            if found is not None:
                known = gettext(template).format(*map(_word, found.groups()))
                break
    return known[:1].upper() + known[1:]


def _word(part: str) -> str:
    """Return a reason, or another word of the program, in the visitor's language; a value stays as it is."""
    plain = part.replace("_", " ")
    known = gettext(plain)
    return part if known == plain else known


def type_title(entity_type: EntityType, *, is_new: bool = False) -> str:
    """Return what items of a type are called."""
    return gettext(TYPES.get(entity_type, _OTHER)[is_new])


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    made = []
    for template in _PATTERNS:
        parts = map(re.escape, template.split("{}"))
        made.append((re.compile("(.*?)".join(parts), re.DOTALL), template))
    return tuple(made)
