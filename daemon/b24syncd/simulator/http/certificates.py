"""TLS for a loopback portal: an authority made at the start, known to nobody who is not told."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

NAMES = ("127.0.0.1", "localhost", "::1")


class TlsUnavailable(Exception):
    """What is needed to make a certificate is not installed."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """A server's TLS context and the authority (PEM) that a client has to trust."""

    context: ssl.SSLContext
    authority: bytes


def issue() -> Certificates:
    """Make an authority and a certificate for the loopback names."""
    try:
        import trustme  # noqa: PLC0415 - installed with the tests only, and needed only here
    except ImportError as error:
        message = "TLS needs the package trustme: pip install 'b24syncd[test]', or serve without TLS"
        raise TlsUnavailable(message) from error
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    return Certificates(context, authority.cert_pem.bytes())
