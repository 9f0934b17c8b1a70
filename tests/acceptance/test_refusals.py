"""What goes wrong outside: one clear sentence, the documented exit code, no traceback, no secret, and in time."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.processes import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import Ended, Started

FEW = ("--contacts", "5", "--companies", "0", "--leads", "0")
SOON = 60.0
"""Ten seconds of patience at first contact, and the time that a process needs to start on a busy machine."""

PAGE = f"<html><body>Please log in: /rest/1/{SECRET}/</body></html>"
ANSWERS = {
    "an HTML page": (f"HTTP/1.1 200 OK\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}", "an HTML page (HTTP 200)"),
    "not found": ("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!", "(HTTP 404)"),
    "a redirect": (
        f"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/rest/1/{SECRET}/\r\nContent-Length: 0\r\n\r\n",
        "redirects to elsewhere.example",
    ),
    "garbage": ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "something that is not HTTP"),
    "foreign JSON": ('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"up":true}', "without a result"),
    "empty JSON": ('HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"result":null}', "its permissions and time"),
}


@contextmanager
def answering(text: str) -> Iterator[str]:
    """Listen, and say this to whoever connects and has sent something; give the address of a webhook there."""
    with ExitStack() as resources:
        listener = resources.enter_context(socket.create_server(("127.0.0.1", 0)))

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(text.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        resources.callback(thread.join)
        resources.callback(listener.shutdown, socket.SHUT_RDWR)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/rest/1/{SECRET}/"


def assert_one_sentence(ended: Ended, *parts: str) -> None:
    (sentence,) = ended.sentences
    assert sentence.startswith("b24syncd: ")
    for part in parts:
        assert part in sentence
    assert ended.seconds < SOON


@pytest.mark.parametrize("command", [("backfill",), ("run",)])
def test_a_wrong_secret(home: Installation, command: tuple[str, ...]) -> None:
    portal = home.serve(*FEW)
    home.set(PORTAL__WEBHOOK=portal.webhook.replace(SECRET, "wr0ngwr0ngwr0ng"))
    ended = home.run(*command, code=3)
    assert_one_sentence(ended, "the portal refused the webhook (INVALID_CREDENTIALS", "check that it exists")
    assert "wr0ng" not in ended.out + ended.err


@pytest.mark.parametrize("command", [("backfill", "--dry-run"), ("run",)])
def test_a_missing_permission(home: Installation, command: tuple[str, ...]) -> None:
    home.serve(*FEW, "--scope", "user_brief", "--scope", "task")
    ended = home.run(*command, code=3)
    assert_one_sentence(ended, "no permission 'crm' (it has: user_brief, task)", "grant it in the portal")


def test_nobody_at_home(home: Installation) -> None:
    started: list[Started] = []
    with socket.socket() as silent:  # bound, so that nobody else listens there meanwhile
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        home.set(PORTAL__WEBHOOK=f"http://127.0.0.1:{port}/rest/1/{SECRET}/")
        for command in (("backfill",), ("backfill", "--dry-run"), ("run",)):  # at once: each waits for ten seconds
            home.set(STATE__PATH=home.folder / f"{len(started)}.db")
            started.append(home.start(*command))
        all_ended = [one.end() for one in started]
    for ended in all_ended:
        assert ended.code == 4
        assert_one_sentence(ended, f"http://127.0.0.1:{port}/rest/1/***/ cannot be reached: Connection refused")
        assert {entry["event"] for entry in ended.logged} == {"portal_fault"}


def test_an_unknown_host(home: Installation) -> None:
    home.set(PORTAL__WEBHOOK=f"https://no-such-portal.invalid/rest/1/{SECRET}/")
    assert_one_sentence(home.run("backfill", code=4), "https://no-such-portal.invalid/rest/1/***/ cannot be reached")


@pytest.mark.parametrize("what", ANSWERS)
def test_something_that_is_no_portal(home: Installation, what: str) -> None:
    answer, part = ANSWERS[what]
    with answering(answer) as webhook:
        home.set(PORTAL__WEBHOOK=webhook)
        ended = home.run("backfill", code=2)
    assert_one_sentence(ended, part, "is this a Bitrix24 webhook?")
    assert ended.logged == []


def test_a_certificate_that_nobody_trusts(home: Installation) -> None:
    home.serve(*FEW, "--tls")
    ended = home.run("backfill", code=2)
    assert_one_sentence(ended, "no secure connection to https://127.0.0.1", "certificate", "portal.ca_file")


def test_no_certificate_at_all(home: Installation) -> None:
    portal = home.serve(*FEW)
    home.set(PORTAL__WEBHOOK=portal.webhook.replace("http://", "https://"))
    ended = home.run("backfill", code=2)
    assert_one_sentence(ended, "no secure connection to https://127.0.0.1", "check host and port")


def test_a_trusted_certificate_is_no_problem(home: Installation) -> None:
    authority = home.folder / "authority.pem"
    portal = home.serve(*FEW, "--tls", "--authority-file", str(authority))
    home.environ["SSL_CERT_FILE"] = str(authority)
    ended = home.start("backfill").end()  # whose own start looks for authorities
    assert ended.out.startswith("5 items read"), ended.err
    assert portal.webhook.startswith("https://")


def test_an_authority_of_ones_own_is_trusted_by_the_settings(home: Installation) -> None:
    authority = home.folder / "authority.pem"
    home.serve(*FEW, "--tls", "--authority-file", str(authority))
    home.set(PORTAL__CA_FILE=authority)
    assert home.run("backfill").out.startswith("5 items read")
    told = f"{authority} is the file with the authority's certificate, and is not overwritten"
    assert_one_sentence(home.run("backfill", "--dry-run", "--csv", str(authority), code=2), told)


@pytest.mark.parametrize(("status", "code", "part"), [(407, 3, "USER:PASSWORD"), (502, 4, "(HTTP 502)")])
def test_a_proxy_that_does_not_connect(home: Installation, status: int, code: int, part: str) -> None:
    with answering(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n") as address:
        proxy = address.split("/")[2]
        home.environ["HTTPS_PROXY"] = f"http://clerk:pa55word@{proxy}"
        home.set(PORTAL__WEBHOOK=f"https://portal.example/rest/1/{SECRET}/")
        ended = home.run("backfill", code=code)
    assert_one_sentence(ended, f"the proxy http://***@{proxy} ", part)
    assert "pa55word" not in ended.out + ended.err


def test_a_renamed_portal_takes_its_state_along(home: Installation) -> None:
    portal = home.serve(*FEW)
    home.run("backfill")
    former = portal.webhook.split("/")[2]
    home.set(PORTAL__WEBHOOK=portal.webhook.replace("127.0.0.1", "localhost"))
    assert_one_sentence(home.run("backfill", code=2), f"call `b24syncd state rename {former}`")
    ended = home.run("state", "rename", "other.example", code=2)
    assert_one_sentence(ended, f"belongs to the portal {former}, not to other.example")
    for _ in range(2):
        assert f"belongs to the portal localhost:{former.split(':')[1]} now" in home.run("state", "rename", former).out
    ended = home.run("state", "rename", "other.example", code=2)
    assert_one_sentence(
        ended, f"the portal localhost:{former.split(':')[1]} already, and was never that of other.example"
    )
    saves = portal.stats["saves"]
    home.run("backfill")
    assert portal.stats["saves"] == saves


def test_a_portal_that_blocks_its_api(home: Installation) -> None:
    portal = home.serve(*FEW)
    portal.tell("faults", {"kind": "overload", "times": None})
    assert_one_sentence(home.run("backfill", code=4), "blocked its REST API because of overload")


def test_a_webhook_without_rights_to_any_items(home: Installation) -> None:
    home.set(JOBS__PHONES__ENTITIES="lead", JOBS__EMAILS__ENTITIES="lead")
    home.serve(*FEW, "--lead-mode", "refused")
    assert_one_sentence(home.run("backfill", code=3), "read none of the configured entity types (lead: ")


def test_the_state_of_another_portal(home: Installation) -> None:
    first = home.serve(*FEW)
    home.run("backfill")
    second = home.serve(*FEW)
    ended = home.run("backfill", code=2)
    names = [portal.webhook.split("/")[2] for portal in (first, second)]
    assert_one_sentence(ended, f"belongs to the portal {names[0]}, the configuration names {names[1]}")
    assert second.stats["requests"] == 0


def test_a_host_that_was_wrong_at_first_does_not_take_the_state(home: Installation) -> None:
    with answering(ANSWERS["an HTML page"][0]) as webhook:
        home.set(PORTAL__WEBHOOK=webhook)
        home.run("backfill", code=2)
    portal = home.serve(*FEW)
    home.run("backfill")
    portal.assert_right()


def test_while_the_daemon_holds_the_state(home: Installation) -> None:
    home.serve(*FEW)
    daemon = home.follow()
    ended = home.run("run", code=4)
    assert_one_sentence(ended, f"process {daemon.process.pid}) holds", "stop it or try again later")
    assert_one_sentence(home.run("review", "dismiss", "1", code=2), "no open review has the number 1")
    assert_one_sentence(home.run("backfill", "phnes", code=2), "'phnes' is not an enabled job")
    assert "5 items read" in home.run("backfill", "--dry-run").out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("backfill", "phnes"), "'phnes' is not an enabled job; enabled are: phones, emails"),
        (("backfill", "--only", "person:7"), "'person:7' is not an item; write TYPE:ID"),
        (("backfill", "--only", "contact:0"), "'contact:0' is not an item"),
        (("backfill", "--only", "contact:1", "--limit", "2"), "--only and --limit exclude each other"),
        (("backfill", "--csv", "x.csv"), "--csv goes with --dry-run"),
        (("backfill", "--sample", "5"), "--sample goes with --dry-run; nothing was done"),
        (("undo", "1", "--sample", "5"), "--sample goes with --dry-run; nothing was done"),
        (("item", "show", "activity:7"), "activity:7 has no card of its own; name one, as deal:12"),
        (("backfill", "--dry-run", "--csv", "missing/x.csv"), "missing/x.csv cannot be written"),
        (("journal", "--item", "contact"), "'contact' is not an item"),
        (("review", "dismiss", "1"), "nothing has run yet"),
    ],
)
def test_what_is_asked_for_wrongly(home: Installation, arguments: tuple[str, ...], part: str) -> None:
    # nobody listens there, so a request would end with another code
    home.set(PORTAL__WEBHOOK=f"http://127.0.0.1:9/rest/1/{SECRET}/")
    assert_one_sentence(home.run(*arguments, code=2), part)
    assert not home.state.exists()


def test_a_port_that_is_taken(home: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ended = home.run("portal", "serve", "--contacts", "1", "--port", str(port), code=2)
    assert_one_sentence(ended, f"port {port} cannot be used: Address already in use; name another one")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--authority-file", "ca.pem"), "--authority-file goes with --tls; without it there is no certificate"),
        (
            ("--scope", "crm", "--scope", "tsk"),
            "--scope: 'tsk' opens nothing here; scopes are: crm, im, sale, task",
        ),
    ],
)
def test_an_option_of_the_simulated_portal_that_has_no_effect(
    home: Installation, options: tuple[str, ...], told: str
) -> None:
    assert_one_sentence(home.run("portal", "serve", *options, code=2), told)
    assert not (home.folder / "ca.pem").exists()


def test_a_report_on_a_full_disk(home: Installation) -> None:
    home.serve("--contacts", "40", "--companies", "0", "--leads", "0")
    ended = home.run("backfill", "--dry-run", "--csv", "/dev/full", code=4)
    assert_one_sentence(ended, "/dev/full cannot be written: No space left on device; make room, or name another file")


def test_an_item_that_does_not_exist(home: Installation) -> None:
    home.serve(*FEW)
    ended = home.run("backfill", "--only", "contact:999", "--only", "contact:1", code=6)
    assert "not found: contact:999" in ended.out
    assert ended.out.startswith("1 item read")


class TestSettings:
    """What is wrong with the configuration, tried with the command that is used first."""

    @pytest.fixture
    def config(self, home: Installation) -> list[str]:
        """Lines of a configuration that the commands are given instead of the environment."""
        for name in [name for name in home.environ if name.startswith("B24SYNCD_")]:
            del home.environ[name]
        home.environ["B24SYNCD_CONFIG"] = str(home.folder / "b24syncd.toml")
        return ["[portal]", 'region = "RU"', 'webhook_file = "webhook"']

    @staticmethod
    def refused(
        home: Installation,
        lines: list[str],
        *arguments: str,
        secret: str | None = f"https://h/rest/1/{SECRET}/",
    ) -> Ended:
        (home.folder / "b24syncd.toml").write_text("\n".join(lines), encoding="utf-8")
        file = home.folder / "webhook"
        if secret is not None and not file.exists():
            file.write_text(secret, encoding="utf-8")
            file.chmod(0o600)
        return home.run(*(arguments or ("backfill",)), code=2)

    def test_every_problem_is_told_at_once(self, home: Installation, config: list[str]) -> None:
        lines = [*config, "[limits]", "shar = 0.5", "burst = 0", "[jobs.phone]", "split = 1"]
        ended = self.refused(home, lines)
        assert self.refused(home, lines, "config", "check").err == ended.err
        assert [line.split(":")[1].strip() for line in ended.sentences] == ["limits.burst", "limits.shar", "jobs.phone"]
        assert "did you mean limits.share?" in ended.err

    def test_no_configuration(self, home: Installation, config: list[str]) -> None:
        home.environ["B24SYNCD_CONFIG"] = str(home.folder / "elsewhere.toml")
        assert_one_sentence(self.refused(home, config), "there is no configuration at ")

    def test_no_toml(self, home: Installation, config: list[str]) -> None:
        assert_one_sentence(self.refused(home, [*config, "burst =", ""]), "this is not TOML: ", "line 4")

    def test_no_secret_file(self, home: Installation, config: list[str]) -> None:
        assert_one_sentence(self.refused(home, config, secret=None), "the file cannot be read: No such file")

    def test_a_secret_file_that_others_may_read(self, home: Installation, config: list[str]) -> None:
        file = home.folder / "webhook"
        file.write_text(f"https://h/rest/1/{SECRET}/", encoding="utf-8")
        file.chmod(0o644)
        assert_one_sentence(self.refused(home, config), "others may read", f"chmod 600 {file}")

    def test_a_secret_file_that_cannot_be_read(self, home: Installation, config: list[str]) -> None:
        ended = self.refused(home, [*config[:2], 'webhook_file = "webhook/inside"'])
        assert_one_sentence(ended, "portal.webhook_file: the file cannot be read: Not a directory")

    def test_a_secret_in_the_clear(self, home: Installation, config: list[str]) -> None:
        ended = self.refused(home, config, secret=f"http://acme.bitrix24.ru/rest/1/{SECRET}/")
        assert_one_sentence(ended, "would travel unencrypted")

    def test_no_region(self, home: Installation, config: list[str]) -> None:
        assert_one_sentence(self.refused(home, [config[0], config[2]]), "region")
