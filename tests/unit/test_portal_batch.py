from __future__ import annotations

from typing import Any

import pytest

from b24syncd.errors import CredentialsRefused, OutcomeUnknown, PortalBlocked
from b24syncd.portal.wire.batch import envelope, parse_error, parse_timing, read_batch, read_plain
from b24syncd.portal.wire.commands import Answered, Command, Deferred, Refused, Timing, Unknown
from b24syncd.portal.wire.faults import Reaction, is_final, is_unknown_token, react_to_command, react_to_request

GET, UPDATE = Command("crm.item.get", {"id": 1}), Command("crm.item.update", {"id": 1})
TIME = {"start": 1.0, "finish": 3.0, "duration": 2.0, "operating": 5.5, "operating_reset_at": 600}


def answer(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 # JSON
    empty: dict[str, Any] = {
        "result": [],
        "result_error": [],
        "result_total": [],
        "result_next": [],
        "result_time": [],
    }
    return {"result": empty | parts, "time": TIME}


def test_keys_are_never_list_indexes() -> None:
    assert envelope(["a", "b"], ["x=1", ""], halt=True) == {"halt": 1, "cmd": {"c0": "a?x=1", "c1": "b?"}}


def test_every_command_has_its_outcome() -> None:
    body = answer(
        result={"c0": {"item": {}}, "c2": None},
        result_error={"c1": {"error": "NOT_FOUND", "error_description": "no"}},
        result_total={"c0": "7"},
        result_next={"c0": 50},
        result_time={"c0": TIME},
    )
    outcomes, observation = read_batch([GET, UPDATE, GET], body, halt=False)
    assert outcomes == (
        Answered({"item": {}}, Timing(1.0, 3.0, 2.0, 5.5, 600.0), 7, 50),
        Refused("NOT_FOUND", "no"),
        Answered(None),
    )
    assert observation.untimed == {"crm.item.get": 1}
    assert set(observation.timings) == {"crm.item.get", "batch"}


@pytest.mark.parametrize(("halt", "last"), [(True, Deferred(0.0)), (False, Unknown)])
def test_what_follows_a_failure_was_not_reached_only_when_the_batch_halts(
    *, halt: bool, last: Deferred | type[Unknown]
) -> None:
    body = answer(result={"c0": 1}, result_error={"c1": {"error": "", "error_description": "first"}})
    outcomes, _ = read_batch([GET, UPDATE, GET], body, halt=halt)
    assert outcomes[1] == Refused("", "first")
    assert outcomes[2] == last if isinstance(last, Deferred) else isinstance(outcomes[2], last)


def test_commands_that_are_left_out_without_a_failure_are_unknown() -> None:
    """A batch halts at a failure, and only there: what is missing before one may have been executed."""
    outcomes, _ = read_batch([GET, UPDATE], answer(), halt=True)
    assert [type(outcome) for outcome in outcomes] == [Unknown, Unknown]
    outcomes, _ = read_batch([GET, UPDATE, GET], answer(result_error={"c1": {"error": "NOT_FOUND"}}), halt=True)
    assert [type(outcome) for outcome in outcomes] == [Unknown, Refused, Deferred]


def test_passing_errors_of_commands() -> None:
    errors = {
        "c0": {"error": "OPERATION_TIME_LIMIT", "error_description": ""},
        "c1": {"error": "QUERY_LIMIT_EXCEEDED"},
        "c2": {"error": "INTERNAL_SERVER_ERROR", "error_description": "oops"},
        "c3": "not even a map",
    }
    outcomes, observation = read_batch([GET, UPDATE, UPDATE, GET], answer(result_error=errors), halt=False)
    assert outcomes[:2] == (Deferred(0.0), Deferred(0.0))
    assert outcomes[2] == Unknown("INTERNAL_SERVER_ERROR: oops")
    assert outcomes[3] == Refused("", "not even a map")
    assert observation.blocked == {"crm.item.get"}
    assert observation.is_too_fast


@pytest.mark.parametrize("result", [None, [], {"items": []}, "text"])
def test_an_answer_of_another_form_leaves_the_outcome_unknown(result: object) -> None:
    with pytest.raises(OutcomeUnknown):
        read_batch([GET], {"result": result}, halt=True)


def test_a_plain_answer() -> None:
    answered, observation = read_plain(GET, {"result": [], "total": 0, "time": TIME})
    assert answered == Answered([], Timing(1.0, 3.0, 2.0, 5.5, 600.0), 0, None)
    assert list(observation.timings) == ["crm.item.get"]


def test_what_whole_seconds_of_the_beginning_make_too_long_is_mended() -> None:
    """A batch of 0.5 s that began at 100.75, of commands of 0.125 and 0.25 s, with a quarter of a second on the way."""

    def cut(finish: float) -> dict[str, Any]:
        return {"start": 100, "finish": finish, "duration": finish - 100}

    body = {
        **answer(result={"c0": 1, "c1": 1}, result_time={"c0": cut(100.875), "c1": cut(101.125)}),
        "time": cut(101.25),
    }
    _, observation = read_batch([GET, UPDATE], body, halt=True, took=0.75)
    told = {method: (one.started_at, one.duration) for method, (one,) in observation.timings.items()}
    assert told == {"batch": (100.5, 0.75), "crm.item.get": (100.5, 0.375), "crm.item.update": (100.875, 0.25)}
    # the reading may have been as short as nothing; when the update began is known
    assert {method: one.slack for method, (one,) in observation.timings.items()} == {
        "batch": 0.5,
        "crm.item.get": 0.375,
        "crm.item.update": 0.0,
    }
    _, observation = read_plain(GET, {"result": [], "time": cut(101.25)}, took=0.75)
    assert observation.timings["crm.item.get"][0].duration == 0.75
    # an answer that took longer than can be, or told its beginning with a fraction, stays as it is
    assert Timing(100.0, 101.25, 1.25, slack=1.0).not_before(99.0) == Timing(100.0, 101.25, 1.25, slack=1.0)
    assert Timing(100.5, 101.25, 0.75).not_before(101.0) == Timing(100.5, 101.25, 0.75)


@pytest.mark.parametrize("value", [None, [], {}, {"start": "x", "finish": 1, "duration": 1}])
def test_a_time_that_is_none(value: object) -> None:
    assert parse_timing(value) is None


@pytest.mark.parametrize("reset_at", [0, 1705765533, "soon", []])
def test_a_reset_that_cannot_be_leaves_the_other_times_as_they_are(reset_at: object) -> None:
    assert parse_timing({**TIME, "operating_reset_at": reset_at}) == Timing(1.0, 3.0, 2.0, 5.5, None)


def test_errors_come_in_all_forms() -> None:
    assert parse_error({"error": 0, "error_description": None}) == ("0", "")
    assert parse_error({}) == ("", "")


@pytest.mark.parametrize(
    ("status", "code", "reaction"),
    [
        (503, "QUERY_LIMIT_EXCEEDED", Reaction.TOO_FAST),
        (429, "OPERATION_TIME_LIMIT", Reaction.TOO_MUCH),
        (429, "", Reaction.TOO_FAST),
        (500, "INTERNAL_SERVER_ERROR", Reaction.UNCERTAIN),
        (200, "WRONG_ENCODING", Reaction.UNCERTAIN),
        (502, "0", Reaction.UNCERTAIN),
        (400, "", Reaction.REFUSED),
        (403, "ACCESS_DENIED", Reaction.REFUSED),
        (404, "error_method_not_found", Reaction.REFUSED),
    ],
)
def test_errors_of_whole_requests(status: int, code: str, reaction: Reaction) -> None:
    assert react_to_request(status, code, "") is reaction


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "NO_AUTH_FOUND"),
        (403, "INVALID_CREDENTIALS"),
        (403, "insufficient_scope"),
        (403, "user_access_error"),
        (403, "allowed_only_intranet_user"),
        (401, ""),
    ],
)
def test_refused_credentials(status: int, code: str) -> None:
    with pytest.raises(CredentialsRefused, match="application" if code == "user_access_error" else "webhook"):
        react_to_request(status, code, "text")


