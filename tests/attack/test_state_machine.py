"""Whatever happens to program, portal and clocks, in whatever order: what is promised holds after each step.

A portal with people, faults and limits; a program that is run, killed and started again, and whose corrections are
taken back. Found failures are shrunk to a few steps, which can be read as a story. What may happen is in
`machine_program.py`, `machine_handed_over.py`, `machine_moves.py`, `machine_people.py` and `machine_weather.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from tests.attack.attacks import HOUR
from tests.attack.machine_handed_over import HandingOver
from tests.attack.machine_moves import Moves
from tests.attack.machine_people import People
from tests.attack.machine_program import Program
from tests.attack.machine_weather import Weather
from tests.engine.paying import CODE, mistakes
from tests.variants import IS_LONG

from b24syncd.domain.corrections import SetField

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Record = Callable[[str, object], None]

PARTS, EXAMPLES, STEPS = (10, 15, 40) if IS_LONG else (2, 12, 16)
"""So many seeds, so that the parts run side by side; examples of each, and the steps of an example."""


class Portal(Program, HandingOver, Moves, People, Weather):
    """Whatever may happen, and what must hold."""

    @rule()
    def settle(self) -> None:
        """Let everything come to rest."""
        scenario = self.scenario
        scenario.portal.faults.clear()
        scenario.portal.person.clear()
        scenario.wait(30 * HOUR)  # what was refused rests for a day
        assert scenario.backfill() or (scenario.stopped and scenario.backfill(goes_on=True)), scenario.said
        scenario.assert_settled()
        if self.others == "payments":
            # a date that was typed and given back is a person's, one that was undone stays until it is released
            changes = (row.correction for row in scenario.world.journal() if row.mends)
            given_back = {one.ref.id for one in changes if isinstance(one, SetField) and one.restores}
            left_alone = given_back | {ref.id for ref, _ in scenario.held}
            found = [mistake for mistake in mistakes(scenario.world, field=CODE) if mistake["id"] not in left_alone]
            assert not found, found

    @invariant()
    def promises(self) -> None:
        if hasattr(self, "scenario"):
            self.scenario.assert_kept()

    def teardown(self) -> None:
        try:
            if hasattr(self, "scenario"):
                self.settle()
                self._tell()
        finally:
            self.stack.close()

    def _tell(self) -> None:
        scenario, history = self.scenario, self.scenario.portal.history
        secret = scenario.portal.options.secret
        said = type(self).outputs() + "\n".join(scenario.said)
        assert secret not in said
        assert not [file for file in scenario.world.state.parent.iterdir() if secret.encode() in file.read_bytes()]
        type(self).figures.update(
            scenario.figures
            + Counter({"examples": 1, "faults": history.faults.total(), "edits": history.person_edits})
            + Counter({"updates behind a list": scenario.witnesses.grouped})
        )


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_promised_holds_whatever_happens(
    part: int, tmp_path: Path, capfd: pytest.CaptureFixture[str], record_property: Record
) -> None:
    numbers = iter(range(10**9))

    def folder() -> Path:
        made = tmp_path / f"life{next(numbers)}"
        made.mkdir()
        return made

    def outputs() -> str:
        captured = capfd.readouterr()
        return captured.out + captured.err

    figures: Counter[str] = Counter()
    machine = type(
        "Machine", (Portal,), {"folders": staticmethod(folder), "figures": figures, "outputs": staticmethod(outputs)}
    )
    run_state_machine_as_test(
        seed(part)(machine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
        ),
    )
    record_property("figures", dict(figures))
