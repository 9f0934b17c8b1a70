"""Messy phones and e-mails made from clean ones, so that what is right is known without reading the mess.

Numbers follow the public numbering plans (ITU-T E.164 and its national presentations). `Entry.canonical` is what a
value means: several values if it holds several, `None` if nobody can tell and it has to stay as it is. The reader is
taken to sit in Russia: a number without a country code is a Russian one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as somebody typed it, and what it means."""

    value: str
    canonical: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Number:
    """A clean number: country code and the groups of its national part."""

    country: str
    groups: tuple[str, ...]

    @property
    def national(self) -> str:
        """The national digits."""
        return "".join(self.groups)

    @property
    def e164(self) -> str:
        """The canonical form."""
        return f"+{self.country}{self.national}"


_RUSSIAN = ("9## ### ## ##", "916 ### ## ##", "495 ### ## ##", "812 ### ## ##", "343 ### ## ##")
_FOREIGN = (
    ("49", "170 #######"),
    ("49", "30 #### ####"),
    ("44", "7400 ######"),
    ("44", "20 7946 0###"),
    ("33", "6 12 ## ## ##"),
    ("1", "212 555 2###"),
    ("380", "50 ### ## ##"),
    ("375", "29 6## ## ##"),
    ("7", "701 ### ## ##"),
    ("90", "532 ### ## ##"),
)
_EXTENSION_WORDS = (" доб. ", " доб ", ", доб.", " вн. ", " внутр. ", " ext. ", " ext ", " x", "#", " #")
_SEPARATORS = (", ", "; ", " / ", " | ", "\n", " или ", " or ")
_LABELS = ("тел. ", "тел.: ", "моб. ", "Тел: ", "tel: ", "mobile ")
_DASHES = ("-", "\u2011", "\u2013")
_INVISIBLE = ("\u200b", "\u200e", "\u2060", "\ufeff", "\u202a")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_PEOPLE = ("Марина", "Олег", "секретарь", "склад")


def _filled(rng: Random, template: str) -> tuple[str, ...]:
    return tuple("".join(str(rng.randrange(10)) if sign == "#" else sign for sign in part) for part in template.split())


def russian(rng: Random) -> Number:
    """Return a clean Russian number; none of the mobile code 930, which is handed out in parts only."""
    code, *rest = _filled(rng, rng.choice(_RUSSIAN))
    return Number("7", ("931" if code == "930" else code, *rest))


def foreign(rng: Random) -> Number:
    """Return a clean number of another country."""
    country, template = rng.choice(_FOREIGN)
    return Number(country, _filled(rng, template))


def _domestic_spelling(rng: Random, number: Number) -> str:
    code, first, *rest = number.groups
    tail = rng.choice(_DASHES).join((first, *rest))
    return rng.choice(
        (
            f"8 ({code}) {tail}",
            f"8{number.national}",
            f"8-{code}-{tail}",
            f"+7 {code} {' '.join((first, *rest))}",
            f"+7({code}){first}{''.join(rest)}",
            f"7{number.national}",
            f"7 {code} {tail}",
            number.national,
            f"({code}) {tail}",
            f"+7\u00a0{code}\u00a0{tail}",
        )
    )


def _foreign_spelling(rng: Random, number: Number) -> str:
    spaced, dashed = " ".join(number.groups), "-".join(number.groups)
    spellings = [f"+{number.country} {spaced}", f"+{number.country}-{dashed}", f"8 10 {number.country} {spaced}"]
    if number.country in ("49", "44", "33"):
        spellings.append(f"+{number.country} (0) {spaced}")
    return rng.choice(spellings)


def _spelt(rng: Random, number: Number) -> str:
    return (
        _domestic_spelling(rng, number)
        if number.country == "7" and number.groups[0] != "701"
        else _foreign_spelling(rng, number)
    )


def _number(rng: Random) -> Number:
    return russian(rng) if rng.random() < 0.7 else foreign(rng)  # noqa: PLR2004 - most numbers are domestic


def clean_phone(rng: Random) -> Entry:
    """Return a value that is canonical already."""
    value = _number(rng).e164
    return Entry(value, (value,))


def messy_phone(rng: Random) -> Entry:
    """Return one number in some other spelling than the canonical one."""
    number = _number(rng)
    value = _spelt(rng, number)
    match rng.randrange(6):
        case 0:
            value = f"{rng.choice(_LABELS)}{value}"
        case 1:
            cut = rng.randrange(len(value))
            value = f"{value[:cut]}{rng.choice(_INVISIBLE)}{value[cut:]}"
        case 2:
            value = value.translate(_FULL_WIDTH)
        case 3:
            value = f"\u00a0{value}\u00a0"
    return Entry(value, (number.e164,))


