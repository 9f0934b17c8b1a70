"""What a hostile network, a broken proxy or a strange portal makes of a real answer.

The shape of an answer is attacked, not what it tells: a lie in its proper form cannot be known from the truth. So texts
are never changed into other texts that mean something, and rows are not left out of lists without a trace.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_TIMES = frozenset({"time", "result_time"})
_DEEP = 100_000
_BOMB = 300  # MiB
_HUGE = 50 * 2**20
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Mutated:
    """What goes to the client instead: a body under these headers, or bytes below HTTP."""

    kind: str
    body: bytes
    status: int = 200
    content_type: str = _JSON
    encoding: str | None = None
    is_raw: bool = False


class _Literal:
    """JSON that Python does not write."""

    def __init__(self, text: str) -> None:
        self.text = text


_LITERALS = ("1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1" * 400, "9" * 5000, "1e18", "-0.0", "1" * 19)
_VALUES: tuple[Callable[[Random, Any], Any], ...] = (
    lambda _, __: None,
    lambda _, __: True,
    lambda _, __: False,
    lambda _, __: [],
    lambda _, __: {},
    lambda _, __: [[]],
    lambda _, __: {"0": {}},
    lambda _, __: -1,
    lambda _, __: 0,
    lambda _, __: 0.5,
    lambda _, __: 2**63,
    lambda _, __: -(2**63),
    lambda rng, __: _Literal(rng.choice(_LITERALS)),
    lambda _, __: "\ud800",
    lambda _, __: "\x00\x1b[2J\u202e",
    lambda _, __: "0001-01-01T00:00:00+14:00",
    lambda _, __: "9999-12-31T23:59:59-12:00",
    lambda _, __: "x" * 100_000,
    lambda _, value: [value],
    lambda _, value: {"value": value},
    lambda _, value: [value, value],
)


def _other(rng: Random, value: Any) -> Any:  # noqa: ANN401 # any JSON
    if isinstance(value, dict):
        return rng.choice((list(value.values()), list(value), None, "", [], json.dumps(value), {"": value}))
    if isinstance(value, list):
        return rng.choice((dict(enumerate(value)), None, "", {}, value * 2, value[::-1], [*value, None], [[], *value]))
    if isinstance(value, int | float) and not isinstance(value, bool) and rng.random() < 0.5:
        return rng.choice((-value, value + 0.5, f"{value}x", f" {value}", [value], value + 2**40, str(value) * 20))
    return rng.choice(_VALUES)(rng, value)


def _mutate(rng: Random, node: Any) -> Any:  # noqa: ANN401 # any JSON
    """Return the node with one place in it changed."""
    keys: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    if len(keys) > 1 and rng.random() < 0.9:  # times are the greatest part of short answers
        keys = [key for key in keys if key not in _TIMES]
    if not keys or rng.random() < 0.12:  # mostly deep inside
        return _other(rng, node)
    key = rng.choice(keys)
    changed = dict(node) if isinstance(node, dict) else list(node)
    if isinstance(changed, dict) and rng.random() < 0.15:
        value = changed.pop(key)
        if rng.random() < 0.5:
            changed[f"{key}\x00"] = value
        return changed
    changed[key] = _mutate(rng, node[key])
    return changed


def _written(node: Any) -> bytes:  # noqa: ANN401 # any JSON
    literals: dict[str, str] = {}

    def stand_in(value: object) -> str:
        assert isinstance(value, _Literal)
        name = f"@literal{len(literals)}@"
        literals[f'"{name}"'] = value.text
        return name

    text = json.dumps(node, default=stand_in)
    for name, literal in literals.items():
        text = text.replace(name, literal)
    return text.encode()


def of_shape(rng: Random, body: bytes) -> Mutated:
    """Change one to three places of an answer in JSON."""
    node = json.loads(body)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        node = _mutate(rng, node) if not isinstance(node, _Literal) else node
    return Mutated("shape", _written(node))


def of_bytes(rng: Random, body: bytes) -> Mutated:
    """Spoil an answer as a whole."""
    at = rng.randrange(len(body))
    choices = (
        Mutated("truncated JSON", body[:at]),
        Mutated("invalid UTF-8", body[:at] + b"\xff\xfe\xc3\x28" + body[at:]),
        Mutated("byte order mark", b"\xef\xbb\xbf" + body),
        Mutated("empty body", b""),
        Mutated("text behind JSON", body + b"<b>Warning</b>: mysqli"),
        Mutated("text before JSON", b"<br />\nWarning: " + body),
        Mutated("wrong content type", body, content_type="text/html"),
        Mutated("HTML", b"<html>502</html>", status=rng.choice((200, 403, 404, 502)), content_type="text/html"),
        Mutated("UTF-16", body.decode().encode("utf-16")),
        Mutated("null", b"null"),
        Mutated("list", b"[]"),
        Mutated("result of nothing", rng.choice((b'{"result":null}', b'{"result":[]}', b'{"result":""}', b"{}"))),
        Mutated("strange error", rng.choice((b'{"error":[]}', b'{"error":{"a":1}}', b'{"error":null,"result":7}'))),
        Mutated("strange status", body, status=rng.choice((206, 226, 299, 302, 418, 599))),
        Mutated("false gzip", body, encoding="gzip"),
        Mutated("truncated gzip", gzip.compress(body)[:-9], encoding="gzip"),
        Mutated("chunked garbage", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body, is_raw=True),
        Mutated("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n", is_raw=True),
        Mutated("cut body", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + body, is_raw=True),
        Mutated("endless header", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", is_raw=True),
    )
    return rng.choice(choices)


def giants(body: bytes) -> list[Mutated]:
    """Return what is too much for anybody, each once."""
    deep = b'{"result":' + b"[" * _DEEP + b"]" * _DEEP + b"}"
    maps = b'{"result":' + b'{"a":' * _DEEP + b"1" + b"}" * _DEEP + b"}"
    wide = body[:-1] + b',"padding":"' + b"x" * _HUGE + b'"}'
    packer = zlib.compressobj(wbits=31)
    bomb = packer.compress(body) + b"".join(packer.compress(b" " * 2**20) for _ in range(_BOMB)) + packer.flush()
    return [
        Mutated("100,000 lists deep", deep),
        Mutated("100,000 maps deep", maps),
        Mutated("900 levels deep", b'{"result":' + b"[" * 900 + b"]" * 900 + b"}"),
        Mutated("50 MB", wide),
        Mutated("gzip bomb", bomb, encoding="gzip"),
    ]
