"""Runs `main.py` with a clock that a test can set ahead: the file `ahead_s` in the data folder says how many seconds.

It stands in for hours of waiting; whatever asks the dashboard's clock is told the same.
"""

import os
import runpy
from datetime import datetime, timedelta
from pathlib import Path

from services import clock

AHEAD = Path(os.environ["DASHBOARD_DATA_DIR"]) / "ahead_s"
PROGRAM = Path(__file__).parents[2] / "main.py"
on_time = clock.now


def now() -> datetime:
    return on_time() + timedelta(seconds=float(AHEAD.read_text()) if AHEAD.exists() else 0)


if __name__ == "__main__":
    clock.now = now
    runpy.run_path(str(PROGRAM), run_name="__main__")
