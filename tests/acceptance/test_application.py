"""An application from its login to a process that is killed while its token is renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.acceptance.authorising import authorising, let_in_by_application, root_of
from tests.acceptance.processes import until
from tests.hidden import CLIENT_ID as CLIENT
from tests.hidden import CLIENT_SECRET as SECRET

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation

FEW = ("--contacts", "12", "--companies", "0", "--leads", "0", "--oauth")


@pytest.mark.parametrize(("when", "code"), [("before", 0), ("after", 3)])
def test_a_process_that_is_killed_while_its_token_is_renewed(home: Installation, when: str, code: int) -> None:
    portal = home.serve(*FEW)
    let_in_by_application(home, portal)
    portal.tell("application", {"expired": True})
    portal.tell("faults", [{"kind": "hang", "match": "oauth/token", "when": when}])
    started = home.start("backfill")
    until(lambda: portal.stats["faults"].get("hang", 0) == 1)
    started.kill()
    portal.forget("faults")
    ended = home.run("backfill", code=code)
    if code:
        assert "auth login" in ended.err
        assert "credentials refused" in home.run("status").out
    else:
        portal.assert_right()


def test_a_portal_is_set_up_by_an_application(home: Installation) -> None:
    portal = home.serve(*FEW)
    root, folder = root_of(portal), home.folder / "etc"
    for name in (
        "PORTAL__WEBHOOK",
        "PORTAL__REGION",
        "STATE__PATH",
        "SAFETY__CANARY",
    ):  # what is set up says for itself
        del home.environ[f"B24SYNCD_{name}"]
    given = home.folder / "given"
    given.write_text(f"{SECRET}\n", encoding="utf-8")
    card = ("--oauth", root, "--client-id", CLIENT, "--client-secret-file", str(given), "--server", root)
    told = authorising(home, "setup", "acme", *card, "--folder", str(folder), "--region", "RU", "--preview", "0")
    assert "all is well" in told
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {
        "acme.toml": 0o644,
        **dict.fromkeys(("acme.client_secret", "acme.token_key", "acme.db", "acme.db.lock"), 0o600),
    }
    assert SECRET not in (folder / "acme.toml").read_text(encoding="utf-8") + told
    ended = home.run("--config", str(folder / "acme.toml"), "auth", "status")
    assert "has tokens, with 2 permissions" in ended.out
