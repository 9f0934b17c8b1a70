"""The stages of leads and of the pipelines of deals, and what becomes of one that does not belong there.

Sources: php modules/crm/lib/Field/Stage.php (of a stage that the pipeline does not have the old one stays, without an
error; a new item, or one whose pipeline changes, comes to the first stage of the same semantics) and
classes/general/crm_status.php (`C1:NEW` is a stage of the first pipeline besides the default one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fields import DEAL, LEAD, SMART_INVOICE

if TYPE_CHECKING:
    from .state import PortalState
    from .statuses import Status
    from .values import Value


def stages_of(portal: PortalState, entity_type_id: int, category_id: int) -> list[Status]:
    """Return the stages of a pipeline in their order; smart processes have those that somebody made."""
    if entity_type_id == LEAD:
        return portal.statuses.of("STATUS")
    if entity_type_id == DEAL:
        return portal.statuses.of(f"DEAL_STAGE_{category_id}" if category_id else "DEAL_STAGE")
    name = "SMART_INVOICE" if entity_type_id == SMART_INVOICE else f"DYNAMIC_{entity_type_id}"
    return portal.statuses.of(f"{name}_STAGE_{category_id or 1}")


def settled_stage(
    portal: PortalState, entity_type_id: int, before: dict[str, Value], values: dict[str, Value], *, new: bool
) -> dict[str, Value]:
    """Return the values of a write with the stage that the item really gets."""
    category = int(values.get("categoryId", before.get("categoryId")) or 0)
    moved = int(before.get("categoryId") or 0) != category
    known = {stage.status_id: stage for stage in stages_of(portal, entity_type_id, category)}
    stage = values.get("stageId", before.get("stageId"))
    if not known or stage in known or not (moved or new or "stageId" in values):
        return values
    if not moved and not new:
        return {name: value for name, value in values.items() if name != "stageId"}
    semantics = portal.statuses.semantics_of(stage)
    first = next((one for one in known.values() if one.semantics == semantics), next(iter(known.values())))
    return values | {"stageId": first.status_id}
