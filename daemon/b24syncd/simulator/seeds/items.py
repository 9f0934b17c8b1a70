"""A portal full of realistic contacts, companies and leads, with the truth about every phone and e-mail."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD
from b24syncd.simulator.tables.model import PointChange
from b24syncd.simulator.tables.truth import Truth

from . import mess
from .mess import Entry

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value

_FIRST = ("Иван", "Анна", "Олег", "Мария", "Пётр", "Жанна", "Klaus", "Sabine", "John", "Aigerim")
_LAST = ("Петров", "Сидорова", "Ким", "Орлова", "Weber", "Smith", "Нурланова", "Шмидт", "О'Коннор", "Д-р Лебедев")
_FIRMS = ("Ромашка", "Вектор", "СтройМир", "Atlas Trade", "Müller Technik", "R&D; Группа #1", "100% Сервис")
_PHONE_TYPES = ("WORK", "MOBILE", "HOME", "FAX", "OTHER")
_EMAIL_TYPES = ("WORK", "HOME", "OTHER")
_YEAR = 365 * 86400
_BULK = 700
"""So many items, one import's worth, share a second of `updatedTime`."""
_BULK_SHARE = 0.4
_DUPLICATE_SHARE = 0.12


def generate(  # noqa: PLR0913 - one number per entity type
    portal: PortalState, seed: int, *, contacts: int = 0, companies: int = 0, leads: int = 0, deals: int = 0
) -> None:
    """Fill the portal; the same seed and numbers give the same items. The truth goes to `portal.truth`."""
    rng = Random(seed)  # noqa: S311 - made-up customers, nothing secret
    wanted = ((COMPANY, companies), (CONTACT, contacts), (LEAD, leads), (DEAL, deals))
    now = int(portal.clock()) - 3600
    for entity_type_id, count in wanted:
        for index in range(count):
            bulk = (index % 1000) < 1000 * _BULK_SHARE
            second = now - _YEAR + index // _BULK if bulk else now - rng.randrange(_YEAR)
            _create(portal, rng, entity_type_id, index, second)


def invented(rng: Random, entity_type_id: int, index: int) -> tuple[dict[str, Value], list[tuple[str, str, str]]]:
    """Return fields and messy entries (type, value type, value) of an item that nobody keeps the truth about."""
    entries = [(type_id, value_type, entry.value) for type_id, value_type, entry in _points(rng)]
    return _values(rng, entity_type_id, index), entries


def _create(portal: PortalState, rng: Random, entity_type_id: int, index: int, second: int) -> None:
    points = _points(rng) if portal.table(entity_type_id).has_points else []
    if entity_type_id == COMPANY:
        points.append(("WEB", "WORK", Entry("romashka-opt.ru", None)))
    changes = [PointChange(None, type_id, value_type, entry.value) for type_id, value_type, entry in points]
    item = portal.create(entity_type_id, _values(rng, entity_type_id, index), changes, "generator", second)
    portal.meanings.update((entry.value, entry.canonical) for _, _, entry in points)
    portal.truth[entity_type_id, item.id] = [
        Truth(entity_type_id, item.id, point_id, type_id, entry.value, entry.canonical)
        for point_id, (type_id, _, entry) in zip(item.points, points, strict=True)
    ]


def _points(rng: Random) -> list[tuple[str, str, Entry]]:
    points = []
    for type_id, value_types, makers, counts in (
        ("PHONE", _PHONE_TYPES, mess.PHONES, (0, 1, 1, 1, 2, 2, 3)),
        ("EMAIL", _EMAIL_TYPES, mess.EMAILS, (0, 0, 1, 1, 1, 2)),
    ):
        known: list[str] = []
        for _ in range(rng.choice(counts)):
            entry = mess.some(rng, makers)
            if known and rng.random() < _DUPLICATE_SHARE:
                entry = mess.respelt(rng.choice(known))
            known.extend(entry.canonical or ())
            points.append((type_id, rng.choice(value_types), entry))
    return points


def _values(rng: Random, entity_type_id: int, index: int) -> dict[str, Value]:
    values: dict[str, Value] = {"createdBy": 1, "updatedBy": 1, "assignedById": rng.randrange(1, 9), "opened": "Y"}
    if entity_type_id in (CONTACT, LEAD):
        values |= {"name": rng.choice(_FIRST), "lastName": rng.choice(_LAST), "sourceId": rng.choice(("CALL", "WEB"))}
    if entity_type_id != CONTACT:
        values["title"] = f"{rng.choice(_FIRMS)} {index + 1}"
    if entity_type_id in (LEAD, DEAL):
        values |= {"opportunity": float(rng.randrange(0, 900000, 500)), "currencyId": "RUB", "stageId": "NEW"}
    return values
