"""`im.notify.personal.add`, as its page in the documentation and the PHP of the module `im` have it."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing

ADD = "im.notify.personal.add"


def portal_of(*scopes: str) -> Portal:
    return Portal(Options(burst=1000, scopes=scopes or ("crm", "im")))


async def test_a_notification_reaches_its_person() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        assert (await probe.call(ADD, USER_ID=2, MESSAGE="  Look!\n", MESSAGE_OUT="Look, by e-mail")).result == 1
        assert (await probe.call(ADD, to="1", message="To oneself")).result == 2
        told = (await probe.control("GET", "notifications"))["notifications"]
    assert [(one["to"], one["by"], one["message"], one["message_out"]) for one in told] == [
        (2, 1, "Look!", "Look, by e-mail"),
        (1, 1, "To oneself", ""),
    ]


async def test_a_tag_of_a_webhook_collapses_nothing() -> None:
    # php: `notifyAdd` takes a tag only where the server knows the application, which it does not by a webhook
    portal = portal_of()
    async with probing(portal) as probe:
        for number in (1, 2):
            sent = {"USER_ID": 1, "MESSAGE": f"No. {number}", "TAG": "same", "SUB_TAG": "same", "CLIENT_ID": "mine"}
            assert (await probe.call(ADD, **sent)).result == number
    assert [one.message for one in portal.notifications] == ["No. 1", "No. 2"]


async def test_who_does_not_work_here_is_told_nothing_without_an_error() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        reply = await probe.call(ADD, USER_ID=404, MESSAGE="Hello?")
        assert (reply.status, reply.result) == (200, False)
    assert portal.notifications == []


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "USER_ID_EMPTY"),
        ({"USER_ID": "me", "MESSAGE": "x"}, "USER_ID_EMPTY"),
        ({"USER_ID": 1}, "MESSAGE_EMPTY"),
        ({"USER_ID": 1, "MESSAGE": " \n"}, "MESSAGE_EMPTY"),
        ({"USER_ID": 1, "MESSAGE": 5}, "MESSAGE_EMPTY"),
        ({"USER_ID": 1, "MESSAGE": "x", "ATTACH": "no JSON"}, "ATTACH_ERROR"),
        ({"USER_ID": 1, "MESSAGE": "x", "ATTACH": [{"UNKNOWN": 1}]}, "ATTACH_ERROR"),
        ({"USER_ID": 1, "MESSAGE": "x", "ATTACH": {"BLOCKS": [{"MESSAGE": "y" * 60_000}]}}, "ATTACH_OVERSIZE"),
    ],
)
async def test_what_is_refused(parameters: dict[str, Any], code: str) -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        reply = await probe.call(ADD, **parameters)
        assert (reply.status, reply.body["error"]) == (400, code)
        assert (await probe.call(ADD, USER_ID=1, MESSAGE="x", ATTACH='[{"MESSAGE": "y"}]')).result == 1
    assert len(portal.notifications) == 1


async def test_a_user_can_be_looked_up() -> None:
    async with probing(portal_of()) as probe:
        assert (await probe.call("im.user.get", ID=2)).result["active"] is True
        assert (await probe.call("im.user.get")).result["id"] == 1
        for number, code in ((0, "ID_EMPTY"), (404, "USER_NOT_EXISTS")):
            reply = await probe.call("im.user.get", ID=number)
            assert (reply.status, reply.body["error"]) == (400, code)


async def test_it_takes_the_scope() -> None:
    async with probing(portal_of("crm")) as probe:
        reply = await probe.call(ADD, USER_ID=1, MESSAGE="x")
        assert (reply.status, reply.body["error"]) == (401, "insufficient_scope")
