"""How the commands name what they looked at."""

from __future__ import annotations

import pytest

from b24syncd.cli.commands import SUMMARIES, program
from b24syncd.domain.descriptions import links
from b24syncd.engine.tally import Tally
from b24syncd.reports.preview import limits_ahead
from b24syncd.reports.summary import Summary, walk_lines
from b24syncd.reports.wording import subjects_of


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
    assert next(walk_lines(summary, subjects_of(jobs))).startswith(f"{words}, ")


@pytest.mark.parametrize(
    ("read", "changed", "canary", "share", "told_of"),
    [
        (100, 40, 0, 1.0, []),
        (100, 40, 40, 0.4, []),
        (100, 40, 39, 0.5, ["canary = 39 stops"]),
        (100, 40, 0, 0.3, ["max_changed_share = 0.3 stops a run that would change 40 of 100 items"]),
        (20, 15, 0, 0.3, []),
        (100, 40, 5, 0.1, ["canary = 5 stops", "max_changed_share = 0.1 stops"]),
    ],
)
def test_a_preview_tells_which_safety_limits_are_ahead(
    read: int, changed: int, canary: int, share: float, told_of: list[str]
) -> None:
    counts = Tally({"read": read, "corrected": changed, "corrections": changed}).as_counts()
    summary = Summary(None, interrupted=False, counts=counts, requests=3)
    lines = list(limits_ahead(summary, canary=canary, max_changed_share=share))
    assert [part for part, line in zip(told_of, lines, strict=True) if part in line] == told_of


def test_a_run_that_a_limit_stopped_does_not_tell_of_the_page_that_is_not_settled() -> None:
    summary = Summary(1, interrupted=False, counts=Tally({"corrected": 7}).as_counts(), requests=3, stopped="enough")
    assert next(walk_lines(summary, subjects_of(["phones"]))).startswith("7 corrected (0 corrections), ")


def test_the_help_of_each_command_tells_of_its_own_options() -> None:
    for name in SUMMARIES:
        command = program().commands[name]
        for one in getattr(command, "commands", {"": command}).values():
            told = {parameter.name: str(getattr(parameter, "help", "")) for parameter in one.params}
            assert "since" in told or "--since" not in told.get("utc", ""), name


@pytest.mark.parametrize("name", ["status", "doctor", "state backup", "state check", "review release"])
def test_the_help_tells_that_an_answer_is_one_object(name: str) -> None:
    first, *inner = name.split()
    command = program().commands[first]
    for one in inner:
        command = getattr(command, "commands", {})[one]
    (told,) = [getattr(parameter, "help", "") for parameter in command.params if parameter.name == "as_json"]
    assert told == "Answer in JSON, as one object."


def test_links_of_tasks_are_told_as_items_and_what_is_none_as_it_stands() -> None:
    assert links(("L_77", "CO_69", "T80_6", "own")) == "lead:77, company:69, type128:6, own"
