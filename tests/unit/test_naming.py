"""One name for a portal: its configuration, unit and state have it, and what cannot change while a service runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from b24syncd.settings import Settings, load_settings
from b24syncd.settings.lasting import lasting_changes
from b24syncd.settings.naming import name_of, state_of

HOST = "acme.bitrix24.ru"


@pytest.mark.parametrize(
    ("written", "file", "name"),
    [
        ("sales", "/etc/b24syncd/acme.toml", "sales"),
        (None, "/etc/b24syncd/acme.toml", "acme"),
        (None, "/etc/b24syncd/acme_test-2.x.toml", "acme_test-2.x"),
        (None, "/etc/b24syncd/-наш портал.toml", HOST),
        (None, "/etc/b24syncd/b24syncd.toml", HOST),
        (None, None, HOST),
    ],
)
def test_a_portal_is_called_as_its_configuration(written: str | None, file: str | None, name: str) -> None:
    assert name_of(written, None if file is None else Path(file), HOST) == name


def test_a_state_that_was_begun_under_the_host_goes_on(tmp_path: Path) -> None:
    assert state_of("acme", HOST, tmp_path) == tmp_path / "acme.db"
    (tmp_path / f"{HOST}.db").touch()
    assert state_of("acme", HOST, tmp_path) == tmp_path / f"{HOST}.db"
    (tmp_path / "acme.db").touch()
    assert state_of("acme", HOST, tmp_path) == tmp_path / "acme.db"


def settings(**changed: str) -> Settings:
    address = f"https://{HOST}/rest/1/secret/"
    found = {"PORTAL__WEBHOOK": address, "PORTAL__REGION": "RU", "STATE__PATH": "/tmp/a.db"} | changed  # noqa: S108
    return load_settings(None, {f"B24SYNCD_{name}": value for name, value in found.items()})


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        ({"PORTAL__REGION": "DE", "LIMITS__SHARE": "0.5", "SAFETY__EXCLUDE": "contact:1", "LOG__LEVEL": "debug"}, ()),
        ({"PORTAL__WEBHOOK": f"https://{HOST}/rest/1/another/"}, ("portal.webhook",)),
        ({"PORTAL__NAME": "acme", "PORTAL__API": "classic"}, ("portal.name", "portal.api")),
        ({"STATE__PATH": "/tmp/b.db", "HTTP__LISTEN": "127.0.0.1:1"}, ("state.path", "http.listen")),  # noqa: S108
    ],
    ids=",".join,
)
def test_what_holds_for_as_long_as_a_service_lives(changed: dict[str, str], keys: tuple[str, ...]) -> None:
    assert lasting_changes(settings(), settings(**changed)) == keys


def test_of_a_secret_whose_file_has_become_readable_by_others_its_key_is_told(tmp_path: Path) -> None:
    files = {"HTTP__TLS_CERTIFICATE": tmp_path / "console.pem", "HTTP__TLS_KEY": tmp_path / "console.key"}
    for file in files.values():
        file.touch(0o600)
    served = {"HTTP__LISTEN": "127.0.0.1:1", "HTTP__CONSOLE": "true"} | {key: str(one) for key, one in files.items()}
    before = settings(**served)
    files["HTTP__TLS_KEY"].chmod(0o644)
    assert lasting_changes(before, settings(**served)) == ("B24SYNCD_HTTP__TLS_KEY",)
