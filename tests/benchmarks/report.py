"""The one table that all sections fill, and the machine it was made on."""

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple


class Row(NamedTuple):
    section: str
    what: str
    figure: str
    note: str = ""


def print_head() -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print_row(Row("section", "what", "figure", "note"))
    print_row(Row("---", "---", "---:", "---"))
    print_row(Row("machine", "processor", f"{os.cpu_count()} cores", f"{_processor()}, {memory:.0f} GB of memory"))
    print_row(Row("machine", "software", f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"))
    print_row(Row("machine", "begun", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", _load()))


def print_foot() -> None:
    """Say when it ended, and how busy the machine was: a neighbour's work makes every figure worse."""
    print_row(Row("machine", "ended", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", _load()))


def print_row(row: Row) -> None:
    print("|", " | ".join(row), "|", flush=True)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _load() -> str:
    return f"load of the last minute: {os.getloadavg()[0]:.1f}"


def _processor() -> str:
    try:
        named = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        named = None
    return named[1] if named else platform.processor() or platform.machine()
