"""`[http]`: where health and metrics are served, and who may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.errors import SettingsInvalid
from b24syncd.settings import load_settings
from b24syncd.settings.listen import parse_listen

if TYPE_CHECKING:
    from pathlib import Path

    from b24syncd.settings.http import Http

TOKEN = "0123456789abcdef0123456789abcdef"
ENVIRON = {
    "B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3t0000/",
    "B24SYNCD_PORTAL__REGION": "RU",
    "B24SYNCD_STATE__PATH": "/nowhere/portal.db",
}


def http_of(folder: Path, *lines: str, **environ: str) -> Http:
    file = folder / "b24syncd.toml"
    file.write_text("\n".join(["[http]", *lines]), encoding="utf-8")
    http = load_settings(file, ENVIRON | environ).http
    assert http is not None
    return http


def token_in(folder: Path, text: str = TOKEN, mode: int = 0o600) -> str:
    file = folder / "token"
    file.write_text(f"{text}\n", encoding="utf-8")
    file.chmod(mode)
    return str(file)


def test_nothing_is_served_by_default() -> None:
    settings = load_settings(None, ENVIRON)
    assert (settings.http, settings.secrets) == (None, settings.portal.secrets)


@pytest.mark.parametrize(
    ("listen", "host", "port", "is_local"),
    [
        ("127.0.0.1:8324", "127.0.0.1", 8324, True),
        ("127.7.7.7:80", "127.7.7.7", 80, True),
        ("localhost:65535", "localhost", 65535, True),
        ("[::1]:8324", "::1", 8324, True),
        ("[0:0::1]:8324", "::1", 8324, True),
        ("0.0.0.0:8324", "0.0.0.0", 8324, False),  # noqa: S104 # it is not bound
        ("[::]:8324", "::", 8324, False),
        ("[::ffff:127.0.0.1]:8324", "::ffff:7f00:1", 8324, False),
        ("Monitor.acme.example:8324", "monitor.acme.example", 8324, False),
    ],
)
def test_addresses(tmp_path: Path, listen: str, host: str, port: int, is_local: bool) -> None:  # noqa: FBT001 # of the table
    http = http_of(tmp_path, f'listen = "{listen}"')
    assert (http.host, http.port, http.is_local) == (host, port, is_local)
    assert bool(http.problems) is not is_local


@pytest.mark.parametrize(
    "listen",
    [
        "",
        "8324",
        ":8324",
        "127.0.0.1",
        "127.0.0.1:",
        "::1:8324",
        "[::1]",
        "[::g]:8324",
        "127.0.0.1:99999",
        "a b:1",
        "http://127.0.0.1:8324",
        "127.0.0.1:8324/metrics",
        "127.0.0.1:+8324",
        "user@127.0.0.1:8324",
    ],
)
def test_what_is_no_address_is_refused_with_a_cure(tmp_path: Path, listen: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        http_of(tmp_path, f'listen = "{listen}"')
    [problem] = caught.value.problems
    assert problem.key == "http.listen"
    assert problem.message == "this is no address to listen at"
    assert problem.cure == 'write HOST:PORT, for example "127.0.0.1:8324" or "[::1]:8324"'


@given(st.text())
def test_whatever_is_written_is_an_address_or_none(text: str) -> None:
    parsed = parse_listen(text)
    if parsed is not None:
        host, port = parsed
        written = f"[{host}]" if ":" in host else host
        assert parse_listen(f"{written}:{port}") == parsed


def test_a_port_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="with port 0 nobody knows where to ask"):
        http_of(tmp_path, 'listen = "127.0.0.1:0"')


def test_other_machines_need_a_token(tmp_path: Path) -> None:
    http = http_of(tmp_path, 'listen = "0.0.0.0:8324"')
    with pytest.raises(SettingsInvalid) as caught:
        http.require_servable()
    assert str(caught.value) == (
        "http.listen: other machines can reach this address, so a token has to be demanded of them "
        '(is "0.0.0.0:8324"); set http.token_file to a file that holds one (`openssl rand -hex 32`), or give the '
        "systemd credential http_token, or listen on 127.0.0.1"
    )


def test_a_token_comes_from_a_file(tmp_path: Path) -> None:
    token_in(tmp_path)
    http = http_of(tmp_path, 'listen = "0.0.0.0:8324"', 'token_file = "token"')  # beside the configuration
    http.require_servable()
    assert http.token == TOKEN
    assert TOKEN not in repr(http)


def test_a_token_comes_from_systemd_or_the_environment_which_wins(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "http_token").write_text("a-token-of-systemd-0000", encoding="utf-8")
    of_systemd = {"CREDENTIALS_DIRECTORY": str(credentials)}
    listen = 'listen = "[::]:8324"'
    assert http_of(tmp_path, listen, **of_systemd).token == "a-token-of-systemd-0000"
    file = token_in(tmp_path)
    twice = http_of(tmp_path, listen, f'token_file = "{file}"', **of_systemd)
    assert [problem.key for problem in twice.problems] == ["http.token_file"]
    assert http_of(tmp_path, listen, **of_systemd, B24SYNCD_HTTP__TOKEN_FILE=file).token == TOKEN
    settings = load_settings(
        None, ENVIRON | {"B24SYNCD_HTTP__TOKEN_FILE": file, "B24SYNCD_HTTP__LISTEN": "127.0.0.1:1"}
    )
    assert TOKEN in settings.secrets
    assert TOKEN not in str(settings.effective)


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        (TOKEN, 0o644, "others may read or change the file"),
        ("", 0o600, "the file is empty"),
        ("too-short", 0o600, "less than 16 characters can be guessed; make one with `openssl rand -hex 32`"),
        ("two words of a token", 0o600, "a token holds letters, digits and"),
        (f"{TOKEN}\n{TOKEN}", 0o600, "in one line"),
    ],
)
def test_a_bad_token_is_told_without_it(tmp_path: Path, text: str, mode: int, told: str) -> None:
    http = http_of(tmp_path, 'listen = "127.0.0.1:8324"', f'token_file = "{token_in(tmp_path, text, mode)}"')
    [problem] = http.problems
    assert told in str(problem)
    assert not text or text not in str(problem)
    assert http.token is None


def test_a_token_in_place_of_its_file_is_not_shown(tmp_path: Path) -> None:
    http = http_of(tmp_path, 'listen = "127.0.0.1:8324"', f'token_file = "{TOKEN}"')
    [problem] = http.problems
    assert "seems to be the token itself" in problem.message
    assert TOKEN not in str(problem)
