"""Pipelines, which the CRM calls categories.

Source: php modules/crm/lib/Service/Factory/{Deal,Contact,Company,Dynamic}.php `loadCategories`.
"""

from __future__ import annotations

from dataclasses import dataclass

from .fields import COMPANY, CONTACT, DEAL

_DEFAULTS = {DEAL: 0, CONTACT: 0, COMPANY: 0}
_NAMES = {"en": "General", "ru": "Общая"}
_FIRST = {"en": "New pipeline", "ru": "Общая"}
_DEFAULT_SORT = 300


@dataclass(slots=True)
class Category:
    """A pipeline of one type of items."""

    id: int
    entity_type_id: int
    name: str
    sort: int = 500
    default: bool = False


class Categories:
    """All pipelines of one portal, the default one of each type among them."""

    def __init__(self, language: str) -> None:
        """Begin with the default ones; those of smart types come with their types."""
        self._language = language if language in _NAMES else "en"
        self._rows: dict[int, list[Category]] = {}
        self._last_id = 0
        for type_id, own in _DEFAULTS.items():
            sort = _DEFAULT_SORT if type_id == DEAL else 0
            self._rows[type_id] = [Category(own, type_id, _NAMES[self._language], sort, default=True)]

    def add_default(self, entity_type_id: int) -> Category:
        """Give a smart type its first pipeline; ids run across all types but those of deals."""
        self._last_id += 1
        first = Category(self._last_id, entity_type_id, _FIRST[self._language], default=True)
        self._rows[entity_type_id] = [first]
        return first

    def add(self, entity_type_id: int, name: str, sort: int = 500) -> Category:
        """Make another pipeline."""
        if entity_type_id == DEAL:
            own = max(one.id for one in self._rows[DEAL]) + 1
        else:
            self._last_id += 1
            own = self._last_id
        made = Category(own, entity_type_id, name, sort)
        self._rows[entity_type_id].append(made)
        return made

    def of(self, entity_type_id: int) -> list[Category]:
        """Return the pipelines of a type in their order, none where there can be none."""
        return sorted(self._rows.get(entity_type_id, ()), key=lambda one: one.sort)

    def find(self, entity_type_id: int, category_id: int) -> Category | None:
        """Return a pipeline, or nothing."""
        return next((one for one in self._rows.get(entity_type_id, ()) if one.id == category_id), None)

    def default_of(self, entity_type_id: int) -> Category | None:
        """Return the pipeline that items come to unless another is said."""
        return next((one for one in self._rows.get(entity_type_id, ()) if one.default), None)

    def forget(self, entity_type_id: int) -> None:
        """Forget the pipelines of a type that is no more."""
        self._rows.pop(entity_type_id, None)
