"""The frame of the command line: options, and how every failure ends."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from b24syncd import __version__
from b24syncd.cli import entry, status
from b24syncd.cli import main as frame
from b24syncd.cli.commands import PLACES, SUMMARIES
from b24syncd.cli.options import is_quiet
from b24syncd.cli.output import print_table
from b24syncd.cli.streams import standard_output
from b24syncd.domain.job_names import JOBS
from b24syncd.errors import CredentialsRefused, ExitCode, PortalBlocked, Problem, SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
SECRET = "s3cr3tw0rd00"
OF_THE_PORTAL = ["b24syncd.app", "b24syncd.assembly", "b24syncd.portal.client", "b24syncd.simulator"]
OF_THE_WORK = [*OF_THE_PORTAL, "b24syncd.engine", "b24syncd.portal"]
HEAVY_BUT_PHONES = ["aiohttp", "cryptography", "email_validator", "rich", "sqlite_utils"]
HEAVY = ["phonenumbers", *HEAVY_BUT_PHONES]
COMMANDS = [[name] for name in PLACES] + [["review", "list"], ["review", "accept"], ["portal", "serve"]]
"""What takes long to import, and commands whose help needs nothing of it."""


def test_it_tells_its_version(program: Run) -> None:
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"b24syncd {__version__}\n")


def test_it_can_be_run_as_a_module_as_well() -> None:
    done = subprocess.run([sys.executable, "-m", "b24syncd", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"b24syncd {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["-h"],
        ["status", "-h"],
        ["review", "list", "-h"],
        ["config", "--help"],
        ["config", "show", "--help"],
    ],
)
def test_it_tells_how_it_is_used(program: Run, arguments: list[str]) -> None:
    done = program(*arguments)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: b24syncd")


@pytest.mark.parametrize("name", PLACES)
def test_every_command_tells_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: b24syncd {name} ")


@pytest.mark.parametrize("arguments", [[], *([name] for name in PLACES if PLACES[name].endswith(".app"))])
def test_what_a_command_does_is_said_in_full_in_the_list(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert frame.main([*arguments, "--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert listed
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


@pytest.mark.parametrize("arguments", [*([name] for name in PLACES), ["review", "dismiss"], ["review", "release"]])
def test_arguments_are_named_as_people_name_them(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert frame.main([*arguments, "--help"]) == 0
    told = capsys.readouterr().out
    assert [odd for odd in ("list[", "<int>", "…") if odd in told] == []


def test_the_help_tells_the_exit_codes_and_how_the_environment_overrides(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main(["--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert all(f" {code.value} " in told for code in ExitCode)
    assert "B24SYNCD_LIMITS__SHARE=0.5 sets limits.share" in told


def test_the_help_of_a_backfill_names_the_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main(["backfill", "--help"]) == 0
    assert f"among {', '.join(JOBS)};" in " ".join(capsys.readouterr().out.split())


def test_the_list_says_of_each_command_what_its_own_help_says_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(SUMMARIES) == list(PLACES)
    for name, summary in SUMMARIES.items():
        assert frame.main([name, "--help"]) == 0
        told = capsys.readouterr().out.split("\n\n")[1]
        assert f"{' '.join(told.split())} ".startswith(f"{summary} ")


def test_the_help_of_the_status_tells_of_nothing_that_it_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main(["status", "--help"]) == 0
    told = capsys.readouterr().out
    assert "--since" not in told
    assert "Answer in JSON, as one object." in told


@pytest.mark.parametrize(("library", "command"), [("typer", "--help"), ("pydantic_core", "status")])
def test_a_library_that_is_missing_is_told_with_the_cure(library: str, command: str) -> None:
    hidden = f"import sys; sys.modules[{library!r}] = None; sys.argv[1:] = [{command!r}]"
    program = f"{hidden}; from b24syncd.cli.entry import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line.startswith(
        f"b24syncd: the library {library} is not installed, or not as a whole; install b24syncd again"
    )


def test_they_are_listed_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main(["--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == list(PLACES)


def imported_by(commands: list[list[str]], folder: Path) -> list[list[str]]:
    """Return the modules that each of these commands has in the end: processes forked from one that only began."""
    program = """
