"""Whatever happens to program, portal and clocks, in whatever order: what is promised holds after each step.

A portal with people, faults and limits; a program that is run, killed and started again, and whose corrections are
taken back. Found failures are shrunk to a few steps, which can be read as a story.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.attack.crashes import Crash
from tests.attack.life import Life, Limits
from tests.attack.promises import items
from tests.engine.paying import CODE, mistakes
from tests.engine.rebinding import CONVERTED
from tests.engine.rebinding import rule as binding_rule
from tests.simulated_time import simulation
from tests.variants import IS_LONG

from b24syncd.domain.corrections import SetField
from b24syncd.simulator import mess
from b24syncd.simulator.activity_generator import generate_activities
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.fields import DEAL
from b24syncd.simulator.payment_generator import generate_payments
from b24syncd.simulator.person import Action, PersonEdit, Trigger
from b24syncd.simulator.person_payments import random_payment
from b24syncd.simulator.person_rebinds import random_rebind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from b24syncd.simulator.model import Item

    Record = Callable[[str, object], None]

PARTS, EXAMPLES, STEPS = (10, 15, 40) if IS_LONG else (3, 12, 16)
"""So many seeds, so that the parts run side by side; examples of each, and the steps of an example."""

HOUR = 3600.0

SEEDS = st.integers(0, 2**16)
HOWS = st.sampled_from(["kill", "kill", "cut", "stop"])
CRASHES = st.none() | st.one_of(
    st.builds(Crash, after=st.just("command"), number=st.integers(1, 30), how=HOWS, steps=st.integers(0, 60)),
    st.builds(Crash, after=st.just("job"), number=st.integers(1, 80), how=HOWS),
)
# With a wrong clock each start may send one request too many: a burst of less than twenty has no room for that.
TIGHT = (Limits(burst=20, per_second=0.5), Limits(operating_seconds=3, operating_window_seconds=60))
LIMITS = st.sampled_from([Limits(), *TIGHT])
METHODS = st.sampled_from(["crm.item.update", "crm.item.get", "crm.item.list", "batch", "*"])
WITNESSED = st.sampled_from(["crm.item.update", "crm.item.get"])
ACTIONS = st.sampled_from([Action.CHANGE, Action.CHANGE, Action.ADD, Action.DELETE, Action.SET_FIELD, "retype"])
FAULTS = st.one_of(
    st.builds(
        Fault,
        kind=st.sampled_from([Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.HANG, Kind.ERROR_500]),
        match=METHODS,
        when=st.sampled_from(["before", "after"]),
        nth=st.integers(1, 5),
        times=st.integers(1, 3),
    ),
    st.builds(Fault, kind=st.just(Kind.LATE), match=METHODS, nth=st.integers(1, 4), seconds=st.floats(1, 50)),
    st.builds(Fault, kind=st.just(Kind.CUT), match=st.just("batch"), nth=st.integers(1, 4), commands=st.integers(0, 6)),
    st.builds(
        Fault,
        kind=st.just(Kind.COMMAND_ERROR),
        match=METHODS.filter(lambda method: method != "batch"),
        when=st.sampled_from(["before", "after"]),
        nth=st.integers(1, 10),
        times=st.integers(1, 4),
    ),
    st.builds(  # never after the effect: the portal looks at the limit first
        Fault,
        kind=st.just(Kind.ERROR_429),
        match=METHODS.filter(lambda method: method != "batch"),
        nth=st.integers(1, 10),
        times=st.integers(1, 4),
    ),
)


class Portal(RuleBasedStateMachine):
    """One portal with its program; the folder and the figures are the test's."""

    folders: Callable[[], Path]
    figures: Counter[str]
    outputs: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.life: Life

    @initialize(seed=SEEDS, limits=LIMITS, others=st.sampled_from(["", "", "bindings", "payments"]))
    def begin(self, seed: int, limits: Limits, others: str) -> None:
        simulated = self.stack.enter_context(simulation())
        scopes = ("crm", "user_brief", "task", "sale")
        self.life = life = Life(simulated, type(self).folders(), limits, scopes=scopes)
        self.stack.callback(life.close)
        life.world.fill(seed, contacts=4, companies=2, leads=2)
        tables = ""
        if others == "bindings":
            generate_activities(life.portal, seed, converted=2, activities=2, obstacles=0.0)
            tables = "[jobs.bindings]\n" + binding_rule(where=CONVERTED)
            points = [point for item in items(life.portal).values() for point in item.points.values()]
            for value in {point.value for point in points if point.type_id == "PHONE"} - life.portal.meanings.keys():
                life.portal.meanings[value] = ("+7" + re.sub(r"\D", "", value)[1:],)
        if others == "payments":
            generate_payments(life.portal, seed, deals=3, obstacles=0.0)
            tables = "[jobs.payment_dates]\nenabled = true\n"
        life.world.file = life.world.folder / "b24syncd.toml"
        life.world.file.write_text(tables, encoding="utf-8")
        self.others = others

    # -------------------------------------------------------------------------------------------- the program

    @rule(crash=CRASHES)
    def backfill(self, crash: Crash | None) -> None:
        self.life.backfill(crash)

    @rule(minutes=st.integers(1, 12), crash=CRASHES)
    def follow(self, minutes: int, crash: Crash | None) -> None:
        self.life.follow(60 * minutes, crash)

    @precondition(lambda self: self.life.has_state)
    @rule(choice=SEEDS, whole_run=st.booleans(), crash=CRASHES)
    def undo(self, choice: int, whole_run: bool, crash: Crash | None) -> None:  # noqa: FBT001
        rows = self.life.world.journal()
        if rows:
            row = rows[choice % len(rows)]
            self.life.undo(row.run_id if whole_run else None, None if whole_run else row.correction.ref, crash)

    @precondition(lambda self: self.life.has_state)
    @rule()
    def release(self) -> None:
        self.life.release()

    # --------------------------------------------------------------------------------- people, clocks, the portal

    @rule(choice=SEEDS, action=ACTIONS, seed=SEEDS)
    def person(self, choice: int, action: Action | str, seed: int) -> None:
        self.life.portal.person.edit(self._edit(choice, action, seed))

    @rule(choice=SEEDS, action=ACTIONS, seed=SEEDS, moment=st.sampled_from(["before", "after"]), method=WITNESSED)
    def person_meanwhile(self, choice: int, action: Action | str, seed: int, moment: str, method: str) -> None:
        edit = self._edit(choice, action, seed)
        trigger = Trigger(method=method, moment=moment, entity_type_id=edit.entity_type_id, item_id=edit.item_id)
        self.life.portal.person.plan(trigger, edit)

    @precondition(lambda self: self.others)
    @rule(choice=SEEDS, seed=SEEDS)
    def person_elsewhere(self, choice: int, seed: int) -> None:
        """Rebind an activity or handle a payment."""
        portal, rng = self.life.portal, Random(seed)  # noqa: S311 # has to be repeatable
        edit: PersonEdit | None = None
        rows, deals = sorted(portal.activities.rows), portal.table(DEAL).ids
        if self.others == "bindings" and rows:
            edit = random_rebind(portal, rng, rows[choice % len(rows)])
        elif self.others == "payments":
            edit = random_payment(portal, rng, (DEAL, deals[choice % len(deals)]))
        if edit is not None:
            portal.person.edit(edit)

    @rule(seconds=st.sampled_from([1.0, 30.0, 61.0, HOUR, 30 * HOUR]))
    def wait(self, seconds: float) -> None:
        self.life.wait(seconds)

    @rule(hours=st.sampled_from([-30.0, -2.0, 5.0, 24.0 * 40]))
    def set_clock(self, hours: float) -> None:
        """Set this machine's clock forward or back."""
        self.life.time.wrong_by += timedelta(hours=hours)
        self.life.figures["clock jumps"] += 1

    @rule(fault=FAULTS)
    def fault(self, fault: Fault) -> None:
        self.life.portal.faults.add(fault)

    @rule(kind=st.sampled_from([Kind.ERROR_503, Kind.ERROR_429, Kind.OVERLOAD]), times=st.integers(5, 40))
    def storm(self, kind: Kind, times: int) -> None:
        """Let the portal refuse for its limits, as other programs on this address make it do."""
        self.life.portal.faults.add(Fault(kind=kind, times=times, probability=0.4))

    # ----------------------------------------------------------------------------------------- what must hold

    @rule()
    def settle(self) -> None:
        """Let everything come to rest."""
        life = self.life
        life.portal.faults.clear()
        life.portal.person.clear()
        life.wait(30 * HOUR)  # what was refused rests for a day
        assert life.backfill(), life.said
        life.assert_settled()
        if self.others == "payments":
            # a date that was typed and given back is a person's, one that was undone stays until it is released
            changes = (row.correction for row in life.world.journal() if row.mends)
            given_back = {one.ref.id for one in changes if isinstance(one, SetField) and one.restores}
            left_alone = given_back | {ref.id for ref, _ in life.held}
            found = [mistake for mistake in mistakes(life.world, field=CODE) if mistake["id"] not in left_alone]
            assert not found, found

    @invariant()
    def promises(self) -> None:
        if hasattr(self, "life"):
            self.life.assert_kept()

    def teardown(self) -> None:
        try:
            if hasattr(self, "life"):
                self.settle()
                self._tell()
        finally:
            self.stack.close()

    def _tell(self) -> None:
        life, history = self.life, self.life.portal.history
        secret = life.portal.options.secret
        said = type(self).outputs() + "\n".join(life.said)
        assert secret not in said
        assert not [file for file in life.world.state.parent.iterdir() if secret.encode() in file.read_bytes()]
        type(self).figures.update(
            life.figures + Counter({"examples": 1, "faults": history.faults.total(), "edits": history.person_edits})
        )

    def _edit(self, choice: int, action: Action | str, seed: int) -> PersonEdit:
        """Return a person's edit of one of the entries, or of an item that has none."""
        of_all = list(items(self.life.portal).values())
        item = of_all[choice % len(of_all)]
        points = [point for point in item.points.values() if point.type_id in {"PHONE", "EMAIL"}]
        rng = Random(seed)  # noqa: S311 # has to be repeatable
        point = rng.choice(points) if points else None
        if point is None or action is Action.ADD:
            type_id = rng.choice(("PHONE", "EMAIL"))
            return self._typed(Action.ADD, item, rng, type_id=type_id)
        if action == "retype":
            return self._retyped(item, rng, point_id=point.id, type_id=point.type_id)
        assert isinstance(action, Action)
        return self._typed(action, item, rng, point_id=point.id, type_id=point.type_id)

    def _typed(self, action: Action, item: Item, rng: Random, **where: Any) -> PersonEdit:  # noqa: ANN401
        entry = mess.some(rng, mess.PHONES if where["type_id"] == "PHONE" else mess.EMAILS)
        if rng.random() < 0.2 and action is Action.CHANGE:
            known = sorted(one.value for one in item.points.values() if one.type_id == where["type_id"])
            meaning = self.life.portal.meanings.get(rng.choice(known))
            entry = mess.respelt(meaning[0]) if meaning else entry
        return PersonEdit(
            action=action,
            entity_type_id=item.entity_type_id,
            item_id=item.id,
            value=entry.value,
            canonical=entry.canonical or (),
            **where,
        )

    def _retyped(self, item: Item, rng: Random, **where: Any) -> PersonEdit:  # noqa: ANN401
        """Return what stood there before, typed once more."""
        edits = self.life.portal.history.edits_of(item.entity_type_id, item.id)
        texts = sorted({edit.after for edit in edits if edit.name == where["type_id"] and edit.after})
        return PersonEdit(
            action=Action.CHANGE,
            entity_type_id=item.entity_type_id,
            item_id=item.id,
            value=rng.choice(texts),
            **where,
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
