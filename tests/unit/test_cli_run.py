"""`b24syncd run` beside another process that holds the state."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]


def test_a_second_service_is_told_of_the_first_and_not_of_its_port(program: Run, tmp_path: Path) -> None:
    (tmp_path / "acme.db.lock").write_text(f"{os.getpid()}\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = program(
            "run",
            B24SYNCD_PORTAL__WEBHOOK="http://127.0.0.1:9/rest/1/s3cr3t/",
            B24SYNCD_PORTAL__REGION="RU",
            B24SYNCD_STATE__PATH=str(tmp_path / "acme.db"),
            B24SYNCD_HTTP__LISTEN=f"127.0.0.1:{taken.getsockname()[1]}",
        )
    told = (
        f"b24syncd: another b24syncd (process {os.getpid()}) holds {tmp_path / 'acme.db'}; stop it or try again later"
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (4, told)
