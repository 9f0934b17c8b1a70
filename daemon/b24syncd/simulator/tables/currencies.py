"""The currencies that the portal knows."""

from __future__ import annotations

from dataclasses import dataclass

BASE = "RUB"
_KNOWN = (
    ("RUB", "1.0000", "Russian Ruble", "Российский рубль", "# &#8381;"),
    ("USD", "92.5000", "US Dollar", "Доллар США", "$#"),
    ("EUR", "100.2000", "Euro", "Евро", "&euro;#"),
    ("BYN", "28.1000", "Belarusian Ruble", "Белорусский рубль", "# Br"),
)


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency: its code, what it is worth, its name, how amounts are written."""

    code: str
    amount: str
    name: str
    format: str


def currencies(language: str) -> dict[str, Currency]:
    """Return what a new portal knows, in its order, the base currency first."""
    return {
        code: Currency(code, amount, russian if language == "ru" else english, shape)
        for code, amount, english, russian, shape in _KNOWN
    }
