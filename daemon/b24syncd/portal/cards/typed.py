"""What a person typed into a control, as the field holds it; what is no value of it is told, with what to write."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from b24syncd.domain.controls import Control
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.values import Choice
from b24syncd.portal.fields.choices import Fault, chosen, picked
from b24syncd.portal.wire.replies import FIRST_YEAR, LAST_YEAR

from .fields import CODES, plain_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.values import Single, Value
    from b24syncd.portal.fields.choices import Entries

    from .fields import CardField

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)
_MONEY = re.compile(r"(.+?)[|\s]\s*([A-Za-z]{3})")
_YES_NO = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "да"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off", "нет", ""), False),
}
_MOST_DIGITS = 15
_OFFERED = frozenset((Control.LIST, Control.STAGE, Control.CATEGORY, Control.CURRENCY))
_LETTERS = {entity_type: letter for letter, entity_type in CODES.items()}


def typed_value(
    field: CardField,
    typed: Sequence[str],
    options: Entries = (),
    utc_offset: float | None = None,
    *,
    is_picked: bool = False,
) -> Value | Fault:
    """Return the value that was typed: one text for a field of one value, any number for one of several.

    `options` are what the field offers, of which what `is_picked` comes as the id, and never as the title of another;
    a time without an offset is of the portal's wall, `utc_offset` seconds ahead.
    """
    texts = [text for text in typed if text.strip() or field.control is Control.BOOLEAN]
    if not field.is_multiple:
        texts = texts[:1]
    values: list[Single] = []
    found: Single | Fault | None
    for text in texts:
        if field.control in _OFFERED:
            found = picked(options, text.strip()) if is_picked else chosen(options, text)
        else:
            found = _one(field, text, timezone(timedelta(seconds=utc_offset or 0.0)))
        if isinstance(found, Fault):
            return found
        if found is not None:
            values.append(found)
    if not values:
        why = field.why_not_empty()
        return None if why is None else Fault(why, "write a value")
    return tuple(values) if field.is_multiple else values[0]


def _one(field: CardField, text: str, zone: timezone) -> Single | Fault | None:
    if field.control in (Control.DATE, Control.DATETIME):
        return _time(field, text.strip(), zone)
    read = _READ.get(field.control)
    return (
        Fault(f"fields of the type {field.field.type} are not edited here", "") if read is None else read(field, text)
    )


def _text(field: CardField, text: str) -> Single | Fault:
    own = field.field
    if own.longest is not None and len(text) > own.longest:
        return Fault(f"it has {len(text)} characters", f"the field takes {own.longest}")
    if len(text) < own.shortest:
        return Fault(f"it has {len(text)} characters", f"the field wants at least {own.shortest}")
    return text


def _number(field: CardField, text: str) -> Single | Fault:
    number = _read_number(text)
    if number is None:
        return Fault(f"{text.strip()!r} is no number", "write one as 1500 or 1 500,50")
    if field.control is Control.INTEGER and number % 1:
        return Fault(f"{text.strip()!r} is no whole number", "write one as 1500")
    least, most = field.range
    least, most = ("0", str(field.field.most)) if field.field.most is not None else (least, most)
    if (least is not None and number < Decimal(least)) or (most is not None and number > Decimal(most)):
        between = " ".join(f"{word} {limit}" for word, limit in (("from", least), ("to", most)) if limit is not None)
        return Fault(f"{text.strip()!r} is out of range", f"write a number {between}")
    return number if field.control is Control.INTEGER else _rounded(number, field.field.decimals)


def _rounded(number: Decimal, decimals: int) -> Decimal:
    """Return a number as the portal keeps it: with so many decimals, if it has as many at all."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals:
        return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number


def _read_number(text: str) -> Decimal | None:
    plain = _SPACES.sub("", text).replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**_MOST_DIGITS else None


def _money(_: CardField, text: str) -> Single | Fault:
    found = _MONEY.fullmatch(text.strip())
    amount = None if found is None else _read_number(found[1])
    if found is None or amount is None:
        return Fault(f"{text.strip()!r} is no amount of money with its currency", "write both, as 1500 RUB")
    return f"{plain_number(amount)}|{found[2].upper()}"


