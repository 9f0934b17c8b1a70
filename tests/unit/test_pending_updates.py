"""What waits to be written: what goes first where little is left."""

from __future__ import annotations

from collections import deque

from tests.unit.rebinding import COMPANY, LEAD, snapshot

from b24syncd.domain.corrections import AddBinding, RemoveBinding
from b24syncd.engine.updates import PendingUpdates, Update
from b24syncd.portal.wire.commands import Priority


def test_of_the_rest_those_that_others_follow_go_first_but_nothing_before_what_is_owed() -> None:
    read = snapshot(LEAD)
    add, remove = AddBinding(read.ref, "bindings", COMPANY), RemoveBinding(read.ref, "bindings", LEAD)
    first, then = Update(read, (add,)), Update(read, (remove,), attempt=2)
    owed = Update(read, (remove,), repair_batch="b1", attempt=2)
    few = PendingUpdates(deque([then, owed, first, then]), Priority.BACKFILL)
    few.order_rest(2)
    assert list(few.pending) == [owed, first, then, then]
    many = PendingUpdates(deque([then, first, then]), Priority.BACKFILL)
    many.order_rest(1)
    assert list(many.pending) == [then, first, then]
