"""How the state machine begins: a portal with its people's data, and a program that is configured for it."""

from __future__ import annotations

import re
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from tests.attack import field_promises
from tests.attack.attacks import APIS, LIMITS, SAFETY, SEEDS
from tests.attack.processes import COSTS, QUICK
from tests.attack.promises import items
from tests.attack.scenario import Scenario
from tests.engine.rebinding import CONVERTED, rule
from tests.simulated_time import simulation

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.seeds.payments import generate_payments

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from pathlib import Path

    from tests.attack.processes import Limits


class Beginning(RuleBasedStateMachine):
    """One portal with its program; the folder and the figures are the test's."""

    folders: Callable[[], Path]
    figures: Counter[str]
    outputs: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.scenario: Scenario
        self.is_classic = self.is_both = False
        self.others = ""
        """What is kept right beside contact points: `bindings`, `payments`, `fields`, or nothing."""

    @initialize(
        seed=SEEDS,
        limits=LIMITS,
        api=APIS,
        others=st.sampled_from(["", "fields", "fields", "bindings", "payments"]),
        safety=SAFETY,
        is_quick=st.booleans(),
        source=st.sampled_from(["polling", "events"]),
    )
    def begin(  # noqa: PLR0913 # all that a portal and its program begin with
        self,
        seed: int,
        limits: Limits,
        api: str,
        others: str,
        safety: dict[str, float],
        *,
        is_quick: bool,
        source: str,
    ) -> None:
        simulated = self.stack.enter_context(simulation())
        scopes = ("crm", "user_brief", "task", "sale")
        costs = QUICK if is_quick else COSTS
        self.scenario = scenario = Scenario(
            simulated, type(self).folders(), limits, scopes=scopes, costs=costs, webhook_is_application=True
        )
        self.stack.callback(scenario.close)
        scenario.world.fill(seed, contacts=9 if is_quick else 4, companies=2, leads=2)
        scenario.world.configure(portal__api=api, changes__source=source, changes__poll_seconds=300)
        scenario.world.configure(**{f"safety__{name}": value for name, value in safety.items()})
        scenario.canary = int(safety.get("canary", 0))
        self.is_classic = api == "classic"
        if api == "both":  # the other family is used where this one has nothing left
            spent = Fault(kind=Kind.ERROR_429, match="crm.item.update", nth=2, times=3)
            scenario.portal.faults.add(spent)
            self.is_both = True
        self.others = others
        scenario.world.file = scenario.world.folder / "b24syncd.toml"
        scenario.world.file.write_text(self._keep_others_right(seed), encoding="utf-8")

    def _keep_others_right(self, seed: int) -> str:
        """Fill the portal with what else is to be kept right; return the tables of the configuration for it."""
        portal = self.scenario.portal
        if self.others == "bindings":
            generate_activities(portal, seed, converted=2, activities=2, obstacles=0.0)
            for truth in portal.binding_truth:
                for target in truth.targets.values():
                    self.scenario.routes.join(truth.source, target)
            points = [point for item in items(portal).values() for point in item.points.values()]
            for value in {point.value for point in points if point.type_id == "PHONE"} - portal.meanings.keys():
                portal.meanings[value] = ("+7" + re.sub(r"\D", "", value)[1:],)
            return "[jobs.bindings]\n" + rule(where=CONVERTED)
        if self.others == "payments":
            generate_payments(portal, seed, deals=3, obstacles=0.0)
            return "[jobs.payment_dates]\nenabled = true\n"
        if self.others == "fields":
            field_promises.fill(portal, Random(seed))  # noqa: S311 # has to be repeatable
            self.scenario.world.configure(jobs__fields__rules=field_promises.rules(is_classic=self.is_classic))
        return ""
