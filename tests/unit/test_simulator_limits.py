"""Both limits, by the numbers of docs limits.md."""

from __future__ import annotations

import pytest

from b24syncd.simulator.tables.limits import OperatingLimit, RequestLimit


def test_the_bucket_takes_a_burst_and_then_what_drains_away() -> None:
    limit = RequestLimit(50, 2)
    assert all(limit.admit("a", 0.0) for _ in range(50))
    assert not limit.admit("a", 0.0)
    assert [limit.admit("a", 1.0) for _ in range(3)] == [True, True, False]
    assert limit.maximum == pytest.approx(50)


def test_a_refused_request_does_not_fill_the_bucket() -> None:
    limit = RequestLimit(1, 1)
    assert limit.admit("a", 0.0)
    assert not any(limit.admit("a", 0.5) for _ in range(10))
    assert limit.admit("a", 1.0)


def test_every_address_has_a_bucket_of_its_own() -> None:
    limit = RequestLimit(1, 1)
    assert limit.admit("a", 0.0)
    assert limit.admit("b", 0.0)


def test_a_method_is_blocked_once_its_sum_exceeds_the_limit_and_freed_bucket_by_bucket() -> None:
    # docs limits.md: 25 calls of 20 s reach 500 s; when the oldest bucket with 40 s leaves, calls go through again
    limit = OperatingLimit(480, 600)
    moments = [0.0, 10.0, *(60.0 + 20 * number for number in range(23))]
    for now in moments:
        assert not limit.blocked("w", "m", now)
        limit.charge("w", "m", 20, now)
    assert limit.spent("w", "m", 540.0) == pytest.approx(500)
    assert limit.blocked("w", "m", 599.9)
    assert not limit.blocked("w", "m", 600.0)
    assert limit.spent("w", "m", 600.0) == pytest.approx(460)


def test_methods_and_webhooks_do_not_share_their_sums() -> None:
    limit = OperatingLimit(1, 600)
    limit.charge("w", "m", 5, 0.0)
    assert limit.blocked("w", "m", 1.0)
    assert not limit.blocked("w", "other", 1.0)
    assert not limit.blocked("other", "m", 1.0)


def test_the_answer_tells_the_sum_and_when_its_oldest_bucket_leaves() -> None:
    limit = OperatingLimit(480, 600)
    assert limit.charge("w", "m", 1.5, 100.0) == {"operating_reset_at": 700, "operating": 1.5}
    assert limit.charge("w", "m", 1.0, 350.0) == {"operating_reset_at": 700, "operating": 2.5}
    assert limit.charge("w", "m", 1.0, 701.0) == {"operating_reset_at": 950, "operating": 2.0}
    assert limit.maximum == {"m": 2.5}


def test_without_the_limit_the_answer_tells_nothing() -> None:
    limit = OperatingLimit(None, 600)
    assert limit.charge("w", "m", 1000, 0.0) == {}
    assert not limit.blocked("w", "m", 0.0)
