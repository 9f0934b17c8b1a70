"""How long a refusal is believed: by its ground, never by its words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.refused import Ground, Refusal
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.engine.writing.refusals import REST, Refusals
from b24syncd.observe.digest import Digest

ITEM = EntityRef(EntityType.CONTACT, 7)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CORRECTION = SetField(ITEM, "fields", "title", "an", "a")
MISLEADING = "ACCESS_DENIED: a malformed phone or e-mail"


def snapshot_with(*emails: str) -> Snapshot:
    points = tuple(ContactPoint(number, PointKind.EMAIL, value, "WORK") for number, value in enumerate(emails))
    return Snapshot(ITEM, NOW, points, fields={"title": "an"})


def stands(refusal: Refusal, snapshot: Snapshot, after: timedelta) -> bool:
    refusals = Refusals(Digest(lambda: 0.0))
    refusals.remember([(CORRECTION, refusal, NOW)], NOW - REST)
    return refusals.standing(snapshot, [CORRECTION], NOW + after) is not None


@pytest.mark.parametrize(
    ("ground", "hours"), [(Ground.STATED, 24), (None, 24), (Ground.UNSTATED, 1), (Ground.MALFORMED, 1)]
)
def test_it_stands_for_a_day_where_its_ground_is_certain(ground: Ground | None, hours: int) -> None:
    snapshot, second = snapshot_with("nobody"), timedelta(seconds=1)
    assert stands(Refusal(MISLEADING, ground), snapshot, timedelta(hours=hours) - second)
    assert not stands(Refusal(MISLEADING, ground), snapshot, timedelta(hours=hours))


@pytest.mark.parametrize("ground", [*Ground, None])
def test_a_malformed_entry_that_was_mended_is_in_nobodys_way(ground: Ground | None) -> None:
    assert stands(Refusal(MISLEADING, ground), snapshot_with("nobody"), timedelta())
    is_cured = ground is Ground.MALFORMED
    assert stands(Refusal(MISLEADING, ground), snapshot_with("a@b.example"), timedelta()) is not is_cured


def test_what_holds_no_more_is_forgotten() -> None:
    refusals, refusal = Refusals(Digest(lambda: 0.0)), Refusal("no", Ground.STATED)
    refusals.remember([(CORRECTION, refusal, NOW)], NOW - REST)
    assert refusals.standing(snapshot_with("a"), [CORRECTION], NOW) is not None
    refusals.remember([], NOW + timedelta(seconds=1))  # of a process that lives for years there would be ever more
    assert refusals.standing(snapshot_with("b"), [CORRECTION], NOW) is None
