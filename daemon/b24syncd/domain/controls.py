"""Controls: with what a person edits a field, by the sort of its values; part of the outside."""

from __future__ import annotations

from enum import StrEnum


class Control(StrEnum):
    """What a form shows for a field."""

    TEXT = "text"
    LINES = "lines"
    """A long text, with line breaks."""
    INTEGER = "integer"
    DOUBLE = "double"
    MONEY = "money"
    """An amount with its currency."""
    DATE = "date"
    DATETIME = "datetime"
    """A day and a time on the portal's wall."""
    BOOLEAN = "boolean"
    LIST = "list"
    """One of the values that the field offers, or of a list of the portal."""
    STAGE = "stage"
    """One of the stages of the pipeline that the item is in."""
    CATEGORY = "category"
    """A pipeline."""
    CURRENCY = "currency"
    USER = "user"
    LINK = "link"
    """An item of the CRM, found by search."""
    ADDRESS = "address"
    URL = "url"
    PHONES = "phones"
    EMAILS = "emails"
    NONE = "none"
    """What a form only shows."""


CHOSEN = frozenset({Control.LIST, Control.STAGE, Control.CATEGORY, Control.CURRENCY, Control.USER, Control.LINK})
"""Controls whose values are chosen by what they are called, and written by an id."""
