"""What a review of a field shows: several fields of one item may be asked about."""

from __future__ import annotations

_COLON = ": "


def told_field(field: str, value: str | None) -> str:
    """Return a field, by its name, with its value."""
    return f"{field}{_COLON}{value or ''}"


def value_of(text: str) -> str:
    """Return the value that `told_field` told."""
    return text.partition(_COLON)[2]


def field_of(text: str) -> str:
    """Return the name of the field that `told_field` told."""
    return text.partition(_COLON)[0]
