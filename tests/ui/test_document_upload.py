"""What a document's panel makes of a database that fails after Mangopay has been told: nothing is thought undone."""

from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nicegui import Client, ui
from sqlalchemy.exc import OperationalError

from models.kyc import DocumentType
from services.bootstrap import Services
from tests.actors import make_actor
from ui.components import document_upload
from ui.components.chosen_files import ChosenFile
from ui.components.document_upload import DocumentUpload

IDENTITY, ADDRESS = DocumentType.IDENTITY_PROOF, DocumentType.ADDRESS_PROOF
LOCKED = OperationalError("INSERT", {}, Exception("database is locked"))


@pytest.fixture
async def panel() -> AsyncIterator[DocumentUpload]:
    """A panel with one file, ready to be sent."""
    client = Client(ui.page(""))
    services = cast("Services", SimpleNamespace(clients={}, database=None))
    with client:
        user = {"Id": "user_m_1", "PersonType": "NATURAL", "UserCategory": "OWNER"}
        panel = DocumentUpload(services, make_actor(), user, on_done=lambda _: None)
    panel._chosen.files.append(ChosenFile("passport.pdf", b"%PDF-1.7" + bytes(33_000)))
    yield panel
    client.delete()


async def _fail(*_: object, **__: object) -> Mapping[str, Any]:
    raise LOCKED


async def test_a_document_that_may_be_there_keeps_its_type(
    panel: DocumentUpload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_upload, "create_document", _fail)
    key = panel._key
    await panel._run()
    assert "Whether the document exists is not known." in panel._alert.content
    assert not panel._choice.visible
    panel._choose(ADDRESS)
    assert (panel._type, panel._key) == (IDENTITY, key)


async def test_a_page_that_may_be_there_cannot_be_taken_away(
    panel: DocumentUpload, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def create(*_: object, **__: object) -> Mapping[str, Any]:
        return {"Id": "kyc_1", "Type": IDENTITY}

    monkeypatch.setattr(document_upload, "create_document", create)
    monkeypatch.setattr(document_upload, "upload_page", _fail)
    [file] = panel._chosen.files
    key = file.key
    await panel._run()
    assert (file.is_sent, file.is_perhaps_sent, file.key) == (False, True, key)
    shown = [element.content for element in panel._panel.descendants() if isinstance(element, ui.html)]
    assert any("Perhaps sent" in content for content in shown)
    assert not any("Remove page" in str(element.props) for element in panel._panel.descendants())
