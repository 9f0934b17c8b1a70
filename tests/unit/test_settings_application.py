"""`[portal.oauth]`: an application in the place of a webhook, and what can be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.errors import SettingsInvalid
from b24syncd.settings import load_settings
from b24syncd.settings.application import Application
from b24syncd.settings.web_address import WebAddress, parse_address

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t"
ACME = WebAddress("acme.bitrix24.ru", "https://acme.bitrix24.ru")
KEY = "0123456789abcdef0123456789abcdef"
TABLE = 'address = "https://acme.bitrix24.ru"\nclient_id = "local.1"\n'
WEBHOOK = {"B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3t0000/"}


def configured(folder: Path, table: str = TABLE, *, secret: str | None = SECRET, key: str | None = KEY) -> Path:
    """Write a configuration, and beside it what an application needs."""
    for suffix, text in (("client_secret", secret), ("token_key", key)):
        if text is not None:
            path = folder / f"acme.{suffix}"
            path.write_text(f"{text}\n", encoding="utf-8")
            path.chmod(0o600)
    path = folder / "acme.toml"
    path.write_text(f'[portal]\nregion = "RU"\n[portal.oauth]\n{table}', encoding="utf-8")
    return path


def problems(path: Path, environ: dict[str, str] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(path, environ or {})
    assert KEY not in str(caught.value)
    return [(problem.key, problem.message) for problem in caught.value.problems]


def test_an_application_with_its_secrets_beside_the_configuration(tmp_path: Path) -> None:
    settings = load_settings(configured(tmp_path), {})
    found = settings.portal.credentials
    assert isinstance(found, Application)
    assert (found.host, found.client_secret, found.token_key) == ("acme.bitrix24.ru", SECRET, KEY)
    assert (found.redacted, found.server.url) == ("https://acme.bitrix24.ru/rest/", "https://oauth.bitrix.info")
    assert {SECRET, KEY} <= set(settings.secrets)
    assert not [secret for secret in settings.secrets if secret in f"{settings.effective}{found!r}"]


def test_the_environment_wins_and_credentials_do_as_well(tmp_path: Path) -> None:
    path = configured(tmp_path, secret=None, key=None)
    (tmp_path / "token_key").write_text(KEY, encoding="utf-8")
    (tmp_path / "webhook").write_text("-\n", encoding="utf-8")  # what a unit sets for one that is not there
    environ = {
        "CREDENTIALS_DIRECTORY": str(tmp_path),
        "B24SYNCD_PORTAL__OAUTH__CLIENT_SECRET": "fr0m1t",
        "B24SYNCD_PORTAL__OAUTH__SERVER": "oauth.bitrix24.tech",
    }
    found = load_settings(path, environ).portal.credentials
    assert isinstance(found, Application)
    assert (found.client_secret, found.server.url) == ("fr0m1t", "https://oauth.bitrix24.tech")


def test_exactly_one_of_webhook_and_application(tmp_path: Path) -> None:
    ((key, message),) = problems(configured(tmp_path), WEBHOOK)
    assert (key, message) == (
        "portal.oauth",
        "an application is configured, and a webhook as well, by B24SYNCD_PORTAL__WEBHOOK",
    )


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    found = problems(configured(tmp_path, 'server = "http://oauth.example"\n', secret=None, key="short"))
    assert [key.removeprefix("portal.oauth.") for key, _ in found] == [
        *("address", "server", "client_id", "client_secret", "key_file"),
    ]


@pytest.mark.parametrize(
    "address",
    ["https://acme.bitrix24.ru/rest/", "http://acme.bitrix24.ru", "https://a@b", "https://", "a b", "ftp://a"],
)
def test_an_address_is_a_host_that_secrets_may_be_sent_to(tmp_path: Path, address: str) -> None:
    ((key, _),) = problems(configured(tmp_path, f'address = "{address}"\nclient_id = "local.1"\n'))
    assert key == "portal.oauth.address"


def test_a_port_that_everybody_has_is_no_other_portal() -> None:
    for text in ("https://Acme.bitrix24.ru:443/", "acme.bitrix24.ru:443", "https://acme.bitrix24.ru"):
        assert parse_address(text, "portal.oauth.address") == ACME
    assert parse_address("https://acme.bitrix24.ru:8443", "") == WebAddress(f"{ACME.host}:8443", f"{ACME.url}:8443")


def test_a_secret_that_others_may_read_is_told(tmp_path: Path) -> None:
    path = configured(tmp_path)
    (tmp_path / "acme.client_secret").chmod(0o644)
    ((_, message),) = problems(path)
    assert "others may read" in message
