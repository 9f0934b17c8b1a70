"""Values as JSON: how the journal and the intents keep them, exactly, for people and programs to read.

A text is a JSON string, nothing is `null`, yes and no are `true` and `false`, several values are a list. What JSON has
no form of its own for is an object with one key that says what it is: `{"number": "12.50"}`, `{"date": "2025-01-15"}`,
`{"time": "2025-01-15T10:00:00+03:00"}`, `{"choice": "NEW"}`. One value has one text, so that texts can be compared.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from b24syncd.domain.values import Choice

if TYPE_CHECKING:
    from b24syncd.domain.values import Single, Value


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def value_to_json(value: Value) -> str:
    """Return a value as JSON."""
    return to_json(encode(value))


def value_from_json(text: str) -> Value:
    """Return the value whose `value_to_json` this is; raise `ValueError` for anything else."""
    return decode(json.loads(text))


def text_from_json(text: str) -> str:
    """Return the text whose `value_to_json` this is; raise `ValueError` for anything else."""
    read = json.loads(text)
    if not isinstance(read, str):
        message = f"no text: {text}"
        raise ValueError(message)  # noqa: TRY004 # every fault of what is stored is one
    return read


def texts_from_json(text: str) -> tuple[str, ...]:
    """Return the texts whose `value_to_json` this is; raise `ValueError` for anything else."""
    read = json.loads(text)
    if not isinstance(read, list) or not all(isinstance(each, str) for each in read):
        message = f"no list of texts: {text}"
        raise ValueError(message)
    return tuple(read)


def encode(value: Value) -> object:
    """Return a value as what `json` writes."""
    match value:
        case None:
            return None
        case tuple():
            return [_encode(each) for each in value]
        case _:
            return _encode(value)


def decode(read: object) -> Value:
    """Return the value that `encode` wrote; raise `ValueError` for anything else."""
    match read:
        case None:
            return None
        case list():
            return tuple(map(_decode, read))
        case _:
            return _decode(read)


def to_json(encoded: object) -> str:
    """Return JSON as this package stores it."""
    return _ENCODER.encode(encoded)


def _encode(value: Single) -> object:
    match value:
        case str() | bool():
            return value
        case Decimal():
            return {"number": str(value)}
        case datetime():  # before the days, which times are as well
            return {"time": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Choice():
            return {"choice": value.id}


def _decode(read: object) -> Single:
    match read:
        case str() | bool():
            return read
        case {"number": str(text), **rest} if not rest:
            try:
                return Decimal(text)
            except InvalidOperation:
                pass
        case {"time": str(text), **rest} if not rest:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                return moment
        case {"date": str(text), **rest} if not rest:
            return date.fromisoformat(text)
        case {"choice": str(text), **rest} if not rest:
            return Choice(text)
    message = f"no value: {to_json(read)}"
    raise ValueError(message)
