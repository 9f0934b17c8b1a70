"""Sabotages of promise 6: inside the limits."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        6,
        "the request bucket leaves no share to others",
        "portal/pace/leaking.py",
        "        return cls(most, limits.per_second * share)\n",
        "        return cls(most, limits.per_second)\n",
        "unit/test_portal_limits.py::test_a_bucket_of_our_share_is_never_overfilled_so_the_rest_is_left_to_others",
    ),
    Sabotage(
        6,
        "what is on its way does not count as operating time",
        "portal/pace/governor.py",
        " - meter.spent(now) - meter.reserved\n",
        " - meter.spent(now)\n",
        "unit/test_portal_meter.py::test_what_is_on_its_way_counts_as_spent",
    ),
    Sabotage(
        6,
        "the operating limit leaves no share to others",
        "portal/pace/budget.py",
        "        return self.limit * self.share\n",
        "        return self.limit\n",
        "unit/test_portal_meter.py::test_a_backfill_spends_our_whole_share_and_live_commands_a_part_of_the_rest",
    ),
    Sabotage(
        6,
        "a refusal for the rate does not slow anything down",
        "portal/pace/bucket.py",
        "            self._pace, self._paced_at = max(self._pace / 2, _SLOWEST_PACE), now\n",
        "            self._pace, self._paced_at = max(self._pace, _SLOWEST_PACE), now\n",
        "unit/test_portal_limits.py::test_refusals_halve_the_pace_and_it_recovers_slowly",
    ),
    Sabotage(
        6,
        "what was learnt of the limits is not saved before a request leaves",
        "portal/requests.py",
        "            await self._memory.save(self._learnt())\n            yield\n",
        "            self._learnt()\n            yield\n",
        "engine/test_limits.py::test_what_was_learnt_of_the_limits_is_remembered",
    ),
    Sabotage(
        6,
        "the requests of an earlier process do not count",
        "portal/requests.py",
        "        self._bucket.restore(state)\n",
        "        self._bucket.restore(LimitsState())\n",
        "engine/test_limits.py::test_the_request_limit_binds_over_short_runs",
    ),
)
