"""From the bytes of an answer to its JSON, inside the bounds that every answer of the portal keeps.

They are those of PHP: whole numbers of 64 bits, no NaN or infinity, text in Unicode, 512 levels (its manual on
`json_encode`). What lies outside was not written by a portal, and nothing behind this module has to reckon with it.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from aiohttp import StreamReader

MOST_BYTES = 32 * 1024 * 1024
"""Far above the largest honest answer: 50 chained pages of 50 items are 2,500 items, of 3 kB where they hold a lot."""

_CHUNK = 64 * 1024
_LARGEST = 2**63
_DIGITS = 20
_SURROGATES = (b"\\ud", b"\\uD")


class TooLarge(Exception):
    """An answer goes on after `MOST_BYTES`."""


async def received_from(stream: StreamReader) -> bytearray:
    """Read a whole answer, unpacked; raise `TooLarge` as soon as it is known to be that."""
    received = bytearray()
    async for chunk in stream.iter_chunked(_CHUNK):
        received += chunk
        if len(received) > MOST_BYTES:
            raise TooLarge
    return received


def decode(received: bytes | bytearray) -> object:
    """Return the JSON of an answer; raise `ValueError` where it is none, or none that a portal writes.

    Halves of surrogate pairs, which can be neither stored nor sent, are replaced.
    """
    try:
        decoded: object = _DECODER.decode(received.decode("utf-8-sig"))
        if any(half in received for half in _SURROGATES):
            whole = json.dumps(decoded, ensure_ascii=False).encode("utf-8", "replace")
            decoded = _DECODER.decode(whole.decode())
    except RecursionError:
        message = "too many levels"
        raise ValueError(message) from None
    return decoded


def _whole(digits: str) -> int:
    number = int(digits) if len(digits) <= _DIGITS else _LARGEST
    if not -_LARGEST <= number < _LARGEST:
        message = "a whole number of more than 64 bits"
        raise ValueError(message)
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        message = "a number without an end"
        raise ValueError(message)
    return number


def _no_number(name: str) -> NoReturn:
    message = f"{name} is no number"
    raise ValueError(message)


_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_real, parse_constant=_no_number)
