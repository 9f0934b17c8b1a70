"""How the portal is reached: through which proxy, and whose certificates are trusted."""

from __future__ import annotations

import ssl
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Route:
    """The way to the portal; `proxy` is secret where it holds a password, `proxy_shown` may be told.

    `authorities` are certificates in PEM that are trusted besides the system's. `secrets` are what no answer that comes
    by it is to show, besides those that let us in there.
    """

    proxy: str | None = None
    proxy_shown: str = ""
    authorities: str | None = None
    secrets: tuple[str, ...] = ()

    def trust(self) -> ssl.SSLContext | bool:
        """Return what certificates are judged by: what everybody uses, unless there are more authorities."""
        if self.authorities is None:
            return True
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=self.authorities)
        return context


DIRECT = Route()
