"""The commands of the first steps, as they stand: blocks tagged `sh test`, one after another in one shell."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.processes import SECRET

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation

FIRST_STEPS = Path(__file__).parents[2] / "docs" / "first-steps.md"
BLOCK = re.compile(r"^```sh test\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_its_commands_work_as_they_stand(home: Installation) -> None:
    blocks = BLOCK.findall(FIRST_STEPS.read_text(encoding="utf-8"))
    assert len(blocks) >= 3
    portal = home.serve("--contacts", "120", "--companies", "10", "--leads", "10")
    for name in ("PORTAL__REGION", "STATE__PATH", "SAFETY__CANARY"):  # the page says how to set these
        del home.environ[f"B24SYNCD_{name}"]
    home.environ["PATH"] = f"{Path(sys.executable).parent}:{home.environ['PATH']}"
    done = subprocess.run(
        ["/bin/bash", "-euxo", "pipefail", "-c", "".join(blocks)],
        cwd=home.folder,
        env=home.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert SECRET not in done.stdout + done.stderr
    portal.assert_right()
