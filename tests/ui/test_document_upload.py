"""What a document's panel makes of a database that fails after Mangopay has been told, and what it says for whom."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nicegui import Client, ui
from sqlalchemy.exc import OperationalError

from models.dispute_papers import DisputePaper
from models.environment import Environment
from models.words import label_of
from services.bootstrap import Services
from tests.actors import make_actor
from ui.components.chosen_files import ChosenFile
from ui.components.document_upload import DocumentUpload
from ui.components.papers import Papers, papers_of_dispute, papers_of_user
from ui.guard import LARGEST_BODY

LOCKED = OperationalError("INSERT", {}, Exception("database is locked"))
SERVICES = cast("Services", SimpleNamespace(clients={}, database=None))
OLIVIA = make_actor(environment=Environment.LOCAL)
USER = {"Id": "user_m_1", "PersonType": "NATURAL", "UserCategory": "OWNER"}
DISPUTE = {"Id": "dispute_m_1", "Status": "PENDING_CLIENT_ACTION"}
CONTEST = "/operations/contest-dispute?DisputeId=dispute_m_1"


async def _fail(*_: object, **__: object) -> Mapping[str, Any]:
    raise LOCKED


async def _fail_to_send(*_: object, **__: object) -> None:
    raise LOCKED


async def _send(*_: object, **__: object) -> None:
    return


@pytest.fixture
def page() -> Iterator[Client]:
    client = Client(ui.page(""))
    yield client
    client.delete()


@pytest.fixture(params=[papers_of_user(SERVICES, OLIVIA, USER), papers_of_dispute(SERVICES, OLIVIA, DISPUTE)])
def papers(request: pytest.FixtureRequest) -> Papers:
    """What can be sent, none of which may be."""
    return replace(cast("Papers", request.param), create=_fail, upload=_fail_to_send, submit=_fail)


def open_panel(page: Client, papers: Papers) -> DocumentUpload:
    """Return a panel with one file, ready to be sent."""
    with page:
        panel = DocumentUpload(papers, on_done=lambda _: None)
    panel._chosen.files.append(ChosenFile("passport.pdf", b"%PDF-1.7" + bytes(33_000)))
    return panel


def shown(panel: DocumentUpload) -> str:
    parts = [element.content for element in panel._panel.descendants() if isinstance(element, ui.html)]
    return unescape("".join(parts))


async def test_a_document_that_may_be_there_keeps_its_type(page: Client, papers: Papers) -> None:
    panel = open_panel(page, papers)
    first, second = papers.types[:2]
    key = panel._key
    await panel._run()
    assert "Whether the document exists is not known." in panel._alert.content
    assert not panel._choice.visible
    panel._choose(second.name)
    assert (panel._type, panel._key) == (first.name, key)


async def test_a_page_that_may_be_there_cannot_be_taken_away(page: Client, papers: Papers) -> None:
    async def create(*, document_type: str, **_: object) -> Mapping[str, Any]:
        return {"Id": "doc_1", "Type": document_type}

    panel = open_panel(page, replace(papers, create=create))
    [file] = panel._chosen.files
    key = file.key
    await panel._run()
    assert (file.is_sent, file.is_perhaps_sent, file.key) == (False, True, key)
    assert "Perhaps sent" in shown(panel)
    assert not any("Remove page" in str(element.props) for element in panel._panel.descendants())


def test_as_many_files_as_a_document_may_have_arrive_at_once(papers: Papers) -> None:
    around_each = 2_000
    assert papers.files.most_pages * (papers.files.largest_bytes + around_each) <= LARGEST_BODY


async def test_evidence_is_sent_by_its_own_types_and_leads_on_to_contest_the_dispute(page: Client) -> None:
    async def answer(*_: object, document_type: str, **__: object) -> Mapping[str, Any]:
        return {"Id": "dispdoc_m_1", "Type": document_type, "Status": "VALIDATION_ASKED"}

    papers = replace(papers_of_dispute(SERVICES, OLIVIA, DISPUTE), create=answer, upload=_send, submit=answer)
    panel = open_panel(page, papers)
    said = shown(panel)
    assert all(label_of(paper) in said and paper.purpose in said for paper in DisputePaper)
    assert CONTEST in said
    assert "up to 7.5 MB each" in said
    assert "Tags that decide the outcome" not in said
    await panel._run()
    assert "Delivery proof with 1 page is sent for validation." in shown(panel)
    assert "/objects/dispute-document/dispdoc_m_1" in shown(panel)
    assert CONTEST in shown(panel)


@pytest.mark.parametrize(
    ("environment", "helps"), [(Environment.LOCAL, True), (Environment.SANDBOX, True), (Environment.PRODUCTION, False)]
)
async def test_the_tags_that_decide_for_mangopay_are_told_where_they_work(
    page: Client, environment: Environment, helps: bool
) -> None:
    panel = open_panel(page, papers_of_user(SERVICES, make_actor(environment=environment), USER))
    assert ("refuse_expired" in shown(panel)) is helps


@pytest.mark.parametrize(
    ("papers", "reason"),
    [
        (papers_of_user(SERVICES, OLIVIA, USER | {"UserStatus": "CLOSED"}), "This user is closed"),
        (papers_of_dispute(SERVICES, OLIVIA, DISPUTE | {"Status": "SUBMITTED"}), "This dispute does not wait for you"),
    ],
)
async def test_where_no_document_is_taken_it_says_why_and_offers_nothing(
    page: Client, papers: Papers, reason: str
) -> None:
    with page:
        panel = DocumentUpload(papers, on_done=lambda _: None)
    assert reason in shown(panel)
    assert "Send for validation" not in shown(panel)
    assert CONTEST not in shown(panel)