import json, os, sys
from b24syncd.cli.main import main
for arguments in json.loads(sys.argv[1]):
    if not os.fork():
        main(arguments)
        print(*sys.modules, file=sys.stderr, flush=True)
        os._exit(0)
    os.wait()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(commands)],
        env={name: os.environ[name] for name in os.environ if name in {"PATH", "PYTHONPATH"}}
        | {"B24SYNCD_CONFIG": str(folder / "missing.toml")},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found = [line.split() for line in done.stderr.splitlines() if "b24syncd.cli.main" in line.split()]
    assert len(found) == len(commands)
    return found


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["--version"], ["pydantic", "sqlite3", *HEAVY, *OF_THE_WORK]),
        (["--help"], ["pydantic", "sqlite3", "b24syncd.settings", "b24syncd.store", *HEAVY, *OF_THE_WORK]),
        (["status"], HEAVY_BUT_PHONES + OF_THE_WORK),
        (["journal"], [*HEAVY_BUT_PHONES, "b24syncd.jobs.phones.planner", *OF_THE_WORK]),
        (["config", "check"], ["sqlite3", *HEAVY_BUT_PHONES, *OF_THE_WORK]),
        (["review", "list"], [*HEAVY_BUT_PHONES, "b24syncd.jobs.phones.planner", *OF_THE_WORK]),
        (["console", "list"], [*HEAVY_BUT_PHONES, *OF_THE_WORK]),
        (["run"], ["babel", "jinja2", "prometheus_client", "rich", "b24syncd.simulator"]),
        (["backfill"], ["rich", "b24syncd.simulator"]),
        (["doctor"], ["rich", "b24syncd.simulator"]),
    ],
    ids=lambda names: " ".join(names[:3]),
)
def test_a_command_imports_only_what_it_works_with(tmp_path: Path, arguments: list[str], spared: list[str]) -> None:
    [imported] = imported_by([arguments], tmp_path)
    assert [name for name in spared if name in imported] == []


def test_a_help_imports_nothing_that_the_work_needs(tmp_path: Path) -> None:
    found = imported_by([[*command, "--help"] for command in COMMANDS], tmp_path)
    for command, imported in zip(COMMANDS, found, strict=True):
        assert (command, [name for name in ("b24syncd.settings", *HEAVY, *OF_THE_PORTAL) if name in imported]) == (
            command,
            [],
        )


@pytest.mark.parametrize(
    ("module", "number"),
    [
        ("b24syncd.cli.interrupts", "SIGINT"),
        ("b24syncd.errors", "SIGINT"),
        ("structlog", "SIGTERM"),
        ("typer", "SIGINT"),
        ("b24syncd.cli.status", "SIGTERM"),
        ("sqlite3", "SIGINT"),
    ],
)
def test_an_interruption_while_it_imports_what_it_needs_says_nothing(tmp_path: Path, module: str, number: str) -> None:
    program = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell runs in the background
