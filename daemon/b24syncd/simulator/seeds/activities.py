"""Leads with a past: converted, duplicated, split; their calls, mails, to-dos, tasks, and where these belong."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

from b24syncd.simulator.tables.activity_fields import ACTIVITY, CALL, EMAIL, INCOMING, OUTGOING, PROVIDER
from b24syncd.simulator.tables.binding_truth import BindingTruth
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.simulator.tables.activities import Activity
    from b24syncd.simulator.tables.binding_truth import Obstacle, Story
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value

_YEAR = 365 * 86400
_KINDS = (
    (CALL, "VOXIMPLANT_CALL", "CALL", "Звонок"),
    (CALL, "VOXIMPLANT_CALL", "CALL", "Звонок"),
    (EMAIL, "CRM_EMAIL", "EMAIL", "Письмо"),
    (EMAIL, "CRM_EMAIL", "EMAIL", "Письмо"),
    (PROVIDER, "CRM_TODO", "TODO", "Позвонить"),
)
_TASK_SHARE = 0.08
_OLD_MIRROR_SHARE = 0.1
_SECOND_BINDING_SHARE = 0.25
_DEAL_SHARE = 0.6
_CONTACT_SHARE = 0.9
_FILLERS = 99
_GROUP = 3
"""So many leads are one customer."""


def generate_activities(  # noqa: PLR0913 - one number per story
    portal: PortalState,
    seed: int,
    *,
    converted: int = 0,
    duplicated: int = 0,
    split: int = 0,
    activities: float = 5,
    obstacles: float = 0.04,
) -> None:
    """Add leads with about so many activities each; the same seed and numbers give the same portal.

    A share of them meets `obstacles`: a target that is deleted or refused, an activity that is refused or has a hundred
    bindings, a phone that two companies share. The truth goes to `portal.binding_truth`.
    """
    world = _World(portal, Random(seed), activities, obstacles)  # noqa: S311 - made-up customers, nothing secret
    for _ in range(converted):
        _converted(world)
    for number in range(duplicated):
        if number % _GROUP == 0:
            _duplicated(world, min(_GROUP, duplicated - number))
    for _ in range(split):
        _split(world)


@dataclass(slots=True)
class _World:
    """What all stories share."""

    portal: PortalState
    rng: Random
    activities: float
    obstacles: float
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    fillers: list[Ref] = field(default_factory=list)

    def item(self, entity_type_id: int, *phones: str, **values: Value) -> Item:
        """Create an item of some day of last year."""
        whole: dict[str, Value] = {"createdBy": 1, "updatedBy": 1, "assignedById": 1, "opened": "Y", **values}
        points = [PointChange(None, "PHONE", "WORK", phone) for phone in phones]
        return self.portal.create(entity_type_id, whole, points, "generator", self.second())

    def second(self) -> int:
        """Return some second of last year."""
        return int(self.portal.clock()) - 3600 - self.rng.randrange(_YEAR)

    def strikes(self) -> bool:
        """Return whether an obstacle comes up."""
        return self.rng.random() < self.obstacles

    def phones(self) -> tuple[str, str, str]:
        """Return one number in three spellings that the portal takes for the same."""
        digits = f"{next(self.numbers):07}"
        grouped = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
        return f"+7916{digits}", f"8 (916) {grouped}", f"+7 916 {grouped}"

    def filled(self, source: Ref) -> list[Ref]:
        """Return a hundred bindings, the source the first of them."""
        if not self.fillers:
            self.fillers = [_ref(self.item(DEAL, title=f"Архив {number}")) for number in range(_FILLERS)]
        return [source, *self.fillers]

    def amount(self) -> int:
        """Return how many activities a lead has."""
        return self.rng.randint(0, round(2 * self.activities))


def _ref(item: Item) -> Ref:
    return item.entity_type_id, item.id


def _converted(world: _World) -> None:
    rng, portal, number = world.rng, world.portal, next(world.numbers)
    phone = world.phones()
    targets: dict[str, Item] = {"company": world.item(COMPANY, phone[0], title=f"Компания {number}")}
    links: dict[str, Any] = {"companyId": targets["company"].id}
    if rng.random() < _CONTACT_SHARE:
        targets["contact"] = world.item(CONTACT, phone[1], name="Анна", lastName=f"№{number}", **links)
        links["contactId"] = targets["contact"].id
    if rng.random() < _DEAL_SHARE:
        targets["deal"] = world.item(DEAL, title=f"Сделка {number}", stageId="NEW", categoryId=0, **links)
    fields = {"title": f"Лид {number}", "stageId": "CONVERTED", "dateClosed": world.second(), **links}
    lead = world.item(LEAD, phone[2], **fields)
    for item in targets.values():
        item.values["leadId"] = lead.id
    story = _Story("converted", _ref(lead), {kind: _ref(item) for kind, item in targets.items()})
    if world.strikes():
        portal.delete(targets["company"], "generator")
        story.obstacles["company"] = "missing"
    elif world.strikes():
        portal.frozen.add(story.targets["company"])
        story.obstacles["company"] = "refused"
    story.tell(world)


def _duplicated(world: _World, leads: int) -> None:
    number, phones = next(world.numbers), world.phones()
    company = world.item(COMPANY, phones[0], title=f"Клиент {number}")
    ambiguous = world.strikes()
    if ambiguous:
        world.item(COMPANY, phones[1], title=f"Клиент {number} (филиал)")
    for _ in range(leads):
        lead = world.item(LEAD, world.rng.choice(phones), title=f"Письмо с сайта {number}", stageId="NEW")
        story = _Story("duplicated", _ref(lead), {"same_company": _ref(company)})
        if ambiguous:
            story.obstacles["same_company"] = "ambiguous"
        story.tell(world)


def _split(world: _World) -> None:
    number = next(world.numbers)
    lead = world.item(LEAD, world.phones()[0], title=f"Два заказа {number}", stageId="IN_PROCESS")
    other = world.item(LEAD, world.phones()[0], title=f"Второй заказ {number}", stageId="NEW")
    _Story("split", _ref(lead), {"lead": _ref(other)}).tell(world)


@dataclass(slots=True)
class _Story:
    """One lead and where its activities may go."""

    story: Story
    source: Ref
    targets: dict[str, Ref]
    obstacles: dict[str, Obstacle] = field(default_factory=dict)

    def tell(self, world: _World) -> None:
        """Create the lead's activities and keep what is true of them."""
        world.portal.activities.watch.expect(self.source, *self.targets.values())
        for _ in range(world.amount()):
            self._activity(world)

    def _activity(self, world: _World) -> None:
        portal, obstacles = world.portal, dict(self.obstacles)
        task_id = 0
        if world.rng.random() < _TASK_SHARE:
            task_id, activity = self._task(world)
        elif world.strikes():
            activity = _some_activity(world, world.filled(self.source))
            if self.story != "split":
                obstacles["*"] = "full"
        else:
            activity = _some_activity(world, self._bindings(world))
            if world.strikes():
                portal.frozen.add((ACTIVITY, activity.id))
                obstacles["*"] = "refused"
        # of a split lead some activities go and some stay
        stays = self.story == "split" and world.rng.random() < 0.5  # noqa: PLR2004 - half of them
        portal.binding_truth.append(
            BindingTruth(
                activity_id=activity.id,
                story=self.story,
                source=self.source,
                bindings=frozenset(activity.bindings),
                targets={} if stays else self.targets,
                obstacles=obstacles,
                task_id=task_id,
            )
        )

    def _bindings(self, world: _World) -> list[Ref]:
        """Return the source, sometimes with one more: another target, the very target, or a stranger."""
        if world.rng.random() >= _SECOND_BINDING_SHARE:
            return [self.source]
        there = [ref for ref in self.targets.values() if world.portal.find(*ref) is not None]
        others = [*there, _ref(world.item(DEAL, title="Допродажа", stageId="NEW", categoryId=0))]
        return [self.source, world.rng.choice(others)]

    def _task(self, world: _World) -> tuple[int, Activity]:
        values: dict[str, Value] = {"title": "Подготовить договор", "responsibleId": 1, "createdBy": 1}
        old = world.rng.random() < _OLD_MIRROR_SHARE
        task = world.portal.tasks.create(values, [self.source], "generator", at=world.second(), old_mirror=old)
        return task.id, world.portal.activities.rows[world.portal.activities.by_task[task.id]]


def _some_activity(world: _World, bindings: list[Ref]) -> Activity:
    type_id, provider, provider_type, subject = world.rng.choice(_KINDS)
    second = world.second()
    values: dict[str, Value] = {
        "typeId": type_id,
        "providerId": provider,
        "providerTypeId": provider_type,
        "subject": f"{subject} {next(world.numbers)}",
        "startTime": second,
        "endTime": second + 600,
        "deadline": second,
        "responsibleId": 1,
        "authorId": 1,
        "editorId": 1,
        "completed": "Y" if type_id != PROVIDER or world.rng.random() < 0.5 else "N",  # noqa: PLR2004 - half of them
        "direction": 0 if type_id == PROVIDER else world.rng.choice((INCOMING, OUTGOING)),
    }
    values["status"] = 2 if values["completed"] == "Y" else 1
    kind = {CALL: "PHONE", EMAIL: "EMAIL"}.get(type_id)
    value = "+79160000000" if kind == "PHONE" else "kunde@example.com"
    communications = [] if kind is None else [(kind, value, bindings[0])]
    return world.portal.activities.create(values, bindings, "generator", communications=communications, at=second)
