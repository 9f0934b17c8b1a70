"""The simulated portal's offline events, as the PHP keeps them: queues, reserved packets, and whose own they are."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from b24syncd.simulator.http.server import serve
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.tables.fields import COMPANY, CONTACT
from b24syncd.simulator.tables.offline_events import CONNECTOR, FEATURES, OFFLINE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from b24syncd.simulator.methods.calls import Call

    Ask = Callable[..., Awaitable[Any]]

OURS = {"auth_connector": "ours"}
CHANGED = {"event": "onCrmContactUpdate", "event_type": "offline"}


@asynccontextmanager
async def asking(**options: Any) -> AsyncIterator[tuple[Portal, Ask]]:  # noqa: ANN401 - the portal's
    portal = Portal(Options(burst=1000, **{"webhook_is_application": True, **options}))
    generate(portal, 1, contacts=3, companies=1)
    async with serve(portal) as server, aiohttp.ClientSession() as session:

        async def ask(method: str, /, **parameters: Any) -> Any:  # noqa: ANN401 - JSON
            async with session.post(server.webhook_url + method, json=parameters) as response:
                body = await response.json()
                return body.get("result", body.get("error"))

        yield portal, ask


def person(portal: Portal, *contacts: int) -> None:
    for number in contacts:
        value = f"8 495 123{portal.history.person_edits:04d}"
        edit = PersonEdit(action=Action.ADD, entity_type_id=CONTACT, item_id=number, value=value)
        assert portal.person.edit(edit)


def told(packet: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["EVENT_NAME"], one["EVENT_DATA"]["FIELDS"]["ID"]) for one in packet["events"]]


async def test_a_packet_is_reserved_and_what_happens_meanwhile_is_a_record_of_its_own() -> None:
    async with asking() as (portal, ask):
        assert await ask("event.bind", **CHANGED, **OURS) is True
        assert await ask("event.bind", **CHANGED, **OURS) == "ERROR_CORE"  # bound already
        assert await ask("event.get") == [{"event": "ONCRMCONTACTUPDATE", "connector_id": "ours", "offline": 1}]
        person(portal, 1, 1, 2)  # twice the same is one record
        packet = await ask("event.offline.get", clear=0, **OURS)
        assert told(packet) == [("ONCRMCONTACTUPDATE", 1), ("ONCRMCONTACTUPDATE", 2)]
        assert (await ask("event.offline.get", clear=0, **OURS))["events"] == []  # they are hidden now
        person(portal, 1)
        reserved = await ask("event.offline.list", filter={">PROCESS_ID": ""}, **OURS)
        assert [one["PROCESS_ID"] for one in reserved] == [packet["process_id"]] * 2
        again = await ask("event.offline.get", clear=0, process_id=packet["process_id"], **OURS)
        assert again == packet
        await ask("event.offline.clear", process_id=packet["process_id"], id=[int(reserved[0]["ID"])], **OURS)
        await ask("event.offline.clear", process_id=packet["process_id"], **OURS)
        left = await ask("event.offline.get", **OURS)  # clears what it returns
        assert (told(left), left["process_id"]) == ([("ONCRMCONTACTUPDATE", 1)], None)
        assert await ask("event.offline.list", **OURS) == []
        assert await ask("event.unbind", **CHANGED, **OURS) == {"count": 1}


async def test_what_is_asked_otherwise_than_documented_is_refused_and_nothing_is_lost_by_it() -> None:
    """Php: event.php `eventOfflineClear`: ids that are none are refused, and no ids at all are everything reserved."""
    async with asking() as (portal, ask):
        await ask("event.bind", **CHANGED, **OURS)
        person(portal, 2, 1)
        latest = await ask("event.offline.list", order={"ID": "desc"}, **OURS)
        assert [one["EVENT_DATA"]["FIELDS"]["ID"] for one in latest] == [1, 2]
        process_id = (await ask("event.offline.get", clear=0, **OURS))["process_id"]
        for wrong in ({"id": 1}, {"id": ["x"]}, {"message_id": ["short"]}):
            assert await ask("event.offline.clear", process_id=process_id, **wrong, **OURS) == "ERROR_ARGUMENT"
        for strange in ({"order": {"EVENT_DATA": "ASC"}}, {"order": {"ID": "up"}}, {"filter": {"!ID": "1"}}):
            assert await ask("event.offline.list", **strange, **OURS) == "ERROR_ARGUMENT"
        assert len(await ask("event.offline.list", **OURS)) == 2
        assert await ask("event.offline.clear", process_id=process_id, id=[], **OURS) is True
        assert await ask("event.offline.list", **OURS) == []
        assert await ask("event.bind", event="onCrmContactUpdate", event_type="sometimes") == "ERROR_ARGUMENT"


async def test_a_failed_record_swallows_what_is_told_of_its_item_later() -> None:
    async with asking() as (portal, ask):
        await ask("event.bind", **CHANGED, **OURS)
        person(portal, 1)
        packet = await ask("event.offline.get", clear=0, **OURS)
        message = packet["events"][0]["MESSAGE_ID"]
        await ask("event.offline.error", process_id=packet["process_id"], message_id=[message], **OURS)
        person(portal, 1)
        assert (await ask("event.offline.get", clear=0, **OURS))["events"] == []
        assert told(await ask("event.offline.get", clear=0, error=1, **OURS)) == [("ONCRMCONTACTUPDATE", 1)]


async def test_what_a_connector_causes_is_none_of_its_own_events_whatever_its_request_did_besides() -> None:
    async with asking() as (portal, ask):
        for connector in ({}, OURS):
            await ask("event.bind", event="onCrmContactUpdate", event_type="offline", **connector)
            await ask("event.bind", event="onCrmCompanyUpdate", event_type="offline", **connector)
        company = portal.table(COMPANY).items[1]

        class Automation:
            def before(self, _call: Call) -> None:
                pass

            def after(self, call: Call) -> None:
                if call.method == "crm.item.update":
                    portal.change(company, {"title": "By a robot"}, (), "api")

        portal.watchers.append(Automation())
        update = "crm.item.update?entityTypeId=3&id=1&fields[name]=Anna"
        await ask("batch", cmd={"one": update}, **OURS)  # the connector stands beside the commands
        assert (await ask("event.offline.get", **OURS))["events"] == []
        assert len(told(await ask("event.offline.get"))) == 2
        inside = {"one": "crm.item.update?entityTypeId=3&id=2&fields[name]=Boris&auth_connector=ours"}
        await ask("batch", cmd=inside)
        assert told(await ask("event.offline.get", **OURS)) == [("ONCRMCONTACTUPDATE", 2)]
        assert (await ask("event.offline.get"))["events"] == []


async def test_the_events_of_other_things_and_the_names_that_there_are() -> None:
    async with asking(scopes=("crm", "sale")) as (portal, ask):
        known = await ask("events")
        assert {"ONCRMLEADADD", "ONCRMDYNAMICITEMUPDATE_31", "ONPAYMENTENTITYSAVED"} <= set(known)
        assert await ask("event.bind", event="onCrmNothing", event_type="offline") == "ERROR_EVENT_NOT_FOUND"
        for event in ("OnPaymentEntitySaved", "onCrmActivityAdd", "onCrmActivityDelete"):
            await ask("event.bind", event=event, event_type="offline", **OURS)
        portal.payments.create((CONTACT, 1), 10.0, "person")
        activity = portal.activities.create({}, [(CONTACT, 1)], "person")
        portal.delete(portal.table(CONTACT).items[1], "person")
        assert told(await ask("event.offline.get", **OURS)) == [
            ("ONPAYMENTENTITYSAVED", 1),
            ("ONCRMACTIVITYADD", activity.id),
            ("ONCRMACTIVITYDELETE", activity.id),
        ]


async def test_an_error_about_an_argument_names_it() -> None:
    async with probing(Portal(Options(burst=1000, webhook_is_application=True))) as probe:
        for method, sent, name in (
            ("event.bind", {}, "EVENT"),
            ("event.bind", {"event": "x", "event_type": "x"}, "EVENT_TYPE"),
            ("event.offline.get", {"limit": 0}, "LIMIT"),
            ("event.offline.error", {"process_id": "x", "message_id": "x"}, "message_id"),
        ):
            body = (await probe.call(method, **sent)).body
            assert (body["error"], body["argument"]) == ("ERROR_ARGUMENT", name)


@pytest.mark.parametrize(
    ("options", "without", "answer"),
    [
        ({"webhook_is_application": False}, (), "WRONG_AUTH_TYPE"),
        ({"administrator": False}, (), "ACCESS_DENIED"),
        ({}, (OFFLINE,), "WRONG_LICENSE"),
        ({}, (CONNECTOR,), "WRONG_LICENSE"),
    ],
)
async def test_who_may_not_ask(options: dict[str, bool], without: tuple[str, ...], answer: str) -> None:
    async with asking(**options) as (portal, ask):
        portal.offline_events.without.update(without)
        assert await ask("event.offline.get", clear=0, **OURS) == answer
        features = [(await ask("feature.get", CODE=code))["value"] for code in FEATURES]
        assert features == ["N" if code in without else "Y" for code in FEATURES]
