"""How the commands name what they looked at."""

from __future__ import annotations

import pytest

from b24syncd.app import Summary
from b24syncd.cli.backfill import subjects_of, told
from b24syncd.cli.output import told_links
from b24syncd.engine.tally import Tally


@pytest.mark.parametrize(
    ("jobs", "number", "words"),
    [
        (("phones",), 1, "1 item read"),
        (("phones", "emails"), 2, "2 items read"),
        (("bindings",), 1, "1 activity read"),
        (("bindings",), 0, "0 activities read"),
        (("phones", "bindings"), 7, "7 items and activities read"),
    ],
)
def test_a_summary_names_what_was_read(jobs: tuple[str, ...], number: int, words: str) -> None:
    summary = Summary(1, interrupted=False, counts=Tally({"read": number}).as_counts(), requests=3)
    assert told(summary, subjects_of(jobs)).startswith(f"{words}, ")


def test_links_of_tasks_are_told_as_items_and_what_is_none_as_it_stands() -> None:
    assert told_links(("L_77", "CO_69", "T80_6", "own")) == "lead:77, company:69, type128:6, own"
