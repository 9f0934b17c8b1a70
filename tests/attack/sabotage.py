"""All sabotages; `python -m tests.attack.sabotage` prints them as the table of docs/reliability.md."""

from __future__ import annotations

from tests.attack.sabotaged import PROMISES
from tests.attack.sabotages import (
    a_person_wins,
    an_answer_is_no_success,
    inside_the_limits,
    intent_before_effect,
    no_write_without_a_change,
    nothing_is_lost,
    one_write_at_a_time,
    secrets_stay_secret,
    seen_previewed_undone,
    stopped_at_any_moment,
)

SABOTAGES = tuple(
    sabotage
    for promise in (
        nothing_is_lost,
        a_person_wins,
        intent_before_effect,
        an_answer_is_no_success,
        no_write_without_a_change,
        inside_the_limits,
        one_write_at_a_time,
        stopped_at_any_moment,
        secrets_stay_secret,
        seen_previewed_undone,
    )
    for sabotage in promise.SABOTAGES
)


def table() -> str:
    """Return the sabotages as a table in Markdown."""
    lines = ["| promise | what was broken | where | test that fails |", "|---|---|---|---|"]
    lines += [
        f"| {each.promise} {PROMISES[each.promise]} | {each.broken} | `{each.file}` | `{each.test}` |"
        for each in SABOTAGES
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201 # that is what it is for
