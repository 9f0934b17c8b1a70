"""Names that findings are told with: titles of fields instead of codes, and links to cards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityType

from .links import card_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.entities import EntityRef

    from .findings import Finding

    FieldTitles = Mapping[str, Mapping[str, str]]
    """The titles of fields, by name, of each type of items."""

AnyFinding = TypeVar("AnyFinding", bound="Finding")


@dataclass(frozen=True, slots=True)
class Naming:
    """The portal's `host`, and the `titles` of its fields that are known; without a host nothing is linked."""

    host: str = ""
    titles: FieldTitles = field(default_factory=dict)

    def named(self, finding: AnyFinding) -> AnyFinding:
        """Return a finding with the title of its field and a link to its card."""
        slot = finding.point
        title = self.titles.get(finding.item.type.value, {}).get(slot, slot) if isinstance(slot, str) else ""
        url = card_url(self.host, finding.item, _owner(finding)) if self.host else ""
        return replace(finding, field_title=title, url=url)


def _owner(finding: Finding) -> EntityRef | None:
    """Return the item that an activity hangs on before it is rebound, where that is told."""
    if finding.item.type is not EntityType.ACTIVITY:
        return None
    try:
        return Binding.parse((finding.before or "").partition(",")[0]).ref
    except ValueError:
        return None
