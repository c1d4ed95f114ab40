"""Measures what README promises, and asserts nothing.

`python -m tests.benchmarks [ingest] [latency] [startup] [pages] [users] [operations] [feeds] [emulator]`; without a
name, all. Prints one Markdown table, a row as soon as it is known.
"""

import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import emulator, feeds, ingest, latency, operations, pages, startup, users
from tests.benchmarks.report import print_foot, print_head, print_row

SECTIONS = {
    "ingest": ingest.measure,
    "latency": latency.measure,
    "startup": startup.measure,
    "pages": pages.measure,
    "users": users.measure,
    "operations": operations.measure,
    "feeds": feeds.measure,
    "emulator": emulator.measure,
}


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description="Measure the dashboard.")
    parser.add_argument("sections", nargs="*", metavar="section", help=f"any of {', '.join(SECTIONS)}; all by default")
    chosen = parser.parse_args().sections or list(SECTIONS)
    if unknown := set(chosen) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    # Ended by a signal, it still ends the servers that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print_head()
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        for name in chosen:
            for row in SECTIONS[name](Path(folder) / name):
                print_row(row)
    print_foot()


if __name__ == "__main__":
    main()
