"""How browsers reach the console: over TLS of its own, through a proxy that has it, or on this machine alone."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from b24syncd.errors import Problem

from .listen import has_port
from .secret_files import credential, open_to_others, path_of_secret
from .webhook import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .environment import Overrides

_CERTIFICATE, _KEY, _PROXY = "http.tls_certificate", "http.tls_key", "http.behind_proxy"  # the names of keys
_LISTEN, _HOSTS = "http.listen", "http.allowed_hosts"
_USUAL_PORTS: Final = {"https": 443, "http": 80}
_CREDENTIALS: Final = ("tls_certificate", "tls_key")


@dataclass(frozen=True, slots=True)
class Door:
    """The files of its certificate and key, the `proxies` that may ask here, and the `hosts` that it is called by."""

    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    @property
    def is_encrypted(self) -> bool:
        """Whether what a browser sends is encrypted on its way."""
        return self.certificate is not None or bool(self.proxies)

    @property
    def scheme(self) -> str:
        """How the address of the console begins."""
        return "https" if self.is_encrypted else "http"

    def called(self, listen: str, port: int) -> str:
        """Return how a browser calls the address, with its port where that is not the usual one."""
        if not self.hosts:
            return listen
        first = self.hosts[0]
        is_usual = port == _USUAL_PORTS[self.scheme] or self.proxies
        return first if is_usual or has_port(first) else f"{first}:{port}"

    def is_host(self, host: str) -> bool:
        """Tell whether browsers call it so: a name without a port is its name at any port."""
        asked = host.strip().lower()
        name = asked.rpartition(":")[0] if has_port(asked) else ""
        return asked in self.hosts or (name in self.hosts and not has_port(name))

    def is_proxy(self, address: str) -> bool:
        """Tell whether a proxy that is named asks from this address."""
        try:
            asking = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        asking = getattr(asking, "ipv4_mapped", None) or asking
        return any(asking in ipaddress.ip_network(proxy) for proxy in self.proxies)

    def faults(self, host: str, listen: str, variables: Mapping[str, str]) -> Iterator[Problem]:
        """Yield why a console cannot be reached there safely."""
        if self.certificate is not None and self.proxies:
            message = "either b24syncd speaks TLS itself, or a proxy does"
            yield Problem(variables.get(_PROXY, _PROXY), message, f"remove {_CERTIFICATE} or {_PROXY}")
        if not is_loopback(host) and not self.is_encrypted:
            message = "other machines can reach this address, so what people send there has to be encrypted"
            cure = f"set {_CERTIFICATE} and {_KEY}, or {_PROXY} to the addresses of a proxy, or listen on 127.0.0.1"
            yield Problem(variables.get(_LISTEN, _LISTEN), message, cure, listen)
        if not self.hosts and (self.proxies or not is_loopback(host)):
            message = "it is not said by which names browsers call the console"
            cure = 'write them, the one for invitations first, for example allowed_hosts = ["console.acme.example"]'
            yield Problem(variables.get(_HOSTS, _HOSTS), message, cure)


def find_door(
    written: Mapping[str, Any], overrides: Overrides, environ: Mapping[str, str], base: Path | None
) -> tuple[Door, tuple[Problem, ...]]:
    """Return how browsers reach the console, and what is wrong with the files for it."""
    files: list[Path | None] = []
    problems: list[Problem] = []
    for key, name in zip((_CERTIFICATE, _KEY), _CREDENTIALS, strict=True):
        named = written.get(name)
        from_variable = key in overrides.values
        given = credential(environ, name)
        path = path_of_secret(named, None if from_variable else base) if isinstance(named, str) else given
        files.append(path)
        if path is not None:
            called = overrides.variables.get(key, key) if isinstance(named, str) else f"the systemd credential {name}"
            guarded = key == _CERTIFICATE or not isinstance(named, str)
            problems += _faults_of(path, called, is_guarded=guarded)
    certificate, own_key = files
    if (certificate is None) != (own_key is None):
        missing = _KEY if own_key is None else _CERTIFICATE
        problems.append(Problem(missing, "a certificate and its key belong together", "name both files, in PEM"))
    door = Door(certificate, own_key, tuple(written.get("behind_proxy", ())), tuple(written.get("allowed_hosts", ())))
    return door, tuple(problems)


def _faults_of(path: Path, key: str, *, is_guarded: bool) -> Iterator[Problem]:
    try:
        status = path.stat()
        with path.open("rb"):
            pass
    except OSError as error:
        cure = "create it, or let the user of this process read it"
        yield Problem(key, f"the file cannot be read: {error.strerror}", cure, str(path))
        return
    if not is_guarded and open_to_others(status):
        yield Problem(key, "others may read or change the file with the key", f"chmod 600 {path}", str(path))