class Interrupting:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.{number})
sys.meta_path.insert(0, Interrupting)
from b24syncd.cli.entry import main
sys.argv[1:] = ["status"]
sys.exit(main())
"""
    kept = {name: os.environ[name] for name in os.environ if name in {"PATH", "PYTHONPATH"}}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_what_is_installed_catches_it() -> None:
    installed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert installed == {"b24syncd": f"{entry.__name__}:{entry.main.__name__}"}


@pytest.mark.parametrize(
    "arguments", [["--nothing"], ["nothing"], ["config", "shw"], ["config", "show", "--jsn"], ["--config"], []]
)
def test_what_it_does_not_understand_ends_with_2(program: Run, arguments: list[str]) -> None:
    done = program(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", "FILE", "config", "check"],
        ["--config=FILE", "config", "check"],
        ["config", "--config", "FILE", "check"],
        ["config", "check", "--config", "FILE"],
        ["config", "check", "--config=FILE"],
    ],
)
def test_the_configuration_may_be_named_before_and_after_a_command(
    program: Run, tmp_path: Path, arguments: list[str]
) -> None:
    done = program(*(argument.replace("FILE", str(tmp_path / "missing.toml")) for argument in arguments))
    assert done.returncode == 2
    assert done.stderr.startswith(f"b24syncd: --config: there is no configuration at {tmp_path / 'missing.toml'}; ")


def test_how_much_is_told_may_be_said_before_and_after_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("B24SYNCD_PORTAL__WEBHOOK", f"https://acme.bitrix24.ru/rest/1/{SECRET}/")
    monkeypatch.setenv("B24SYNCD_PORTAL__REGION", "RU")
    monkeypatch.setenv("B24SYNCD_LOG__LEVEL", "error")
    for option, level, is_told in (("-q", logging.WARNING, True), ("-v", logging.DEBUG, False)):
        for arguments in ([option, "config", "show"], ["config", "show", option]):
            assert frame.main(arguments) == 0
            assert (logging.getLogger("b24syncd").level, is_quiet()) == (level, is_told)
    capsys.readouterr()
    assert frame.main(["-q", "status", "-v"]) == 2
    assert capsys.readouterr().err == "b24syncd: -q and -v exclude each other\n"


def test_a_missing_configuration_is_one_clear_line(program: Run, tmp_path: Path) -> None:
    done = program("config", "check", B24SYNCD_CONFIG=str(tmp_path / "missing.toml"))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_after_two_dashes_nothing_is_an_option(program: Run) -> None:
    assert "No such command '--config'" in program("--", "--config", "x").stderr


@pytest.mark.parametrize(
    ("redirections", "code", "told"),
    [
        (">&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
        (">/dev/full", 4, "b24syncd: the output cannot be written: No space left on device; make room, or send it"),
    ],
)
@pytest.mark.parametrize("command", ["config show", "--version", "--help"])
def test_an_output_that_takes_nothing(tmp_path: Path, redirections: str, code: int, told: str, command: str) -> None:
    kept = {name: os.environ[name] for name in os.environ if name in {"PATH", "PYTHONPATH"}}
    environ = {
        "B24SYNCD_PORTAL__WEBHOOK": f"https://acme.bitrix24.ru/rest/1/{SECRET}/",
        "B24SYNCD_PORTAL__REGION": "RU",
    }
    script = f"{sys.executable} -m b24syncd.cli.main {command} {redirections}"
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=tmp_path,
        env=kept | environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr[: len(told) or None]) == (code, "", told)


def test_a_list_ends_when_its_reader_has_seen_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    rows = iter([(number,) for number in range(1000)])
    with os.fdopen(writing, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        with standard_output():
            print_table(("number",), rows)
    assert next(rows) == (1,)  # the first one was fetched to be written


class TestFailures:
    """Failures that a command raises, seen at the top."""

    @pytest.fixture
    def ended(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[BaseException], tuple[int, str]]:
        def ended(error: BaseException) -> tuple[int, str]:
            def fail() -> None:
                raise error

            monkeypatch.setattr(status, "status", fail)
            code = frame.main(["status"])
            said = capsys.readouterr()
            assert said.out == ""
            assert "Traceback" not in said.err
            return code, said.err

        return ended

    def test_an_expected_failure_is_one_line_and_its_own_code(
        self, ended: Callable[[BaseException], tuple[int, str]]
    ) -> None:
        assert ended(CredentialsRefused("the portal refused the webhook")) == (
            3,
            "b24syncd: the portal refused the webhook\n",
        )

    def test_every_problem_is_a_line(self, ended: Callable[[BaseException], tuple[int, str]]) -> None:
        error = SettingsInvalid((Problem("a", "wrong", "mend it"), Problem("b", "wrong", "mend it", "5")))
        assert ended(error) == (2, "b24syncd: a: wrong; mend it\nb24syncd: b: wrong (is 5); mend it\n")

    def test_a_group_of_failures_is_told_without_repetition(
        self, ended: Callable[[BaseException], tuple[int, str]]
    ) -> None:
        inner = ExceptionGroup("inner", [PortalBlocked("unpaid"), PortalBlocked("unpaid")])
        assert ended(ExceptionGroup("outer", [inner])) == (4, "b24syncd: unpaid\n")

    def test_an_unexpected_failure_is_told_without_its_text(
        self, ended: Callable[[BaseException], tuple[int, str]]
    ) -> None:
        code, said = ended(ExceptionGroup("outer", [PortalBlocked("unpaid"), KeyError("+74951234567")]))
        assert code == 1
        assert said.startswith("b24syncd: unexpected failure: KeyError")
        assert "4951234567" not in said
        assert "B24SYNCD_LOG__LEVEL=debug" in said

    def test_what_the_system_says_is_told(self, ended: Callable[[BaseException], tuple[int, str]]) -> None:
        code, said = ended(OSError(28, "No space left on device", "/var/lib/x.db"))
        assert code == 1
        assert said.startswith("b24syncd: unexpected failure: No space left on device: /var/lib/x.db\n")

    def test_a_secret_in_a_failure_is_hidden(self, ended: Callable[[BaseException], tuple[int, str]]) -> None:
        _, said = ended(PortalBlocked(f"no answer from https://h/rest/1/{SECRET}/profile"))
        assert said == "b24syncd: no answer from https://h/rest/1/***/profile\n"

    def test_an_interruption_ends_with_130(self, ended: Callable[[BaseException], tuple[int, str]]) -> None:
        assert ended(KeyboardInterrupt())[0] == 130


def test_at_debug_level_the_traceback_is_logged(program: Run, tmp_path: Path) -> None:
    done = program("config", "check", B24SYNCD_CONFIG=str(tmp_path / "x.toml"), B24SYNCD_LOG__LEVEL="debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
