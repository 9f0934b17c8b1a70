"""The order of a card: its sections, and the fields in each, as people arranged them in the portal.

Docs: api-reference/crm/universal/item-details-configuration/crm-item-details-configuration-get.md; elements that stand
for several fields: php modules/crm/lib/Service/EditorAdapter.php, components of the four classic types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .fields import CardField

_SEVERAL = {
    "OPPORTUNITY_WITH_CURRENCY": ("OPPORTUNITY", "CURRENCY_ID", "IS_MANUAL_OPPORTUNITY"),
    "CLIENT": ("COMPANY_ID", "CONTACT_IDS"),
    "CONTACT": ("CONTACT_IDS",),
    "COMPANY": ("COMPANY_ID", "COMPANY_IDS"),
    "OBSERVER": ("OBSERVERS",),
    "STATUS_ID": ("STAGE_ID",),
    "UTM": ("UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM"),
    "PHONE": ("FM",),
    "EMAIL": ("FM",),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a card: its title, and what stands in it, by the codes of the portal."""

    title: str
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together; the title is empty for those that no section shows."""

    title: str
    fields: tuple[CardField, ...]


def parse_layout(told: Any) -> tuple[Section, ...]:  # noqa: ANN401 # JSON as it came
    """Return the sections that the portal told; none where nobody arranged the card, or for what is no layout."""
    rows = list(told.values()) if isinstance(told, dict) else told
    sections: list[Section] = []
    for row in rows if isinstance(rows, list) else ():
        elements = row.get("elements") if isinstance(row, dict) else None
        if isinstance(elements, dict):
            elements = list(elements.values())
        if isinstance(elements, list):
            names = tuple(str(one["name"]) for one in elements if isinstance(one, dict) and one.get("name"))
            sections.append(Section(str(row.get("title") or ""), names))
    return tuple(sections)


def grouped(fields: Mapping[str, CardField], layout: Iterable[Section]) -> tuple[Group, ...]:
    """Return the fields as the card shows them, and behind them in one group those that it does not show."""
    by_code = {field.upper_name: field for field in fields.values()}
    left = dict(by_code)
    groups: list[Group] = []
    for section in layout:
        codes = [code for element in section.elements for code in _SEVERAL.get(element, (element,))]
        own = [left.pop(code) for code in dict.fromkeys(codes) if code in left]
        if own:
            groups.append(Group(section.title, tuple(own)))
    return (*groups, Group("", tuple(left.values()))) if left else tuple(groups)
