"""The table of an application that lets the program in."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from typing import Annotated, Final

from pydantic import Field as Key

from .sections import Section

AUTHORISATION_SERVER: Final = "https://oauth.bitrix.info"
"""Of portals of most regions (docs: settings/oauth/index.md); those of Russia and its neighbours have another one
(php: modules/rest/lib/Internal/Service/OAuth/AuthorizationServerUrlResolver.php)."""

_NEIGHBOURS: Final = frozenset({"ru", "am", "az", "ge", "kz", "kg", "uz", "by"})


def usual_server(host: str) -> str:
    """Return the authorisation server that a portal with such a name most likely has."""
    is_neighbour = host.rpartition(".")[2].lower() in _NEIGHBOURS
    return "https://oauth.bitrix24.tech" if is_neighbour else AUTHORISATION_SERVER


class OAuthSection(Section):
    """`[portal.oauth]`; what it amounts to is judged by `find_application`."""

    address: Annotated[str, Key(min_length=1)] | None = None
    """The portal's address.

    Example:
    address = "https://acme.bitrix24.ru"
    """
    client_id: Annotated[str, Key(min_length=1)] | None = None
    """The application's id, from its card in the portal.

    Example:
    client_id = "local.0123456789abcd.12345678"
    """
    client_secret: str | None = None
    """Its secret; only in a file that nobody else can read, and better in a file of its own.

    Example:
    client_secret = "SECRET"
    """
    client_secret_file: Annotated[str, Key(min_length=1)] | None = None
    """A file with its secret, mode 600; left out: the systemd credential `client_secret`, or `NAME.client_secret`
    beside `NAME.toml`.

    Example:
    client_secret_file = "/srv/secrets/acme.client_secret"
    """
    key_file: Annotated[str, Key(min_length=1)] | None = None
    """A file, mode 600, with the key by which the tokens in the state are encrypted; left out: the systemd credential
    `token_key`, or `NAME.token_key` beside `NAME.toml`.

    `openssl rand -base64 32` makes one. Without it the tokens cannot be read, and it takes another
    `b24syncd auth login`. Keep it elsewhere than backups of the state.

    Example:
    key_file = "/srv/secrets/acme.token_key"
    """
    server: Annotated[str, Key(min_length=1)] = AUTHORISATION_SERVER
    """Who gives the tokens; for portals of Russia and its neighbours `"https://oauth.bitrix24.tech"`.

    Example:
    server = "https://oauth.bitrix.info"
    """
