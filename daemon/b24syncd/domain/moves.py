"""Moves that a person listed: activities of one item, or one of them, are to go to another."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .entities import EntityType
from .rules import BindingRule, ListedItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .bindings import Binding

SOURCES = {
    entity_type.type_id: entity_type
    for entity_type in (EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY)
}
"""What activities may leave, by the numbers of the types."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row: activities of `source`, or one of them, are to go to `target`."""

    line: int
    source: Binding
    target: Binding
    activity_id: int | None = None


def rules_of(moves: Iterable[Move], name: str) -> dict[Binding, tuple[BindingRule, ...]]:
    """Return rules by the items that activities leave; a row for one activity comes before those for all of them.

    `name` is the file's, by which reviews and the journal call the rule.
    """
    rules: defaultdict[Binding, list[BindingRule]] = defaultdict(list)
    for move in sorted(moves, key=lambda move: (move.activity_id is None, move.line)):
        source, to = SOURCES[move.source.type_id], ListedItem(move.target, move.activity_id)
        rules[move.source].append(BindingRule(name=f"{name} line {move.line}", source=source, to=to))
    return {source: tuple(own) for source, own in rules.items()}
