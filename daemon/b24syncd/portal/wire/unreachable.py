"""Why there was no connection to the portal, and what to do about it, in words that hold no secret.

Sources: RFC 9110 for what a proxy answers; OpenSSL's `x509_vfy.h` for the numbers of what is wrong with a certificate.
"""

from __future__ import annotations

import os
import socket
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import aiohttp

from .transport_faults import NotAPortal, NotSent

if TYPE_CHECKING:
    from b24syncd.errors import RetryLater

_EXPIRED, _NOT_YET_VALID = 10, 9
_OTHER_HOST: Final = frozenset({62, 64})
"""The name, and the address, are not those of the certificate."""

_UNKNOWN_ISSUER: Final = frozenset({2, 18, 19, 20, 21})
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
_REFUSED_BY_PROXY: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def no_connection(error: aiohttp.ClientError | TimeoutError, host: str, where: str, proxy: str) -> RetryLater:
    """Return what to raise for a connection to `host` that was not made; `proxy` is empty where there is none."""
    reason = reason_of(error)
    if proxy and isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientConnectorDNSError):
        return NotSent(f"the proxy {proxy} cannot be reached: {reason}; check HTTPS_PROXY, or name {host} in NO_PROXY")
    cure = dns_cure(error)
    return NotSent(f"{where} cannot be reached: {reason}{f'; {cure}' if cure else ''}")


def no_secure_connection(error: aiohttp.ClientSSLError, where: str) -> RetryLater:
    """Return what to raise where TLS failed."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    if isinstance(cause, ssl.SSLEOFError):
        return NotSent(f"{where} cannot be reached: the connection ended before it was secure")
    return NotAPortal(f"no secure connection to {where}: {reason_of(error)}; {_tls_cure(cause)}")


def refused_by_proxy(status: int, host: str, proxy: str) -> RetryLater:
    """Return what to raise for a proxy's answer that is no connection."""
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        cure = "write them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT"
        text = f"the proxy {proxy} wants another user and password (HTTP {status}); {cure}"
        return NotAPortal(text, is_refusal=True)
    text = f"the proxy {proxy} does not connect to {host} (HTTP {status})"
    if status in _REFUSED_BY_PROXY:
        cure = f"let it allow this connection, or name {host} in NO_PROXY"
        return NotAPortal(f"{text}; {cure}", is_refusal=True)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotSent(text)
    return NotAPortal(f"{text}; is HTTPS_PROXY the address of a proxy?")


def dns_cure(error: Exception) -> str:
    """Return what to do about a name that is not found, empty where that may pass or it is about something else."""
    # A machine without a network says the same of every name: whether it will ever be known cannot be told.
    cause = getattr(error, "os_error", error)
    is_unknown = isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN
    return "check how the host is written, and this machine's DNS" if is_unknown else ""


def _tls_cure(cause: object) -> str:
    match cause:
        case ssl.SSLCertVerificationError(verify_code=code) if code in _UNKNOWN_ISSUER:
            return "if an authority of your own issued the certificate, name its file in portal.ca_file"
        case ssl.SSLCertVerificationError(verify_code=code) if code in _OTHER_HOST:
            return "write the host for which the certificate is made into the address"
        case ssl.SSLCertVerificationError(verify_code=code) if code in {_EXPIRED, _NOT_YET_VALID}:
            return "set this machine's clock, or let the portal's certificate be renewed"
        case ssl.SSLCertVerificationError():
            return "let the portal's certificate be mended"
        case ssl.SSLError(reason=reason) if reason in _NO_TLS:
            return "what answers there does not speak TLS; check host and port of the address"
        case _:
            return "let the portal's server speak TLS 1.2 or newer; or check host and port of the address"


def reason_of(error: Exception) -> str:
    """Return why a connection failed, in words that hold no address."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    match cause:
        case ssl.SSLCertVerificationError():
            return str(cause.verify_message).rstrip(".")
        case ssl.SSLError():
            return (cause.reason or "TLS failed").replace("_", " ").lower()
        case socket.gaierror():
            return cause.strerror or "the name is unknown"
        case OSError(errno=int(number)):
            return os.strerror(number)
        case TimeoutError():
            return "no answer to the attempt to connect"
        case _:
            return type(cause).__name__
