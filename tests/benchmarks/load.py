"""Runs a load generator as a process of its own and reads what it counted: wrk where there is one, else ours."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.serving import HOST, PROJECT, Server

SCRIPT = Path(__file__).parent / "hits.lua"


@dataclass(frozen=True, slots=True)
class Load:
    """What a generator counted. `took_s` and `late_s` are of the open loop alone."""

    answers: int
    others: int
    errors: int
    seconds: float
    took_s: list[float] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)

    @property
    def good(self) -> int:
        return self.answers - self.others

    @property
    def rate(self) -> float:
        return self.good / self.seconds


def generator() -> str:
    return "wrk, one thread" if shutil.which("wrk") else "tests.benchmarks.hits"


def keep_busy(server: Server, path: str, *, connections: int, seconds: int) -> Load:
    """Keep connections busy, each with one hit at a time."""
    if wrk := shutil.which("wrk"):
        amount = ["--threads=1", f"--connections={connections}", f"--duration={seconds}"]
        return _run(wrk, *amount, f"--script={SCRIPT}", f"http://{HOST}:{server.port}", "--", path)
    return _ours(server, path, f"--connections={connections}", f"--seconds={seconds}")


def keep_rate(server: Server, path: str, *, rate: float, seconds: float) -> Load:
    """Send hits at fixed instants, whatever the answers take."""
    return _ours(server, path, f"--rate={rate}", f"--seconds={seconds}")


def _ours(server: Server, path: str, *arguments: str) -> Load:
    return _run(sys.executable, "-m", "tests.benchmarks.hits", str(server.port), path, *arguments)


def _run(*command: str) -> Load:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=PROJECT)
    # wrk prints its own summary first.
    return Load(**json.loads(done.stdout.splitlines()[-1]))
