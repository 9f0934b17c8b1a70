"""What a form shows: fields in panels, each with what stands in its control, what is wrong, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from b24syncd.domain.controls import Control
from b24syncd.domain.edits import AMOUNT, CATEGORY, MANUAL_AMOUNT
from b24syncd.reports.forms import Entry
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked
from b24syncd.web.console.sentences.telling import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.snapshots import PointKind
    from b24syncd.reports.forms import Form, FormField, Option

_LOOKED_AT: Final = 10_000
_SEEN: Final = "\n\r\t\u00a0\u202f"
_WIDE: Final = frozenset({Control.LINES, Control.ADDRESS})


_TITLES: Final = {
    "contactIds": marked("Contacts"),
    "companyIds": marked("Companies"),
    "observers": marked("Observers"),
}


def title_of(one: FormField) -> str:
    """Return what a field is called; something that people read where the portal tells its code alone."""
    if one.title != one.code or one.is_custom:
        return one.title
    return _(_TITLES[one.name]) if one.name in _TITLES else one.code.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Asks:
    """Two values of which a person has to choose one: their own, and the one that somebody else wrote meanwhile."""

    theirs: tuple[str, ...]
    mine: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a form shows of a field besides what stands in it: what was typed, with what is to be said of it.

    `shown` is what the form showed where that stays so, None where it is what was read now: who saves again writes over
    nothing that no page showed.
    """

    typed: tuple[str, ...] | None = None
    shown: str | None = None
    problem: str = ""
    note: str = ""
    asks: Asks | None = None
    is_saved: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A field in a form."""

    field: FormField
    shown: str
    entries: tuple[Entry, ...]
    told: Told

    @property
    def id(self) -> str:
        """Its id in the page."""
        return f"f-{self.field.name}"

    @property
    def title(self) -> str:
        """What it is called; a name that people read where the portal tells none."""
        return title_of(self.field)

    @property
    def why_not(self) -> str:
        """Why it cannot be edited."""
        return told(self.field.why_not)

    @property
    def notice(self) -> str:
        """What to know before it is edited."""
        return told(self.field.notice)

    @property
    def hidden_signs(self) -> str:
        """What to know of a text with characters that do not show in its control, or turn the direction of others."""
        hidden = {
            sign for one in self.entries for sign in one.text[:_LOOKED_AT] if not (sign.isprintable() or sign in _SEEN)
        }
        told_signs = ", ".join(f"U+{ord(sign):04X}" for sign in sorted(hidden)[:5])
        return _("It has characters that do not show: %(signs)s") % {"signs": told_signs} if hidden else ""

    @property
    def is_changed(self) -> bool:
        """Whether something stands in it that was typed and is not saved."""
        return self.told.typed is not None and not self.told.is_saved

    @property
    def is_wide(self) -> bool:
        """Whether it takes the whole width."""
        return self.field.control in _WIDE or self.has_lines

    @property
    def has_lines(self) -> bool:
        """Whether its text has several lines; an input of one line would lose them."""
        return self.field.control is Control.LINES or any("\n" in one.text or "\r" in one.text for one in self.entries)

    @property
    def is_group(self) -> bool:
        """Whether it has several controls, which are labelled together."""
        control = self.field.control
        return self.field.is_multiple or control in (Control.MONEY, Control.LINK, Control.USER)

    @property
    def value(self) -> Entry:
        """What stands in a control of one value."""
        return self.entries[0] if self.entries else Entry("", "")


@dataclass(frozen=True, slots=True)
class PointRow:
    """A phone or an e-mail in a form."""

    kind: PointKind
    key: str
    value: str
    value_type: str
    shown: str = ""
    shown_type: str = ""
    told: Told = field(default_factory=Told)

    @property
    def name(self) -> str:
        """What the form calls it."""
        return f"{self.kind.value}:{self.key}"


@dataclass(frozen=True, slots=True)
class Panel:
    """Fields that stand together; `is_rest` are those that the portal's card does not show."""

    title: str
    rows: tuple[Row, ...]
    is_rest: bool = False
    is_fixed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it has something that must not be overlooked."""
        return any(row.field.is_required or row.told != Told() for row in self.rows)


@dataclass(frozen=True, slots=True)
class View:
    """A form as its page shows it."""

    form: Form
    panels: tuple[Panel, ...]
    points: Mapping[str, tuple[PointRow, ...]]
    stages: Mapping[str | None, Sequence[Option]]
    notices: tuple[str, ...]

    @property
    def has_manual(self) -> bool:
        """Whether the amount can be made a manual one, and is none."""
        manual = self.form.fields.get(MANUAL_AMOUNT)
        return manual is not None and manual.why_not is None and manual.value is not True

    @property
    def amount(self) -> str:
        """The name of the amount that the portal may reckon."""
        return AMOUNT

    @property
    def currency(self) -> str:
        """The name of the currency of the amount."""
        return "currencyId"

    @property
    def manual(self) -> str:
        """The name of the field that makes an amount a manual one."""
        return MANUAL_AMOUNT

    @property
    def pipelines(self) -> Mapping[str | None, str]:
        """What the pipelines are called."""
        one = self.form.fields.get(CATEGORY)
        return {} if one is None else {option.id: option.title for option in one.options}

    @property
    def zone(self) -> str:
        """How far the portal's wall is ahead of UTC, as `UTC+03:00`."""
        minutes = round((self.form.utc_offset or 0.0) / 60)
        return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
