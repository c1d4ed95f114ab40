"""The table of endpoints tells the truth."""

from pathlib import Path

import services.emulator
from services.emulator.endpoints import LEFT_OUT, endpoints, is_done, table, unknown_routes

FILE = Path(services.emulator.__file__).parent / "ENDPOINTS.md"


def test_every_known_endpoint_is_done_or_left_out_with_a_reason() -> None:
    missing = [f"{method} {path}" for _, method, path in endpoints() if not is_done(method, path)]
    assert sorted(missing) == sorted(LEFT_OUT)


def test_what_nobody_documents_is_a_simulation_of_our_own() -> None:
    assert [name for name in unknown_routes() if "/simulation/" not in name] == []


def test_the_file_holds_the_table_as_it_is_now() -> None:
    assert FILE.read_text().endswith(table())
