"""Lists of moves that the program of the state machine works through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from tests.attack.attacks import CRASHES, SEEDS
from tests.attack.machine_begin import Beginning

if TYPE_CHECKING:
    from tests.attack.crashes import Crash


class Moves(Beginning):
    """Lists made of activities that are there, worked through, interrupted and begun again."""

    @precondition(lambda self: self.others == "bindings")
    @rule(seed=SEEDS, crash=CRASHES, times=st.integers(1, 2))
    def rebind(self, seed: int, crash: Crash | None, times: int) -> None:
        """Work through a list; the second time without a crash, and going on where a safety limit stopped it."""
        scenario = self.scenario
        moves = scenario.routes.some(seed)
        if moves:
            scenario.rebind(moves, crash)
        if moves and times > 1:
            scenario.rebind(moves, goes_on=scenario.stopped)
