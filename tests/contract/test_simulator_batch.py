"""The method batch, as php modules/rest/classes/general/rest_provider.php `methodsBatch` runs it."""

from __future__ import annotations

import json
from urllib.parse import quote

import aiohttp
import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.model import PointChange

GET = "crm.item.get?entityTypeId=3&id="


def portal_of(count: int, options: Options | None = None) -> Portal:
    portal = Portal(options or Options(burst=1000), clock=lambda: 1_700_000_000.0)
    for number in range(count):
        portal.create(3, {"name": f"N{number}"}, [PointChange(None, "PHONE", "WORK", f"+7916{number:07}")], "generator")
    return portal


async def test_results_are_keyed_as_the_commands_were() -> None:
    async with probing(portal_of(60)) as probe:
        answer = await probe.batch(
            {"one": f"{GET}1", "page": "crm.item.list?entityTypeId=3&select[]=id", "bad": "nope"}
        )
        assert answer["result"]["one"]["item"]["id"] == 1
        assert answer["result_total"] == {"page": 60}
        assert answer["result_next"] == {"page": 50}
        assert answer["result_error"] == {
            "bad": {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}
        }
        assert set(answer["result_time"]) == {"one", "page"}
        assert {"operating", "operating_reset_at", "date_start"} <= set(answer["result_time"]["one"])


async def test_php_shows_an_empty_map_and_keys_from_0_as_lists() -> None:
    async with probing(portal_of(2)) as probe:
        answer = await probe.batch({"0": f"{GET}1", "1": f"{GET}2"})
        assert [part["item"]["id"] for part in answer["result"]] == [1, 2]
        assert answer["result_error"] == []
        holed = await probe.batch({"0": "nope", "1": f"{GET}2"})
        assert list(holed["result"]) == ["1"]
        assert holed["result_error"][0]["error"] == "ERROR_METHOD_NOT_FOUND"
        assert (await probe.call("batch")).result["result"] == []


@pytest.mark.parametrize(("halt", "runs_on"), [(0, True), ("0", True), (False, True), (1, False), ("false", False)])
async def test_halt_is_a_php_boolean(halt: object, runs_on: bool) -> None:  # noqa: FBT001 - the table's right column
    async with probing(portal_of(1)) as probe:
        answer = await probe.batch({"a": "nope", "b": f"{GET}1"}, halt=halt)
        assert ("b" in answer["result"]) is runs_on


