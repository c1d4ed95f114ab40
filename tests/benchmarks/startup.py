"""From the start of the process to the first sign-in page, on a new data folder and on one that was used before."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.report import Row
from tests.serving import serving

TIMES = 3


def measure(folder: Path) -> Iterator[Row]:
    # Once unmeasured, so that Python finds its bytecode cached, as it does from the second start on.
    _started_in_s(folder / "cold")
    fresh = [_started_in_s(folder / f"fresh-{turn}") for turn in range(TIMES)]
    yield _row("on a new data folder", fresh)
    yield _row("on a used data folder", [_started_in_s(folder / "cold") for _ in range(TIMES)])


def _started_in_s(data_dir: Path) -> float:
    with serving(data_dir, ready_path="/sign-in") as server:
        return server.started_in_s


def _row(what: str, seconds: list[float]) -> Row:
    each = ", ".join(f"{value:.2f}" for value in seconds)
    return Row("startup", f"first sign-in page {what}", f"{median(seconds):.2f} s", f"median of {each}")
