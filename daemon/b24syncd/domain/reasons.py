"""Reason codes of reviews; they are part of the outside and never renamed."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a person must decide."""

    NOT_A_PHONE = "not_a_phone"
