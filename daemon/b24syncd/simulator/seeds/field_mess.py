"""Deals whose fields hold what forms, imports and hurried people leave in them, with what is meant by it.

What is right is known without reading the mess, for the mess is made from it.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value

_FIRMS = ("Ромашка", "Строй-Мир", "Рога и Копыта", "Вектор", "Альфа", "Торговый Дом Лютик")
_FORMS = ("ООО", "АО", "ИП")
_NOTHING = ("-", " - ", "нет", "НЕТ", "n/a", "–", "...")
_REMARKS = ("Скидка 5 %", "Самовывоз", "цена < 100", "Нет пропуска")
_CITIES = {"Москва": ("мск", "МСК", "Москва", " мск "), "Санкт-Петербург": ("спб", "СПб", "Санкт-Петербург")}
_YEAR = 365 * 86400


def generate_field_mess(portal: PortalState, seed: int, *, deals: int = 0) -> None:
    """Add deals with messy fields; the same seed and number give the same ones. What is right goes to `field_truth`."""
    rng = Random(seed)  # noqa: S311 - made-up customers, nothing secret
    now = int(portal.clock()) - 3600
    for number in range(1, deals + 1):
        title = f'{rng.choice(_FORMS)} "{rng.choice(_FIRMS)}" {number}'
        remark = rng.choice((None, rng.choice(_REMARKS)))
        city = rng.choice(tuple(_CITIES))
        values: dict[str, Value] = {"createdBy": 1, "updatedBy": 1, "assignedById": 1, "opened": "Y", "stageId": "NEW"}
        values |= {"categoryId": 0, "title": messy(rng, title), "sourceDescription": rng.choice(_CITIES[city])}
        values["additionalInfo"] = rng.choice(_NOTHING) if remark is None else remark
        item = portal.create(DEAL, values, (), "generator", now - rng.randrange(_YEAR))
        truth: dict[str, Value] = {"title": title, "additionalInfo": remark, "sourceDescription": city}
        portal.field_truth[DEAL, item.id] = truth


def messy(rng: Random, clean: str) -> str:
    """Return a title in another spelling, or as it is."""
    return rng.choice(
        (
            clean,
            clean.upper(),
            clean.lower(),
            f" {clean.replace(' ', '  ')}\u00a0",
            clean.upper().replace(" ", "\u00a0 "),
            "<b>{}</b>".format(clean.replace('"', "&quot;")),
            f"<p>{clean.lower()}</p>\n",
        )
    )


def field_mistakes(portal: PortalState) -> list[dict[str, Any]]:
    """Return the fields that do not hold what is meant; those that a person wrote, and items that refuse, left out."""
    found = []
    for (type_id, item_id), truth in portal.field_truth.items():
        item = portal.find(type_id, item_id)
        if item is None or (type_id, item_id) in portal.frozen:
            continue
        theirs = {edit.name for edit in portal.history.edits_of(type_id, item_id) if edit.who == "person"}
        found += [
            {"entityTypeId": type_id, "id": item_id, "field": name, "is": item.value(name), "must_be": value}
            for name, value in truth.items()
            if name not in theirs and item.value(name) != value
        ]
    return found
