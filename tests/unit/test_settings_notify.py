"""`[notify]`: what is read, and what is refused."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from b24syncd.domain.notices import TOPICS, Digest, Topic
from b24syncd.errors import Problem, SettingsInvalid
from b24syncd.settings import load_settings
from b24syncd.settings.notify import Notify

ENVIRON = {
    "B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/",
    "B24SYNCD_PORTAL__REGION": "RU",
}
DOCUMENT = Path(__file__).parents[2] / "docs" / "notices.md"


def loaded(tmp_path: Path, text: str, **environ: str) -> Notify:
    file = tmp_path / "b24syncd.toml"
    file.write_text(f"[notify]\n{text}", encoding="utf-8")
    overrides = {f"B24SYNCD_NOTIFY__{key.upper()}": value for key, value in environ.items()}
    return load_settings(file, ENVIRON | overrides).notify


def test_nobody_is_told_by_default(tmp_path: Path) -> None:
    notify = loaded(tmp_path, "")
    assert not notify.is_on
    assert notify.topics == frozenset(Topic)
    assert notify.digest == Digest(time(9), None)
    assert list(notify.problems()) == []


def test_what_is_written_is_read(tmp_path: Path) -> None:
    text = """
        user = 7
        command = ["/bin/sh", "-c", "cat"]
        command_seconds = 2.5
        on = ["walks", "stops", "walks"]
        digest_at = "17:30"
        time_zone = "Asia/Tokyo"
    """
    assert loaded(tmp_path, text) == Notify(
        7,
        ("/bin/sh", "-c", "cat"),
        2.5,
        frozenset({Topic.WALKS, Topic.STOPS}),
        Digest(time(17, 30), ZoneInfo("Asia/Tokyo")),
    )
    from_environ = loaded(tmp_path, "", user="7", command="/bin/cat,-u", on="stops")
    assert (from_environ.user, from_environ.command) == (7, ("/bin/cat", "-u"))
    assert from_environ.topics == frozenset({Topic.STOPS})


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("user = -1", "notify.user", "this is too small"),
        ('user = "1"', "notify.user", "this is no whole number"),
        ('command = "/bin/cat"', "notify.command", "this is no list"),
        ('command = ["cat"]', "notify.command", "the command is named without its folder"),
        ('command = ["/bin/cat", "\\u0000"]', "notify.command", "no argument can hold this character"),
        ("command_seconds = 61", "notify.command_seconds", "this is too large"),
        ('on = ["everything"]', "notify.on[0]", "this is none of the possible words"),
        ("user = 1\non = []", "notify", "nobody would be told anything"),
        ('digest_at = "9:00"', "notify.digest_at", "this is no time of day"),
        ('digest_at = "24:00"', "notify.digest_at", "this is no time of day"),
        ("digest_at = 09:00:00", "notify.digest_at", "this is no text"),
        ('time_zone = "Berlin"', "notify.time_zone", "this is no time zone"),
        ("who = 1", "notify.who", ""),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, key: str, words: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(tmp_path, text)
    [problem] = caught.value.problems
    assert problem.key == key
    assert words in problem.message


def test_a_command_that_cannot_be_run_is_a_problem_of_notices_alone(tmp_path: Path) -> None:
    for words in (["/no/such/program"], [str(tmp_path / "b24syncd.toml")]):
        [problem] = loaded(tmp_path, f"command = {words}").problems()
        assert isinstance(problem, Problem)
        assert (problem.key, words[0] in problem.message) == ("notify.command", True)


def test_every_topic_is_told() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| .* \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name, _ in rows if name in set(Topic)] == list(Topic)
    assert set(TOPICS.values()) - {None} | {Topic.REVIEWS, Topic.WALKS} == set(Topic)
