"""What ends a process is told by its kind, never by matching words, and without anybody's data."""

from __future__ import annotations

import pytest
from tests.unit.test_conditions import NOW

from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.engine.endings import ending_of, is_lifted, of_stop
from b24syncd.engine.safety import Allowance, Limit, Safety
from b24syncd.engine.tally import Tally
from b24syncd.errors import (
    AddressWrong,
    CredentialsRefused,
    FieldChanged,
    OutcomeUnknown,
    PortalBlocked,
    Problem,
    RetryLater,
    SafetyStop,
    SettingsInvalid,
    StateUnavailable,
    StateUnusable,
    UsageInvalid,
)
from b24syncd.store.runs import RunKind

PROBLEM = Problem("jobs.fields", "no such field", "name another one")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CredentialsRefused("revoked"), ConditionKind.CREDENTIALS_REFUSED),
        (PortalBlocked("not paid"), ConditionKind.PORTAL_BLOCKED),
        (AddressWrong("no portal"), ConditionKind.SETTINGS_INVALID),
        (SettingsInvalid((PROBLEM, PROBLEM)), ConditionKind.SETTINGS_INVALID),
        (FieldChanged("gone"), ConditionKind.SAFETY_STOP),
        (StateUnavailable("full"), ConditionKind.DISK_FULL),
        (RetryLater("timeout"), ConditionKind.PORTAL_AWAY),
        (OutcomeUnknown("timeout"), ConditionKind.PORTAL_AWAY),
        (ExceptionGroup("several", [RetryLater("x"), CredentialsRefused("y")]), ConditionKind.CREDENTIALS_REFUSED),
    ],
)
def test_each_error_is_a_condition_in_one_line(error: Exception, kind: ConditionKind) -> None:
    ending = ending_of(error)
    assert ending is not None
    assert ending[0] is kind
    assert "\n" not in ending[1]


@pytest.mark.parametrize("error", [UsageInvalid("x"), StateUnusable("x"), SafetyStop("noted by the run itself")])
def test_a_command_that_was_wrong_is_none(error: Exception) -> None:
    assert ending_of(error) is None


def test_an_unexpected_failure_is_told_without_its_words() -> None:
    ending = ending_of(ValueError("Ivan Petrov, +7 495 123-45-67"))
    assert ending == (ConditionKind.STOPPED_BY_ERROR, "unexpected failure: ValueError")


def stopped(limit: Limit, *approved: Limit, region: str = "RU") -> Safety:
    safety = Safety(Tally({}), allowance=Allowance(approved=set(approved)), region=region)
    safety.stop(limit, "enough")
    return safety


def test_a_stop_is_about_its_run_and_its_limit_and_a_wrong_region_about_that() -> None:
    assert of_stop(RunKind.BACKFILL, Safety(Tally({}))) is None
    assert of_stop(RunKind.BACKFILL, stopped(Limit.SHARE)) == (ConditionKind.SAFETY_STOP, "backfill/share")
    assert of_stop(RunKind.RUN, stopped(Limit.REGION)) == (ConditionKind.WRONG_REGION, "RU")


def test_what_a_person_lets_pass_is_lifted_and_a_region_by_another_one() -> None:
    share = Condition(ConditionKind.SAFETY_STOP, "backfill/share", NOW, "x")
    assert not is_lifted(share, stopped(Limit.CANARY, Limit.CANARY))
    assert is_lifted(share, stopped(Limit.CANARY, Limit.SHARE))
    wrong = Condition(ConditionKind.WRONG_REGION, "US", NOW, "x")
    assert is_lifted(wrong, stopped(Limit.CANARY))
    assert not is_lifted(wrong, stopped(Limit.CANARY, region="US"))
    assert not is_lifted(wrong, stopped(Limit.CANARY, region=""))
    assert is_lifted(wrong, stopped(Limit.CANARY, Limit.REGION, region="US"))
    assert not is_lifted(Condition(ConditionKind.PORTAL_AWAY, "", NOW, "x"), stopped(Limit.CANARY, *Limit))
