"""The certificate of a door: read again as soon as its files change, so that a renewed one needs no new start."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from b24syncd.observe.logs import get_logger

if TYPE_CHECKING:
    from pathlib import Path

log = get_logger()

_Stamp = tuple[int, int, int, int]


class Certificate:
    """What a door proves itself by; whoever connects meets what the files hold then, or what they held when sound."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Read it; raise `OSError` or `ssl.SSLError` where it cannot be used."""
        self._certificate = certificate
        self._key = key
        self._seen = self._stamps()
        self._sound = self._read()
        self.context = self._read()
        self.context.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        # a context of its own for each: one that learns a second certificate may go on showing the first
        connection.context = self._newest()

    def _newest(self) -> ssl.SSLContext:
        stamps = self._stamps()
        if stamps != self._seen:
            self._seen = stamps
            try:
                self._sound = self._read()
            except (OSError, ssl.SSLError) as error:
                # of two files one is renewed first: the other one's change is looked at again
                log.warning("certificate_unusable", why=error.strerror or type(error).__name__)
            else:
                log.info("certificate_renewed")
        return self._sound

    def _read(self) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        made.load_cert_chain(self._certificate, self._key)
        return made

    def _stamps(self) -> tuple[_Stamp | None, ...]:
        return tuple(_stamp(path) for path in (self._certificate, self._key) if path is not None)


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
