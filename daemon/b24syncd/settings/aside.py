"""What is wrong with the settings of health and notices, without which all the other work is done all the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from .http import find_http
from .http_section import HttpSection
from .notify import NotifySection
from .sections import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from b24syncd.errors import Problem

    from .environment import Overrides

_AnySection = TypeVar("_AnySection", bound=Section)


def problems_aside(
    written: Mapping[str, object], overrides: Overrides, environ: Mapping[str, str], base: Path | None
) -> Iterator[Problem]:
    """Yield what keeps health from being served and notices from going out, where their tables are right as such."""
    http = _section(HttpSection, written.get("http"))
    if http is not None and http.listen is not None:
        yield from find_http(http.model_dump(), overrides, environ, base).problems
    notify = _section(NotifySection, written.get("notify"))
    if notify is not None:
        yield from notify.as_settings().problems()


def _section(kind: type[_AnySection], written: object) -> _AnySection | None:
    """Return a table; None where something of it is wrong, which is told with the whole document."""
    try:
        return kind.model_validate_json(json.dumps({} if written is None else written, default=str))
    except ValidationError:
        return None
