"""Fillers: what is entered where a form insists on a phone number."""

from __future__ import annotations

_RUNS = ("01234567890", "09876543210")
_ENDLESS = ("12345678901234567890", "98765432109876543210")
_LONG = 9


def is_filler(national: str) -> bool:
    """Tell whether a whole national number is one repeated digit, or a run up or down (`1234567890`, `0987654321`)."""
    return len(set(national)) == 1 or (national != "" and any(national in run for run in _RUNS))


def is_typed_through(digits: str) -> bool:
    """Tell whether all digits that were typed, whatever prefix they begin with, are a long filler (`12345678901`)."""
    return len(digits) >= _LONG and (is_filler(digits) or any(row.startswith(digits) for row in _ENDLESS))
