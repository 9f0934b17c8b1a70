"""The custom fields of the portal, as its administrators make, rename and delete them.

Sources: php modules/rest/lib/userfieldproxy.php (`add`, `update`, `prepareLabels`), php of the class CUserTypeEntity
(`CheckFields`, `Add`, `Update`: code, type and multiplicity of a field never change).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .fields import CustomField, Field, FieldType, camel, fields_of
from .user_field_settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Table

LANGUAGES = (
    *("ar", "br", "de", "en", "fr", "hi", "id", "in", "it", "ja", "kz"),
    *("la", "ms", "pl", "ru", "sc", "tc", "th", "tr", "ua", "vn"),
)
LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE", "HELP_MESSAGE")
TYPES = tuple(
    one.value
    for one in FieldType
    if one not in (FieldType.TEXT, FieldType.CHAR, FieldType.USER, FieldType.CONTACTS, FieldType.MULTIFIELD)
)
_MAX_CODE = 50
_CODE = re.compile(r"[0-9A-Z_]+\Z")
_ROW = {
    "XML_ID": None,
    "SORT": "100",
    "MULTIPLE": "N",
    "MANDATORY": "N",
    "SHOW_FILTER": "N",
    "SHOW_IN_LIST": "Y",
    "EDIT_IN_LIST": "Y",
    "IS_SEARCHABLE": "N",
}

Labels = dict[str, dict[str, str]]


class Unacceptable(Exception):
    """A field that cannot be made; the text says why, as the portal does."""


_ALREADY = {
    "en": "Field {} already exists.",
    "ru": "Поле {} уже существует.",
    "de": "Das Feld {} existiert bereits.",
    "ua": "Поле {} вже існує.",
}
"""php: modules/main/classes/general/usertype.php `CheckFields`, the message `USER_TYPE_ADD_ALREADY_ERROR`: like all
messages of the portal it comes in its language, and without a code of its own."""


@dataclass(slots=True)
class UserField:
    """One custom field: its code, its type, the rest of its row, and its labels by kind and language."""

    id: int
    entity_type_id: int
    code: str
    type: str
    row: dict[str, str | None] = field(default_factory=lambda: dict(_ROW))
    labels: Labels = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    items: tuple[tuple[int, str], ...] = ()

    @property
    def mandatory(self) -> bool:
        """Whether a person must fill it in; REST need not."""
        return self.row["MANDATORY"] == "Y"

    def described(self, language: str) -> Field:
        """Return the field as tables have it; its title is the label of the form, be it empty."""
        form, column, search = (self.labels[kind][language] for kind in LABELS[:3])
        return Field(
            camel(self.code),
            self.code,
            self.code,
            FieldType(self.type),
            form,
            custom=True,
            multiple=self.row["MULTIPLE"] == "Y",
            labels=(column, form, search),
        )


def every_language(label: object, default: str) -> dict[str, str]:
    """Return a label for every language: a text is for all, a map may leave some to the default."""
    if isinstance(label, str) and label:
        return dict.fromkeys(LANGUAGES, label)
    given = label if isinstance(label, dict) else {}
    return {one: given[one] if isinstance(given.get(one), str) and given[one] else default for one in LANGUAGES}


class UserFields:
    """All custom fields; the tables of their entity types follow every change."""

    def __init__(self, tables: dict[int, Table], language: str, fields: tuple[CustomField, ...]) -> None:
        """Begin with the fields of the portal's options."""
        self.rows: dict[int, UserField] = {}
        self._tables = tables
        self._language = language
        self._last_id = 100
        for own in fields:
            flags = {"MULTIPLE": "Y"} if own.multiple else {}
            flags |= {"MANDATORY": "Y"} if own.mandatory else {}
            labels = {kind: every_language(own.title, "") for kind in LABELS}
            row = self.add(own.entity_type_id, own.code, own.type.value, flags, labels)
            row.items = tuple((row.id * 10 + number, title) for number, title in enumerate(own.items))
            row.settings |= own.settings

    def add(  # noqa: PLR0913, PLR0917 - a field has so many parts
        self,
        entity_type_id: int,
        code: str,
        kind: str,
        row: Mapping[str, str | None],
        labels: Labels,
        settings: object = None,
    ) -> UserField:
        """Make a field; raise `Unacceptable` if its code or its type will not do."""
        problems = []
        if len(code) > _MAX_CODE:
            problems.append("Field name is too long (more than 50 characters).")
        if not _CODE.match(code):
            problems.append("Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _.")
        if kind not in TYPES:
            problems.append("Incorrect custom type specified.")
        if not problems and self.find(entity_type_id, code) is not None:
            problems.append(_ALREADY.get(self._language, _ALREADY["en"]).format(code))
        if problems:
            raise Unacceptable("<br>".join(problems))
        self._last_id += 1
        own = UserField(self._last_id, entity_type_id, code, kind, {**_ROW, **row}, labels, settings_of(kind, settings))
        self.rows[own.id] = own
        self._describe(entity_type_id)
        return own

    def update(self, own: UserField, row: Mapping[str, str | None], labels: Labels) -> None:
        """Change what of a field can be changed."""
        own.row.update(row)
        own.labels.update(labels)
        self._describe(own.entity_type_id)

    def rename(self, own: UserField, title: str) -> None:
        """Give a field another name in every language, as an administrator does in the card."""
        self.update(own, {}, {kind: every_language(title, "") for kind in LABELS[:3]})

    def delete(self, own: UserField) -> None:
        """Delete a field with all its values."""
        del self.rows[own.id]
        for item in self._tables[own.entity_type_id]:
            item.values.pop(camel(own.code), None)
        self._describe(own.entity_type_id)

    def find(self, entity_type_id: int, code: str) -> UserField | None:
        """Return the field with a code, or nothing."""
        return next((own for own in self.of(entity_type_id) if own.code == code), None)

    def of(self, entity_type_id: int) -> list[UserField]:
        """Return the custom fields of one entity type."""
        return [own for own in self.rows.values() if own.entity_type_id == entity_type_id]

    def _describe(self, entity_type_id: int) -> None:
        own = tuple(one.described(self._language) for one in self.of(entity_type_id))
        self._tables[entity_type_id].describe(fields_of(entity_type_id) + own)
