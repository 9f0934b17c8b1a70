"""The webhook: where it comes from, who could read it there, and what it must look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.errors import Problem, SettingsInvalid
from b24syncd.settings import Webhook, load_settings
from b24syncd.settings.webhook import WebhookInvalid, parse_webhook, without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SECRET = "s3cr3tw0rd00"
ADDRESS = f"https://acme.bitrix24.ru/rest/1/{SECRET}/"


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def configured(tmp_path: Path, portal: str, mode: int = 0o600) -> Path:
    return written(tmp_path / "b24syncd.toml", f'[portal]\nregion = "RU"\n{portal}\n', mode)


def refused(path: Path, environ: Mapping[str, str] | None = None) -> Problem:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(path, environ or {})
    assert SECRET not in str(caught.value)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "base_url", "redacted"),
    [
        (ADDRESS, ADDRESS, "https://acme.bitrix24.ru/rest/1/***/"),
        (f"  {ADDRESS[:-1]}\n", ADDRESS, "https://acme.bitrix24.ru/rest/1/***/"),
        (f"HTTPS://ACME.bitrix24.ru/rest/1/{SECRET}", ADDRESS, "https://acme.bitrix24.ru/rest/1/***/"),
        ("https://crm.test:8443/rest/25/1/", "https://crm.test:8443/rest/25/1/", "https://crm.test:8443/rest/25/***/"),
        ("http://127.0.0.1:80/rest/1/abc/", "http://127.0.0.1:80/rest/1/abc/", "http://127.0.0.1:80/rest/1/***/"),
        ("http://localhost/rest/1/abc/", "http://localhost/rest/1/abc/", "http://localhost/rest/1/***/"),
        ("http://[::1]:8/rest/1/abc/", "http://[::1]:8/rest/1/abc/", "http://[::1]:8/rest/1/***/"),
    ],
)
def test_a_webhook_is_read(text: str, base_url: str, redacted: str) -> None:
    webhook = parse_webhook(text, "portal.webhook")
    assert webhook.base_url == base_url
    assert webhook.redacted == str(webhook) == redacted
    assert repr(webhook) == f"<Webhook {redacted}>"
    assert SECRET not in f"{webhook}{webhook!r}{[webhook]}"


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "copy it"),
        (SECRET, "copy it"),
        (f"acme.bitrix24.ru/rest/1/{SECRET}/", "copy it"),
        (f"ftp://acme.bitrix24.ru/rest/1/{SECRET}/", "copy it"),
        (f"https:///rest/1/{SECRET}/", "copy it"),
        (f"https://[acme/rest/1/{SECRET}/", "copy it"),
        (f"https://acme.bitrix24.ru:port/rest/1/{SECRET}/", "copy it"),
        (f"https://acme.bitrix24.ru/{SECRET}/", "copy it"),
        (f"https://acme.bitrix24.ru/rest/{SECRET}/", "copy it"),
        (f"https://acme.bitrix24.ru/rest/one/{SECRET}/", "copy it"),
        (f"{ADDRESS} {ADDRESS}", "copy it"),
        (f"{ADDRESS}crm.contact.list.json", "https://acme.bitrix24.ru/rest/1/***/"),
        (f"{ADDRESS}profile?x=1", "https://acme.bitrix24.ru/rest/1/***/"),
        (f"{ADDRESS}?auth={SECRET}", "https://acme.bitrix24.ru/rest/1/***/"),
        (f"{ADDRESS}#{SECRET}", "https://acme.bitrix24.ru/rest/1/***/"),
        (f"https://me:{SECRET}@acme.bitrix24.ru/rest/1/{SECRET}/", "before the @"),
        (f"http://acme.bitrix24.ru/rest/1/{SECRET}/", "https://"),
        (f"http://127.0.0.1.example.com/rest/1/{SECRET}/", "https://"),
    ],
)
def test_what_is_no_webhook_is_refused_with_its_cure_and_without_its_secret(text: str, cure: str) -> None:
    with pytest.raises(WebhookInvalid) as caught:
        parse_webhook(text, "portal.webhook")
    assert cure in caught.value.problem.cure
    assert caught.value.problem.key == "portal.webhook"
    assert SECRET not in str(caught.value.problem)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_secrets_in_a_text_are_hidden() -> None:
    assert without_secrets(f"a {ADDRESS}profile b") == "a https://acme.bitrix24.ru/rest/1/***/profile b"


def test_the_configuration_itself_may_hold_the_webhook(tmp_path: Path) -> None:
    assert load_settings(configured(tmp_path, f'webhook = "{ADDRESS}"'), {}).portal.webhook.secret == SECRET


def test_without_a_webhook_every_way_to_give_one_is_told(tmp_path: Path) -> None:
    problem = refused(configured(tmp_path, ""))
    assert problem.key == "portal.webhook"
    for way in ("portal.webhook_file", "portal.webhook,", "B24SYNCD_PORTAL__WEBHOOK", "the systemd credential webhook"):
        assert way in problem.cure


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602])
def test_a_configuration_with_the_webhook_must_be_private(tmp_path: Path, mode: int) -> None:
    problem = refused(configured(tmp_path, f'webhook = "{ADDRESS}"', mode))
    assert "chmod 600" in problem.cure


def test_a_configuration_without_the_webhook_may_be_read_by_all(tmp_path: Path) -> None:
    written(tmp_path / "hook", ADDRESS)
    load_settings(configured(tmp_path, 'webhook_file = "hook"', 0o644), {})


@pytest.mark.parametrize("content", [ADDRESS, f"{ADDRESS}\n", f"\ufeff{ADDRESS}\r\n"])
def test_a_file_beside_the_configuration_may_hold_the_webhook(tmp_path: Path, content: str) -> None:
    written(tmp_path / "hook", content)
    settings = load_settings(configured(tmp_path, 'webhook_file = "hook"'), {})
    assert settings.portal.webhook == Webhook("acme.bitrix24.ru", 1, SECRET, ADDRESS)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602])
def test_a_file_with_the_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    hook = written(tmp_path / "hook", ADDRESS, mode)
    problem = refused(configured(tmp_path, 'webhook_file = "hook"'))
    assert problem.key == "portal.webhook_file"
    assert problem.cure == f"chmod 600 {hook}"


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "empty"), (" \n", "empty"), (f"{ADDRESS}\n{ADDRESS}", "more than one"), ("no webhook", "more than one")],
)
def test_a_file_without_a_webhook_is_refused(tmp_path: Path, content: str, message: str) -> None:
    written(tmp_path / "hook", content)
    assert message in refused(configured(tmp_path, 'webhook_file = "hook"')).message


@pytest.mark.parametrize(
    ("name", "message"), [(".", "directory"), ("nowhere", "No such file"), (ADDRESS, "web address"), ("raw", "text")]
)
def test_what_is_no_file_of_text_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "raw").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "raw").chmod(0o600)
    assert message in refused(configured(tmp_path, f'webhook_file = "{name}"')).message


def test_the_systemd_credential_is_taken_whatever_its_mode(tmp_path: Path) -> None:
    written(tmp_path / "webhook", ADDRESS, 0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert load_settings(configured(tmp_path, ""), environ).portal.webhook.secret == SECRET


def test_a_wrong_credential_is_named(tmp_path: Path) -> None:
    written(tmp_path / "webhook", f"http://acme.bitrix24.ru/rest/1/{SECRET}/")
    problem = refused(configured(tmp_path, ""), {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert problem.key == "the systemd credential webhook"


def test_the_environment_may_name_a_file(tmp_path: Path) -> None:
    environ = {"B24SYNCD_PORTAL__WEBHOOK_FILE": str(written(tmp_path / "hook", ADDRESS))}
    assert load_settings(configured(tmp_path, ""), environ).portal.webhook.secret == SECRET


def test_the_environment_wins_over_all_other_places(tmp_path: Path) -> None:
    written(tmp_path / "webhook", "not even looked at")
    environ = {"B24SYNCD_PORTAL__WEBHOOK": ADDRESS, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    path = configured(tmp_path, 'webhook_file = "nowhere"')
    assert load_settings(path, environ).portal.webhook.secret == SECRET


def test_where_no_place_is_named_it_is_beside_the_configuration(tmp_path: Path) -> None:
    beside = written(tmp_path / "b24syncd.webhook", ADDRESS)
    webhook = load_settings(configured(tmp_path, ""), {}).portal.webhook
    assert (webhook.secret, webhook.file) == (SECRET, beside)
    beside.chmod(0o640)
    assert "others may read" in refused(configured(tmp_path, "")).message


def test_every_place_that_is_named_wins_over_what_is_beside_the_configuration(tmp_path: Path) -> None:
    written(tmp_path / "b24syncd.webhook", "not even looked at")
    written(tmp_path / "webhook", ADDRESS)
    for portal, environ in (('webhook_file = "webhook"', {}), ("", {"CREDENTIALS_DIRECTORY": str(tmp_path)})):
        assert load_settings(configured(tmp_path, portal), environ).portal.webhook.secret == SECRET


@pytest.mark.parametrize(
    ("portal", "environ"),
    [
        (f'webhook = "{ADDRESS}"\nwebhook_file = "hook"', {}),
        ('webhook_file = "hook"', {"CREDENTIALS_DIRECTORY": "."}),
        (f'webhook = "{ADDRESS}"', {"CREDENTIALS_DIRECTORY": "."}),
        ("", {"B24SYNCD_PORTAL__WEBHOOK": ADDRESS, "B24SYNCD_PORTAL__WEBHOOK_FILE": "hook"}),
    ],
)
def test_a_webhook_given_twice_is_a_problem(tmp_path: Path, portal: str, environ: dict[str, str]) -> None:
    written(tmp_path / "hook", ADDRESS)
    written(tmp_path / "webhook", ADDRESS)
    if "CREDENTIALS_DIRECTORY" in environ:
        environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert "twice" in refused(configured(tmp_path, portal), environ).message


def test_no_webhook_at_all_is_a_problem(tmp_path: Path) -> None:
    problem = refused(configured(tmp_path, ""), {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert "portal.webhook_file" in problem.cure


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (ADDRESS, "acme.bitrix24.ru"),
        ("http://127.0.0.1:8080/rest/1/abc/", "127.0.0.1-8080"),
        ("http://[::1]:8080/rest/1/abc/", "1-8080"),
    ],
)
def test_the_portal_is_called_by_its_host(tmp_path: Path, address: str, name: str) -> None:
    settings = load_settings(configured(tmp_path, ""), {"B24SYNCD_PORTAL__WEBHOOK": address})
    assert settings.portal.name == name
    assert settings.state.path.name == f"{name}.db"


def test_a_wrong_type_of_the_webhook_is_told_once_for_each_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(configured(tmp_path, "webhook = 5"), {})
    assert {problem.key for problem in caught.value.problems} == {"portal.webhook"}
