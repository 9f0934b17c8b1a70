"""What lists answer behind their end: the universal ones nothing, the classic ones their first page again."""

from __future__ import annotations

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing


def portal_of(count: int) -> Portal:
    """A portal with contacts, each with an activity."""
    portal = Portal(Options(burst=1000))
    for number in range(count):
        portal.create(3, {"name": f"N{number}"}, (), "generator")
        owner = {"ownerTypeId": 3, "ownerId": number + 1, "typeId": 2}
        portal.activities.create(owner, [(3, number + 1)], "generator")
    return portal


@pytest.mark.parametrize(("method", "filter_"), [("contact", {}), ("contact", {"%NAME": "N"}), ("activity", {})])
async def test_a_classic_page_that_there_is_not_is_the_first(method: str, filter_: dict[str, str]) -> None:
    """php: modules/main/classes/general/dbresult.php `calculatePageNumber`, rest.php `setNavData`."""
    async with probing(portal_of(60)) as probe:
        first = (await probe.call(f"crm.{method}.list", filter=filter_)).body
        assert (len(first["result"]), first["total"], first["next"]) == (50, 60, 50)
        last = (await probe.call(f"crm.{method}.list", filter=filter_, start=99)).body
        assert (len(last["result"]), last["total"], "next" in last) == (10, 60, False)
        behind = (await probe.call(f"crm.{method}.list", filter=filter_, start=100)).body
        assert (behind["result"], behind["total"], behind["next"]) == (first["result"], 60, 50)
        nothing = (await probe.call(f"crm.{method}.list", filter={"ID": 999}, start=100)).body
        assert (nothing["result"], nothing["total"], "next" in nothing) == ([], 0, False)


async def test_of_bound_activities_too() -> None:
    """php: modules/crm/classes/mysql/crm_activity.php pages in the same way."""
    pairs = [{"OWNER_TYPE_ID": 3}]
    async with probing(portal_of(60)) as probe:
        behind = (await probe.call("crm.activity.list", filter={"BINDINGS": pairs}, start=500)).body
        assert (len(behind["result"]), behind["next"]) == (50, 50)


async def test_a_universal_page_that_there_is_not_is_empty() -> None:
    """php: modules/rest/lib/engine/restmanager.php `getNavigationData`."""
    async with probing(portal_of(60)) as probe:
        behind = (await probe.call("crm.item.list", entityTypeId=3, start=100)).body
        assert (behind["result"]["items"], behind["total"], "next" in behind) == ([], 60, False)