async def test_a_batch_holds_fifty_commands_and_no_batch() -> None:
    async with probing(portal_of(1)) as probe:
        answer = await probe.batch({f"k{number}": "server.time" for number in range(52)})
        assert len(answer["result"]) == 50
        assert {name: error["error"] for name, error in answer["result_error"].items()} == {
            "k50": "ERROR_BATCH_LENGTH_EXCEEDED",
            "k51": "ERROR_BATCH_LENGTH_EXCEEDED",
        }
        inner = await probe.batch({"a": "batch?cmd[x]=server.time"})
        assert inner["result_error"]["a"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


async def test_pages_can_be_chained() -> None:
    async with probing(portal_of(120)) as probe:
        page = "crm.item.list?entityTypeId=3&select[]=id&order[id]=ASC&start=-1&filter[%3Eid]="
        answer = await probe.batch(
            {
                "a": f"{page}0",
                "b": page + quote("$result[a][items][49][id]"),
                "c": page + quote("$result[b][items][49][id]"),
                "d": page + quote("$result[c][items][49][id]"),
            }
        )
        pages = [[item["id"] for item in answer["result"][key]["items"]] for key in "abc"]
        assert pages == [list(range(1, 51)), list(range(51, 101)), list(range(101, 121))]
        # past the end of a short page the reference becomes what did resolve, here the whole page, which is no id
        assert answer["result_error"]["d"]["error_description"] == "Invalid filter: field '>ID' has invalid value"


async def echoed(probe: Probe, text: str, **before: str) -> object:
    write = f"crm.item.update?entityTypeId=3&id=1&fields[sourceDescription]={quote(text, safe='')}"
    answer = await probe.batch({**before, "w": write})
    return answer["result"]["w"]["item"]["sourceDescription"]


async def test_only_texts_are_commands() -> None:
    """php: modules/rest/classes/general/rest_provider.php `methodsBatch`; what is none still takes up a place."""
    async with probing(portal_of(1)) as probe:
        sent: dict[str, object] = {f"n{number}": number for number in range(49)}
        sent |= {"list": [f"{GET}1"], "none": None}
        answer = (await probe.call("batch", cmd={**sent, "a": f"{GET}1"})).result
        assert (answer["result"], list(answer["result_error"])) == ([], ["a"])
        answer = (await probe.call("batch", cmd={"x": [], "a": f"{GET}1"})).result
        assert (list(answer["result"]), answer["result_error"]) == (["a"], [])


async def test_text_that_looks_like_a_reference_is_replaced_as_well() -> None:
    async with probing(portal_of(1)) as probe:
        assert await echoed(probe, "name is $result[a][item][name]", a=f"{GET}1") == "name is N0"
        assert await echoed(probe, "$result[a][item][name]", a=f"{GET}1") == "N0"
        assert await echoed(probe, "$RESULT[a][item]", a=f"{GET}1") == ""
        assert await echoed(probe, "id is $result[a][item][id]", a=f"{GET}1") == "id is 1"
        assert await echoed(probe, "all $result[a][item]", a=f"{GET}1") == "all $result[a][item]"
        assert await echoed(probe, "$results of 5", a=f"{GET}1") == "$results of 5"
        assert await echoed(probe, "$error[x][error_description]", x="nope") == "Method not found!"
        assert await echoed(probe, "cost: $100 [net]") == "cost: $100 [net]"
        assert await echoed(probe, "letter $result[a][item][name][0]", a=f"{GET}1") == "letter N"


async def test_unencoded_text_is_broken_by_php() -> None:
    async with probing(portal_of(1)) as probe:
        write = "crm.item.update?entityTypeId=3&id=1&fields[sourceDescription]="
        answer = await probe.batch({"a": f"{write}+7 5", "b": f"{write}x&y", "c": f"{write}n#1", "d": f"{write}a%2Bb"})
        assert [answer["result"][key]["item"]["sourceDescription"] for key in "abcd"] == [" 7 5", "x", "n", "a+b"]


async def test_commands_come_by_form_and_by_query_as_well() -> None:
    async with probing(portal_of(1)) as probe:
        form = f"halt=0&cmd[a]={quote(GET + '1')}&cmd[b]=server.time".encode()
        reply = await probe.send("batch", body=form, kind="application/x-www-form-urlencoded")
        assert reply.result["result"]["a"]["item"]["id"] == 1
        reply = await probe.send("batch.json", query=f"?cmd[]={quote(GET + '1')}")
        assert reply.result["result"][0]["item"]["id"] == 1


async def test_commands_come_by_a_form_in_parts_as_well() -> None:
    form = aiohttp.FormData({"halt": "0", "cmd[a]": f"{GET}1", "cmd[b]": "server.time"}, default_to_multipart=True)
    portal = portal_of(1)
    async with probing(portal) as probe, probe.session.post(f"{probe.webhook_url}batch", data=form) as response:
        answer = (await response.json())["result"]
    assert (list(answer["result"]), answer["result"]["a"]["item"]["id"]) == (["a", "b"], 1)


@pytest.mark.parametrize("verb", ["GET", "PUT"])
async def test_only_a_post_has_a_body(verb: str) -> None:
    async with probing(portal_of(2)) as probe:
        address = f"{probe.webhook_url}crm.item.get?entityTypeId=3&id=1"
        async with probe.session.request(verb, address, json={"id": 2}) as response:
            assert (await response.json())["result"]["item"]["id"] == 1


async def test_a_body_is_json_only_with_that_type_and_if_it_is_valid() -> None:
    async with probing(portal_of(1)) as probe:
        body = json.dumps({"entityTypeId": 3, "id": 1}).encode()
        assert (await probe.send("crm.item.get", body=body, kind="application/json; charset=utf-8")).status == 200
        for sent, kind in ((body, "text/plain"), (body[:-1], "application/json"), (b"[1", "application/json")):
            reply = await probe.send("crm.item.get", body=sent, kind=kind)
            assert reply.body == {
                "error": "100",
                "error_description": "Could not find value for parameter {id}",
            }
        mixed = await probe.send(
            "crm.item.get", query="?entityTypeId=3&id=9", body=b'{"id":1}', kind="application/json"
        )
        assert mixed.result["item"]["id"] == 1


@pytest.mark.parametrize("apart", [False, True])
async def test_a_blocked_method_is_an_error_of_its_command_only(*, apart: bool) -> None:
    """A webhook's calls by themselves may be counted apart (php: rest_provider.php `methodsBatch`, no `passwordId`)."""
    options = Options(burst=1000, operating_seconds=1, costs={"crm.item.get": 0.7}, counts_batches_apart=apart)
    portal = portal_of(1, options)
    async with probing(portal) as probe:
        answer = await probe.batch({**{f"g{number}": f"{GET}1" for number in range(3)}, "t": "server.time"})
        assert answer["result_error"] == {
            "g2": {
                "error": "OPERATION_TIME_LIMIT",
                "error_description": "Method is blocked due to operation time limit.",
            }
        }
        assert "t" in answer["result"]
        assert answer["result_time"]["g1"]["operating"] == pytest.approx(1.4)
        alone = [await probe.call("crm.item.get", entityTypeId=3, id=1) for _ in range(3)]
        assert [one.status for one in alone] == ([200, 200, 429] if apart else [429] * 3)
        assert alone[2].body["error"] == "OPERATION_TIME_LIMIT"
        assert portal.history.limit_errors["OPERATION_TIME_LIMIT"] == (2 if apart else 4)


async def test_time_passes_by_the_costs_without_really_passing() -> None:
    async with probing(portal_of(1, Options(burst=1000, costs={"crm.item.get": 7}))) as probe:
        body = (await probe.call("batch", cmd={"a": f"{GET}1", "b": f"{GET}1"})).body
        assert body["time"]["duration"] == 14
        assert [body["result"]["result_time"][key]["date_start"][-11:-6] for key in "ab"] == ["13:20", "13:27"]


async def test_the_time_of_the_beginning_is_told_in_whole_seconds() -> None:
    """php: rest.php, `$timeStart` and its kin are of the type int, so durations are too long; not of old portals."""
    told = []
    for cuts_starts in (True, False):
        options = Options(burst=1000, costs={"server.time": 0.25}, cuts_starts=cuts_starts)
        async with probing(Portal(options, clock=lambda: 1_700_000_000.5)) as probe:
            body = (await probe.call("batch", cmd={"a": "server.time", "b": "server.time"})).body
        times = (body["time"], *body["result"]["result_time"].values())
        told.append([(one["start"] - 1_700_000_000, one["finish"] - 1_700_000_000, one["duration"]) for one in times])
        assert isinstance(body["time"]["start"], int) is isinstance(body["time"]["processing"], int) is cuts_starts
    assert told == [
        [(0, 1.0, 1.0), (0, 0.75, 0.75), (0, 1.0, 1.0)],
        [(0.5, 1.0, 0.5), (0.5, 0.75, 0.25), (0.75, 1.0, 0.25)],
    ]


async def test_a_request_that_runs_too_long_is_cut_and_what_it_did_stays_done() -> None:
    portal = portal_of(3, Options(burst=1000, costs={"crm.item.update": 25}, request_cut_seconds=60))
    async with probing(portal) as probe:
        cmd = {f"u{number}": f"crm.item.update?entityTypeId=3&id={number}&fields[name]=X" for number in (1, 2, 3)}
        async with probe.session.post(f"{probe.webhook_url}batch", json={"cmd": cmd}) as response:
            assert (response.status, response.content_type) == (504, "text/html")
        assert [item.values["name"] for item in portal.table(3)] == ["X", "X", "X"]
        portal.costs["crm.item.update"] = 70
        single = {"entityTypeId": 3, "id": 1, "fields": {"name": "Y"}}
        async with probe.session.post(f"{probe.webhook_url}crm.item.update", json=single) as response:
            assert response.status == 504


async def test_real_time_really_passes() -> None:
    portal = Portal(Options(burst=1000, costs={"server.time": 0.02}, real_time=True))
    async with probing(portal) as probe:
        body = (await probe.call("batch", cmd={"a": "server.time", "b": "server.time"})).body
        assert body["time"]["duration"] >= 0.04


async def test_a_command_outside_the_scopes_fails_alone() -> None:
    async with probing(portal_of(1, Options(burst=1000, scopes=("crm",)))) as probe:
        answer = await probe.batch({"u": "user.current", "g": f"{GET}1"})
        assert answer["result_error"] == {"u": {"error": "insufficient_scope", "error_description": ""}}
        assert answer["result"]["g"]["item"]["id"] == 1


async def test_what_was_left_with_the_application_is_told_in_place_of_every_later_error() -> None:
    """php: rest.php `processException` - whatever the later error is; a deletion begins anew."""
    portal = portal_of(3, Options(burst=1000, checks_entries="letters", refuses_whole=True))
    async with probing(portal) as probe:
        email = "fields[fm][n0][typeId]=EMAIL&fields[fm][n0][valueType]=WORK&fields[fm][n0][value]=nowhere"
        update = f"crm.item.update?entityTypeId=3&id=1&{email}"
        commands = {"a": GET + "9", "b": update, "c": GET + "9", "d": GET + "2", "e": "tasks.task.get?taskId=1"}
        commands |= {"f": "crm.nothing", "g": "crm.item.delete?entityTypeId=3&id=3", "h": GET + "9"}
        answer = await probe.batch(commands)
        codes = {key: error["error"] for key, error in answer["result_error"].items()}
        kept, own = "ERROR_CORE", "NOT_FOUND"
        assert codes == {"a": own, "b": kept, "c": kept, "e": "insufficient_scope", "f": kept, "h": own}
        texts = {key: error["error_description"] for key, error in answer["result_error"].items()}
        assert texts["b"] == texts["c"] == texts["e"] == texts["f"] != texts["h"]
        assert list(answer["result"]) == ["d", "g"]
