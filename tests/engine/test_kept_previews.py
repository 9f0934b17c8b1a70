"""A daemon previews beside a backfill, keeps what it finds, and carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.test_handing_over import CANONICAL, MESSY, served, states

from b24syncd.app.control_messages import Finished
from b24syncd.app.kept_preview import carrying_out
from b24syncd.app.requests import PreviewRequest
from b24syncd.store import previews
from b24syncd.store.reading import open_for_reading
from b24syncd.web.unix_door import serving

if TYPE_CHECKING:
    from tests.engine.world import World

    from b24syncd.app.follow import Daemon


async def test_a_preview_is_kept_browsed_and_carried_out(world: World) -> None:
    daemons: list[Daemon] = []
    world.serving = lambda daemon: daemons.append(daemon) or serving(daemon)  # type: ignore[func-returns-value]
    items = [world.add(MESSY) for _ in range(120)]
    world.add("call me")
    async with served(world):
        await world.rounds(1)
        submitted = await daemons[0].commands.submit(PreviewRequest(jobs=("phones",), by="Olga"))
        await submitted.ended.wait()
        assert submitted.outcome == Finished(result={"number": 1, "interrupted": False})
        assert world.portal.history.saves == 0
        with open_for_reading(world.state) as db:
            kept = previews.get(db, 1)
            assert kept is not None
            assert kept.report is not None
            assert (kept.by, kept.report["findings"], kept.report["summary"]["counts"]["read"]) == ("Olga", 121, 121)
            changes = previews.page(db, 1, kind="phones/change/", limit=50)
            more = previews.page(db, 1, kind="phones/change/", after=changes[-1][0], limit=500)
            assert (len(changes), len(more)) == (50, 70)
            assert (changes[0][1]["before"], changes[0][1]["after"]) == (MESSY, CANONICAL)
            assert len(previews.page(db, 1, limit=500)) == 121
            request = carrying_out(db, 1, "Olga")
        done = await daemons[0].commands.submit(request)
        await done.ended.wait()
        assert states(world)[-1] == ("backfill", "done")
        for _ in range(3):
            again = await daemons[0].commands.submit(PreviewRequest(jobs=("phones",)))
            await again.ended.wait()
    assert {tuple(world.phones(item)) for item in items} == {(CANONICAL,)}
    with open_for_reading(world.state) as db:
        assert [one.id for one in previews.latest(db)] == [4, 3, 2]
        assert previews.page(db, 1, limit=9) == ()
