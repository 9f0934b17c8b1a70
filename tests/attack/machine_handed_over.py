"""What is asked of the daemon of the state machine while it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.attack.attacks import CRASHES, HANDED_OVER
from tests.attack.machine_begin import Beginning

if TYPE_CHECKING:
    from tests.attack.crashes import Crash
    from tests.attack.handed_over import HandedOver


class HandingOver(Beginning):
    """Commands beside a daemon, which goes its rounds between their pages."""

    @rule(
        commands=st.lists(HANDED_OVER, min_size=1, max_size=2),
        interval=st.sampled_from([1, 30]),
        seconds=st.integers(20, 60),
        crash=CRASHES,
    )
    def hand_over(self, commands: list[HandedOver], interval: int, seconds: int, crash: Crash | None) -> None:
        """Ask a daemon for commands; with a short interval its rounds are due between their pages."""
        world = self.scenario.world
        world.configure(changes__interval_seconds=interval)
        try:
            self.scenario.serve(commands, seconds, crash)
        finally:
            world.configure(changes__interval_seconds=30)
