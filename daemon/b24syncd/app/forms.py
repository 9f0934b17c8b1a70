"""Forms: an item, or a new one, with all that editing it needs; what is typed is checked, what is linked is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.controls import Control
from b24syncd.domain.edits import AMOUNT, CATEGORY, MANUAL_AMOUNT
from b24syncd.domain.snapshots import ContactPoint, PointKind
from b24syncd.domain.values import Choice, shown
from b24syncd.errors import UsageInvalid
from b24syncd.jobs.catalogue import OF_POINTS, reader_of
from b24syncd.portal.cards.checks import have_points
from b24syncd.portal.cards.layout import grouped
from b24syncd.portal.cards.points import LONGEST_VALUE, VALUE_TYPES
from b24syncd.portal.cards.reading import Card, read_card
from b24syncd.portal.cards.search import Search
from b24syncd.portal.cards.typed import linked_to, typed_value
from b24syncd.portal.fields.choices import Fault
from b24syncd.reports.forms import RECKONED, Checked, Entry, Form, FormField, FormGroup, FormPoint, Found, Option
from b24syncd.reports.links import card_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.values import Single, Value
    from b24syncd.portal.cards.fields import CardField
    from b24syncd.portal.cards.references import References
    from b24syncd.portal.cards.search import Hit
    from b24syncd.portal.client import PortalClient
    from b24syncd.settings import Settings

_NO_NAMES = "users are shown by their numbers: the {} lacks the permission `user_brief`"
_UNREAD = "the portal showed a value that is none of its type"


@dataclass(slots=True)
class Forms:
    """Makes forms of one portal; `references` are kept for minutes, those of a session for all that it does."""

    client: PortalClient
    settings: Settings
    references: References
    search: Search = field(init=False)

    def __post_init__(self) -> None:
        """Search through the client."""
        self.search = Search(self.client)

    async def form(self, ref: EntityRef) -> Form:
        """Return the form of an item; raise `Rejected` where the portal does not show it."""
        fields = await self.references.fields(ref.type)
        return await self._form_of(ref.type, await read_card(self.client, ref, fields), fields)

    async def blank(self, entity_type: EntityType, category: str | None = None) -> Form:
        """Return the form of an item that is to be created, in a pipeline, in the first one by default."""
        fields = await self.references.fields(entity_type)
        if category is None and CATEGORY in fields:
            category = next((number for number, _ in await self.references.categories(entity_type)), None)
        values: dict[str, Value] = dict.fromkeys(fields)
        values |= {CATEGORY: Choice(category)} if category is not None and CATEGORY in fields else {}
        card = Card(None, values, () if have_points(entity_type, fields) else None)
        return await self._form_of(entity_type, card, fields)

    async def check(
        self,
        entity_type: EntityType,
        name: str,
        typed: Sequence[str],
        category: str | None = None,
        *,
        is_picked: bool = False,
    ) -> Checked:
        """Return what was typed into a field as the portal would hold it, or why it would not.

        From a list what `is_picked` comes as its id, what people write as a title or an id.
        """
        fields = await self.references.fields(entity_type)
        if name not in fields:
            message = f"items of the type {entity_type.value} have no field {name!r}"
            raise UsageInvalid(message)
        one = fields[name]
        options = await self.references.options(one, entity_type, category)
        value = typed_value(one, typed, options, self.client.utc_offset, is_picked=is_picked)
        if isinstance(value, Fault):
            return Checked(name, problem=value.message, cure=value.cure)
        texts, becomes = tuple(text for text in typed if text.strip()), one.texts(value)
        told = ", ".join(_titled(one, value, dict(options)))
        return Checked(name, value, f"will be saved as {told}" if texts != becomes and value is not None else None)

    async def entries(
        self, entity_type: EntityType, name: str, value: Value, category: str | None = None
    ) -> tuple[Entry, ...]:
        """Return a value of a field as a form shows it: what linked items and users are called is looked up."""
        one = (await self.references.fields(entity_type))[name]
        options = await self.references.options(one, entity_type, category)
        names = await _Names.of(self, {name: value}, {name: one})
        return tuple(self._entries(one, value, dict(options), names))

    async def stages(self, entity_type: EntityType) -> dict[str | None, tuple[Option, ...]]:
        """Return the stages of each pipeline of a type; under None those of a type without pipelines."""
        fields = await self.references.fields(entity_type)
        one = next((one for one in fields.values() if one.control is Control.STAGE), None)
        if one is None:
            return {}
        numbers: list[str | None] = [number for number, _ in await self.references.categories(entity_type)]
        return {
            each: tuple(Option(*pair) for pair in await self.references.options(one, entity_type, each))
            for each in numbers or [None]
        }

    def check_point(self, kind: PointKind, typed: str) -> Checked:
        """Return what a typed phone or e-mail would be saved as, by the planners: where it is certain, canonically."""
        name, text = kind.value.lower(), typed.strip()
        if len(text) > LONGEST_VALUE:
            return Checked(name, problem=f"it has {len(text)} characters", cure=f"the portal takes {LONGEST_VALUE}")
        job = next(job for job, of_points in OF_POINTS.items() if of_points is kind)
        reader = reader_of(job, self.settings.jobs.get(job))
        if reader is None or not text:
            return Checked(name, text)
        reading = reader.read_all(text)
        if len(reading.values) == 1:
            (value,) = reading.values
            return Checked(name, value, f"will be saved as {value}" if value != text else None)
        if reading.values:
            return Checked(name, text, f"several values: {', '.join(reading.values)}; write each by itself")
        perhaps = f", perhaps {reading.suggestion}" if reading.suggestion else ""
        why = "" if reading.reason is None else reading.reason.value
        return Checked(name, text, f"it is saved as it is: {why}{perhaps}")

    async def found(self, entity_type: EntityType, text: str) -> tuple[Found, ...]:
        """Return items that a person may mean by a text: a part of a name, a phone, an e-mail, a number."""
        return tuple(map(self._found, await self.search.by_text(entity_type, text)))

    async def found_users(self, text: str) -> tuple[Option, ...] | None:
        """Return users by the beginnings of their names; None where these may not be read."""
        users = await self.references.search_users(text)
        return None if users is None else tuple(Option(number, name) for number, name in users.items())

    async def duplicates(self, points: Iterable[tuple[PointKind, str]]) -> tuple[Found, ...]:
        """Return the items that have one of these phones or e-mails, as they would be saved."""
        values = [(kind, self.check_point(kind, value).value) for kind, value in points if value.strip()]
        wanted = [ContactPoint(1, kind, str(value), "") for kind, value in values]
        return tuple(map(self._found, await self.search.duplicates(wanted)))

    def _found(self, hit: Hit) -> Found:
        return Found(hit.ref, hit.title, card_url(self._host, hit.ref), ", ".join(hit.by).lower() or None)

    @property
    def _host(self) -> str:
        return self.settings.portal.host

    async def _form_of(self, entity_type: EntityType, card: Card, fields: Mapping[str, CardField]) -> Form:
        category = shown(card.values.get(CATEGORY))
        names = await _Names.of(self, card.values, fields)
        layout = await self.references.layout(entity_type, category)
        groups = grouped({name: one for name, one in fields.items() if one.is_shown}, layout)
        told = [
            FormGroup(
                group.title,
                tuple([await self._field(one, card, entity_type, category, names) for one in group.fields]),
            )
            for group in groups
        ]
        return Form(
            card.ref,
            entity_type,
            card.title,
            None if card.ref is None else card_url(self._host, card.ref),
            category,
            tuple(told),
            tuple(FormPoint(point.kind, point.id, point.value, point.value_type) for point in card.points or ()),
            {} if card.points is None else {kind.value: types for kind, types in VALUE_TYPES.items()},
            self.client.utc_offset,
            (_NO_NAMES.format(self.client.credentials.called),) if names.users is None else (),
        )

    async def _field(  # one field of a card
        self, one: CardField, card: Card, entity_type: EntityType, category: str | None, names: _Names
    ) -> FormField:
        value = card.values.get(one.name)
        options = await self.references.options(one, entity_type, category)
        why_not = one.why_not(creates=card.ref is None)
        why_not = why_not or (_UNREAD if one.name in card.unread else None)
        is_reckoned = one.name in (AMOUNT, MANUAL_AMOUNT) and card.has_products
        return FormField(
            one.name,
            one.upper_name,
            one.title,
            one.control,
            value,
            tuple(self._entries(one, value, dict(options), names)),
            tuple(Option(key, title) for key, title in options),
            one.linked,
            is_required=one.is_required,
            is_multiple=one.is_multiple,
            is_custom=one.is_custom,
            can_be_empty=one.why_not_empty() is None,
            longest=one.field.longest,
            decimals=one.field.decimals if one.control is Control.DOUBLE else None,
            why_not=why_not,
            notice=RECKONED if is_reckoned else None,
        )

    def _entries(self, one: CardField, value: Value, options: Mapping[str, str], names: _Names) -> Iterable[Entry]:
        singles: tuple[Single, ...] = value if isinstance(value, tuple) else () if value is None else (value,)
        for single, text, title in zip(singles, one.texts(value), _titled(one, value, options), strict=True):
            ref = linked_to(one, single) if one.control is Control.LINK and isinstance(single, Choice) else None
            if ref is not None:
                yield Entry(text, names.items.get(ref, str(ref)), ref, card_url(self._host, ref))
            elif one.control is Control.USER:
                url = f"https://{self._host}/company/personal/user/{text}/"
                yield Entry(text, (names.users or {}).get(text, f"user {text}"), None, url)
            else:
                yield Entry(text, title)


@dataclass(frozen=True, slots=True)
class _Names:
    """What the links and users of a card are called; `users` is None where these may not be read."""

    items: Mapping[EntityRef, str]
    users: Mapping[str, str] | None

    @classmethod
    async def of(cls, forms: Forms, values: Mapping[str, Value], fields: Mapping[str, CardField]) -> _Names:
        refs: list[EntityRef] = []
        users: list[str] = []
        for name, value in values.items():
            one = fields[name]
            choices = [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Choice)]
            if one.control is Control.LINK and one.is_shown:
                refs += [ref for each in choices if (ref := linked_to(one, each)) is not None]
            elif one.control is Control.USER:
                users += [each.id for each in choices]
        return cls(await forms.search.titles(refs), await forms.references.users(users))


def _titled(one: CardField, value: Value, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what people read of a value: of a list its titles, of money the amount and the currency."""
    if one.control is Control.DATETIME:
        return tuple(text.replace("T", " ") for text in one.texts(value))
    if one.control is Control.MONEY:
        return tuple(text.replace("|", " ") for text in one.texts(value))
    return tuple(options.get(text, text) for text in one.texts(value))
