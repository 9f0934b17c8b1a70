"""Who reads the state asks a running daemon for its pulse, and shows everything else where that is not to be had."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from b24syncd.local_socket import listen
from b24syncd.web.pulse_client import pulse_of
from b24syncd.web.pulse_messages import PulseTold, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PULSE = PulseTold(at=NOW, is_alive=True, last_sign=NOW, waiting=Waiting(what="changes", since=NOW), loops=())


@contextmanager
def answering(database: Path, answer: bytes) -> Iterator[None]:
    """Let somebody answer once at the socket that the lock file names."""
    path = database.with_name("a.sock")
    database.with_name(f"{database.name}.lock").write_text(f"1\n{path}\n", encoding="utf-8")
    with listen(path) as listening:
        listening.settimeout(20)

        def answer_once() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(1 << 16)
                line.sendall(answer)

        thread = threading.Thread(target=answer_once)
        thread.start()
        yield
        thread.join()


def http(body: bytes, status: int = 200) -> bytes:
    return f"HTTP/1.1 {status} So\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_the_pulse_comes_across(tmp_path: Path) -> None:
    with answering(tmp_path / "a.db", http(PULSE.model_dump_json().encode())):
        assert pulse_of(tmp_path / "a.db") == PULSE


def test_a_path_of_any_length_will_do(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*(["a-folder-with-a-long-name"] * 8))
    deep.mkdir(parents=True)
    with answering(deep / "a.db", http(PULSE.model_dump_json().encode())):
        assert pulse_of(deep / "a.db") == PULSE


def test_the_status_tells_until_when_it_waits(tmp_path: Path, program: Run) -> None:
    config = tmp_path / "b24syncd.toml"
    text = (
        f'[portal]\nregion = "RU"\nwebhook = "http://127.0.0.1:9/rest/1/s3cr3t/"\n[state]\npath = "{tmp_path}/a.db"\n'
    )
    config.write_text(text, encoding="utf-8")
    config.chmod(0o600)
    waiting = Waiting(what="operating time of crm.item.update", since=NOW, until=NOW + timedelta(seconds=90))
    told = PULSE.model_copy(update={"waiting": waiting})
    with answering(tmp_path / "a.db", http(told.model_dump_json().encode())):
        done = program("--config", str(config), "status", "--json")
    assert json.loads(done.stdout)["waiting"] == {
        "what": "operating time of crm.item.update",
        "since": "2026-03-01T12:00:00+00:00",
        "until": "2026-03-01T12:01:30+00:00",
    }


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe\n",
        b'{"kind": "failed"}\n',
        http(b"404", 404),
        http(b"{}"),
        http(b"no JSON"),
        http(PULSE.model_dump_json().encode())[:-9],
    ],
)
def test_what_is_no_answer_is_no_pulse(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path / "a.db", answer):
        assert pulse_of(tmp_path / "a.db") is None


def test_nobody_who_listens_is_no_pulse(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    assert pulse_of(database) is None
    database.with_name("a.db.lock").write_text(f"1\n{tmp_path}/gone/a.sock\n", encoding="utf-8")
    assert pulse_of(database) is None
