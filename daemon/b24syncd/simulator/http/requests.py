"""From an HTTP request to a method and its parameters.

Sources: php modules/rest/classes/general/rest_util.php `getRequestData` (query string and form first; a JSON body only
with a JSON content type, and only when there is no form; invalid JSON counts as empty), docs
settings/how-to-call-rest-api/general-principles.md (`/rest/USER/SECRET/METHOD`, with or without `.json`).
"""

from __future__ import annotations

import json

from b24syncd.simulator import php

_JSON = "application/json"


def method_of(tail: str) -> str:
    """Return the method named by the last part of the path; `.json` only names the format of the answer."""
    return tail.strip("/").removesuffix(".json").removesuffix(".xml").lower()


def parameters(query: str, body: bytes, content_type: str) -> php.Array:
    """Return the parameters of a call; those in the body win over those in the query string."""
    found = php.parse_str(query)
    kind = content_type.partition(";")[0].strip()
    if kind == _JSON:
        found.update(_from_json(body))
    elif body:
        # php: with a form's type PHP itself parses it, with any other `getRequestData` does, in the same way
        found.update(php.parse_str(body.decode("utf-8", "replace").strip()))
    return found


def _from_json(body: bytes) -> php.Array:
    try:
        decoded = php.array(json.loads(body))
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
