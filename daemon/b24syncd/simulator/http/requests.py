"""From an HTTP request to a method and its parameters.

Sources: php modules/rest/classes/general/rest_util.php `getRequestData` (query string and form first; a JSON body only
with a JSON content type, and only by POST when there is no form; invalid JSON counts as empty), docs
settings/how-to-call-rest-api/general-principles.md (`/rest/USER/SECRET/METHOD`, with or without `.json`).
"""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING

from b24syncd.simulator import php

if TYPE_CHECKING:
    from collections.abc import Iterator

_JSON, _PARTS = "application/json", "multipart/form-data"


def method_of(tail: str) -> str:
    """Return the method named by the last part of the path; `.json` only names the format of the answer."""
    return tail.strip("/").removesuffix(".json").removesuffix(".xml").lower()


def parameters(verb: str, query: str, body: bytes, content_type: str) -> php.Array:
    """Return the parameters of a call; those in the body, which only a POST has, win over those in the query string."""
    found = php.parse_str(query)
    if verb != "POST":
        return found
    kind = content_type.partition(";")[0].strip()
    if kind == _JSON:
        found.update(_from_json(body))
    elif kind == _PARTS:
        found.update(php.variables(_from_parts(body, content_type)))
    elif body:
        # php: with a form's type PHP itself parses it, with any other `getRequestData` does, in the same way
        found.update(php.parse_str(body.decode("utf-8", "replace").strip()))
    return found


def _from_parts(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """Yield the values of a form whose parts are sent one after another; files are no parameters."""
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)
        if isinstance(name, str) and part.get_filename() is None and isinstance(value, bytes):
            yield name, value.decode("utf-8", "replace")


def _from_json(body: bytes) -> php.Array:
    try:
        decoded = php.array(json.loads(body))
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
