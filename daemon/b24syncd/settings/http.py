"""`[http]`: where health, metrics and the console are served, and the token that whoever watches has to know."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from b24syncd.errors import Problem, SettingsInvalid

from .door import Door, find_door
from .listen import parse_listen
from .secret_files import credential, path_of_secret, read_secret
from .webhook import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .environment import Overrides

_CREDENTIAL: Final = "http_token"
_LISTEN, _TOKEN_FILE = "http.listen", "http.token_file"  # the names of keys
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
"""What can follow "Bearer" (RFC 6750, section 2.1)."""

_LOOKS_LIKE_A_TOKEN: Final = re.compile(r"[A-Za-z0-9_~+=-]{24,}", re.ASCII)
_SHORTEST_TOKEN: Final = 16
_MAKE: Final = "make one with `openssl rand -hex 32`"


@dataclass(frozen=True, slots=True)
class Http:
    """Where health and metrics are served; with a `token`, only to who knows it. `listen` is as it was written.

    `door` is how browsers reach the console, which is served where it `has_console`.

    The `problems` are those of serving alone: other commands work beside a service whose token they cannot read.
    """

    listen: str
    host: str
    port: int
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    problems: tuple[Problem, ...] = ()
    has_console: bool = False
    door: Door = field(default_factory=Door)

    @property
    def is_local(self) -> bool:
        """Whether only this machine itself can reach it."""
        return is_loopback(self.host)

    @property
    def is_open(self) -> bool:
        """Whether health and metrics are for everybody who reaches the address: on this machine, and not by a proxy."""
        return self.is_local and not self.door.proxies

    @property
    def address(self) -> str:
        """The address of the console, as a browser has it."""
        return f"{self.door.scheme}://{self.door.called(self.listen, self.port)}"

    def require_servable(self) -> None:
        """Raise `SettingsInvalid` where it cannot be served."""
        if self.problems:
            raise SettingsInvalid(self.problems)


def find_http(written: Mapping[str, Any], overrides: Overrides, environ: Mapping[str, str], base: Path | None) -> Http:
    """Return where to serve and with which token, for a document whose `listen` is right."""
    listen = str(written["listen"])
    host, port = parse_listen(listen) or ("", 0)
    has_console = bool(written.get("console"))
    door, faults = find_door(written, overrides, environ, base)
    http = _found(Http(listen, host, port, has_console=has_console, door=door), written, overrides, environ, base)
    if has_console or door != Door():
        faults = (*faults, *door.faults(host, f'"{listen}"', overrides.variables))
    return replace(http, problems=(*http.problems, *faults))


def _found(
    http: Http, written: Mapping[str, Any], overrides: Overrides, environ: Mapping[str, str], base: Path | None
) -> Http:
    """Return it with its token, or with what is wrong with that."""
    named = written.get("token_file")
    given = credential(environ, _CREDENTIAL)
    from_variable = _TOKEN_FILE in overrides.values  # the environment wins over all else, as with the webhook
    if isinstance(named, str) and given is not None and not from_variable:
        message = "the token is given twice, by http.token_file and the systemd credential http_token"
        return replace(http, problems=(Problem(_TOKEN_FILE, message, "remove one of them"),))
    if isinstance(named, str) and _LOOKS_LIKE_A_TOKEN.fullmatch(named):
        cure = "put it into a file, chmod 600, and name that"
        problem = Problem(_TOKEN_FILE, "this seems to be the token itself, and no name of a file", cure)
        return replace(http, problems=(problem,))
    if isinstance(named, str):
        path = path_of_secret(named, None if from_variable else base)
        return _with_token(replace(http, token_file=path), overrides.variables.get(_TOKEN_FILE, _TOKEN_FILE))
    if given is not None:
        return _with_token(replace(http, token_file=given), "the systemd credential http_token", guarded=True)
    if http.is_local or http.has_console:
        return http
    cure = (
        "set http.token_file to a file that holds one (`openssl rand -hex 32`), or give the systemd credential "
        "http_token, or listen on 127.0.0.1"
    )
    message = "other machines can reach this address, so a token has to be demanded of them"
    problem = Problem(overrides.variables.get(_LISTEN, _LISTEN), message, cure, f'"{http.listen}"')
    return replace(http, problems=(problem,))


def _with_token(http: Http, key: str, *, guarded: bool = False) -> Http:
    assert http.token_file is not None  # noqa: S101 # both callers give one
    text = read_secret(http.token_file, key, holds="the token", guarded=guarded)
    problem = text if isinstance(text, Problem) else _fault(text, key)
    token = text if isinstance(text, str) and problem is None else None
    return replace(http, token=token, problems=() if problem is None else (problem,))


def _fault(token: str, key: str) -> Problem | None:
    if not _TOKEN.fullmatch(token):
        message = "a token holds letters, digits and -._~+/ only, in one line"
        return Problem(key, message, _MAKE)
    if len(token) < _SHORTEST_TOKEN:
        return Problem(key, f"a token of less than {_SHORTEST_TOKEN} characters can be guessed", _MAKE)
    return None