def extended_phone(rng: Random) -> Entry:
    """Return a number with an extension."""
    number, extension = russian(rng), str(rng.randrange(10, 9999))
    return Entry(f"{_spelt(rng, number)}{rng.choice(_EXTENSION_WORDS)}{extension}", (f"{number.e164};{extension}",))


def double_phone(rng: Random) -> Entry:
    """Return two numbers in one value."""
    first, second = russian(rng), _number(rng)
    value = rng.choice(_SEPARATORS).join((_spelt(rng, first), _spelt(rng, second)))
    return Entry(value, tuple(dict.fromkeys((first.e164, second.e164))))


def broken_phone(rng: Random) -> Entry:
    """Return a value that must stay as it is."""
    code, *rest = russian(rng).groups
    tail = "-".join(rest)
    value = rng.choice(
        (
            f"8 (9l6) {tail}",
            f"8 9О3 {tail}",
            f"{rng.choice(_PEOPLE)} 8 {code} {tail}",
            f"8 ({code}) {tail} ({rng.choice(_PEOPLE)})",
            f"8 {code} {tail} после 18:00",
            "нет телефона",
            "уточнить",
            "12345",
            f"+7 {code} {rest[0]} {rest[1]}",
            f"+7 {code} {tail}-{rng.randrange(10, 99)}",
            f"+8 (495) {tail}",
            f"7715{rng.randrange(100000, 999999)}",
        )
    )
    return Entry(value, None)


_NAMES = ("ivan.petrov", "o.sidorova", "info", "sales", "anna_kim", "zakaz", "j.schmidt", "office", "m.ivanova", "buh")
_DOMAINS = (
    "romashka-opt.ru",
    "stroymir-primer.ru",
    "vektor-snab.ru",
    "schmidt-handel.de",
    "mueller-technik.de",
    "atlas-trade.kz",
)
_TYPOS = ("gmial.com", "gmail.con")


def _address(rng: Random) -> str:
    return f"{rng.choice(_NAMES)}{rng.randrange(1000)}@{rng.choice(_DOMAINS)}"


def clean_email(rng: Random) -> Entry:
    """Return a value that is canonical already."""
    address = _address(rng)
    return Entry(address, (address,))


def messy_email(rng: Random) -> Entry:
    """Return one address in some other spelling than the canonical one."""
    address = _address(rng)
    local, _, domain = address.partition("@")
    value = rng.choice(
        (
            address.upper(),
            address.title(),
            f"{local}@{domain.upper()}",
            f"\u00a0 {address}\u00a0",
            f"\u200b{address}",
            f"{local}@{domain}\u00a0",
            f"mailto:{address}",
            f"mailto:{address}?subject=Order",
            f"<{address}>",
            f"Anna Kim <{address}>",
            f'"Петров, Иван" <{address}>',
            f"{address},",
            f"{address}.",
        )
    )
    return Entry(value, (address,))


def double_email(rng: Random) -> Entry:
    """Return two addresses in one value."""
    first, second = _address(rng), _address(rng)
    return Entry(rng.choice((", ", "; ", " ; ", "\n")).join((first, second)), tuple(dict.fromkeys((first, second))))


def broken_email(rng: Random) -> Entry:
    """Return a value that must stay as it is."""
    local = f"{rng.choice(_NAMES)}{rng.randrange(1000)}"
    value = rng.choice(
        (
            f"{local}@",
            f"{local}.romashka-opt.ru",
            f"{local}@@romashka-opt.ru",
            f"{local}@romashka-opt",
            f"{local}@romashka..ru",
            f"пишите на {local}@romashka-opt.ru после обеда",
            f"{local}@rоmashka-opt.ru",
            f"{local}@{rng.choice(_TYPOS)}",
            "нет почты",
        )
    )
    return Entry(value, None)


Maker = Callable[["Random"], Entry]
PHONES: tuple[tuple[Maker, float], ...] = (
    (clean_phone, 35),
    (messy_phone, 40),
    (extended_phone, 7),
    (double_phone, 8),
    (broken_phone, 10),
)
EMAILS: tuple[tuple[Maker, float], ...] = ((clean_email, 45), (messy_email, 38), (double_email, 7), (broken_email, 10))


def some(rng: Random, makers: tuple[tuple[Maker, float], ...]) -> Entry:
    """Return an entry of one kind or another, in realistic shares."""
    [maker] = rng.choices([maker for maker, _ in makers], [share for _, share in makers])
    return maker(rng)


def respelt(canonical: str) -> Entry:
    """Return another spelling of a value that is known: a duplicate."""
    if "@" in canonical:
        return Entry(canonical.upper(), (canonical,))
    plain, _, extension = canonical.partition(";")
    spaced = f"{plain[:2]} {plain[2:5]} {plain[5:8]} {plain[8:]}".strip()
    return Entry(f"{spaced}{f' доб. {extension}' if extension else ''}", (canonical,))
