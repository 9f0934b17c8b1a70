"""The field that shows the payment date: found by its title or its code, and made where there is none.

Custom fields are called differently in every portal, so they are looked up by what a person sees (docs:
tutorials/crm/how-to-edit-crm-objects/how-to-set-paid-date-to-deal.md, "Find the Deal Field Identifier").
"""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityType
from b24syncd.domain.values import shown
from b24syncd.errors import CredentialsRefused, OutcomeUnknown, Problem, RetryLater, RightMissing
from b24syncd.portal.wire.commands import Answered, Command, Deferred, Refused
from b24syncd.portal.wire.faults import is_denied, raise_if_undocumented
from b24syncd.portal.wire.replies import UnexpectedReply

from .replies import parse_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.values import Value
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome, Priority

KEY = "jobs.payment_dates.field"
"""Where the configuration names the field."""

_TYPES = ("date", "datetime")
_CODE = re.compile(r"(?:UF_CRM_|ufCrm)\w+", re.ASCII)
_CLASSIC = (EntityType.LEAD, EntityType.DEAL)
"""Types with payments to which fields are added by a method of their own; for others `userfieldconfig.add` asks for a
scope of its own."""

_UNDER_WAY_SECONDS = 60.0
"""So long a request may run on at the portal after its answer was lost (docs: limits.md)."""


@dataclass(frozen=True, slots=True)
class DateField:
    """A field of the type date, or datetime where it `holds_instant`, under the names of both kinds of methods."""

    name: str
    upper_name: str
    title: str
    holds_instant: bool

    def parse(self, answered: object) -> Value:
        """Return the day, or the instant, that stands in the field."""
        return parse_date(answered, holds_instant=self.holds_instant)

    def sent(self, value: Value) -> object:
        """Return what an update sends; an empty text clears a field (php: crm/lib/controller/item.php)."""
        return shown(value) or ""

    @property
    def has_one_form(self) -> bool:
        """Whether both kinds of methods tell and take the same values for it: a day has one form."""
        return not self.holds_instant

    def as_classic(self, entity_type: EntityType) -> DateField:  # noqa: ARG002 # a custom field has one code
        """Return the field as the classic methods know it."""
        return self


