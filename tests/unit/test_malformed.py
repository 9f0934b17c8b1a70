"""What the portal finds malformed: the same as the simulated portal, which follows the server's PHP by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.malformed import is_malformed, keeps_malformed
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.methods.entry_checks import refuse_whole
from b24syncd.simulator.tables.model import PointChange

REF = EntityRef.parse("contact:1")
BAD, GOOD = "нет почты", "anna@example.org"
TEXTS = st.text(alphabet="aZ9яß.@@<>()[] ,;-_+'\"\\\t", max_size=24) | st.from_regex(r"[a-z<(]{1,4}@[a-z.]{1,8}[>)]?")


def portal_refuses(kind: PointKind, value: str) -> bool:
    try:
        refuse_whole((), [PointChange(None, kind.value, "WORK", value)], "letters")
    except RestError:
        return True
    return False


@given(kind=st.sampled_from(PointKind), value=TEXTS.filter(bool))
def test_it_is_what_the_portal_refuses(kind: PointKind, value: str) -> None:
    assert is_malformed(kind, value) == portal_refuses(kind, value)


@pytest.mark.parametrize(
    ("value", "malformed"),
    [
        (GOOD, False),
        ("Anna <anna@example.org>", False),
        (" anna@пример.рф ", False),
        ("anna@example.org,", True),
        ("anna@example", True),
        ("anna@example.r", True),
        ("anna..b@example.org", True),
        (BAD, True),
        ("a" * 239 + "@example.ru", False),
        ("a" * 240 + "@example.ru", True),
    ],
)
def test_addresses(value: str, *, malformed: bool) -> None:
    assert is_malformed(PointKind.EMAIL, value) == malformed
    assert portal_refuses(PointKind.EMAIL, value) == malformed


def test_it_is_about_what_the_item_has_after_the_update() -> None:
    email = PointKind.EMAIL
    points = (ContactPoint(1, PointKind.PHONE, "8 916", "WORK"), ContactPoint(2, email, BAD, "WORK"))
    snapshot = Snapshot(REF, datetime(2026, 1, 1, tzinfo=UTC), points)
    phone = ChangePoint(REF, "phones", PointKind.PHONE, 1, "WORK", "8 916", "+7916")
    mended = ChangePoint(REF, "emails", email, 2, "WORK", BAD, GOOD)
    deleted = DeletePoint(REF, "emails", email, 2, "WORK", BAD)
    added = AddPoint(REF, "emails", email, "WORK", BAD)
    assert keeps_malformed(snapshot, [phone])
    assert not keeps_malformed(snapshot, [phone, mended])
    assert not keeps_malformed(snapshot, [deleted])
    assert keeps_malformed(snapshot, [mended, added])
