"""A local application of the portal (OAuth): what identifies it, and the key by which its tokens are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from b24syncd.errors import Problem

from .oauth import AUTHORISATION_SERVER
from .proxy import Proxy, find_proxy
from .secret_files import credential, path_of_secret, read_secret
from .web_address import WebAddress, parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .environment import Overrides

PREFIX: Final = "portal.oauth"
CLIENT_SECRET_SUFFIX: Final = ".client_secret"  # noqa: S105
TOKEN_KEY_SUFFIX: Final = ".token_key"  # noqa: S105
"""Of files beside the configuration, called as that is, where they are looked for."""
_SHORTEST_KEY: Final = 32

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """A local application that lets this program in, once a person has authorised it (`b24syncd auth login`).

    `url` is the portal's root, `server` that of the authorisation server, reached through `server_proxy`. `files` are
    those that hold its secrets, with what they are.
    """

    host: str
    url: str
    client_id: str
    client_secret: str
    token_key: str
    server: WebAddress
    server_proxy: Proxy | None = None
    files: tuple[tuple[Path, str], ...] = field(default=(), compare=False)

    @property
    def called(self) -> str:
        """What it is called in sentences."""
        return "application"

    @property
    def redacted(self) -> str:
        """The address of the methods, in which there is no secret."""
        return f"{self.url}/rest/"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.client_secret, self.token_key, *(() if self.server_proxy is None else self.server_proxy.secrets))

    @property
    def shown(self) -> dict[str, object]:
        """What `config show` tells of it."""
        return {"oauth": {"address": self.url, "client_id": self.client_id, "server": self.server.url}}

    def __repr__(self) -> str:
        return f"<Application {self.client_id} of {self.url}>"


@dataclass(frozen=True, slots=True)
class _Sought:
    """A secret: by which key it is written, by which one a file is named that holds it, and where else it may be."""

    holds: str
    text_key: str | None
    file_key: str
    credential: str
    suffix: str


_CLIENT_SECRET = _Sought(
    "the application's secret", "client_secret", "client_secret_file", "client_secret", CLIENT_SECRET_SUFFIX
)
_TOKEN_KEY = _Sought("the key by which tokens are kept", None, "key_file", "token_key", TOKEN_KEY_SUFFIX)


@dataclass(frozen=True, slots=True)
class _Written:
    """The table of the document and what the environment says, which wins."""

    table: Mapping[str, object]
    overrides: Overrides
    environ: Mapping[str, str]
    source: Path | None
    though_exposed: bool

    def named(self, name: str) -> str | None:
        """Return the text that a key has."""
        value = self.overrides.values.get(f"{PREFIX}.{name}", self.table.get(name))
        return value if isinstance(value, str) else None

    def key(self, name: str) -> str:
        """Return who says it: the variable, or the key."""
        return self.overrides.variables.get(f"{PREFIX}.{name}", f"{PREFIX}.{name}")

    def base(self, name: str) -> Path | None:
        """Return the folder at which a relative path begins."""
        from_environment = f"{PREFIX}.{name}" in self.overrides.values
        return None if from_environment or self.source is None else self.source.parent

    @property
    def is_any(self) -> bool:
        """Whether anything is said of an application at all."""
        return bool(self.table) or any(key.startswith(f"{PREFIX}.") for key in self.overrides.values)


def find_application(
    portal: Mapping[str, object],
    overrides: Overrides,
    environ: Mapping[str, str],
    source: Path | None,
    *,
    though_exposed: bool = False,
) -> Application | tuple[Problem, ...] | None:
    """Return the application that is configured, what is wrong with it, or None where none is.

    `portal` is the table of the configuration file, the `source`; as with a webhook, the environment wins over it, and
    a file that others may read is a problem unless it is read `though_exposed`.
    """
    table = portal.get("oauth")
    written = _Written(table if isinstance(table, dict) else {}, overrides, environ, source, though_exposed)
    if not written.is_any:
        return None
    problems: list[Problem] = []
    files: list[tuple[Path, str]] = []
    address = _sound(_address(written, "address"), problems)
    server = _sound(_address(written, "server", AUTHORISATION_SERVER), problems)
    client_id = _sound(_client_id(written), problems)
    secret = _sound(_secret(written, _CLIENT_SECRET, files), problems)
    key = _sound(_secret(written, _TOKEN_KEY, files), problems)
    proxy = None if server is None else find_proxy(environ, server.host)
    if isinstance(proxy, Problem):  # which the portal's own way tells as well
        proxy = None
    if key is not None and len(key) < _SHORTEST_KEY:
        cure = "make one: openssl rand -base64 32"
        problems.append(Problem(written.key("key_file"), f"the key is shorter than {_SHORTEST_KEY} characters", cure))
    if problems or address is None or server is None or client_id is None or secret is None or key is None:
        return tuple(problems)
    return Application(address.host, address.url, client_id, secret, key, server, proxy, tuple(files))


def _sound(found: _Found | Problem, problems: list[Problem]) -> _Found | None:
    """Return what was found; what is wrong with it goes to the `problems`."""
    if isinstance(found, Problem):
        problems.append(found)
        return None
    return found


def _address(written: _Written, name: str, default: str = "") -> WebAddress | Problem:
    text = written.named(name) or default
    if not text:
        return Problem(written.key(name), "this is missing", 'write the portal\'s address: address = "https://HOST"')
    return parse_address(text, written.key(name))


def _client_id(written: _Written) -> str | Problem:
    cure = "copy it from the application's card in the portal (Developer resources > Integrations)"
    return written.named("client_id") or Problem(written.key("client_id"), "this is missing", cure)


def _secret(written: _Written, sought: _Sought, files: list[tuple[Path, str]]) -> str | Problem:
    found = list(_sources(written, sought))
    key = f"{PREFIX}.{sought.text_key or sought.file_key}"
    if not found:
        ways = [f"{PREFIX}.{name}" for name in (sought.file_key, sought.text_key) if name is not None]
        cure = f"set {' or '.join(ways)}, or give the systemd credential {sought.credential}"
        return Problem(key, f"{sought.holds} is missing", cure)
    if len(found) > 1:
        places = " and ".join(place for place, _ in found)
        return Problem(key, f"{sought.holds} is given twice, by {places}", "remove one of them")
    (place, text_or_path), *_ = found
    if isinstance(text_or_path, str):
        return text_or_path.strip() or Problem(place, "this is empty", f"write {sought.holds}, or leave the key out")
    files.append((text_or_path, f"the file with {sought.holds}"))
    is_guarded = written.though_exposed or place.startswith("the systemd")
    return read_secret(text_or_path, place, holds=sought.holds, guarded=is_guarded)


def _sources(written: _Written, sought: _Sought) -> Iterator[tuple[str, str | Path]]:
    """Yield where the secret is, with its text or its file; what lies beside the configuration only if nothing else."""
    text = None if sought.text_key is None else written.named(sought.text_key)
    if sought.text_key is not None and text is not None:
        yield written.key(sought.text_key), text
    file = written.named(sought.file_key)
    if file is not None:
        yield written.key(sought.file_key), path_of_secret(file, written.base(sought.file_key))
    given = credential(written.environ, sought.credential)
    if given is not None:
        yield f"the systemd credential {sought.credential}", given
    if text is None and file is None and given is None and written.source is not None:
        beside = written.source.with_suffix(sought.suffix)
        if os.path.isfile(beside):  # noqa: PTH113  # which does not raise where this user may not look
            yield str(beside), beside
