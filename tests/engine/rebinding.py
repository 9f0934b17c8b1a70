"""What tests of rebinding share: rules, leads with activities, and what must hold of every binding."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.domain.bindings import Binding
from b24syncd.domain.moves import Move
from b24syncd.simulator.people.person import Action, Person, PersonEdit, Trigger
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD, CustomField, FieldType
from b24syncd.simulator.tables.slugs import parse
from b24syncd.simulator.tables.tasks import TASK

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.tables.slugs import Ref

    MakeWorld = Callable[..., Coroutine[None, None, World]]

ADD, DELETE, MOVE = (f"crm.activity.binding.{name}" for name in ("add", "delete", "move"))
WITNESS = "crm.activity.binding.list"
SET_LINKS = "tasks.task.update"
WRITES = (ADD, DELETE, MOVE, SET_LINKS, "crm.activity.update")

LINK_FIELD = CustomField(LEAD, "UF_CRM_1720019876001", "Belongs to", FieldType.LINK)
WITH_TASKS = {"scopes": ("crm", "user_brief", "task"), "custom_fields": (LINK_FIELD,)}
"""Options of a portal whose webhook sees tasks, and whose leads have a field that links items."""

CONVERTED = '{ stageId = "CONVERTED" }'


def rule(name: str = "leads", source: str = "lead", to: str = "company", **keys: str) -> str:
    """Return a rule; further keys as they are written in TOML."""
    written = {"name": f'"{name}"', "from": f'"{source}"', "to": f'"{to}"'} | keys
    return "[[jobs.bindings.rules]]\n" + "".join(f"{key} = {value}\n" for key, value in written.items())


BY_FIELD = f"field:{LINK_FIELD.code}"


def item(world: World, type_id: int, **values: Any) -> Ref:  # noqa: ANN401 # any value of a field
    """Add an item that nobody changed for a long time."""
    created = world.portal.create(type_id, values, [], "generator", int(world.portal.clock()) - 86400)
    return created.entity_type_id, created.id


def company(world: World) -> Ref:
    return item(world, COMPANY, title="A company")


def lead_of(world: World, *targets: Ref, stage: str = "CONVERTED") -> Ref:
    """Add a lead that is linked with a company, a contact or a deal, and by its field with another lead."""
    names = {COMPANY: "companyId", CONTACT: "contactId"}
    values: dict[str, object] = {names[type_id]: item_id for type_id, item_id in targets if type_id in names}
    linked = [item_id for type_id, item_id in targets if type_id == LEAD]
    values |= {"ufCrm_1720019876001": f"L_{linked[0]}"} if linked else {}
    lead = item(world, LEAD, title="A lead", stageId=stage, **values)
    for type_id, item_id in targets:
        deal = world.portal.find(type_id, item_id) if type_id == DEAL else None
        if deal is not None:
            deal.values["leadId"] = lead[1]
    if targets:
        world.portal.activities.watch.expect(lead, *targets)
    return lead


def call(world: World, *bindings: Ref, **values: Any) -> int:  # noqa: ANN401 # any value of a field
    """Add a completed incoming call of yesterday."""
    whole: dict[str, Any] = {
        "typeId": 2,
        "providerId": "VOXIMPLANT_CALL",
        "direction": 1,
        "completed": "Y",
        "status": 2,
    } | values
    at = int(world.portal.clock()) - 86400
    return world.portal.activities.create(whole, bindings, "generator", at=at).id


def task(world: World, *links: Ref) -> tuple[int, int]:
    """Add a task; return its id and that of the activity that mirrors it."""
    values: dict[str, Any] = {"title": "A task", "responsibleId": 1, "createdBy": 1}
    made = world.portal.tasks.create(values, links, "generator", at=int(world.portal.clock()) - 86400)
    return made.id, world.portal.activities.by_task[made.id]


@dataclass
class Small:
    """A world in which every kind of write is needed, and what each activity has to hang on in the end."""

    world: World
    must_be: dict[int, set[Ref]]
    links: dict[int, set[Ref]]

    def assert_right(self) -> None:
        """Hold that everything is where it belongs."""
        assert {activity: bound(self.world, activity) for activity in self.must_be} == self.must_be
        tasks = self.world.portal.tasks.rows
        assert {task_id: set(tasks[task_id].links) for task_id in self.links} == self.links


async def small(make_world: MakeWorld, *, leads: int = 3, **options: object) -> Small:
    """Return a portal with converted leads, leads that another stands for, and tasks, each so often."""
    world = await make_world(**WITH_TASKS | options)
    world.rebind_by(rule("converted", where=CONVERTED), rule("twins", to=BY_FIELD, where='{ stageId = "NEW" }'))
    found = Small(world, {}, {})
    stranger = item(world, DEAL, title="A stranger")
    for _ in range(leads):
        target, twin = company(world), lead_of(world, stage="IN_PROCESS")
        lead, other = lead_of(world, target), lead_of(world, twin, stage="NEW")
        found.must_be |= {
            call(world, lead): {target},
            call(world, lead, stranger): {target, stranger},
            call(world, lead, target): {target},
            call(world, other): {twin},
            call(world, other, stranger): {twin, stranger},
            call(world, lead, other): {target, twin},
        }
        task_id, mirror = task(world, lead, stranger)
        found.links[task_id] = found.must_be[mirror] = {target, stranger}
    return found


def bound(world: World, activity_id: int) -> set[Ref]:
    return set(world.portal.activities.rows[activity_id].bindings)


def bind(activity_id: int, value: str) -> PersonEdit:
    return PersonEdit(action=Action.BIND, entity_type_id=ACTIVITY, item_id=activity_id, value=value)


def unbind(activity_id: int, value: str) -> PersonEdit:
    return PersonEdit(action=Action.UNBIND, entity_type_id=ACTIVITY, item_id=activity_id, value=value)


def set_links(task_id: int, value: str) -> PersonEdit:
    return PersonEdit(action=Action.SET_LINKS, entity_type_id=TASK, item_id=task_id, value=value)


def at(method: str, item_id: int, moment: str = "before", nth: int = 1) -> Trigger:
    """Return the moment of a command that names this activity or task."""
    type_id = TASK if method.startswith("tasks.") else ACTIVITY
    return Trigger(method=method, moment=moment, nth=nth, entity_type_id=type_id, item_id=item_id)


def written(world: World) -> Counter[str]:
    """Count the commands that write, refused ones as well."""
    commands = world.portal.history.commands
    return Counter({method: commands[method] for method in WRITES if commands[method]})


def listed(*rows: tuple[Ref, Ref]) -> tuple[Move, ...]:
    """Return the moves of a list, given as pairs of source and target."""
    return tuple(Move(line, Binding(*source), Binding(*target)) for line, (source, target) in enumerate(rows, 2))


def reviews(world: World) -> list[tuple[EntityRef, str]]:
    return [(review.ref, review.reason) for review in world.reviews()]


def assert_unbroken(world: World) -> None:
    """Hold what must be true of every run, whatever happened during it."""
    history = world.portal.history
    assert history.breaches == []
    assert history.binding_overlaps == 0
    assert history.limit_errors == {}
    assert world.outcomes()["intent"] == 0


def made(world: World) -> Counter[Correction]:
    """Count the corrections that the journal tells as made."""
    return Counter(entry.correction for entry in world.journal() if entry.outcome.value in {"done", "unverified"})


def assert_nothing_twice(world: World) -> None:
    """Hold that no correction is told twice as made; true where no person interferes."""
    assert [correction for correction, number in made(world).items() if number > 1] == []


async def assert_settled(world: World) -> None:
    """Hold that another walk sends no command that writes."""
    assert_unbroken(world)
    before = written(world)
    await world.backfill()
    assert written(world) == before


class Considerate(Person):
    """A person who never edits between a witness and its write."""

    def before(self, call: Call) -> RestError | None:
        return None if call.method in {ADD, DELETE, MOVE, SET_LINKS} else super().before(call)


def lost_bindings(world: World) -> list[tuple[int, Ref]]:
    """Return what a person bound, did not take off again, and is not there any more.

    An old mirror does not hand its bindings to its task: the portal itself drops them when the task is saved.
    """
    lost: list[tuple[int, Ref]] = []
    for activity, row in world.portal.activities.rows.items():
        if row.values["providerId"] == "TASKS":
            continue
        kept: set[Ref] = set()
        for edit in world.portal.history.edits_of(ACTIVITY, activity):
            if edit.who == "person" and edit.name == "bindings":
                before, after = (_refs_of(text) for text in (edit.before, edit.after))
                kept = kept - (before - after) | (after - before)
        lost += [(activity, ref) for ref in sorted(kept - set(row.bindings))]
    return lost


def _refs_of(text: str | None) -> set[Ref]:
    return {ref for part in (text or "").split(",") if (ref := parse(part)) is not None}
