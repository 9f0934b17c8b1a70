"""What became of a write of contact points, told by reading: entries are compared as multisets of values."""

from __future__ import annotations

import pytest

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint, PointCorrection
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.judging import Verdict
from b24syncd.domain.settling import judge
from b24syncd.domain.snapshots import ContactPoint, PointKind

REF = EntityRef(EntityType.CONTACT, 1)
PHONE = PointKind.PHONE


def points(**values: str) -> tuple[ContactPoint, ...]:
    """Return entries by their ids, written as `id_1`."""
    return tuple(ContactPoint(int(name[3:]), PHONE, value, "WORK") for name, value in values.items())


SPLIT = (ChangePoint(REF, "phones", PHONE, 1, "WORK", "A, B", "A"), AddPoint(REF, "phones", PHONE, "WORK", "B"))
MERGE = (DeletePoint(REF, "phones", PHONE, 2, "WORK", "A"),)


@pytest.mark.parametrize(
    ("base", "corrections", "current", "verdict"),
    [
        # whatever id the portal gave to what was added
        (points(id_1="A, B"), SPLIT, points(id_1="A", id_77="B"), Verdict.DONE),
        (points(id_1="A, B"), SPLIT, points(id_1="A, B"), Verdict.NOT_DONE),
        (points(id_1="A, B"), SPLIT, points(id_1="A"), Verdict.OVERTAKEN),
        (points(id_1="A, B"), SPLIT, points(id_1="A", id_77="B", id_78="B"), Verdict.OVERTAKEN),
        # of a value that is held twice, one less is another state
        (points(id_1="A", id_2="A"), MERGE, points(id_1="A"), Verdict.DONE),
        (points(id_1="A", id_2="A"), MERGE, points(id_1="A", id_2="A"), Verdict.NOT_DONE),
        (points(id_1="A", id_2="A"), MERGE, points(), Verdict.OVERTAKEN),
    ],
)
def test_what_reading_tells(
    base: tuple[ContactPoint, ...],
    corrections: tuple[PointCorrection, ...],
    current: tuple[ContactPoint, ...],
    verdict: Verdict,
) -> None:
    assert judge(base, corrections, current) is verdict
