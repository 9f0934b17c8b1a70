"""`[http] console`: how browsers reach it, and what is refused because it would not be safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.test_settings_http import ENVIRON, http_of

from b24syncd.errors import SettingsInvalid
from b24syncd.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

NEAR, FAR = 'listen = "127.0.0.1:8324"', 'listen = "0.0.0.0:8324"'
CONSOLE, HOSTS = "console = true", 'allowed_hosts = ["Console.acme.example"]'
PROXY = 'behind_proxy = ["10.0.0.5", "127.0.0.0/8", "::1"]'


def tls(folder: Path, mode: int = 0o600) -> str:
    for name in ("certificate", "key"):
        (folder / name).write_text("PEM")
        (folder / name).chmod(mode)
    return 'tls_certificate = "certificate"\ntls_key = "key"'


def test_it_is_served_on_this_machine_without_more(tmp_path: Path) -> None:
    http = http_of(tmp_path, NEAR, CONSOLE)
    assert (http.has_console, http.problems, http.address) == (True, (), "http://127.0.0.1:8324")
    assert http.is_open


def test_other_machines_reach_it_by_tls(tmp_path: Path) -> None:
    http = http_of(tmp_path, FAR, CONSOLE, HOSTS, tls(tmp_path))
    assert (http.problems, http.address, http.token) == ((), "https://console.acme.example:8324", None)
    assert not http.is_open


@pytest.mark.parametrize(
    ("listen", "host", "address"),
    [
        ("0.0.0.0:443", "console.acme.example", "https://console.acme.example"),
        ("0.0.0.0:443", "console.acme.example:8443", "https://console.acme.example:8443"),
        ("[::]:8324", "[2001:db8::1]", "https://[2001:db8::1]:8324"),
    ],
)
def test_the_address_is_what_browsers_call_it(tmp_path: Path, listen: str, host: str, address: str) -> None:
    http = http_of(tmp_path, f'listen = "{listen}"', CONSOLE, f'allowed_hosts = ["{host}"]', tls(tmp_path))
    assert (http.problems, http.address) == ((), address)
    asked = {host: True, host.upper(): True, f"evil.{host}": False, "evil.example": False, "": False, ":": False}
    assert {name: http.door.is_host(name) for name in asked} == asked
    assert http.door.is_host(f"{host}:1") is ("8443" not in host)


def test_or_by_a_proxy_that_is_named(tmp_path: Path) -> None:
    http = http_of(tmp_path, NEAR, CONSOLE, HOSTS, PROXY)
    assert (http.problems, http.address) == ((), "https://console.acme.example")
    assert not http.is_open  # what reaches the address may come from anywhere
    asking = {"10.0.0.5": True, "10.0.0.6": False, "127.3.2.1": True, "::1": True, "::ffff:10.0.0.5": True, "?": False}
    assert {address: http.door.is_proxy(address) for address in asking} == asking


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([FAR, CONSOLE, HOSTS], "what people send there has to be encrypted"),
        ([NEAR, CONSOLE, PROXY], "it is not said by which names browsers call the console"),
        ([NEAR, CONSOLE, HOSTS, PROXY, "TLS"], "either b24syncd speaks TLS itself, or a proxy does"),
        ([NEAR, CONSOLE, "OPEN"], "others may read or change the file with the key"),
        ([NEAR, CONSOLE, 'tls_key = "nowhere"'], "the file cannot be read: No such file or directory"),
    ],
)
def test_what_is_not_safe_is_a_problem_of_serving(tmp_path: Path, lines: list[str], message: str) -> None:
    written = [line for line in lines if line not in {"TLS", "OPEN"}]
    if "TLS" in lines or "OPEN" in lines:
        files = tls(tmp_path, 0o644 if "OPEN" in lines else 0o600)
        written += [line for line in files.splitlines() if line not in written]
    problems = http_of(tmp_path, *written).problems
    assert any(message in one.message for one in problems)


@pytest.mark.parametrize(
    "hosts", ['["a b"]', '["https://console.acme.example"]', '["console.acme.example:0x1"]', '[""]']
)
def test_what_is_no_host_is_refused(tmp_path: Path, hosts: str) -> None:
    with pytest.raises(SettingsInvalid, match="this is no host"):
        http_of(tmp_path, NEAR, f"allowed_hosts = {hosts}")


def test_what_is_no_proxy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="this is no address"):
        http_of(tmp_path, NEAR, 'behind_proxy = ["nginx"]')


def test_a_console_without_an_address_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="the console needs an address"):
        load_settings(None, ENVIRON | {"B24SYNCD_HTTP__CONSOLE": "true"})
