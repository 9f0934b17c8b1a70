"""What a form sends: of each field what it showed and what was typed, by the names of its controls.

`shown:NAME` is what stood in a field, as the journal writes values; `f:NAME:0`, `f:NAME:1` … is what stands there now,
of money with `:amount` and `:currency` behind. `point:PHONE:17:value` is an entry, `n0` instead of 17 a new one.
`asks:NAME` stands where a person was asked whose value is to stand, `keep:NAME` is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.domain.snapshots import PointKind
from b24syncd.errors import UsageInvalid
from b24syncd.store.value_json import value_from_json
from b24syncd.web.console.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.values import Value

MINE: Final = "mine"
THEIRS: Final = "theirs"

_SHOWN: Final = "shown:"
_HIGHEST_ID: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class SentField:
    """A field as it was sent; `kept` is whose value is to stand, None where nobody was asked."""

    name: str
    shown: Value
    typed: tuple[str, ...]
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class SentPoint:
    """A phone or an e-mail as it was sent, with what the form showed; `key` names it in the form."""

    kind: PointKind
    key: str
    typed: str
    value_type: str
    shown: str = ""
    shown_type: str = ""
    kept: str | None = None

    @property
    def id(self) -> int | None:
        """The number of the entry, None for a new one."""
        return int(self.key) if self.key.isdecimal() else None

    @property
    def name(self) -> str:
        """What the form calls it."""
        return f"{self.kind.value}:{self.key}"

    @property
    def is_changed(self) -> bool:
        """Whether it is not what the form showed."""
        return (self.typed.strip(), self.value_type) != (self.shown.strip(), self.shown_type)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent; `token` is that of a new item, `anyway` the cards beside which it is wanted."""

    fields: tuple[SentField, ...]
    points: tuple[SentPoint, ...]
    category: str | None
    token: str
    anyway: frozenset[str]


def read_sent(form: Mapping[str, str]) -> Sent:
    """Return what was sent; raise `UsageInvalid` for what no form of the console sends."""
    typed: dict[str, dict[int, dict[str, str]]] = {}
    points: dict[str, dict[str, str]] = {}
    for name, text in form.items():
        parts = name.split(":")
        match parts:
            case ["f", field, number, *rest] if number.isdecimal():
                typed.setdefault(field, {}).setdefault(int(number), {})["".join(rest)] = text
            case ["point", kind, key, part]:
                points.setdefault(f"{kind}:{key}", {})[part] = text
            case _:
                pass
    names = [name.removeprefix(_SHOWN) for name in form if name.startswith(_SHOWN)]
    fields = tuple(
        SentField(name, _shown(form[_SHOWN + name]), tuple(_texts(typed.get(name, {}))), _kept(form, name))
        for name in names
    )
    found = tuple(_point(name, parts, _kept(form, name)) for name, parts in points.items())
    category = typed.get("categoryId", {}).get(0, {}).get("") or form.get("category") or None
    return Sent(fields, found, category, form.get("token", ""), frozenset(form.get("anyway", "").split()))


def _texts(entries: Mapping[int, Mapping[str, str]]) -> Iterator[str]:
    """Yield what stands in the controls of a field in their order; of money the amount and the currency in one."""
    for _number, parts in sorted(entries.items()):
        if "amount" in parts:
            amount = parts["amount"].strip()
            yield f"{amount}|{parts.get('currency', '').strip()}" if amount else ""
        else:
            yield parts.get("", "").replace("\r\n", "\n")


def _kept(form: Mapping[str, str], name: str) -> str | None:
    return form.get(f"keep:{name}", "") if f"asks:{name}" in form else None


def _shown(text: str) -> Value:
    try:
        return value_from_json(text)
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError):
        raise UsageInvalid(_("This form was not made by the console. Load the page again.")) from None


def _point(name: str, parts: Mapping[str, str], kept: str | None) -> SentPoint:
    kind, _colon, key = name.partition(":")
    is_known = key.isdecimal() and 0 < int(key[:12]) <= _HIGHEST_ID
    if kind not in set(PointKind) or not (is_known or key[:1] == "n"):
        raise UsageInvalid(_("This form was not made by the console. Load the page again."))
    typed, shown = parts.get("value", ""), parts.get("shown", "")
    return SentPoint(
        PointKind(kind), key, typed.strip(), parts.get("type", ""), shown, parts.get("shown_type", ""), kept
    )
