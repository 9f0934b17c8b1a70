"""Words of forms in the visitor's language: what became of changes, and what items and their entries are called."""

from __future__ import annotations

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


def type_title(entity_type: EntityType, *, is_new: bool = False) -> str:
    """Return what items of a type are called."""
    return gettext(TYPES.get(entity_type, _OTHER)[is_new])
