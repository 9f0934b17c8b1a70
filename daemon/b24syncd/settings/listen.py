"""Addresses to listen at: HOST:PORT, those of IPv6 in brackets; names that a browser asks for, and proxies."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from .sections import refuse

_ADDRESS: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})", re.ASCII)
_ENDS_WITH_PORT: Final = re.compile(r":[0-9]+\Z", re.ASCII)
_MOST_PORT: Final = 65535
_FORM: Final = 'write HOST:PORT, for example "127.0.0.1:8324" or "[::1]:8324"'


def parse_listen(text: str) -> tuple[str, int] | None:
    """Return host and port of an address, None where it is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 <= int(found["port"]) <= _MOST_PORT:
        return None
    try:
        host = str(ipaddress.IPv6Address(found["v6"])) if found["v6"] else found["name"].lower()
    except ValueError:
        return None
    return host, int(found["port"])


def check_listen(text: str) -> str:
    """Return an address as it was written; refuse what is none."""
    parsed = parse_listen(text)
    if parsed is None:
        refuse("this is no address to listen at", _FORM)
    if parsed[1] == 0:
        refuse("with port 0 nobody knows where to ask", 'choose a port, for example "127.0.0.1:8324"')
    return text


def has_port(host: str) -> bool:
    """Tell whether a port stands behind a host."""
    return _ENDS_WITH_PORT.search(host) is not None


def check_host(text: str) -> str:
    """Return a host as browsers name it, perhaps with a port; refuse what is none."""
    lower = text.lower()
    if parse_listen(lower if has_port(lower) else f"{lower}:443") is None:
        refuse("this is no host", 'write it as browsers do: "console.acme.example", or "console.acme.example:8443"')
    return lower


def check_proxy(text: str) -> str:
    """Return the address, or the network, that a proxy asks from; refuse what is none."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        refuse("this is no address", 'write that of the proxy, for example "127.0.0.1" or "10.0.0.0/24"')
