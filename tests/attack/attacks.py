"""What may happen to program and portal, as hypothesis draws it: crashes, limits, faults, people's edits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from tests.attack.crashes import Crash
from tests.attack.handed_over import HandedOver
from tests.attack.processes import Limits
from tests.attack.witnesses import called

from b24syncd.simulator.faults import Fault, Kind, Request
from b24syncd.simulator.people.person import Action

if TYPE_CHECKING:
    from b24syncd.simulator.methods.calls import Call

HOUR = 3600.0


def named(fault: Fault) -> Fault:
    """Return a fault that was drawn for a kind of commands, with the methods that it strikes."""
    if fault.match in {"batch", "*"}:
        return fault
    struck = called(str(fault.match))

    def strikes(subject: Request | Call) -> bool:
        return not struck.isdisjoint(subject.methods if isinstance(subject, Request) else (subject.method,))

    return replace(fault, match=strikes)


SEEDS = st.integers(0, 2**16)
HOWS = st.sampled_from(["kill", "kill", "cut", "stop"])
CRASHES = st.none() | st.one_of(
    st.builds(Crash, after=st.just("command"), number=st.integers(1, 30), how=HOWS, steps=st.integers(0, 60)),
    st.builds(Crash, after=st.just("job"), number=st.integers(1, 80), how=HOWS),
)
LEAVES = st.none() | st.builds(
    Crash, after=st.just("command"), number=st.integers(1, 15), how=HOWS, steps=st.integers(0, 60)
)
HANDED_OVER = st.builds(
    HandedOver,
    what=st.sampled_from(["backfill", "undo run", "undo item", "release", "rebind"]),
    choice=SEEDS,
    at=st.floats(0, 40),
    leaves=LEAVES,
)
# With a wrong clock each start may send one request too many: a burst of less than twenty has no room for that.
TIGHT = (Limits(burst=20, per_second=0.5), Limits(operating_seconds=3, operating_window_seconds=60))
LIMITS = st.sampled_from([Limits(), *TIGHT])
APIS = st.sampled_from(["universal", "universal", "classic", "both"])
SAFETY = st.sampled_from([*[{}] * 5, {"canary": 1}, {"canary": 4}, {"max_changed_share": 0.06}])
"""Safety limits; the share is that of fifty items, so three may be changed."""
COMMANDS = st.sampled_from(["update", "get", "list", "batch", "*"])
"""Kinds of commands; `called` tells what they are called."""
OF_ITEMS = COMMANDS.filter(lambda command: command != "batch")
WITNESSED = st.sampled_from(["update", "get", "list"])
"""What is sent while an item is written; of a list nobody knows for which items it is."""
ACTIONS = st.sampled_from(
    [Action.CHANGE, Action.CHANGE, Action.ADD, Action.DELETE, Action.SET_FIELD, Action.DELETE_ITEM, "retype"]
)
FAULTS = st.one_of(
    st.builds(
        Fault,
        kind=st.sampled_from([Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.HANG, Kind.ERROR_500]),
        match=COMMANDS,
        when=st.sampled_from(["before", "after"]),
        nth=st.integers(1, 5),
        times=st.integers(1, 3),
    ),
    st.builds(Fault, kind=st.just(Kind.LATE), match=COMMANDS, nth=st.integers(1, 4), seconds=st.floats(1, 50)),
    st.builds(Fault, kind=st.just(Kind.CUT), match=st.just("batch"), nth=st.integers(1, 4), commands=st.integers(0, 6)),
    st.builds(
        Fault,
        kind=st.just(Kind.COMMAND_ERROR),
        match=OF_ITEMS,
        when=st.sampled_from(["before", "after"]),
        nth=st.integers(1, 10),
        times=st.integers(1, 4),
    ),
    st.builds(  # never after the effect: the portal looks at the limit first
        Fault,
        kind=st.just(Kind.ERROR_429),
        match=OF_ITEMS,
        nth=st.integers(1, 10),
        times=st.integers(1, 4),
    ),
)
