"""Values that a person wrote, as a field holds them: typed, and of lists by their titles.

Lists of statuses and the stages of all pipelines are told at once, for `crm.status.list` is never paged (php:
modules/crm/classes/general/restservice.php `CCrmStatusRestProxy`). Stages of the pipeline 5 of deals are the list
`DEAL_STAGE_5`, of the default one `DEAL_STAGE`; of smart processes every pipeline has a number
(php: modules/crm/lib/Service/Factory/Deal.php, Dynamic.php `getStagesEntityId`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from b24syncd.domain.values import Choice
from b24syncd.portal.wire.commands import Answered, Command, Refused
from b24syncd.portal.wire.faults import raise_if_undocumented
from b24syncd.portal.wire.replies import UnexpectedReply

from .values import ValueKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from b24syncd.domain.field_settings import Written
    from b24syncd.domain.values import Single
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome, Priority

    from .descriptions import ItemField

Entries = tuple[tuple[str, str], ...]
"""The entries of a list, each with its id and its title."""

ALL_LISTS = Command("crm.status.list", {"order": {"SORT": "ASC"}})
"""Asks for all lists of statuses and stages at once."""

_MOST_NAMED = 15
_NUMBERED = re.compile(r"(.+_STAGE)_(\d+)")
_MONEY = re.compile(r"-?\d+(?:\.\d+)?\|[A-Z]{3}")
_YES_NO = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot stand in a field, and what to write instead; `is_doubtful` where it may mean two of a list."""

    message: str
    cure: str
    is_doubtful: bool = False


async def read_lists(client: PortalClient, *, priority: Priority) -> dict[str, Entries]:
    """Return all lists of statuses and stages by their names; raise `Rejected` where the portal refuses them."""
    (outcome,) = await client.read([ALL_LISTS], priority=priority)
    return lists_in(outcome)


def lists_in(outcome: Outcome) -> dict[str, Entries]:
    """Return the lists that `ALL_LISTS` answered; raise `Rejected` where the portal refused them."""
    if isinstance(outcome, Refused):
        raise_if_undocumented(outcome.rejected)
        raise outcome.rejected
    rows: Any = outcome.result if isinstance(outcome, Answered) else None
    lists: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    try:
        for row in rows:
            lists[str(row["ENTITY_ID"])].append((str(row["STATUS_ID"]), str(row["NAME"]).strip()))
    except (KeyError, TypeError) as error:
        message = "the answer to crm.status.list has no statuses"
        raise UnexpectedReply(message) from error
    return {name: tuple(entries) for name, entries in lists.items()}


def pipelines(field: ItemField, lists: Mapping[str, Entries], category_id: int | None) -> dict[str, Entries]:
    """Return the stages of the pipelines that items may be in, by the names of their lists."""
    numbered = _NUMBERED.fullmatch(field.status_type)
    first = numbered[1] if numbered else field.status_type
    found = {name: entries for name, entries in lists.items() if name == first or name.startswith(f"{first}_")}
    found = {name: entries for name, entries in found.items() if name == first or _NUMBERED.fullmatch(name)}
    if category_id is None:
        return found
    wanted = {f"{first}_{category_id}"} | ({first} if category_id == 0 else set())
    return {name: entries for name, entries in found.items() if name in wanted}


def entries_of(field: ItemField, lists: Mapping[str, Entries]) -> Entries:
    """Return what a list field offers."""
    return field.items if field.type == "enumeration" else lists.get(field.status_type, ())


def chosen(entries: Entries, written: Written) -> Choice | Fault:
    """Return the entry that a title means, or an id that is no title of another."""
    text = str(written).strip()
    exact = [key for key, title in entries if title == text]
    called = exact or [key for key, title in entries if _folded(title) == _folded(text)]
    if len(called) > 1:
        message = f"{len(called)} values of the list are called {text!r}"
        return Fault(message, f"write one of {', '.join(called)}", is_doubtful=True)
    numbered = {key: title for key, title in entries if key == text}
    if called and numbered and called[0] not in numbered:
        message = f"{text!r} is the title of one value of the list, and the id of another, {numbered[text]!r}"
        return Fault(message, f"write {called[0]!r} or {numbered[text]!r}, whichever you mean", is_doubtful=True)
    if called or numbered:
        return Choice(called[0] if called else text)
    titles = [title for _, title in entries]
    near = get_close_matches(text, titles, n=1)
    if near:
        return Fault(f"the list has no value {text!r}", f"did you mean {near[0]!r}?")
    return Fault(f"the list has no value {text!r}", f"write one of {named(titles)}")


def picked(entries: Entries, key: str) -> Choice | Fault:
    """Return the entry with this id, as a form sends it, whatever others are called."""
    if any(key == known for known, _ in entries):
        return Choice(key)
    return Fault(f"the list has no value {key!r}", f"write one of {named([title for _, title in entries])}")


def typed(field: ItemField, written: Written) -> Single | Fault:
    """Return a value of a field that is no list, as the field holds it."""
    read, cure = _READ.get(field.kind, (None, "write another"))
    value = None if read is None else read(written)
    if field.is_money and isinstance(value, str) and _MONEY.fullmatch(value) is None:
        return Fault(f"{written!r} is no amount of money with its currency", 'write both, as "100|RUB"')
    if value is None or (field.type == "integer" and isinstance(value, Decimal) and value % 1):
        return Fault(f"{written!r} is no value of a field of the type {field.type}", cure)
    return value


def _text(written: Written) -> str | None:
    return written if isinstance(written, str) else None


def _yes_or_no(written: Written) -> bool | None:
    return written if isinstance(written, bool) else _YES_NO.get(str(written).strip().lower())


def _day(written: Written) -> date | None:
    if isinstance(written, date):
        return None if isinstance(written, datetime) else written
    with suppress(ValueError):
        return date.fromisoformat(str(written).strip())
    return None


def _moment(written: Written) -> datetime | None:
    moment = written if isinstance(written, datetime) else None
    with suppress(ValueError):
        moment = moment or datetime.fromisoformat(str(written).strip())
    return None if moment is None or moment.tzinfo is None else moment


def _number(written: Written) -> Decimal | None:
    if isinstance(written, bool):
        return None
    try:
        number = written if isinstance(written, Decimal) else Decimal(str(written).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


_READ: Mapping[ValueKind, tuple[Callable[[Written], Single | None], str]] = {
    ValueKind.TEXT: (_text, 'write a text in quotes, "…"'),
    ValueKind.NUMBER: (_number, "write a number, a whole one for the type integer"),
    ValueKind.BOOLEAN: (_yes_or_no, "write true or false"),
    ValueKind.DATE: (_day, "write a day, as 2026-01-31"),
    ValueKind.DATETIME: (_moment, "write a time with its offset, as 2026-01-31T09:00:00+03:00"),
}


def named(titles: Sequence[str]) -> str:
    """Return titles in a row, not too many."""
    some = ", ".join(map(repr, titles[:_MOST_NAMED]))
    return (
        f"{some} and {len(titles) - _MOST_NAMED} more" if len(titles) > _MOST_NAMED else some or "those that it offers"
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
