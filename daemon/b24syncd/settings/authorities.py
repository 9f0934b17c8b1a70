"""The file with certificates of authorities that are trusted besides the system's: `portal.ca_file`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from b24syncd.errors import Problem

from .webhook import without_secrets

_MOST_BYTES: Final = 4 * 1024 * 1024
_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"
_TRUSTED: Final = "-----BEGIN TRUSTED CERTIFICATE-----"


def authorities_path(written: str, base: Path | None) -> Path:
    """Return where the file is; a relative path begins at `base`."""
    return (base or Path.cwd()) / Path(os.path.expanduser(written))  # noqa: PTH111  # an unknown ~user is no failure


def read_authorities(path: Path, key: str) -> str | Problem:
    """Return the certificates in a file, in PEM, or what is wrong with it."""
    shown = without_secrets(str(path))

    def problem(message: str, cure: str) -> Problem:
        return Problem(key, message, cure, shown)

    try:
        if path.is_dir():
            return problem("this is a directory", "name the file that holds the authority's certificate")
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError as error:
        cure = "create it, or let the user of this process read it"
        return problem(f"the file cannot be read: {error.strerror}", cure)
    text = content.decode("utf-8-sig", "replace")
    if _BEGIN not in text:
        cure = "put the authority's certificate in it, in PEM: it begins with -----BEGIN CERTIFICATE-----"
        if _TRUSTED in text:
            cure = "convert it: openssl x509 -in FILE -out NEW"
        elif content.startswith(b"\x30\x82"):
            cure = "this looks like DER; convert it to PEM: openssl x509 -inform DER -in FILE -out NEW"
        return problem("there is no certificate in the file", cure)
    # Only the certificates: whatever else a bundle holds, be it a key by mistake, is none of our business.
    blocks = text.split(_BEGIN)[1:]
    certificates = "".join(f"{_BEGIN}{block.partition(_END)[0]}{_END}\n" for block in blocks)
    import ssl  # noqa: PLC0415  # takes long, and most portals need none of these

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=certificates)
    except (ssl.SSLError, ValueError):
        return problem("a certificate in the file is damaged", "copy it anew, from its BEGIN line to its END line")
    if not context.get_ca_certs():
        return problem("the file holds a server's certificate, and none of an authority", "name the authority's file")
    return certificates
