"""Types of items by what a person calls them; the titles of smart processes are looked up at the portal."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.domain.payment_settings import named_type
from b24syncd.errors import CredentialsRefused, Problem
from b24syncd.portal.wire.commands import Answered, Command, Refused
from b24syncd.portal.wire.faults import raise_if_undocumented
from b24syncd.portal.wire.replies import UnexpectedReply, id_from

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from b24syncd.portal.wire.commands import Priority

    from .client import PortalClient

KEY = "jobs.payment_dates.entities"

_NO_METHOD = "ERROR_METHOD_NOT_FOUND"
_WORDS = (EntityType.DEAL.value, EntityType.SMART_INVOICE.value)


@dataclass(frozen=True, slots=True)
class _SmartType:
    """A smart process; where `has_products` is false, its items have no payments (php: crm/lib/service/factory.php)."""

    type: EntityType
    title: str
    has_products: bool


async def resolve_types(  # noqa: PLR0913 # what is asked of the names, by name
    client: PortalClient,
    names: Sequence[str],
    *,
    priority: Priority,
    key: str = KEY,
    named: Callable[[str], EntityType | None] = named_type,
    need_products: bool = True,
) -> dict[str, EntityType] | tuple[Problem, ...]:
    """Return the type of every name, `deal`, `type128` or a title; else what is wrong with each that means none.

    `named` tells the types that a name means whatever the portal; those found by title may `need_products`.
    Costs nothing where no name is a title. Raises `CredentialsRefused` where titles may not be read.
    """
    known = {name: named(name) for name in names}
    titles = [name for name, found in known.items() if found is None]
    smart = await _smart_types(client, titles, priority, key) if titles else ()
    if isinstance(smart, Problem):
        return (smart,)
    chosen = {title: _choose(title, smart, key, need_products=need_products) for title in titles}
    problems = tuple(found for found in chosen.values() if isinstance(found, Problem))
    if problems:
        return problems
    found = {name: known[name] or chosen[name] for name in known}
    return {name: entity_type for name, entity_type in found.items() if isinstance(entity_type, EntityType)}


def _choose(title: str, smart: Sequence[_SmartType], key: str, *, need_products: bool) -> EntityType | Problem:
    fitting = [one for one in smart if one.title == title]
    if len(fitting) > 1:
        numbers = ", ".join(one.type.value for one in fitting)
        return Problem(key, f"{len(fitting)} smart processes have this title", f"name one of {numbers}", title)
    if not fitting:
        cure = _nearest(title, [one.title for one in smart])
        return Problem(key, "this portal has no smart process with this title", cure, title)
    (found,) = fitting
    if need_products and not found.has_products:
        cure = "switch its products on in the settings of the smart process, or take it out"
        return Problem(key, "items of this smart process have no products, and so no payments", cure, title)
    return found.type


def _nearest(title: str, titles: Sequence[str]) -> str:
    known = {_folded(name): name for name in (*titles, *_WORDS)}
    near = get_close_matches(_folded(title), known, n=1)
    if near:
        return f'did you mean "{known[near[0]]}"?'
    return f"name one of {', '.join(known.values())}"


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


async def _smart_types(
    client: PortalClient, titles: Sequence[str], priority: Priority, key: str
) -> tuple[_SmartType, ...] | Problem:
    """Read all smart processes, a page of 50 at a time.

    They are shown to administrators of the CRM only (docs: crm/universal/user-defined-object-types/crm-type-list.md,
    php: crm/lib/controller/type.php `getDefaultPreFilters`).
    """
    found: list[_SmartType] = []
    start: int | None = 0
    while start is not None:
        command = Command("crm.type.list", {"order": {"id": "ASC"}, "start": start})
        (outcome,) = await client.read([command], priority=priority)
        if isinstance(outcome, Refused):
            return _refused(outcome, titles, key, client.credentials.called)
        answered = outcome if isinstance(outcome, Answered) else Answered(None)
        found += _parse(answered.result)
        start = answered.next if answered.next is not None and answered.next > start else None
    return tuple(found)


def _refused(refusal: Refused, titles: Sequence[str], key: str, called: str) -> Problem:
    raise_if_undocumented(refusal.rejected)
    told = ", ".join(f'"{title}"' for title in titles)
    if refusal.code.upper() == _NO_METHOD:
        return Problem(key, "this portal is too old for smart processes", f"take {told} out")
    message = (
        f"the {called}'s user may not list smart processes, so that {told} cannot be looked up ({refusal.rejected}); "
        "make the user an administrator of the CRM, or name the smart process by its number, as type128"
    )
    raise CredentialsRefused(message)


def _parse(result: object) -> list[_SmartType]:
    types = result.get("types") if isinstance(result, dict) else None
    if not isinstance(types, list):
        message = "the answer to crm.type.list has no types"
        raise UnexpectedReply(message)
    try:
        return [
            _SmartType(
                EntityType.from_type_id(id_from(row["entityTypeId"])),
                str(row["title"]).strip(),
                row.get("isLinkWithProductsEnabled") != "N",
            )
            for row in types
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        message = "crm.type.list answered types without title and entityTypeId"
        raise UnexpectedReply(message) from None
