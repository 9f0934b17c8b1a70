"""How the portal is reached: through a proxy of the environment, and with whose certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.errors import Problem

from .authorities import authorities_path, read_authorities
from .proxy import Proxy, find_proxy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .environment import Overrides


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """How the portal is reached, and what is wrong with that; `authorities` is what `ca_file` holds."""

    proxy: Proxy | None = None
    ca_file: Path | None = None
    authorities: str | None = None
    problems: tuple[Problem, ...] = ()


def find_route(
    ca_file: str | None, host: str | None, base: Path | None, overrides: Overrides, environ: Mapping[str, str]
) -> RouteSettings:
    """Return the way to the portal's host, with every problem of it; without a host no proxy is looked at."""
    key = "portal.ca_file"
    proxy = None if host is None else find_proxy(environ, host)
    path = None if ca_file is None else authorities_path(ca_file, base)
    authorities = None if path is None else read_authorities(path, overrides.variables.get(key, key))
    return RouteSettings(
        proxy if isinstance(proxy, Proxy) else None,
        path,
        authorities if isinstance(authorities, str) else None,
        tuple(found for found in (proxy, authorities) if isinstance(found, Problem)),
    )
