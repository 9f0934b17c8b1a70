"""Large mail providers, and the misspellings of their domains.

Names that are one slip away from a provider's are asked about only where the provider's is long and nobody else's;
`mail.ru`, `list.ru` or `web.de` have many honest neighbours, so their misspellings are listed.
"""

from __future__ import annotations

from dataclasses import dataclass

from .mistyping import Slip, likeliest, slip
from .top_level_domains import exists


@dataclass(frozen=True, slots=True)
class _Provider:
    name: str
    endings: tuple[str, ...]
    """Where it has mailboxes, the most common one first."""
    national: bool = False
    """It has mailboxes under many countries' domains."""
    distinct: bool = False
    """Nobody else has a name like this."""

    @property
    def home(self) -> str:
        return f"{self.name}.{self.endings[0]}"

    @property
    def only_one(self) -> bool:
        return self.distinct and not self.national and len(self.endings) == 1

    def has(self, ending: str) -> bool:
        return ending in self.endings or (self.national and _is_national(ending))

    def meant_by(self, ending: str) -> str | None:
        """Return the provider's domain that a wrong ending stands for."""
        if repeated := self._repeated(ending):
            return f"{self.name}.{repeated}"
        if exists(ending.rpartition(".")[2]):
            if self.distinct and ((self.national and ending in _NOT_NATIONAL) or self._lacks_a_letter(ending)):
                return f"{self.name}.com"
            return self.home if self.only_one else None
        found = likeliest(ending, self.endings) or self._begins(ending)
        return f"{self.name}.{found}" if found else None

    def _repeated(self, ending: str) -> str | None:
        """Return its ending that another one was written behind (`mail.ru.ru`, `mail.ru.com`)."""
        first, _, second = ending.partition(".")
        is_mailbox = first in self.endings and first not in _SECOND_LEVELS
        return first if second and (first == second or (is_mailbox and second in _REPEATED)) else None

    def _lacks_a_letter(self, ending: str) -> bool:
        return ending in _WRONG_COM and "com" in self.endings

    def _begins(self, ending: str) -> str | None:
        """Return the one ending that was broken off after its first letter."""
        found = [each for each in self.endings if len(ending) == 1 and each.startswith(ending)]
        return found[0] if len(found) == 1 else None


_WRONG_COM = frozenset({"co", "cm", "om"})
"""Countries' domains that are mistyped `com` where no such mailboxes exist."""
_NOT_NATIONAL = _WRONG_COM | {"ru"}
_REPEATED = frozenset({"com", "ru", "net"})
_SECOND_LEVELS = frozenset({"co", "com"})
_LETTERS_OF_A_COUNTRY = 2


def _is_national(ending: str) -> bool:
    second, _, country = ending.rpartition(".")
    return (
        len(country) == _LETTERS_OF_A_COUNTRY
        and exists(country)
        and (second in _SECOND_LEVELS or (not second and country not in _NOT_NATIONAL))
    )


def _named(text: str, *, national: bool = False, distinct: bool = False) -> list[_Provider]:
    lines = (line.split() for line in text.strip().splitlines())
    return [_Provider(name, tuple(endings), national, distinct) for name, *endings in lines]


_DISTINCT = [
    *_named(
        """
        gmail com
        googlemail com
        icloud com
        rambler ru ua
        protonmail com ch
        t-online de hu
        wanadoo fr es nl be co.uk
        laposte net
        rediffmail com
        """,
        distinct=True,
    ),
    *_named(
        """
        hotmail com ru
        outlook com
        yahoo com
        yandex ru com by kz ua
        """,
        national=True,
        distinct=True,
    ),
]
_PROVIDERS = {
    each.name: each
    for each in (
        *_DISTINCT,
        *_named("live com ru\nmsn com\naol com", national=True),
        *_named(
            """
            mail ru com ua kz by de ee
            bk ru
            list ru
            inbox ru lv lt
            internet ru
            ya ru
            ukr net
            i ua
            meta ua
            bigmir net
            tut by
            gmx de net at ch com
            web de
            freenet de
            me com
            mac com
            proton me
            ymail com
            seznam cz
            centrum cz
            wp pl
            o2 pl
            onet pl
            interia pl
            libero it
            orange fr
            free fr
            sfr fr
            comcast net
            naver com
            qq com
            163 com
            """
        ),
    )
}

_LISTED = {
    "gmail.com": "gmailcom.com g-mail.com",
    "yandex.ru": "yandeks.ru jandex.ru",
    "mail.ru": "mai.ru maill.ru meil.ru maul.ru maio.ru mial.ru maiil.ru",
    "inbox.ru": "inbx.ru imbox.ru",
    "web.de": "wbe.de",
    "t-online.de": "tonline.de",
    "ukr.net": "ukt.net",
    "tut.by": "tut.bt",
}
_TYPOS = {typo: right for right, typos in _LISTED.items() for typo in typos.split()}

# Honest neighbours.
_OTHERS = frozenset(
    {"gmail.hu", "gomail.com", "grail.com", "gail.com", "gmall.com", "hostmail.com", "incloud.com", "iscloud.com"}
)


_WITHOUT_DOTS = {
    f"{each.name}{ending}".replace(".", ""): f"{each.name}.{ending}" for each in _DISTINCT for ending in each.endings
}
"""A dot that slipped (`gmailc.om`) leaves the letters of a name that nobody else has."""


def misspelt(domain: str) -> str | None:
    """Return the provider's domain that a domain is taken to be a misspelling of; the domain may be no valid one."""
    if domain in _OTHERS:
        return None
    if domain in _TYPOS:
        return _TYPOS[domain]
    if right := _WITHOUT_DOTS.get(domain.replace(".", "")):
        return right if right != domain else None
    name, _, ending = domain.partition(".")
    if provider := _PROVIDERS.get(name):
        return None if provider.has(ending) else provider.meant_by(ending)
    found = {right for each in _DISTINCT if (right := _near(name, ending, each))}
    return found.pop() if len(found) == 1 else None


def without_dot(text: str) -> str | None:
    """Return the provider's domain that was written without its dot (`gmailcom`), or without its only ending."""
    found = {
        f"{each.name}.{ending}"
        for each in _PROVIDERS.values()
        for ending in each.endings
        if text == each.name + ending or (each.only_one and text == each.name)
    }
    return found.pop() if len(found) == 1 else None


def _near(name: str, ending: str, provider: _Provider) -> str | None:
    """Return the provider's domain if the name is one slip away from its name; the first letter is seldom wrong."""
    made = slip(name, provider.name)
    if made is None or (name[0] != provider.name[0] and made is not Slip.SWAPPED):
        return None
    if provider.has(ending):
        return f"{provider.name}.{ending}"
    return provider.meant_by(ending) if made is Slip.SWAPPED else None
