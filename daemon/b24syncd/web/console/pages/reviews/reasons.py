"""Why a person is asked, in a sentence for each reason: what it says of the value, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.reasons import Reason
from b24syncd.web.console.language import gettext, marked

if TYPE_CHECKING:
    from collections.abc import Mapping

MEANING: Final[Mapping[Reason, str]] = {
    Reason.NOT_A_PHONE: marked("No number, or none that is valid in a country that comes into question."),
    Reason.TOO_SHORT: marked("Fewer digits than a phone number has."),
    Reason.TOO_LONG: marked("More digits than a phone number has."),
    Reason.AMBIGUOUS_NUMBER: marked("Two different numbers may be meant, and nothing tells which."),
    Reason.PLUS_BEFORE_TRUNK_PREFIX: marked(
        "A + stands before the prefix for calls within the country: another country is written, a number of this one "
        "probably meant."
    ),
    Reason.PLUS_BEFORE_AREA_CODE: marked(
        "A + stands before an area code: another country is written, a number of this one probably meant."
    ),
    Reason.MISSING_TRUNK_PREFIX: marked(
        "A landline number without its prefix; its length does not tell whether it is complete."
    ),
    Reason.COUNTRY_NOT_WRITTEN: marked(
        "Another country's digits without a +, or a number of this country with a slip."
    ),
    Reason.COUNTRY_CODE_TWICE: marked("The code of the country seems to stand there twice."),
    Reason.OUTDATED_NUMBER: marked("A number of an old plan, to which a digit was added since."),
    Reason.SPREADSHEET_NUMBER: marked("What a spreadsheet made of a number: digits are missing, or it cannot be told."),
    Reason.PLACEHOLDER: marked("A filler instead of a number."),
    Reason.BAD_EXTENSION: marked("An extension is announced, but 1 to 6 digits do not follow."),
    Reason.SEVERAL_NUMBERS: marked("Several numbers stand in one field."),
    Reason.NOT_AN_EMAIL: marked("Nothing here looks like an e-mail address."),
    Reason.INVALID_ADDRESS: marked("No mail server would take this address, or the portal would not store it."),
    Reason.ADDRESS_IN_SENTENCE: marked("Other words stand around the address."),
    Reason.MIXED_SCRIPT_DOMAIN: marked(
        "Behind the @ are letters of several alphabets, such as a Cyrillic о in a Latin word."
    ),
    Reason.MIXED_SCRIPT_LOCAL_PART: marked(
        "Before the @ are letters of several alphabets, such as a Cyrillic а in a Latin word."
    ),
    Reason.DOMAIN_TYPO: marked("Misspelt, as it seems: this is almost the name of a large mail provider."),
    Reason.UNKNOWN_TOP_LEVEL_DOMAIN: marked("No address ends like this, so that no mail arrives."),
    Reason.STRAY_CHARACTERS: marked("Before the address stands what another program left there."),
    Reason.SEVERAL_ADDRESSES: marked("Several addresses stand in one field."),
    Reason.CONTAINS_TEXT: marked("Words, a remark or a letter stand beside the number."),
    Reason.PARTLY_READABLE: marked("There are several parts, and not all of them can be read."),
    Reason.NO_TARGET: marked("The card has activities to be moved, but nothing that the rule could move them to."),
    Reason.SEVERAL_TARGETS: marked("Activities are to be moved, and several cards may be meant."),
    Reason.TOO_MANY_MATCHES: marked(
        "So many cards share the number or address that the portal does not list them all."
    ),
    Reason.MISSING_TARGET: marked("The card that activities should go to is deleted, or may not be read."),
    Reason.TOO_MANY_BINDINGS: marked("The activity is bound to as many cards as the portal allows."),
    Reason.TASK_NOT_READABLE: marked("The activity belongs to a task that this program may not read."),
    Reason.MOVED_BACK: marked("Somebody took back what a rule had done; the rule would do it again."),
    Reason.REFUSED: marked("The portal refused to move the activity."),
    Reason.OTHER_CURRENCY: marked("There are payments in another currency: whether all is paid cannot be told."),
    Reason.ENTERED_BY_HAND: marked("Somebody entered another date than the payments tell."),
    Reason.RESTORED_BY_HAND: marked("Somebody put back what a rule had changed; the rule would change it again."),
    Reason.DOES_NOT_FIT: marked("What the rules make of the value is longer than the field takes."),
    Reason.UNDONE: marked("It was undone, and is left alone until somebody lets it be corrected again."),
    Reason.ALTERNATES: marked(
        "Another program keeps changing it back. End that first, then let it be corrected again."
    ),
    Reason.HALF_MADE: marked("A change was made in part, and a value may be missing: look at the card."),
}


def meaning(reason: str) -> str:
    """Return what a reason says, nothing for one of another release."""
    return gettext(MEANING[Reason(reason)]) if reason in set(Reason) else ""
