"""Texts that are kept in the state so that only who has a key reads them: AES-GCM of the library `cryptography`.

The key that a person keeps may be any long text: what encrypts is derived from it by HKDF (RFC 5869). A sealed text is
bound to what it is about: under another name it cannot be opened, however right the key is.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "1"
_NONCE_BYTES = 12
_KEY_BYTES = 32


def seal(text: str, key: str, about: str) -> str:
    """Return `text` sealed with `key`, bound to what it is `about`."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + _cipher(key).encrypt(nonce, text.encode(), about.encode())
    return f"{_VERSION}.{base64.urlsafe_b64encode(sealed).decode()}"


def unseal(sealed: str, key: str, about: str) -> str | None:
    """Return the text; None where it was sealed with another key, about something else, or is damaged."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # takes long, and most commands need none of it

    version, _, encoded = sealed.partition(".")
    try:
        content = base64.urlsafe_b64decode(encoded) if version == _VERSION else b""
        return _cipher(key).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], about.encode()).decode()
    except (InvalidTag, ValueError):
        return None


def _cipher(key: str) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # takes long
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"b24syncd tokens").derive(key.encode())
    return AESGCM(derived)