@dataclass(frozen=True, slots=True)
class NoField:
    """The field can be made, for nothing is called like it; the problem is for those who do not want that."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    upper: str
    title: str
    type: str
    is_own: bool
    is_multiple: bool

    @property
    def fits(self) -> bool:
        return self.is_own and self.type in _TYPES and not self.is_multiple

    def __str__(self) -> str:
        return f"{self.title!r} ({self.upper})"


async def find_field(
    client: PortalClient, entity_type: EntityType, wanted: str, *, priority: Priority, key: str = KEY
) -> DateField | NoField | Problem:
    """Find a field by its title or by its code (`UF_CRM_…`, `ufCrm…`); what is doubtful is a problem, with candidates.

    `key` is where the configuration names it. The title is the one that the webhook's user sees in the card.
    Raises `RetryLater` where the portal gives no documented reason not to tell the fields.
    """
    (outcome,) = await client.read([_about(entity_type)], priority=priority)
    if isinstance(outcome, Refused):
        raise_if_undocumented(outcome.rejected)
        message = f"the portal refuses items of the type {entity_type.value} ({outcome.rejected})"
        sort = RightMissing if is_denied(outcome.code, outcome.description) else Problem
        cure = f"let the {client.credentials.called}'s user read them, or take the type out"
        return sort(key, message, cure, wanted)
    return _choose(_fields_in(outcome), entity_type, wanted.strip(), key)


def _about(entity_type: EntityType) -> Command:
    return Command("crm.item.fields", {"entityTypeId": entity_type.type_id})


def _choose(fields: Sequence[_Field], entity_type: EntityType, wanted: str, key: str) -> DateField | NoField | Problem:
    is_code = _CODE.fullmatch(wanted) is not None
    if is_code:
        named = [field for field in fields if wanted in (field.name, field.upper)]
    else:
        named = [field for field in fields if field.title == wanted]
    fitting = [field for field in named if field.fits]
    if len(fitting) == 1:
        (found,) = fitting
        return DateField(found.name, found.upper, found.title, holds_instant=found.type == "datetime")
    kind = entity_type.value
    if fitting:
        listed = ", ".join(field.upper for field in fitting)
        return Problem(key, f"{len(fitting)} date fields of a {kind} have this title", f"name one of {listed}", wanted)
    candidates = [field for field in fields if field.fits]
    cure = f"name one of {', '.join(map(str, candidates))}" if candidates else "make a custom field of the type date"
    if named:
        return Problem(key, f"this field of a {kind} is {_fault(named[0])}", cure, wanted)
    alike = [field for field in fields if _folded(wanted) in (_folded(field.title), field.upper.casefold())]
    if alike:
        message = f"a {kind} has no field of exactly this name"
        return Problem(key, message, f"did you mean {' or '.join(map(str, alike))}?", wanted)
    near = get_close_matches(wanted, [field.upper if is_code else field.title for field in candidates], n=1)
    if near:
        cure = f"did you mean {near[0]!r}?"
    problem = Problem(key, f"a {kind} of this portal has no such field", cure, wanted)
    return problem if is_code else NoField(problem)


def _fault(field: _Field) -> str:
    if field.type not in _TYPES:
        return f"of the type {field.type}, not date or datetime"
    return "one that holds several values" if field.is_multiple else "one of the portal's own, not a custom one"


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


def _fields_in(outcome: Outcome) -> tuple[_Field, ...]:
    """Parse `{"fields": {NAME: {title, type, …}}}` (docs: api-reference/crm/universal/crm-item-fields.md)."""
    result = outcome.result if isinstance(outcome, Answered) else None
    fields = result.get("fields") if isinstance(result, dict) else None
    if not isinstance(fields, dict) or not all(map(_is_told, fields.values())):
        message = "the answer to crm.item.fields has no fields"
        raise UnexpectedReply(message)
    return tuple(_field(name, told) for name, told in fields.items())


def _is_told(field: Any) -> bool:  # noqa: ANN401 # JSON as it came
    """Tell whether a field shows what it is recognised by: one that is passed over would be made a second time."""
    return isinstance(field, dict) and all(isinstance(field.get(name), str) for name in ("title", "type"))


def _field(name: str, told: Mapping[str, Any]) -> _Field:
    upper, title = str(told.get("upperName") or name), str(told.get("title") or "").strip()
    is_own = told.get("isDynamic") is True and told.get("isReadOnly") is not True
    return _Field(name, upper, title, str(told.get("type") or ""), is_own, told.get("isMultiple") is True)


async def create_field(  # noqa: PLR0913 # what a field is, by name
    client: PortalClient,
    entity_type: EntityType,
    title: str,
    field_type: str,
    *,
    priority: Priority,
    key: str = KEY,
) -> DateField | Problem:
    """Make a custom field, unless it has come to be meanwhile; its title is the same in every language.

    Raises `CredentialsRefused` when the user is no administrator of the CRM, and `RetryLater` when the answer was
    lost and no field can be seen: what was sent may still be under way.
    """
    found = await find_field(client, entity_type, title, priority=priority, key=key)
    if not isinstance(found, NoField):
        return found
    if entity_type not in _CLASSIC:
        cure = f"make a custom field {title!r} of the type {field_type} in the settings of the card, then start again"
        return Problem(key, f"fields of a {entity_type.value} are not made by this program", cure, title)
    code = f"UF_CRM_PAYMENT_DATE_{zlib.crc32(title.encode()):08X}"
    outcome: Outcome | None = Deferred(0.0)
    while isinstance(outcome, Deferred):
        await client.clock.sleep(outcome.delay)
        outcome = None
        with suppress(OutcomeUnknown):  # the same code cannot be given twice, so looking tells all
            (outcome,) = await client.write([_add(entity_type, code, title, field_type)], priority=priority)
    if isinstance(outcome, Refused) and is_denied(outcome.code, outcome.description):
        raise _needs_administrator(client, entity_type, title)
    # that there is one already is told in the portal's language, so looking tells that as well
    found = await find_field(client, entity_type, title, priority=priority, key=key)
    if not isinstance(found, NoField):
        return found
    renamed = await find_field(client, entity_type, code, priority=priority, key=key)
    if isinstance(renamed, DateField):
        if renamed.title == title.strip():
            return renamed  # it came to be between the two looks
        message = f"the field that was made for this title is called {renamed.title!r} by now"
        return Problem(key, message, f"name it so, or by its code {code}", title)
    if isinstance(outcome, Refused):
        return Problem(key, f"the portal does not make the field ({outcome.rejected})", "make it by hand", title)
    message = f"it is not known yet whether the field {title!r} of a {entity_type.value} was made"
    raise RetryLater(message, _UNDER_WAY_SECONDS)


def _add(entity_type: EntityType, code: str, title: str, field_type: str) -> Command:
    """Return the command that makes a field (docs: api-reference/crm/deals/user-defined-fields/).

    A label that is a text counts for every language (php: modules/rest/lib/userfieldproxy.php, `prepareLabels`).
    """
    labels = dict.fromkeys(("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"), title)
    fields = {"FIELD_NAME": code, "USER_TYPE_ID": field_type, "SHOW_FILTER": "Y", "LABEL": title, **labels}
    return Command(f"crm.{entity_type.value}.userfield.add", {"fields": fields})


async def prove_may_add(client: PortalClient, entity_type: EntityType, title: str, *, priority: Priority) -> None:
    """Raise `CredentialsRefused` where the user certainly may not make the field, which takes an administrator.

    `profile` tells whether the user is one, and needs no scope (php: modules/rest/classes/general/rest_provider.php).
    """
    (outcome,) = await client.read([Command("profile", {})], priority=priority)
    if isinstance(outcome, Answered) and isinstance(outcome.result, dict) and outcome.result.get("ADMIN") is False:
        raise _needs_administrator(client, entity_type, title)


def _needs_administrator(client: PortalClient, entity_type: EntityType, title: str) -> CredentialsRefused:
    """Return what to raise where a right is missing, which only the text tells (php: userfieldproxy.php, `add`)."""
    called = client.credentials.called
    message = (
        f"the {called}'s user may not add the field {title!r} to a {entity_type.value}: it takes an administrator; "
        f"let one make the field, or {'the webhook' if called == 'webhook' else 'authorise the application'}"
    )
    return CredentialsRefused(message)
