"""Keep secrets and personal data out of what is logged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType

PERSONAL_FIELDS: Final = frozenset({"value", "before", "after", "suggestion", "raw"})
"""Fields that carry what people wrote into the CRM; seen at debug level only."""

HIDDEN: Final = "***"
_WEBHOOK: Final = re.compile(r"(?i)(/rest/[0-9]+/)[A-Za-z0-9_-]{6,}(?=[/\s\"'?]|$)")


class Redaction:
    """Hides the secrets it was given, and whatever looks like a webhook's."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Remember the secrets; the longest go first, so that no part of one is left over."""
        known = sorted((secret for secret in secrets if secret), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """Return `text` without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return _WEBHOOK.sub(rf"\1{HIDDEN}", text)

    def plain(self, value: object) -> object:
        """Return `value` made of plain values only, without secrets in any string, however deep."""
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self.text(value)
            case bytes():
                return self.text(value.decode(errors="replace"))
            case Mapping():
                return {self.text(str(key)): self.plain(inner) for key, inner in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.plain(inner) for inner in value]
            case _:
                return self.text(str(value))


def brief(error: BaseException) -> str:
    """Return the classes and places of an exception and its causes, without any of their texts."""
    seen: list[BaseException] = []
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        parts.append(f"{type(current).__name__}{_place(current.__traceback__)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return ", from ".join(parts)


def _place(traceback: TracebackType | None) -> str:
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    path = PurePath(traceback.tb_frame.f_code.co_filename)
    return f" in {path.parent.name}/{path.name}:{traceback.tb_lineno}"
