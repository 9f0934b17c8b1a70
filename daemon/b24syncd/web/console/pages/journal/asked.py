"""Which corrections a page is about: what its address says, and the addresses that say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from b24syncd.reports.links import card_named
from b24syncd.store.history import Filter
from b24syncd.store.journal import Outcome
from b24syncd.store.journal_search import Place
from b24syncd.web.console.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.entities import EntityRef

NAMES: Final = ("item", "job", "run", "by", "outcome", "text", "exact")
"""The parameters that narrow, in the order in which addresses have them."""

_LONGEST: Final = 200
_MOST_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a page asks for, as it was typed; `wrong` tells by parameter what cannot be understood."""

    typed: Mapping[str, str]
    which: Filter
    after: Place | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.typed.values())

    def address(self, after: Place | None = None, path: str = "/journal", **changed: str) -> str:
        """Return the address of the same list, from another place on, or narrowed otherwise."""
        told = {name: value for name, value in {**self.typed, **changed}.items() if value}
        if after is not None:
            told |= {"after": str(after.id), **({"key": after.key} if after.key else {})}
        return f"{path}?{urlencode(told)}" if told else path


def asked_for(query: Mapping[str, str]) -> Asked:
    """Return what an address asks for."""
    typed = {name: query.get(name, "").strip()[:_LONGEST] for name in NAMES}
    wrong: dict[str, str] = {}
    item = _item(typed["item"], wrong)
    run = _number(typed["run"], "run", wrong)
    outcome = Outcome(typed["outcome"]) if typed["outcome"] in set(Outcome) else None
    which = Filter(
        item=item,
        job=typed["job"] or None,
        run_id=run,
        by=typed["by"],
        outcome=outcome,
        text=typed["text"],
        exact=bool(typed["exact"]),
    )
    place = _number(query.get("after", ""), "after", wrong)
    return Asked(typed, which, None if place is None else Place(query.get("key", ""), place), wrong)


def numbers(texts: list[str], *, most: int) -> tuple[int, ...]:
    """Return the numbers of corrections that an address names, each once."""
    found = dict.fromkeys(int(text) for text in texts[:most] if _is_number(text))
    return tuple(found)


def _item(typed: str, wrong: dict[str, str]) -> EntityRef | None:
    if not typed:
        return None
    try:
        return card_named(typed)
    except ValueError:
        wrong["item"] = _("Write a card as contact:42, or paste its address in Bitrix24.")
        return None


def _number(typed: str, name: str, wrong: dict[str, str]) -> int | None:
    if not typed:
        return None
    if _is_number(typed):
        return int(typed)
    wrong[name] = _("Write a number.")
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
