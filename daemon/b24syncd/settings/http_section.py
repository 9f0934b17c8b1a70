"""`[http]`: its keys."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator
from pydantic import Field as Key

from .listen import check_host, check_listen, check_proxy
from .sections import Section, refuse


class HttpSection(Section):
    """`[http]`; where the token comes from is judged by `http.find_http`."""

    listen: Annotated[str, AfterValidator(check_listen)] | None = None
    """Serves [health and metrics](monitoring/README.md): HOST:PORT, IPv6 in brackets; not set: nowhere.

    They are /healthz, /readyz and /metrics (Prometheus); there are alert rules and a dashboard for them.

    Example:
    listen = "127.0.0.1:8324"
    """
    token_file: Annotated[str, Key(min_length=1)] | None = None
    """A file, mode 600, with the token that is demanded; needed on any address but the machine's own.

    It is demanded of whoever asks ("Authorization: Bearer …"). A relative path begins at the folder of this file; the
    systemd credential `http_token` does as well. `openssl rand -hex 32` makes one.

    Example:
    token_file = "/etc/b24syncd/acme.http_token"
    """
    console: bool = False
    """Serves the [console](console.md) at `http.listen` as well.

    `b24syncd console invite NAME --role view` lets a person in.
    """
    tls_certificate: Annotated[str, Key(min_length=1)] | None = None
    """The certificate, with its chain, in PEM, by which the whole address speaks TLS.

    On any address that other machines can reach, the console speaks TLS: by this and its key (or the systemd
    credentials `tls_certificate` and `tls_key`), or by a proxy before it.

    Example:
    tls_certificate = "/etc/b24syncd/console.pem"
    """
    tls_key: Annotated[str, Key(min_length=1)] | None = None
    """Its key, in a file, mode 600.

    Example:
    tls_key = "/etc/b24syncd/console.key"
    """
    behind_proxy: tuple[Annotated[str, AfterValidator(check_proxy)], ...] = ()
    """The addresses, or networks, of a proxy that speaks TLS; only it may ask for the console."""
    allowed_hosts: tuple[Annotated[str, AfterValidator(check_host)], ...] = ()
    """The names by which browsers call the console, the one for invitations first, as `["console.acme.example"]`;
    needed on any address but the machine's own.
    """

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.console and self.listen is None:
            refuse("the console needs an address", 'set http.listen, for example "127.0.0.1:8324"')
        return self
