"""The command line, as whoever runs the host uses it."""

import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent


def run(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DASHBOARD_", "MANGOPAY_"))}
    environment = kept | {"DASHBOARD_DATA_DIR": str(data_dir), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, str(PROJECT / "main.py"), *arguments]
    # Not the project's folder, whose .env may hold somebody's keys.
    return subprocess.run(command, cwd=data_dir, env=environment, capture_output=True, text=True, check=False)


def test_an_invitation_prints_its_link_alone_and_for_whom_beside_it(tmp_path: Path) -> None:
    done = run(tmp_path, "invite", "victor@example.com", "--environment", "local")
    assert done.returncode == 0
    assert re.fullmatch(r"http://localhost:8080/link/\S{43}\n", done.stdout)
    assert "victor@example.com" in done.stderr


def test_what_cannot_be_invited_is_refused_with_a_reason(tmp_path: Path) -> None:
    for arguments, reason in (
        (("victor@example.com", "--environment", "sandbox"), "Sandbox is not set up here"),
        (("victor", "--environment", "local"), "is not an e-mail address"),
    ):
        refused = run(tmp_path, "invite", *arguments)
        assert refused.returncode == 2
        assert refused.stdout == ""
        assert reason in re.sub(r"[^\w-]+", " ", refused.stderr)
