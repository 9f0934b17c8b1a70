"""Which commands fit into one request together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.wire.phpquery import NotExpressible, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.portal.wire.commands import Command


def encoded(commands: Sequence[Command]) -> list[str | None]:
    """Return the encoded parameters of every command, None for one that cannot be in a batch."""
    if len(commands) == 1:
        return [None]
    queries: list[str | None] = []
    for command in commands:
        try:
            queries.append(encode(command.params))
        except NotExpressible:
            queries.append(None)
    return queries


def next_chunk(pending: Sequence[int], queries: Sequence[str | None], *, in_order: bool = False) -> list[int]:
    """Return the commands for the next request: one that cannot be in a batch, or as many as a batch holds."""
    if queries[pending[0]] is None:
        return [pending[0]]
    chunk: list[int] = []
    for index in pending:
        if queries[index] is not None:
            chunk.append(index)
        elif in_order:
            break
        if len(chunk) == MOST_COMMANDS:
            break
    return chunk
