"""The tables of endpoints and of choices tell the truth."""

import pytest

from services.emulator.documents import FOLDER, documents
from services.emulator.endpoints import LEFT_OUT, endpoints, is_done, unknown_routes


def test_every_known_endpoint_is_done_or_left_out_with_a_reason() -> None:
    missing = [f"{method} {path}" for _, method, path in endpoints() if not is_done(method, path)]
    assert sorted(missing) == sorted(LEFT_OUT)


def test_what_nobody_documents_is_a_simulation_of_our_own() -> None:
    assert [name for name in unknown_routes() if "/simulation/" not in name] == []


def test_what_writes_down_the_choices_has_made_none() -> None:
    assert "`documents.py`" not in documents()["CHOICES.md"]


@pytest.mark.parametrize("name", ["ENDPOINTS.md", "CHOICES.md"])
def test_a_file_holds_what_the_code_says_now(name: str) -> None:
    hint = "python -m services.emulator.documents writes it anew"
    assert (FOLDER / name).read_text(encoding="utf-8") == documents()[name], hint
