"""What is made of the fields that `crm.item.add` and `crm.item.update` are sent, and what of them is refused.

Sources: php modules/crm/lib/controller/item.php `processFields`, main/lib/orm/fields/usertypefield.php `cast`,
modules/crm/lib/Service/Operation.php `preSaveChecks` (the user's rights on what is linked, then the fields in their
order, then what is required), lib/Field/{CurrencyId,Category,LastName,AbstractRelatedEntityField}.php,
lib/settings/restsettings.php (unless a setting says so, nothing of custom fields is checked, required ones neither).
Of several errors the first is answered, and names its field by what it is called alone (php:
rest/lib/engine/restmanager.php `createExceptionFromErrors`). Statuses, people and lists of choices are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.errors import BINDER, ZERO, RestError
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD, MOMENTS, Field, FieldType
from b24syncd.simulator.tables.values import entries_of, listed_ids, received

from .comments import normalized
from .field_info import caption
from .rights import granted, readable
from .text_checks import BX_ERROR, refuse_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.simulator.tables.model import Table
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value

_LINKS = {"crm_company": COMPANY, "crm_contact": CONTACT, "crm_lead": LEAD, "crm_deal": DEAL}
_ENTITIES = {COMPANY: ("Company", "Компания"), CONTACT: ("Contact", "Контакт"), LEAD: ("Lead", "Лид")}
_UNREADABLE = ("You don't have permission to view this item.", "У Вас нет прав на просмотр этого элемента")
_SAYINGS = {
    "CRM_FIELD_ERROR_VALUE_NOT_VALID": ('The value of "{}" is incorrect', 'Неверное значение поля "{}"'),
    "CRM_FIELD_ERROR_REQUIRED": ('The field "{}" is required', 'Поле "{}" обязательно для заполнения'),
}
_NAMELESS = (
    'Fields "{}" and "{}" cannot be both empty. Please complete at least one of them.',
    'Поля "{}" и "{}" не могут быть пустыми одновременно. Пожалуйста, заполните как минимум одно из них',
)
_NOT_VALID, _REQUIRED = _SAYINGS
_PHP_TYPES = {str: "string", int: "integer", float: "double", bool: "boolean"}


def written(portal: PortalState, names: Mapping[str, Field], sent: php.Array, *, new: bool) -> dict[str, Value]:
    """Return the values that are taken, by the names of the fields; raise where PHP cannot go on."""
    values: dict[str, Value] = {}
    for name, field in names.items():
        if name not in sent or field.read_only or (field.immutable and not new):
            continue
        raw = sent[name]
        if field.custom and field.multiple and field.type not in MOMENTS and _is_scalar(raw):
            kind = _PHP_TYPES.get(type(raw), "NULL")
            said = f"Expected iterable value for multiple field, but got `{kind}` instead"
            raise RestError(BINDER, said)
        taken, value = received(field, raw, portal.zone)
        if field.name == "comments" and isinstance(value, str):
            value = normalized(value)
        # php: CUserTypeManager `Update` leaves a field of several values alone where it is given no array, and an
        # empty one has become none before
        if taken and not (field.custom and field.multiple and value is None):
            values[field.name] = value
    return values


def _is_scalar(raw: object) -> bool:
    return php.truthy(raw) and not isinstance(raw, dict)


def refuse(
    portal: PortalState, table: Table, before: Mapping[str, Value], values: Mapping[str, Value], *, new: bool
) -> None:
    """Raise the first error of an item that is to get these values."""
    changed = {name: value for name, value in values.items() if before.get(name) != value}
    _refuse_links(portal, table, changed)
    for field in table.names.values():
        if field.told == "crm_category" and field.name in changed:
            _refuse_category(portal, table, field, changed[field.name])
        elif field.told == "crm_currency":
            currency = values.get(field.name, before.get(field.name))
            if currency and currency not in portal.currencies:
                raise _refusal(portal, table, _NOT_VALID, field)
        elif field.name == "lastName" and table.entity_type_id == CONTACT and not new:
            _refuse_nameless(portal, table, {**before, **changed})
    if portal.options.checks_user_fields:
        _refuse_empty(portal, table, before, values, new=new)
        refuse_texts(portal, table.entity_type_id, values, BX_ERROR)


def _refusal(portal: PortalState, table: Table, code: str, field: Field) -> RestError:
    said = _SAYINGS[code][portal.options.language == "ru"]
    return RestError(code, said.format(caption(portal, table.entity_type_id, field)))


def _refuse_links(portal: PortalState, table: Table, changed: Mapping[str, Value]) -> None:
    is_russian = portal.options.language == "ru"
    for field in table.names.values():
        type_id = _LINKS.get(field.told or field.type.value)
        if type_id is None or field.custom or field.name not in changed:
            continue
        for one in _ids(field, changed[field.name]):
            if one < 0:
                raise _refusal(portal, table, _NOT_VALID, field)
            ref = (type_id, one)
            if not (granted(portal, ref) and readable(portal, ref)):
                raise RestError(ZERO, f"[{_ENTITIES[type_id][is_russian]} #{one}] {_UNREADABLE[is_russian]}")


def _ids(field: Field, value: Value) -> Iterable[int]:
    if field.type is FieldType.CONTACTS:
        return listed_ids(value)
    return [int(value)] if value else []


def _refuse_category(portal: PortalState, table: Table, field: Field, value: Value) -> None:
    category = php.integer(value)
    if portal.categories.find(table.entity_type_id, category) is None:
        raise _refusal(portal, table, _NOT_VALID, field)


def _refuse_nameless(portal: PortalState, table: Table, after: Mapping[str, Value]) -> None:
    """php: LastName.php, whatever of the contact is updated; one that an import or SQL left without a name stays so."""
    both = ("name", "lastName")
    if any(php.truthy(after.get(name)) for name in both):
        return
    titles = (caption(portal, CONTACT, table.names[name]) for name in both)
    raise RestError(_REQUIRED, _NAMELESS[portal.options.language == "ru"].format(*titles))


def _refuse_empty(
    portal: PortalState, table: Table, before: Mapping[str, Value], values: Mapping[str, Value], *, new: bool
) -> None:
    """php: Operation.php `checkRequiredFields`; of an item that is there only what changes is looked at."""
    for own in portal.user_fields.of(table.entity_type_id):
        field = own.described(portal.options.language)
        if not own.mandatory or (not new and field.name not in values):
            continue
        value = values.get(field.name, before.get(field.name))
        if value is None or (isinstance(value, str) and not any(entries_of(value))):
            raise _refusal(portal, table, _REQUIRED, field)
