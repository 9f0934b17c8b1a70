"""What an item gets when it is saved for the first time: moments, and a name where it has none.

Sources: php modules/crm/lib/Model/FieldRepository.php (`getMovedTime`, `getLastActivityTime`), lib/Field/Title.php and
LastName.php (the name has the id in it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fields import COMPANY, CONTACT, DEAL, LEAD, SMART_INVOICE

if TYPE_CHECKING:
    from .model import Item, Table
    from .values import Value

_NAMES = {
    LEAD: ("Lead", "Лид"),
    DEAL: ("Deal", "Сделка"),
    CONTACT: ("Contact", "Контакт"),
    COMPANY: ("Company", "Компания"),
    SMART_INVOICE: ("Invoice", "Счёт"),
}
_OTHER = ("Item", "Элемент")


def moments(table: Table, second: int) -> dict[str, Value]:
    """Return what a new item remembers of its making."""
    known: dict[str, Value] = {"movedTime": second, "movedBy": 1, "lastActivityTime": second, "lastActivityBy": 1}
    return {name: value for name, value in known.items() if name in table.names}


def named(item: Item, table: Table, language: str) -> dict[str, Value]:
    """Return the name that an item without one gets."""
    name = f"{_NAMES.get(item.entity_type_id, _OTHER)[language == 'ru']} #{item.id}"
    if "title" in table.names:
        return {} if item.values.get("title") else {"title": name}
    return {} if item.values.get("name") or item.values.get("lastName") else {"lastName": name}
