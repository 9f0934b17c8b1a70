"""What each key of the configuration is for: the text that stands below it where it is declared, with its values.

The text is that of a docstring: a paragraph that tells the meaning, perhaps others that tell more, and perhaps last
"Example:" with lines of TOML. No command reads it; documents and the manual page are made of it.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from b24syncd.domain.entities import EntityType

from .job_sections import JOB_RULES
from .schema import Document, PortalSection, nested_sections, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

_EXAMPLE: Final = "Example:\n"
_NAMES: Final[dict[object, str]] = {
    bool: "`true`, `false`",
    int: "whole number",
    float: "number",
    str: "text",
    date: "date",
    dict: "table",
    EntityType: "type",
}
_ANYTHING: Final = "value"
_SEVERAL: Final = {"text": "texts", "table": "tables", "type": "types"}
_SIGNS: Final = {"gt": "> {}", "ge": "≥ {}", "lt": "< {}", "le": "≤ {}"}  # what they are


class Undescribed(Exception):  # it says what is missing
    """A key has no text."""


@dataclass(frozen=True, slots=True)
class DescribedKey:
    """A key with what may be written; a `default` of None is none, unless it is `required`."""

    name: str
    values: str
    default: object
    required: bool
    meaning: str
    more: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A table by its full name, `limits`, or `limits.schedule` where it `is_nested` in another one's list."""

    name: str
    about: str
    keys: tuple[DescribedKey, ...]
    is_nested: bool


def tables() -> tuple[DescribedTable, ...]:
    """Return all tables in the order of the configuration, nested ones last. Raises `Undescribed`."""
    about = _texts(Document)
    about |= {f"portal.{name}": text for name, text in _texts(PortalSection).items()}
    places = list(Document.model_fields)
    in_order = sorted(sections().items(), key=lambda item: places.index(item[0].partition(".")[0]))
    own = [described(name, model, about.get(name, "")) for name, model in in_order]
    return (*own, *(described(name, model, is_nested=True) for name, model in nested_sections().items()))


def described(name: str, model: type[BaseModel], about: str = "", *, is_nested: bool = False) -> DescribedTable:
    """Return one table. Raises `Undescribed`, which says what to write where."""
    texts = _texts(model)
    job = name.removeprefix("jobs.")
    if name.startswith("jobs.") and job in JOB_RULES:
        texts |= _texts(JOB_RULES[job])
    keys = []
    for key, field in model.model_fields.items():
        called = field.alias or key
        if f"{name}.{called}" in sections():  # told as a table of its own
            continue
        if key not in texts:
            message = (
                f"{name}.{called} has no description: write one in quotes below the key, "
                f'"""What it is for.""", in class {_owner(model, key)}, and run `make papers`'
            )
            raise Undescribed(message)
        keys.append(_key(called, field, texts[key]))
    return DescribedTable(name, " ".join(about.split()), tuple(keys), is_nested)


def _owner(model: type[BaseModel], key: str) -> str:
    """Return the class that declares the key, as it is called in the sources."""
    job = model.__name__.removeprefix("jobs.")
    named = JOB_RULES.get(job)
    if named is not None and key in named.__dataclass_fields__:
        return f"{named.__module__}.{named.__qualname__}"
    owner = next(one for one in model.__mro__ if key in inspect.get_annotations(one))
    return f"{owner.__module__}.{owner.__qualname__}"


def _key(name: str, field: FieldInfo, text: str) -> DescribedKey:
    prose, _, example = text.partition(_EXAMPLE)
    meaning, *more = (" ".join(paragraph.split()) for paragraph in prose.strip().split("\n\n"))
    values = _values(field.annotation, field.metadata)
    default = None if field.is_required() else _plain(field.get_default(call_default_factory=True))
    return DescribedKey(name, values, default, field.is_required(), meaning, tuple(more), example.strip())


def _plain(default: object) -> object:
    """Return a default as JSON has it."""
    if isinstance(default, Enum):
        return default.value
    if isinstance(default, BaseModel):
        return {}
    return [_plain(one) for one in default] if isinstance(default, tuple | frozenset | list) else default


def _texts(cls: type) -> dict[str, str]:
    """Return what stands below the attributes of a class, and of those that it inherits from."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if one.__module__ != BaseModel.__module__ and "<locals>" not in one.__qualname__:
            found |= dict(_own_texts(one))
    return found


def _own_texts(cls: type) -> Iterator[tuple[str, str]]:
    try:
        source = textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError):  # made while running
        return
    [declared] = ast.parse(source).body
    if not isinstance(declared, ast.ClassDef):
        return
    for statement, below in zip(declared.body, declared.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            match below:
                case ast.Expr(ast.Constant(str(text))):
                    yield statement.target.id, inspect.cleandoc(text)


def _values(kind: object, metadata: list[Any]) -> str:
    """Return what may be written for a type: its name, its words, its range."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return ", ".join(_values(one, metadata) for one in inner if one is not NoneType)
    if origin is Annotated:
        return _values(inner[0], [*metadata, *inner[1:]])
    words = inner if origin is Literal else _members(kind)
    if words:
        return ", ".join(f'`"{word}"`' for word in words)
    if origin in {tuple, frozenset}:
        several = _values(inner[0], [])
        return "list" if several == _ANYTHING else f"list of {_SEVERAL.get(several, several)}"
    name = "table" if _is_table(kind) else _NAMES.get(origin or kind, _ANYTHING)
    signs = [sign.format(f"{limit:g}") for limit, sign in _limits(metadata)]
    return " ".join([name, ", ".join(signs)]).strip()


def _members(kind: object) -> tuple[str, ...]:
    if not isinstance(kind, type) or not issubclass(kind, StrEnum) or kind in _NAMES:
        return ()
    return tuple(kind)


def _is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _limits(metadata: list[Any]) -> Iterator[tuple[float, str]]:
    for one in metadata:
        for sub in [one, *getattr(one, "metadata", ())]:
            for attribute, sign in _SIGNS.items():
                limit = getattr(sub, attribute, None)
                if limit is not None:
                    yield limit, sign
