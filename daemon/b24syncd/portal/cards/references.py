"""What fields may hold: lists, pipelines, currencies, users, and the card that shows them. Read once, kept for minutes.

Docs: api-reference/crm/universal/crm-item-fields.md, category/crm-category-list.md,
item-details-configuration/crm-item-details-configuration-get.md, currency/crm-currency-list.md, user/user-get.md.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from b24syncd.domain.controls import Control
from b24syncd.domain.entities import EntityType
from b24syncd.portal.fields.choices import ALL_LISTS, entries_of, lists_in, pipelines
from b24syncd.portal.fields.descriptions import parse_fields
from b24syncd.portal.wire.commands import Answered, Command, Priority, Refused
from b24syncd.portal.wire.faults import raise_if_undocumented
from b24syncd.portal.words.universal import UniversalWords

from .cache import Cache
from .fields import CardField
from .layout import parse_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.fields.choices import Entries
    from b24syncd.portal.wire.commands import Outcome

    from .layout import Section

T = TypeVar("T")

_WITH_LAYOUT = {EntityType.DEAL: "dealCategoryId"}


class References:
    """Reads what a form needs besides the item itself."""

    def __init__(self, client: PortalClient) -> None:
        """Ask through `client`, as somebody who waits."""
        self._client = client
        self._cache = Cache(client.clock)

    def forget(self) -> None:
        """Read everything anew: somebody changed the portal's settings."""
        self._cache.forget()

    async def fields(self, entity_type: EntityType) -> Mapping[str, CardField]:
        """Return the fields of a type by their names; raise `Rejected` where the portal does not tell them.

        Whoever wants them opens a form: what the fields offer is read in the same request.
        """

        async def read() -> Mapping[str, CardField]:
            others = {
                ("lists",): (ALL_LISTS, lists_in),
                ("categories", entity_type): (_categories(entity_type), _categories_in),
                ("currencies",): (_CURRENCIES, _currencies_in),
            }
            wanted = {key: asked for key, asked in others.items() if not self._cache.has(key)}
            commands = [UniversalWords(entity_type).about(), *(command for command, _ in wanted.values())]
            told, *outcomes = await self._client.read(commands, priority=Priority.LIVE)
            found = parse_fields(entity_type, _answered(told), is_classic=False)
            for (key, (_, parse)), outcome in zip(wanted.items(), outcomes, strict=True):
                self._cache.put(key, parse(outcome))
            return {one.name: CardField(one) for one in found}

        return await self._cache.get(("fields", entity_type), read)

    async def options(self, field: CardField, entity_type: EntityType, category: str | None) -> Entries:
        """Return what a field offers, each with its id and its title; of stages those of one pipeline."""
        match field.control:
            case Control.LIST:
                return entries_of(field.field, await self._lists()) or await self._of_setting(field)
            case Control.STAGE:
                number = int(category) if category and category.isdigit() else None
                found = pipelines(field.field, await self._lists(), number)
                return next(iter(found.values()), ())
            case Control.CATEGORY:
                return await self.categories(entity_type)
            case Control.CURRENCY | Control.MONEY:
                return await self.currencies()
            case _:
                return ()

    async def _of_setting(self, field: CardField) -> Entries:
        """Return the entries of a custom field of statuses, which names its list in its settings."""
        return (await self._lists()).get(str(field.field.settings.get("ENTITY_TYPE") or ""), ())

    async def categories(self, entity_type: EntityType) -> Entries:
        """Return the pipelines of a type; none where it has none."""
        read = partial(self._read, _categories(entity_type), _categories_in)
        return await self._cache.get(("categories", entity_type), read)

    async def currencies(self) -> Entries:
        """Return the currencies of the portal, each by its code; none where the webhook's user may not read them."""
        return await self._cache.get(("currencies",), partial(self._read, _CURRENCIES, _currencies_in))

    async def layout(self, entity_type: EntityType, category: str | None) -> tuple[Section, ...]:
        """Return the sections of the card as the user of the webhook has arranged it, else as it is for all.

        Which of both the portal shows is told by no method.
        """

        async def read() -> tuple[Section, ...]:
            extras = {} if category is None else {_WITH_LAYOUT.get(entity_type, "categoryId"): category}
            common = {"entityTypeId": entity_type.type_id, "extras": extras}
            commands = [Command("crm.item.details.configuration.get", {**common, "scope": one}) for one in ("P", "C")]
            outcomes = await self._client.read(commands, priority=Priority.LIVE)
            found = (parse_layout(one.result) for one in outcomes if isinstance(one, Answered))
            return next((sections for sections in found if sections), ())

        return await self._cache.get(("layout", entity_type, category), read)

    async def users(self, ids: Iterable[str]) -> Mapping[str, str] | None:
        """Return the names of users; None where the webhook may not read them (scope `user_brief`)."""
        wanted = tuple(sorted(set(ids)))
        if not wanted:
            return {}

        async def read() -> Mapping[str, str] | None:
            return await self._users(Command("user.get", {"FILTER": {"ID": list(wanted)}}))

        return await self._cache.get(("users", wanted), read)

    async def search_users(self, text: str) -> Mapping[str, str] | None:
        """Return users whose names begin like the words of a text; None where the webhook may not read them."""
        return await self._users(Command("user.search", {"FIND": text, "ACTIVE": True}))

    async def _users(self, command: Command) -> Mapping[str, str] | None:
        (outcome,) = await self._client.read([command], priority=Priority.LIVE)
        if not isinstance(outcome, Answered):
            return None
        return {str(row["ID"]): _name(row) for row in _dicts(outcome.result) if "ID" in row}

    async def _lists(self) -> Mapping[str, Entries]:
        return await self._cache.get(("lists",), partial(self._read, ALL_LISTS, lists_in))

    async def _read(self, command: Command, parse: Callable[[Outcome], T]) -> T:
        (outcome,) = await self._client.read([command], priority=Priority.LIVE)
        return parse(outcome)


_CURRENCIES = Command("crm.currency.list", {})


def _categories(entity_type: EntityType) -> Command:
    return Command("crm.category.list", {"entityTypeId": entity_type.type_id})


def _categories_in(outcome: Outcome) -> Entries:
    told = outcome.result if isinstance(outcome, Answered) else None
    rows = told.get("categories") if isinstance(told, dict) else None
    return tuple((str(row["id"]), str(row.get("name") or row["id"])) for row in _dicts(rows) if "id" in row)


def _currencies_in(outcome: Outcome) -> Entries:
    rows = _dicts(outcome.result if isinstance(outcome, Answered) else None)
    named = (row for row in rows if "CURRENCY" in row)
    return tuple((str(row["CURRENCY"]), str(row.get("FULL_NAME") or row["CURRENCY"])) for row in named)


def _answered(outcome: Outcome) -> Answered:
    if isinstance(outcome, Refused):
        raise_if_undocumented(outcome.rejected)
        raise outcome.rejected
    return outcome if isinstance(outcome, Answered) else Answered(None)


def _dicts(rows: Any) -> list[dict[str, Any]]:  # noqa: ANN401 # JSON as it came
    entries = list(rows.values()) if isinstance(rows, dict) else rows
    return [row for row in entries if isinstance(row, dict)] if isinstance(entries, list) else []


def _name(row: Mapping[str, Any]) -> str:
    name = " ".join(str(row[key]) for key in ("NAME", "LAST_NAME") if row.get(key)).strip()
    return name or str(row.get("EMAIL") or row.get("LOGIN") or f"user {row['ID']}")
