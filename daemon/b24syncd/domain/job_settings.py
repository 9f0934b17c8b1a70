"""What a person wrote about jobs whose rules only the portal completes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .entities import EntityType


class JobSettings(Protocol):
    """Settings of one job, which become rules once the portal is asked: types, fields and values are named in them."""

    @property
    def types(self) -> frozenset[EntityType]:
        """The types of items that the job is for, as far as the settings alone tell them."""
