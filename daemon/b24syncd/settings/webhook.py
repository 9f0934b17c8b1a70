"""The webhook's address: validated once, and never shown with its secret."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from b24syncd.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path
    from urllib.parse import SplitResult

_PATH = re.compile(r"/rest/(?P<user>[0-9]+)/(?P<secret>[A-Za-z0-9_-]+)/?(?P<rest>.*)", re.ASCII | re.DOTALL)
_SECRET_IN_TEXT = re.compile(r"(?i)(/rest/[0-9]+/)[^/\s\"'?]+")
_FORM = "copy it from the portal (Developer resources > Incoming webhook): https://HOST/rest/USER/SECRET/"


@dataclass(frozen=True, slots=True, repr=False)
class Webhook:
    """An incoming webhook. `base_url` is secret and ends with a slash; `repr` and `str` are redacted.

    `file` is the one that holds nothing but it, if there is one.
    """

    host: str
    user_id: int
    secret: str
    base_url: str
    file: Path | None = field(default=None, compare=False)

    @property
    def called(self) -> str:
        """What it is called in sentences."""
        return "webhook"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.secret,)

    @property
    def files(self) -> tuple[tuple[Path, str], ...]:
        """The files that hold nothing but secrets, with what they are."""
        return () if self.file is None else ((self.file, "the file with the webhook"),)

    @property
    def url(self) -> str:
        """The portal's root, in which there is no secret."""
        return self.base_url.partition("/rest/")[0]

    @property
    def shown(self) -> dict[str, object]:
        """What `config show` tells of it."""
        return {"webhook": self.redacted}

    @property
    def redacted(self) -> str:
        """The address with its secret hidden, fit for logs and errors."""
        return self.base_url.replace(f"/{self.secret}/", "/***/")

    def __repr__(self) -> str:
        return f"<Webhook {self.redacted}>"

    def __str__(self) -> str:
        return self.redacted


class WebhookInvalid(Exception):
    """The text is no webhook; `problem` says why, without the text."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(str(problem))
        self.problem = problem


def parse_webhook(text: str, key: str) -> Webhook:
    """Return the webhook that `text` holds; raise `WebhookInvalid` with a problem of `key`."""

    def refuse(message: str, cure: str) -> NoReturn:
        # From None: the exceptions of urllib quote the address.
        raise WebhookInvalid(Problem(key, message, cure)) from None

    text = text.strip()
    if not text:
        refuse("the webhook is empty", _FORM)
    if len(text.split()) > 1:
        refuse("there is more than one word where a webhook should be", _FORM)
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        refuse("the webhook is not a web address", _FORM)
    if not host or url.scheme not in {"http", "https"}:
        refuse("the webhook is not a web address", _FORM)
    if url.username is not None or url.password is not None:
        refuse("the webhook holds a user name before the host", "remove what stands before the @")
    if url.scheme == "http" and not is_loopback(host):
        refuse(
            "the webhook's secret would travel unencrypted",
            "write https:// (http:// is accepted for this machine itself only)",
        )
    return _parse_path(url, host, port, refuse_as=key)


def _parse_path(url: SplitResult, host: str, port: int | None, *, refuse_as: str) -> Webhook:
    authority = f"[{host}]" if ":" in host else host
    if port is not None:
        authority = f"{authority}:{port}"
    match = _PATH.fullmatch(url.path)
    if match is None:
        problem = Problem(refuse_as, "the address is not that of an incoming webhook", _FORM)
        raise WebhookInvalid(problem)
    if match["rest"] or url.query or url.fragment:
        cure = f"end it after the secret: {url.scheme}://{authority}/rest/{match['user']}/***/"
        raise WebhookInvalid(Problem(refuse_as, "something follows the webhook's secret", cure))
    base_url = f"{url.scheme}://{authority}/rest/{match['user']}/{match['secret']}/"
    return Webhook(host=authority, user_id=int(match["user"]), secret=match["secret"], base_url=base_url)


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine itself, by its name or literal address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_secrets(text: str) -> str:
    """Return `text` with the secret of every webhook in it hidden."""
    return _SECRET_IN_TEXT.sub(r"\1***", text)
