"""What product rows make of the amount of their item.

Source: php modules/crm/lib/Field/Opportunity.php and TaxValue.php `processAfterSave` (with rows every save sets the
amount, unless it is reckoned by hand; the tax is always that of the rows).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value


def recalculate(portal: PortalState, item: Item) -> None:
    """Give an item that was just saved the amount and the tax of its rows."""
    rows = portal.product_rows.of((item.entity_type_id, item.id))
    names = portal.table(item.entity_type_id).names
    values: dict[str, Value] = {}
    if rows and "opportunity" in names and item.values.get("isManualOpportunity") != "Y":
        values["opportunity"] = round(sum(row.total for row in rows), 2)
    if "taxValue" in names:
        values["taxValue"] = round(sum(row.tax for row in rows), 2)
    changed = {name: value for name, value in values.items() if (item.values.get(name) or 0.0) != value}
    if changed:
        portal.change(item, changed, (), "api")