@pytest.mark.parametrize("code", ["OVERLOAD_LIMIT", "portal_deleted", "PAYMENT_REQUIRED"])
def test_blocked_portals(code: str) -> None:
    with pytest.raises(PortalBlocked):
        react_to_request(503, code, "")


@pytest.mark.parametrize("words", ["on commercial plans.", "by subscription."])
@pytest.mark.parametrize("status", [401, 403])
def test_a_plan_without_rest_blocks(status: int, words: str) -> None:
    with pytest.raises(PortalBlocked, match="plan"):
        react_to_request(status, "ACCESS_DENIED", f"REST is available only {words}")


def test_which_refusals_of_an_update_are_believed_at_once() -> None:
    told = ("update_dynamic_item_restricted", "CRM_ITEM_UPDATE_ACCESS_DENIED", "CRM_FIELD_ERROR_REQUIRED", "ERROR_CORE")
    assert [code for code in told if is_final(code)] == list(told[:-1])


def test_which_refusals_tell_of_a_token_that_nobody_knows() -> None:
    told = ("invalid_token", "NO_AUTH_FOUND", "expired_token", "APPLICATION_NOT_FOUND", "ACCESS_DENIED")
    assert [code for code in told if is_unknown_token(code)] == ["invalid_token", "NO_AUTH_FOUND"]


def test_denied_commands_are_refused() -> None:
    assert {react_to_command(code) for code in ("ACCESS_DENIED", "insufficient_scope", "NOT_FOUND", "")} == {
        Reaction.REFUSED
    }
