"""The stages of leads and of the pipelines of the other types, and what becomes of one that does not belong there.

Sources: php modules/crm/lib/Field/Stage.php (of a stage that the pipeline does not have the old one stays, without an
error; a new item, or one whose pipeline changes, comes to the first stage of the same semantics) and
classes/general/crm_status.php (`C1:NEW` is a stage of the first pipeline besides the default one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.tables.statuses import stages_name

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.statuses import Status
    from b24syncd.simulator.tables.values import Value


def default_pipeline(portal: PortalState, entity_type_id: int) -> int:
    """Return the id of the pipeline that a new item comes to."""
    default = portal.categories.default_of(entity_type_id)
    return 0 if default is None else default.id


def stages_of(portal: PortalState, entity_type_id: int, category_id: int) -> list[Status]:
    """Return the stages of a pipeline in their order."""
    return portal.statuses.of(stages_name(entity_type_id, category_id))


def settled_stage(
    portal: PortalState, entity_type_id: int, before: dict[str, Value], values: dict[str, Value], *, new: bool
) -> dict[str, Value]:
    """Return the values of a write with the stage that the item really gets."""
    default = default_pipeline(portal, entity_type_id)
    category, old = (
        default if known is None else int(known)
        for known in (values.get("categoryId", before.get("categoryId")), before.get("categoryId"))
    )
    known = {stage.status_id: stage for stage in stages_of(portal, entity_type_id, category)}
    stage = values.get("stageId", before.get("stageId"))
    moved = old != category
    if not known or stage in known or not (moved or new or "stageId" in values):
        return values
    if not moved and not new:
        return {name: value for name, value in values.items() if name != "stageId"}
    semantics = portal.statuses.semantics_of(stage)
    first = next((one for one in known.values() if one.semantics == semantics), next(iter(known.values())))
    return values | {"stageId": first.status_id}
