"""Starts `main.py` as a process of its own, the way an operator does: a free loopback port, a data folder, no settings
of whoever runs the tests. When the `with` block ends, so has the process.
"""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from models.environment import Environment

PROJECT = Path(__file__).parent.parent
HOST = "127.0.0.1"
PATIENCE_S = 60.0
POLL_S = 0.01
# What a developer has set for the dashboard, and what tells NiceGUI that it is under test.
NOT_INHERITED = ("DASHBOARD_", "MANGOPAY_", "NICEGUI_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True, slots=True)
class Server:
    """A running process of ours, and how to reach, read and end it."""

    process: subprocess.Popen[bytes]
    port: int
    data_dir: Path
    # From the start of the process to its first good answer.
    started_in_s: float
    _output: IO[bytes]

    @property
    def base_url(self) -> str:
        """The address it prints; a browser must come by this name, or its origin is another."""
        return f"http://localhost:{self.port}"

    @property
    def database(self) -> Path:
        return self.data_dir / "dashboard.sqlite3"

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return _read(self._output)

    def hook_path(self, environment: Environment = Environment.LOCAL) -> str:
        """Return the secret path of an environment's receiver."""
        newest = "SELECT token FROM receiver_token WHERE environment = ? AND expires_at IS NULL ORDER BY id DESC"
        with closing(sqlite3.connect(self.database)) as connection:
            [token] = connection.execute(newest, [environment.value]).fetchone()
        return f"/hooks/{environment}/{token}"

    def first_link(self) -> str:
        """Return the link that creates the first access, once it is printed."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := re.search(r"http\S+/link/\S+", self.output)) is None:
            _go_on_waiting(self.process, self._output, deadline)
        return found[0]

    def kill(self) -> None:
        """End it by SIGKILL: it gets no chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def stop(self, *, within_s: float = 15.0) -> int:
        """Ask it by SIGTERM to end, and return its exit code. Raises subprocess.TimeoutExpired when it does not."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)


@contextmanager
def serving(
    data_dir: Path,
    *command: str,
    program: tuple[str, ...] = (str(PROJECT / "main.py"),),
    ready_path: str = "/health",
    port: int | None = None,
    **settings: str,
) -> Iterator[Server]:
    """Run `main.py` with a command, or serve without one, from its first good answer to the end of the block.

    `settings` are environment variables. The folder is made if need be; start again on it to find what was stored.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    # A command is told its port; serving reads it from the settings.
    arguments = [*command, "--port", str(port)] if command else []
    with TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            # Not the project's folder, whose .env may hold somebody's keys.
            cwd=data_dir,
            env=_environment() | {"DASHBOARD_DATA_DIR": str(data_dir), "DASHBOARD_PORT": str(port)} | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(process, output, port, ready_path)
            yield Server(process, port, data_dir, time.perf_counter() - began, output)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return kept | {"PYTHONPATH": str(PROJECT)}


def _wait_until_ready(process: subprocess.Popen[bytes], output: IO[bytes], port: int, path: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not _answers(port, path):
        _go_on_waiting(process, output, deadline)


def _answers(port: int, path: str) -> bool:
    with closing(HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def _go_on_waiting(process: subprocess.Popen[bytes], output: IO[bytes], deadline: float) -> None:
    if process.poll() is not None:
        raise RuntimeError(f"the process ended with {process.returncode}:\n{_read(output)}")
    if time.monotonic() > deadline:
        raise TimeoutError(f"nothing came within {PATIENCE_S:.0f} s; the process printed:\n{_read(output)}")
    time.sleep(POLL_S)


def _read(output: IO[bytes]) -> str:
    # The process writes at the offset that both share, so it must not be moved.
    return os.pread(output.fileno(), os.fstat(output.fileno()).st_size, 0).decode(errors="replace")
