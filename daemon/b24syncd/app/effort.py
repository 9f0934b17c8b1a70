"""What the writing of a preview's plans would take: the commands that it consists of, and the limits for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.engine.writing.ahead import YOUNG_SECONDS, Ahead
from b24syncd.portal.activities.target_proofs import prove, targets_of
from b24syncd.portal.activities.writing import commands_of
from b24syncd.portal.pace.bucket import KEPT_FOR_LIVE
from b24syncd.portal.pace.budget import Budget
from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.pace.group_sizes import ALONE, GroupSizes
from b24syncd.portal.pace.learnt_limit import limit_of
from b24syncd.portal.pace.ways import shared_out
from b24syncd.portal.words.universal import UniversalWords
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.portal.written_rows import may_be_grouped
from b24syncd.reports.effort import ASSUMED_SECONDS, Pace, effort_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.plans import Plan
    from b24syncd.portal.pace.limits import LimitsMemory, LimitsState
    from b24syncd.reports.effort import Effort
    from b24syncd.reports.naming import FieldTitles
    from b24syncd.settings import Settings

Knows = Callable[["FieldTitles"], None]
"""Is told the titles of fields."""


def unheeded(_told: object) -> None:
    """Heed nothing of it."""


class WritingAhead:
    """Counts the commands that would write what is planned: one update for all corrections of an item."""

    def __init__(self, settings: Settings, report: Callable[[Plan], None] = unheeded) -> None:
        """Begin with nothing, in the words and within the limits of the settings; hand plans on to `report`."""
        self._report = report
        self._vocabulary = Vocabulary(Api(settings.portal.api))
        self._limits = settings.limits
        self._bindings: Counter[str] = Counter()
        self._updates: Counter[EntityType] = Counter()

    def add_plan(self, plan: Plan) -> None:
        """Take in the plan of one item or activity, and hand it on."""
        self.add(plan.corrections)
        self._report(plan)

    def add(self, corrections: Iterable[Correction]) -> None:
        """Take in the corrections of one item or activity."""
        planned = tuple(corrections)
        if not planned:
            return
        ref = planned[0].ref
        if ref.type is EntityType.ACTIVITY:
            proofs = map(prove, targets_of(planned))
            self._bindings.update(command.method for command in (*proofs, *commands_of(ref, planned)))
        else:
            self._updates[ref.type] += 1

    def _in_second(self, costs: Mapping[str, float]) -> dict[EntityType, int]:
        """Return how many updates of each type leave in the second family of methods, where all are to end early."""
        beside = {kind: words for kind in self._updates if (words := self._vocabulary.beside(kind)) is not None}
        numbers = {words.unit[1]: self._updates[kind] for kind, words in beside.items()}
        seconds = {words.unit[1]: _binding_seconds(words.unit, costs) for words in beside.values()}
        common = UniversalWords.unit
        numbers[common[1]] = self._updates.total() - sum(numbers.values())
        shares = shared_out(numbers, seconds | {common[1]: _binding_seconds(common, costs)}, common[1])
        return {kind: shares[words.unit[1]] for kind, words in beside.items()}

    def _amounts(self, learnt: LimitsState, in_second: Mapping[EntityType, int]) -> Counter[str]:
        """Return the commands by method: pairs, or groups behind one list where updates are known to be cheap."""
        amounts = Counter(self._bindings)
        sizes = GroupSizes(self._limits.witness_seconds)
        sizes.restore(learnt.group_sizes)
        for entity_type, updates in self._updates.items():
            words, beside = self._vocabulary.of(entity_type), in_second.get(entity_type, 0)
            if beside and (second := self._vocabulary.beside(entity_type)) is not None:
                amounts.update(beside * second.unit)
            own = updates - beside
            listed, update = words.list_method, words.unit[1]
            known = learnt.costs.get(listed), learnt.costs.get(update)
            size = sizes.most(entity_type.value, *known) if may_be_grouped(words) else ALONE
            if size == ALONE:
                amounts.update(own * words.unit)
            else:
                amounts.update({listed: ceil(own / size), update: own})
        return amounts

    async def effort(self, memory: LimitsMemory) -> Effort | None:
        """Return how long that would take by the costs that the state knows; None where there is nothing to write."""
        limits, learnt = self._limits, await memory.load()
        share = limits.mean_share
        pace = Pace(
            operating_seconds=Budget(limits.operating_seconds, share).backfill,
            window_seconds=limits.operating_window_seconds,
            burst=limits.burst * share * (1 - KEPT_FOR_LIVE),
            per_second=limits.per_second * share,
            in_flight=max(1, limits.in_flight - 1),
            less={
                method: Budget(limit_of(learnt.operating_limits, method, limits.operating_seconds), share).backfill
                for method in learnt.operating_limits
            },
        )
        rests = learnt.second_family is not None and learnt.second_family[0] > (learnt.reached or 0.0)
        ways = [{}] if rests else [{}, self._in_second(learnt.costs)]
        efforts = [self._effort_of(self._amounts(learnt, way), learnt, pace) for way in ways]
        return min((one for one in efforts if one is not None), key=lambda one: one.seconds, default=None)

    def _effort_of(self, amounts: Counter[str], learnt: LimitsState, pace: Pace) -> Effort | None:
        batches = ceil(amounts.total() / MOST_COMMANDS)
        return effort_of(amounts, batches + _readings(batches, amounts, learnt, pace), learnt.costs, pace)


def _binding_seconds(unit: tuple[str, ...], costs: Mapping[str, float]) -> float:
    """Return the most that one unit takes of any method's operating time."""
    return max(number * costs.get(method, ASSUMED_SECONDS) for method, number in Counter(unit).items())


def _readings(batches: int, amounts: Mapping[str, int], learnt: LimitsState, pace: Pace) -> int:
    """Return how many requests read again what is written, as batches wait for their turns."""
    if not batches:
        return 0
    ahead = Ahead(pace.in_flight, YOUNG_SECONDS, MOST_COMMANDS)
    seconds = sum(number * learnt.costs.get(method, ASSUMED_SECONDS) for method, number in amounts.items())
    ahead.answered(1, 1, seconds / batches)
    return ceil(batches / ahead.before_old())
