"""How the portal is reached, by the environment and the settings: proxies, exceptions, authorities of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme

from b24syncd.cli.main import main
from b24syncd.errors import Problem, SettingsInvalid
from b24syncd.settings import load_settings
from b24syncd.settings.proxy import Proxy, find_proxy

if TYPE_CHECKING:
    from pathlib import Path

HOST = "portal.acme.example"
ENVIRON = {"B24SYNCD_PORTAL__WEBHOOK": f"https://{HOST}/rest/1/s3cr3tw0rd00/", "B24SYNCD_PORTAL__REGION": "RU"}
PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other.example"}, PROXY),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"all_proxy": "http://other.example", "HTTPS_PROXY": PROXY}, PROXY),
        ({"HTTP_PROXY": PROXY, "http_proxy": PROXY}, None),
        ({"HTTPS_PROXY": "  "}, None),
        ({"HTTPS_PROXY": "proxy.example:3128"}, PROXY),
        ({"HTTPS_PROXY": "https://proxy.example/"}, "https://proxy.example"),
        ({"HTTPS_PROXY": "http://[2001:db8::1]:3128"}, "http://[2001:db8::1]:3128"),
    ],
)
def test_the_proxy_for_https_is_that_of_the_environment(environ: dict[str, str], url: str | None) -> None:
    found = find_proxy(environ, HOST)
    assert (found.url if isinstance(found, Proxy) else found) == url


def test_a_bad_file_of_authorities_is_told_along_with_everything_else(tmp_path: Path) -> None:
    config = tmp_path / "acme.toml"
    config.write_text('[portal]\nca_file = "none.pem"\nregion = "Russia"\n', encoding="utf-8")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(config, {})
    assert {problem.key for problem in caught.value.problems} == {"portal.webhook", "portal.region", "portal.ca_file"}


@pytest.mark.parametrize(
    ("exceptions", "authority", "is_direct"),
    [
        ("acme.example", HOST, True),
        (".acme.example", HOST, True),
        ("*.acme.example", HOST, True),
        ("PORTAL.acme.example.", HOST, True),
        ("*", HOST, True),
        ("a.example, acme.example", HOST, True),
        ("a.example acme.example", HOST, True),
        ("acme.example:443", HOST, True),
        ("acme.example:8443", HOST, False),
        ("acme.example:8443", f"{HOST}:8443", True),
        ("cme.example", HOST, False),
        ("example.com", HOST, False),
        ("acme.example:x", HOST, False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3:8443", True),
        ("2001:db8::/32", "[2001:db8::7]", True),
        ("10.0.0.0/8", HOST, False),
        ("", HOST, False),
        ("", "127.0.0.1:8443", True),
        ("", "localhost", True),
        ("", "[::1]:8443", True),
    ],
)
def test_what_is_reached_without_it(exceptions: str, authority: str, is_direct: bool) -> None:  # noqa: FBT001
    for name in ("NO_PROXY", "no_proxy"):
        assert (find_proxy({"HTTPS_PROXY": PROXY, name: exceptions}, authority) is None) == is_direct


@pytest.mark.parametrize(
    "written",
    [
        "socks5://clerk:pa55word@proxy.example",
        "http://",
        "http://clerk:pa55word@",
        "http://a b",
        "http://h:port",
        "://",
    ],
)
def test_what_is_no_proxy_is_told_without_its_password(written: str) -> None:
    found = find_proxy({"HTTPS_PROXY": written}, HOST)
    assert isinstance(found, Problem)
    assert found.key == "HTTPS_PROXY"
    assert "pa55word" not in str(found)
    with pytest.raises(SettingsInvalid, match="HTTPS_PROXY"):
        load_settings(None, ENVIRON | {"HTTPS_PROXY": written})


def test_the_password_of_a_proxy_is_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = ENVIRON | {"HTTPS_PROXY": "http://clerk:pa55%2Fword@proxy.example:3128"}
    portal = load_settings(None, environ).portal
    assert portal.proxy is not None
    assert portal.proxy.url == "http://clerk:pa55%2Fword@proxy.example:3128"
    assert {"pa55%2Fword", "pa55/word"} <= set(portal.secrets)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["config", "check"]) == 0
    assert main(["config", "show"]) == 0
    printed = capsys.readouterr()
    said = printed.out + printed.err + repr(portal)
    assert "through the proxy http://***@proxy.example:3128" in said
    assert "pa55" not in said
    assert "clerk" not in said


def ca_problem(path: Path) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(None, ENVIRON | {"B24SYNCD_PORTAL__CA_FILE": str(path)})
    (problem,) = caught.value.problems
    assert problem.key == "B24SYNCD_PORTAL__CA_FILE"
    assert problem.value == str(path)
    return f"{problem.message}; {problem.cure}"


AUTHORITY = trustme.CA()
SERVER = AUTHORITY.issue_cert(HOST)
PEM = AUTHORITY.cert_pem.bytes()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "there is no certificate in the file"),
        (SERVER.private_key_pem.bytes(), "there is no certificate in the file"),
        (b"\x30\x82\x01\x02", "convert it to PEM"),
        (b"\xff\xfe\x00", "there is no certificate in the file"),
        (PEM.replace(b"BEGIN CERT", b"BEGIN TRUSTED CERT"), "convert it"),
        (PEM[: len(PEM) // 2], "a certificate in the file is damaged"),
        (PEM + PEM.replace(b"M", b"N", 5), "a certificate in the file is damaged"),
        (SERVER.cert_chain_pems[0].bytes(), "none of an authority"),
    ],
)
def test_what_is_no_authority_is_told_at_once(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "authority.pem"
    file.write_bytes(content)
    assert told in ca_problem(file)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in ca_problem(tmp_path / "missing.pem")
    assert "this is a directory" in ca_problem(tmp_path)
    (tmp_path / "file").touch()
    assert "cannot be read: Not a directory" in ca_problem(tmp_path / "file" / "inside.pem")


def test_authorities_are_read_and_nothing_else_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bundle.pem"
    file.write_bytes(
        b"\xef\xbb\xbfThe company\n" + PEM + SERVER.private_key_pem.bytes() + trustme.CA().cert_pem.bytes()
    )
    (tmp_path / "acme.toml").write_text('[portal]\nca_file = "bundle.pem"\n', encoding="utf-8")
    settings = load_settings(tmp_path / "acme.toml", ENVIRON)
    assert settings.portal.ca_file == file
    assert settings.portal.authorities is not None
    assert settings.portal.authorities.count("BEGIN CERTIFICATE") == 2
    assert "KEY" not in settings.portal.authorities
    assert settings.effective["portal"]["ca_file"] == str(file)
