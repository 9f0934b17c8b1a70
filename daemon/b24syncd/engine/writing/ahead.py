"""How many batches leave together after one reading, learnt from those that left before (pure)."""

from __future__ import annotations

from math import ceil

YOUNG_SECONDS = 2.0
"""A snapshot older than this is read again before its batch leaves."""

_MOST_BATCHES = 12
_SEVERAL = 1.2
_QUICK_SECONDS = 0.1
_BACK_IN_TIME = 0.75
"""A worker whose batch is under way will send another one while snapshots are so much of young."""


class Ahead:
    """What is known of the batches of a writer with so many `workers`, whose snapshots are old after some seconds."""

    def __init__(self, workers: int, young_seconds: float, renewed_by_request: float) -> None:
        """Begin without knowing any, but for how many snapshots one request reads again at least."""
        self._workers = workers
        self._young_seconds = young_seconds
        self._answer_seconds = 0.0
        self._renewed_by_request = renewed_by_request
        self._sent = self._sent_first = 0
        self.most_updates = 0
        """The most updates that went in one batch."""

    @property
    def has_more_to_follow(self) -> bool:
        """Whether updates take several writes each, one after the other, as most of one kind do."""
        return self._sent > _SEVERAL * self._sent_first

    def answered(self, updates: int, first: int, seconds: float) -> None:
        """Take in the answer to a batch, of which so many updates were their items' first."""
        self._answer_seconds = seconds
        self.most_updates = max(updates, self.most_updates)
        self._sent += updates
        self._sent_first += first

    def renewed(self, snapshots: int, requests: int) -> None:
        """Take in how many snapshots so many requests read again."""
        # the most that was seen: meanwhile other lanes may have sent requests of their own
        self._renewed_by_request = max(self._renewed_by_request, snapshots / max(1, requests))

    def in_a_row(self, updates: int, room: int, under_way: int) -> int:
        """Return how many requests are best sent together for these: a reading, and all the batches it can be for.

        To wait for them costs nothing; one by one each would wait so long that it needs a reading of its own.
        """
        batches = min(self.before_old(under_way), ceil(updates / room))
        return ceil(batches * self._requests_for(room))

    def batches(self, free: int, room: int, under_way: int) -> int:
        """Return how many batches of `room` will probably have left before snapshots read now are old.

        Of the `free` requests some go for the reading itself, and some for what is written next of the same updates.
        """
        return max(1, min(self.before_old(under_way), int(free / self._requests_for(room))))

    def before_old(self, under_way: int = 0) -> int:
        """Return how many batches are answered before a snapshot that is read now is old, or nearly so."""
        per_worker = max(1, int(self._young_seconds / 2 / max(self._answer_seconds, _QUICK_SECONDS)))
        are_back = self._answer_seconds <= self._young_seconds * _BACK_IN_TIME
        workers = self._workers if are_back else max(1, self._workers - under_way)
        return min(_MOST_BATCHES, per_worker * workers)

    def _requests_for(self, room: int) -> float:
        """Return how many requests the updates of a batch take on average, its part of the reading included."""
        writes = max(1.0, self._sent / max(1, self._sent_first))
        return writes + room / self._renewed_by_request
