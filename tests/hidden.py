"""What must never be shown, one line each, and the places where it may stand all the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tests.acceptance.processes import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Place(StrEnum):
    """Where something can be seen."""

    LOG = "log"
    SAID = "what commands say"
    STATE = "state"
    METRICS = "metrics and health"
    PAGES = "pages"
    TABLES = "previews"


PORTAL_SECRET: Final = SECRET
PROXY_USER: Final = "clerk:pr0xy%2Dpa55word"
HTTP_TOKEN: Final = "t0ken-0123456789abcdef0123456789"
CLIENT_ID: Final = "local.5f0e1d2c3b4a59.68778695"
CLIENT_SECRET: Final = "simulated0client0secret"
TOKEN_KEY: Final = "a key of which nobody knows anything else"
COMMAND_PASSWORD: Final = "smtp-pa55-of-the-command"
CUSTOMER: Final = "+79167654321"

_OF_CUSTOMERS: Final = frozenset(Place) - {Place.METRICS}
_INVITING: Final = frozenset({Place.SAID})


@dataclass
class Hidden:
    """Everything that is looked for; what is only known while the program runs is added by its name."""

    texts: dict[str, str] = field(
        default_factory=lambda: {
            "the webhook": PORTAL_SECRET,
            "the proxy's password": "pr0xy-pa55word",
            "the proxy's password as it is written": "pr0xy%2Dpa55word",
            "the token of [http]": HTTP_TOKEN,
            "a password in the environment of notify.command": COMMAND_PASSWORD,
            "the application's secret": CLIENT_SECRET,
            "the key of its tokens": TOKEN_KEY,
            "a customer's number": CUSTOMER,
        }
    )
    allowed: Mapping[str, frozenset[Place]] = field(
        default_factory=lambda: {"a customer's number": _OF_CUSTOMERS, "an invitation": _INVITING}
    )

    def add_given(self, given: Iterable[str]) -> None:
        """Look for the codes and tokens that a portal gave an application, too."""
        self.texts |= {f"{text[:-8]} {number} of the application": text for number, text in enumerate(given)}

    def found(self, place: Place, name: str, content: bytes) -> list[str]:
        """Return what stands in there and must not."""
        return [
            f"{what} in {name}"
            for what, text in self.texts.items()
            if text.encode() in content and place not in self.allowed.get(what, frozenset())
        ]