def _boolean(field: CardField, text: str) -> Single | Fault:
    found = _YES_NO.get(text.strip().casefold())
    return (
        Fault(f"{text.strip()!r} is neither yes nor no", f"write yes or no for {field.title}")
        if found is None
        else found
    )


def _time(field: CardField, text: str, zone: timezone) -> Single | Fault:
    moment = _moment(text)
    if field.control is Control.DATE:
        if moment is None:
            return Fault(f"{text!r} is no day", "write one as 2026-01-31 or 31.01.2026")
        return moment.date() if isinstance(moment, datetime) else moment
    if not isinstance(moment, datetime):
        return Fault(f"{text!r} is no day with a time", "write both, as 2026-01-31 09:00 or 31.01.2026 09:00")
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _moment(text: str) -> date | datetime | None:
    try:
        found = _DAY.fullmatch(text)
        if found is not None:
            day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
            if found[4] is None:
                return date(year, month, day)
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 # of the portal's wall
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    return moment.date() if len(text) == len("2026-01-31") else moment


def on_wall(value: Value, utc_offset: float | None) -> Value:
    """Return a value whose times are told as the portal's wall shows them, whose present offset is given in seconds.

    What comes with that offset was typed as it stands there, whatever the offset is on its day.
    """
    if isinstance(value, tuple):
        return tuple(
            one for each in value if (one := on_wall(each, utc_offset)) is not None and not isinstance(one, tuple)
        )
    if isinstance(value, datetime) and value.utcoffset() != timedelta(seconds=utc_offset or 0.0):
        return value.astimezone(timezone(timedelta(seconds=utc_offset or 0.0)))
    return value


def _user(field: CardField, text: str) -> Single | Fault:
    plain = text.strip().removeprefix("user:")
    if plain.isascii() and plain.isdigit() and int(plain):
        return Choice(str(int(plain)))
    return Fault(f"{text.strip()!r} is no user", f"choose one for {field.title}, or write the number of one")


def _link(field: CardField, text: str) -> Single | Fault:
    ref = linked_to(field, Choice(text.strip()))
    cure = f"choose one, or write it as {' or '.join(f'{one.value}:42' for one in field.linked)}"
    if ref is None:
        try:
            ref = EntityRef.parse(text)
        except ValueError:
            return Fault(f"{text.strip()!r} is no item", cure)
    if ref.type not in field.linked:
        return Fault(f"the field does not link to items of the type {ref.type.value}", cure)
    return link_to(field, ref)


def link_to(field: CardField, ref: EntityRef) -> Choice:
    """Return the value of a field that links to an item."""
    if not field.holds_codes:
        return Choice(str(ref.id))
    letter = _LETTERS.get(ref.type) or f"T{ref.type.type_id:x}"
    return Choice(f"{letter}_{ref.id}")


def linked_to(field: CardField, value: Choice) -> EntityRef | None:
    """Return the item that a value links to; None for what names none."""
    letters, _, digits = value.id.rpartition("_")
    if not (digits.isascii() and digits.isdigit() and int(digits)):
        return None
    entity_type = _type_of(letters) if letters else (field.linked[0] if len(field.linked) == 1 else None)
    return None if entity_type is None else EntityRef(entity_type, int(digits))


def _type_of(letters: str) -> EntityType | None:
    if letters in CODES:
        return CODES[letters]
    try:
        return EntityRef.parse(f"type{int(letters.removeprefix('T'), 16)}:1").type if letters[:1] == "T" else None
    except ValueError:
        return None


_READ: Mapping[Control, Callable[[CardField, str], Single | Fault]] = {
    **dict.fromkeys((Control.TEXT, Control.LINES, Control.URL, Control.ADDRESS), _text),
    **dict.fromkeys((Control.INTEGER, Control.DOUBLE), _number),
    Control.MONEY: _money,
    Control.BOOLEAN: _boolean,
    Control.USER: _user,
    Control.LINK: _link,
}
