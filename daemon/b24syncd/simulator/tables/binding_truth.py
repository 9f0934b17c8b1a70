"""What the generated activities are, where each may go, and whether they ended where a rule sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .slugs import Ref

Story = Literal["converted", "duplicated", "split"]
Obstacle = Literal["full", "missing", "refused", "ambiguous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingTruth:
    """One generated activity on a lead.

    `targets` names where it may go: `deal`, `contact`, `company` of a converted lead, `same_company` of one
    who shares a phone, `lead` of a split one. What stands in `obstacles` cannot or must not be reached (`*`: nothing
    can). With a `task_id` the activity is the mirror of that task.
    """

    activity_id: int
    story: Story
    source: Ref
    bindings: frozenset[Ref]
    targets: dict[str, Ref]
    obstacles: dict[str, Obstacle]
    task_id: int = 0


def expected(truth: BindingTruth, target: str, *, copy: bool = False, tasks: bool = False) -> frozenset[Ref]:
    """Return the bindings that an activity must end with when it is sent to a kind of target; `tasks` are sent, too.

    A target that refuses to be changed stops nobody where nothing is bound to it any more, nor a task: links of tasks
    ask for no rights (php: modules/crm/lib/userfield/types/elementtype.php `checkFields`).
    """
    ref = truth.targets.get(target)
    obstacle = truth.obstacles.get(target)
    if obstacle == "refused" and (truth.task_id or ref in truth.bindings):
        obstacle = None
    if ref is None or (truth.task_id and not tasks) or obstacle is not None or "*" in truth.obstacles:
        return truth.bindings
    return truth.bindings | {ref} if copy else truth.bindings - {truth.source} | {ref}
