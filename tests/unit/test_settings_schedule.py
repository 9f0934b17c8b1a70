"""`[[limits.schedule]]`: when which share holds, and what is refused."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
from tests.unit.test_portal_clocks import StoppedClock

from b24syncd.cli.config import as_toml
from b24syncd.errors import SettingsInvalid
from b24syncd.portal.pace.serverclock import ServerClock
from b24syncd.portal.pace.share import Share
from b24syncd.portal.wire.commands import Timing
from b24syncd.session import limits_of
from b24syncd.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {"B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/", "B24SYNCD_PORTAL__REGION": "RU"}
MONDAY = 4 * 86_400
"""In unix seconds, which begin on a Thursday."""

HOURS = """
[[limits.schedule]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "22:30"
to = 06:00:00
share = 1.0
[[limits.schedule]]
days = ["sun"]
share = 0.3
"""


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "b24syncd.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, ENVIRON)


def share_at(settings: Settings, day: int, time: str) -> float:
    hours, _, minutes = time.partition(":")
    at = MONDAY + day * 86_400 + int(hours) * 3600 + int(minutes) * 60
    server = ServerClock(StoppedClock())
    server.learn(Timing(at - 7200, at - 7200, 0.0, utc_offset=7200.0), 100.0)
    return Share(limits_of(settings.limits), server).now()


@pytest.mark.parametrize(
    ("day", "time", "share"),
    [
        (0, "12:00", 0.9),
        (0, "22:29", 0.9),
        (0, "22:30", 1.0),
        (1, "05:59", 1.0),
        (1, "06:00", 0.9),
        (5, "05:59", 1.0),  # what began on Friday
        (5, "23:00", 0.9),
        (6, "00:00", 0.3),
        (6, "23:59", 0.3),
        (0, "00:00", 0.9),
    ],
)
def test_the_share_is_that_of_the_entry_that_holds(tmp_path: Path, day: int, time: str, share: float) -> None:
    assert share_at(loaded(tmp_path, HOURS), day, time) == share


def test_the_night_of_sunday_goes_on_into_monday(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[[limits.schedule]]\ndays = ["sun"]\nfrom = "22:00"\nto = "02:00"\nshare = 0.5')
    assert [share_at(settings, *at) for at in ((6, "23:59"), (0, "01:59"), (0, "02:00"))] == [0.5, 0.5, 0.9]


def test_what_is_in_effect_means_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    settings = loaded(tmp_path, HOURS)
    shown = "\n".join(as_toml({"limits": settings.effective["limits"]}))
    assert tomllib.loads(shown)["limits"] == settings.effective["limits"]
    assert loaded(tmp_path, shown).limits == settings.limits
    entries = json.dumps(settings.effective["limits"]["schedule"])
    assert load_settings(None, ENVIRON | {"B24SYNCD_LIMITS__SCHEDULE": entries}).limits == settings.limits


ENTRY = '[[limits.schedule]]\nfrom = "22:00"\nto = "06:00"\nshare = 1.0\n'


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        (
            ENTRY + '[[limits.schedule]]\ndays = ["sat"]\nto = "01:00"\nshare = 0.5',
            "limits.schedule",
            "[0] and [1] both hold on sat at 00:00",
        ),
        (ENTRY.replace("06:00", "22:00"), "limits.schedule[0]", "it would begin and end at 22:00"),
        (ENTRY.replace("06:00", "24:01"), "limits.schedule[0].to", "this is no time of day"),
        (ENTRY.replace("22:00", "10 pm"), "limits.schedule[0].from", "this is no time of day"),
        (ENTRY.replace("1.0", "1.1"), "limits.schedule[0].share", "this is too large"),
        (ENTRY.replace("1.0", "0.0"), "limits.schedule[0].share", "this is too small"),
        (ENTRY.replace("share = 1.0", "days = []\nshare = 1.0"), "limits.schedule[0].days", "there is no day"),
        (ENTRY.replace("share = 1.0", 'days = ["monday"]\nshare = 1.0'), "limits.schedule[0].days[0]", "none of"),
        (ENTRY.replace("share = 1.0", ""), "limits.schedule[0].share", "this is missing"),
        (ENTRY.replace("1.0", "0.01"), "limits", "leaves no room for a single request"),
        ("[limits]\nschedule = 3", "limits.schedule", "this is no list"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(tmp_path: Path, text: str, key: str, told: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert told in problem.message
    assert problem.cure
