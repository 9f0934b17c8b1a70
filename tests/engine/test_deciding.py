"""What a person decided of reviews is written by the engine, and only where it was decided about what still stands."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import CONTACT, edit
from tests.engine.deciding import accept, decisions, edited, rehearsed, why_left
from tests.engine.undone import saves, undo

from b24syncd import app
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Trigger
from b24syncd.store import runs
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from tests.engine.conftest import World

RAW, MEANT = "+8 (495) 123-45-67", "+74951234567"
OTHER, OTHER_MEANT = "+8 (812) 300-40-50", "+78123004050"
NEWER = "+79161234567"
MAIL, MAIL_MEANT = "ivan@gmial.com", "ivan@gmail.com"


def states(world: World) -> list[str]:
    return [review.state.value for review in world.reviews(all_states=True)]


async def asked(world: World, *phones: str, emails: tuple[str, ...] = ()) -> int:
    """Add a contact of which the backfill asks; return its id."""
    item = world.add(*phones, emails=emails)
    await world.backfill()
    assert world.reviews()
    return item


async def test_a_suggestion_is_written_journalled_and_closed_as_accepted(world: World) -> None:
    item = await asked(world, RAW)
    decided = await accept(world)
    assert world.phones(item) == [MEANT]
    assert (decided.accepted, decided.left) == ((1,), ())
    assert decided.summary.counts["corrections"] == 1
    (entry,) = world.journal()
    assert (entry.correction.job, entry.before, entry.after, entry.outcome.value) == ("phones", RAW, MEANT, "done")
    with open_for_reading(world.state) as db:
        run = runs.get_run(db, entry.run_id)
    assert run is not None
    assert (run.kind.value, run.jobs, run.state.value) == ("review", ("phones",), "done")
    assert states(world) == ["accepted"]
    written = saves(world)
    await world.backfill()
    assert saves(world) == written
    assert states(world) == ["accepted"]


async def test_many_at_once_of_both_jobs_in_one_update_of_each_item(world: World) -> None:
    items = [world.add(f"+8 (495) 123-4{number // 10}-{number % 10}7", emails=(MAIL,)) for number in range(60)]
    await world.backfill()
    assert len(world.reviews()) == 120
    before, _ = saves(world)
    decided = await accept(world)
    assert len(decided.accepted) == 120
    assert saves(world)[0] - before == 60
    assert world.phones(items[23]) == ["+74951234237"]
    assert set(states(world)) == {"accepted"}


async def test_a_second_spelling_merges_with_the_entry_that_has_the_value(world: World) -> None:
    item = await asked(world, "8 495 123-45-67", RAW)
    await accept(world)
    assert world.phones(item) == [MEANT]
    assert states(world) == ["accepted"]
    (_, entry) = world.journal()
    assert (entry.before, entry.after, entry.outcome.value) == (RAW, None, "done")
    await undo(world, entry.run_id)
    assert sorted(world.phones(item)) == sorted([MEANT, RAW])


async def test_a_suggestion_of_several_values_becomes_several_entries(world: World) -> None:
    item = world.add(emails=("ivan@gmial.com; olga@gmial.com", "olga@gmail.com"))
    await world.backfill()
    await accept(world)
    found = world.portal.find(CONTACT, item)
    assert found is not None
    assert sorted(point.value for point in found.points.values()) == ["ivan@gmail.com", "olga@gmail.com"]
    assert states(world) == ["accepted"]


async def test_two_that_become_the_same_become_one(world: World) -> None:
    item = await asked(world, RAW, "+8 495 1234567")
    decided = await accept(world)
    assert world.phones(item) == [MEANT]
    assert len(decided.accepted) == 2


async def test_only_what_was_decided_about_is_touched(world: World) -> None:
    item = await asked(world, RAW, OTHER)
    (first, _) = decisions(world.reviews())
    world.portal.person.edit(edit(Action.ADD, item, value="8 916 555-55-44", canonical=("+79165555544",)))
    await accept(world, [first])
    assert world.phones(item) == [MEANT, OTHER, "8 916 555-55-44"]
    assert states(world) == ["accepted", "open"]


async def test_a_value_that_a_person_changed_before_stays_and_the_review_closes(world: World) -> None:
    item = await asked(world, RAW)
    wanted = decisions(world.reviews())
    world.portal.person.edit(edit(Action.CHANGE, item, value=NEWER, canonical=(NEWER,)))
    written = saves(world)
    (rehearsal,) = await rehearsed(world, wanted)
    assert [left.why.value for left in rehearsal.left] == ["changed"]
    decided = await accept(world, wanted)
    assert (decided.accepted, why_left(decided)) == ((), ["changed"])
    assert (world.phones(item), saves(world)) == ([NEWER], written)
    await world.backfill()
    assert states(world) == ["closed"]


async def test_what_is_gone_is_told(world: World) -> None:
    item = await asked(world, RAW, NEWER)
    other = await asked(world, OTHER)
    wanted = decisions(world.reviews())
    world.portal.person.edit(edit(Action.DELETE, item))
    world.portal.delete(world.portal.find(CONTACT, other), "person")  # type: ignore[arg-type] # it is there
    assert why_left(await accept(world, wanted)) == ["gone", "gone"]
    assert world.phones(item) == [NEWER]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_person_in_between_keeps_the_newer_value(world: World, moment: str) -> None:
    item = await asked(world, RAW)
    method = "crm.item.get" if moment == "before" else "crm.item.update"
    newer = edit(Action.CHANGE, item, value=NEWER, canonical=(NEWER,))
    world.portal.person.plan(Trigger(method=method, moment=moment, entity_type_id=CONTACT, item_id=item), newer)
    decided = await accept(world)
    assert world.phones(item) == [NEWER]
    assert why_left(decided) == (["changed"] if moment == "before" else [])
    await world.backfill()
    assert world.phones(item) == [NEWER]
    assert world.reviews() == []


@pytest.mark.every(3)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [Kind.RESET, Kind.TRUNCATED, Kind.ERROR_500, Kind.CUT])
async def test_lost_answers(world: World, kind: Kind, when: str) -> None:
    items = [world.add(RAW) for _ in range(60)]
    await world.backfill()
    world.portal.faults.add(Fault(kind=kind, match="crm.item.update", when=when, times=2, commands=3))
    decided = await accept(world)
    assert {tuple(world.phones(item)) for item in items} == {(MEANT,)}
    assert (len(decided.accepted), decided.left) == (60, ())
    assert set(states(world)) == {"accepted"}
    assert world.outcomes()["intent"] == 0


@pytest.mark.every(5)
@pytest.mark.parametrize("seed", range(6))
async def test_cut_off_anywhere_and_asked_for_again(world: World, seed: int) -> None:
    random = Random(seed)  # noqa: S311 # a seed to repeat it by
    items = [world.add(RAW, emails=(MAIL,)) for _ in range(120)]
    await world.backfill()
    for _ in range(3):
        task = asyncio.create_task(accept(world))
        with world.at_command(random.randrange(2, 200), task.cancel), suppress(asyncio.CancelledError):
            await task
        if seed % 2:  # the jobs may look at it in between
            await world.backfill()
    await accept(world)
    assert {tuple(world.phones(item)) for item in items} == {(MEANT,)}
    assert set(states(world)) == {"accepted"}
    assert world.outcomes()["intent"] == 0
    assert world.portal.history.repeated_writes() == []
    written = saves(world)
    await world.backfill()
    assert saves(world) == written


async def test_what_a_killed_process_had_written_counts_as_accepted(world: World) -> None:
    item = await asked(world, RAW)
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after"))
    task = asyncio.create_task(accept(world))
    await world.until(lambda: world.phones(item) == [MEANT])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert states(world) == ["open"]
    await world.backfill()
    assert world.phones(item) == [MEANT]
    assert [entry.outcome.value for entry in world.journal()] == ["unverified"]
    assert states(world) == ["accepted"]


async def test_an_excluded_item_is_left_alone(world: World) -> None:
    item = await asked(world, RAW)
    wanted = decisions(world.reviews())
    world.configure(safety__exclude=f'["contact:{item}"]')
    assert why_left(await accept(world, wanted)) == ["excluded"]
    assert world.phones(item) == [RAW]


async def test_a_suggestion_that_the_rules_of_today_do_not_make_is_not_written(world: World) -> None:
    item = await asked(world, RAW)
    wanted = decisions(world.reviews())
    world.configure(portal__region="DE")
    assert why_left(await accept(world, wanted)) == ["stale"]
    assert world.phones(item) == [RAW]
    world.configure(portal__region="RU", jobs__phones__enabled="false")
    assert why_left(await accept(world, wanted)) == ["not_configured"]
    assert world.phones(item) == [RAW]


async def test_what_the_portal_refuses_is_told(world: World) -> None:
    item = await asked(world, RAW)
    other = await asked(world, OTHER)
    world.portal.frozen.add((CONTACT, item))
    decided = await accept(world)
    assert (world.phones(item), world.phones(other)) == ([RAW], [OTHER_MEANT])
    assert (len(decided.accepted), why_left(decided)) == (1, ["refused"])
    assert decided.summary.counts["failed"] == 1
    assert sorted(states(world)) == ["accepted", "open"]
    world.portal.frozen.clear()
    assert len((await accept(world)).accepted) == 1
    assert world.phones(item) == [MEANT]


async def test_a_canary_does_not_count_what_a_person_decided(world: World) -> None:
    items = [world.add(RAW) for _ in range(12)]
    await world.backfill()
    world.configure(safety__canary=5)
    decided = await accept(world)
    assert decided.summary.stopped is None
    assert {tuple(world.phones(item)) for item in items} == {(MEANT,)}
    fresh = [world.add(f"8 916 123-45-{number}") for number in range(10, 15)]
    assert (await world.backfill()).stopped is None
    assert world.phones(fresh[-1]) == ["+79161234514"]


async def test_an_undo_brings_the_value_back_and_it_is_asked_about_again(world: World) -> None:
    item = await asked(world, RAW)
    decided = await accept(world)
    assert decided.summary.run_id is not None
    undone = await undo(world, decided.summary.run_id)
    assert (world.phones(item), undone.left) == ([RAW], ())
    await world.backfill()
    assert sorted((review.reason, review.state.value) for review in world.reviews()) == [
        ("plus_before_trunk_prefix", "open"),
        ("undone", "open"),
    ]
    again = await accept(world)
    assert world.phones(item) == [MEANT]
    assert len(again.accepted) == 1


async def test_an_edit_is_written_in_its_canonical_form(world: World) -> None:
    item = await asked(world, RAW)
    (review,) = world.reviews()
    decided = await edited(world, review, "8 (916) 123-45-67, 8 812 300 40 50")
    assert world.phones(item) == [NEWER, OTHER_MEANT]
    assert decided.accepted == (review.id,)
    assert decided.summary.run_id is not None
    await undo(world, decided.summary.run_id)
    assert world.phones(item) == [RAW]


async def test_an_edit_to_the_letter_stays_and_is_not_asked_about_until_it_is_reopened(world: World) -> None:
    item = await asked(world, RAW)
    (review,) = world.reviews()
    told = "only by letter"
    decided = await edited(world, review, told, to_the_letter=True)
    assert world.phones(item) == [told]
    assert (decided.accepted, states(world)) == ((review.id,), ["dismissed"])
    await world.backfill()
    assert (world.phones(item), states(world)) == ([told], ["dismissed"])
    assert await app.reopen(world.settings, [review.id]) == 1
    await world.backfill()
    assert [(one.value, one.state.value) for one in world.reviews()] == [(told, "open")]


async def test_an_edit_that_says_nothing_certain_is_not_written(world: World) -> None:
    item = await asked(world, RAW)
    (review,) = world.reviews()
    assert why_left(await edited(world, review, "by letter")) == ["stale"]
    assert world.phones(item) == [RAW]


async def test_a_preview_writes_nothing(world: World) -> None:
    item = await asked(world, RAW)
    (rehearsal,) = await rehearsed(world)
    assert [str(one.ref) for one in rehearsal.corrections] == [f"contact:{item}"]
    assert (world.phones(item), states(world), world.journal()) == ([RAW], ["open"], [])
