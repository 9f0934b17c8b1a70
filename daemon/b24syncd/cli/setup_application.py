"""The part of `b24syncd setup` that lets an application in, in the place of a webhook."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from b24syncd.errors import Problem, SettingsInvalid, UsageInvalid
from b24syncd.observe.logs import configure_logs

from .auth import ask_for_code
from .output import print_sentence
from .questions import Question, answered
from .work import app

if TYPE_CHECKING:
    from b24syncd.portal.wire.tokens import TokenPair
    from b24syncd.settings.new_portal import Secret


@dataclass(frozen=True, slots=True)
class Card:
    """What a person copies from an application's card in the portal, as far as options say it."""

    address: str
    client_id: str | None = None
    secret_file: Path | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True)
class LetIn:
    """An application that the portal lets in: the table of its configuration, its secrets, and its tokens."""

    table: tuple[tuple[str, str], ...]
    secrets: "tuple[Secret, ...]"
    pair: "TokenPair"


def let_in(card: Card, environ: Mapping[str, str], ca_file: str) -> LetIn:
    """Ask for the rest of the card, let a person authorise the application, and say as whom it is let in."""
    from b24syncd.app.login import application_of, exchanged  # noqa: PLC0415  # takes long
    from b24syncd.settings import connection_by_application  # noqa: PLC0415
    from b24syncd.settings.application import CLIENT_SECRET_SUFFIX, TOKEN_KEY_SUFFIX  # noqa: PLC0415
    from b24syncd.settings.new_portal import Secret  # noqa: PLC0415
    from b24syncd.settings.oauth import AUTHORISATION_SERVER, usual_server  # noqa: PLC0415

    client_id = answered(Question("the application's client_id, from its card", "--client-id"), card.client_id, _said)
    asked = Question("its client_secret (what you type is not shown)", "--client-secret-file", hidden=True)
    secret = answered(asked, _secret_in(card.secret_file), _said)
    usual = usual_server(urlsplit(card.address.strip()).hostname or "")
    whose = Question("its authorisation server", "--server", default=usual)
    server = answered(whose, card.server, _said)
    key = secrets.token_urlsafe(32)
    table = {"address": card.address, "client_id": client_id}
    table |= {} if server == AUTHORISATION_SERVER else {"server": server}
    with TemporaryDirectory(prefix="b24syncd-") as folder:  # which its owner alone may enter
        for name, text in (("client_secret", secret), ("token_key", key)):
            Path(folder, name).write_text(text, encoding="utf-8")
        settings = connection_by_application(table, Path(folder), environ, ca_file=ca_file or None)
    configure_logs(settings.log.format, settings.log.level, secrets=settings.portal.secrets)
    application = application_of(settings.portal)
    pair = asyncio.run(exchanged(settings.portal, ask_for_code(application)))
    found = asyncio.run(app.admission(settings, pair=pair))
    say_admission(found.host, found.user, found.scopes, is_administrator=found.is_administrator)
    kept = (Secret(CLIENT_SECRET_SUFFIX, secret), Secret(TOKEN_KEY_SUFFIX, key))
    return LetIn(tuple({**table, "address": application.url}.items()), kept, pair)


def say_admission(host: str, user: str, scopes: tuple[str, ...], *, is_administrator: bool | None) -> None:
    """Say as whom a portal lets the program in."""
    whose = {True: ", an administrator", False: ", no administrator", None: ""}[is_administrator]
    print_sentence(f"{host} lets it in as user {user}{whose}; its permissions: {', '.join(scopes) or 'not told'}")


def _said(text: str) -> str:
    if not text.strip():
        message = "copy it from the application's card: Developer resources > Integrations"
        raise UsageInvalid(message)
    return text.strip()


def _secret_in(file: Path | None) -> str | None:
    from b24syncd.settings.secret_files import read_secret  # noqa: PLC0415  # takes long

    if file is None:
        return None
    text = read_secret(file, "--client-secret-file", holds="the application's secret", guarded=True)
    if isinstance(text, Problem):
        raise SettingsInvalid((text,))
    return text
