"""Documents of users and of disputes: what Mangopay has of them in the end, whatever is lost or tried twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import col, select

from models.audit import Act, AuditEntry, Outcome
from models.dispute_papers import DisputePaper
from models.environment import Environment
from models.kyc import DocumentType
from models.permissions import Role
from services.access.actors import NotAllowed
from services.clock import now
from services.database import Database
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.mangopay.errors import Conflict, Invalid, NonsenseAnswer, NotFound, ServerError, TimedOut, Unreachable
from services.objects.documents import (
    create_dispute_document,
    create_kyc_document,
    submit_dispute_document,
    submit_kyc_document,
    upload_dispute_page,
    upload_kyc_page,
)
from services.objects.folders import ENCODED_AT_ONCE, EarlierTryFailed, FileRefused
from tests.actors import make_actor
from tests.services.emulator.control import TOKEN, Controls
from tests.services.emulator.marketplace import Marketplace

LOCAL = Environment.LOCAL
IDENTITY, ADDRESS = DocumentType.IDENTITY_PROOF, DocumentType.ADDRESS_PROOF
DELIVERY = DisputePaper.DELIVERY_PROOF
OLIVIA = make_actor(Role.OPERATOR)
PASSPORT = b"%PDF-1.7" + bytes(33_000)
Json = Mapping[str, Any]


class Line(httpx.AsyncBaseTransport):
    """The way to the emulator, on which one call or its answer can be lost."""

    def __init__(self, emulator: Emulator) -> None:
        self._way = httpx.ASGITransport(emulator)
        self.sent: list[tuple[str, bytes]] = []
        self._to_lose: tuple[str, str] | None = None
        self._says: httpx.Response | None = None

    def lose(self, what: str, method: str, *, says: httpx.Response | None = None) -> None:
        """Lose the next `request` or `answer` of a method; the other side hears nothing, or what is said instead."""
        self._to_lose, self._says = (what, method), says

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        what, method = self._to_lose or ("", "")
        is_token = request.url.path.endswith("/oauth/token")
        if is_token or request.method != method:
            return await self._pass(request, is_noted=not is_token)
        self._to_lose = None
        if what == "request":
            raise httpx.ReadError("lost", request=request)
        await self._pass(request, is_noted=True)
        if self._says is not None:
            return self._says
        raise httpx.ReadTimeout("lost", request=request)

    async def _pass(self, request: httpx.Request, *, is_noted: bool) -> httpx.Response:
        if is_noted:
            self.sent.append((request.method, request.content))
        return await self._way.handle_async_request(request)


@dataclass(frozen=True)
class Calls:
    """What is called for documents of one kind, and where Mangopay shows them."""

    create: Callable[..., Awaitable[Json]]
    upload: Callable[..., Awaitable[None]]
    submit: Callable[..., Awaitable[Json]]
    listed_at: str
    shown_at: str
    type: str


KYC = Calls(
    create_kyc_document, upload_kyc_page, submit_kyc_document, "/users/{}/kyc/documents", "/kyc/documents", IDENTITY
)
EVIDENCE = Calls(
    create_dispute_document,
    upload_dispute_page,
    submit_dispute_document,
    "/disputes/{}/documents",
    "/dispute-documents",
    DELIVERY,
)
# What the control plane decides such a document by, and how large a page of it is at most.
DECIDED = {KYC: "kyc_document.decide", EVIDENCE: "dispute_document.decide"}
LARGEST = {KYC: 7_000_000, EVIDENCE: 7_500_000}


@dataclass
class Desk:
    """Olivia's, with a user or a dispute whose documents she sends."""

    calls: Calls
    database: Database
    clients: Mapping[Environment, MangopayClient]
    line: Line
    # Somebody else's way to the same Mangopay.
    market: Marketplace
    control: Controls
    owner: Json
    key: str = field(default_factory=lambda: uuid4().hex)

    async def create(self, document_type: str = "", *, tag: str = "", key: str | None = None) -> Json:
        return await self.calls.create(
            OLIVIA,
            self.clients,
            self.database,
            self.owner["Id"],
            document_type=document_type or self.calls.type,
            tag=tag,
            idempotency_key=key or self.key,
            now=now(),
        )

    async def upload(
        self, document: Json, *, content: bytes = PASSPORT, name: str = "passport.pdf", key: str | None = None
    ) -> None:
        await self.calls.upload(
            OLIVIA,
            self.clients,
            self.database,
            self.owner["Id"],
            document["Id"],
            document_type=document["Type"],
            content=content,
            name=name,
            idempotency_key=key or uuid4().hex,
            now=now(),
        )

    async def submit(self, document: Json) -> Json:
        return await self.calls.submit(
            OLIVIA,
            self.clients,
            self.database,
            self.owner["Id"],
            document["Id"],
            document_type=document["Type"],
            now=now(),
        )

    async def documents(self) -> list[Json]:
        """Return what Mangopay has of the owner."""
        path = f"/v2.01/local{self.calls.listed_at.format(self.owner['Id'])}"
        return list((await self.clients[LOCAL].list_objects(path, fresh=True)).items)

    async def pages(self, document: Json) -> list[bytes]:
        """Return the pages that Mangopay has of a document, in their order."""
        links = await self.market.post(f"{self.calls.shown_at}/{document['Id']}/consult", {})
        return [(await self.market.browser.get(link["Url"])).content for link in links.json()]

    async def log(self) -> list[tuple[Outcome, str]]:
        """Return what the audit log says of the owner, oldest first."""
        async with self.database.session() as session:
            told = select(AuditEntry).where(
                AuditEntry.act == Act.ADD_DOCUMENT, AuditEntry.about == self.owner["Id"], AuditEntry.who == OLIVIA.email
            )
            return [(entry.outcome, entry.detail) for entry in await session.exec(told.order_by(col(AuditEntry.id)))]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test", control_token=TOKEN))
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest.fixture
async def kyc(database: Database, emulator: Emulator) -> AsyncIterator[Desk]:
    """Olivia's desk with Bob's documents on it."""
    line, transport, base_url = Line(emulator), httpx.ASGITransport(emulator), "http://mangopay.test"
    key = ("local", "local-api-key")
    client = MangopayClient(LOCAL, base_url=base_url, client_id="local", api_key="local-api-key", transport=line)
    async with (
        httpx.AsyncClient(transport=transport, base_url=base_url, auth=key) as http,
        httpx.AsyncClient(transport=transport, base_url=base_url) as browser,
    ):
        market = Marketplace(http, browser)
        yield Desk(KYC, database, {LOCAL: client}, line, market, Controls(browser, "/_control"), await market.owner())
    await client.aclose()


@pytest.fixture
async def evidence(kyc: Desk) -> Desk:
    """The same desk with a dispute on it."""
    return replace(kyc, calls=EVIDENCE, owner=await disputed(kyc))


@pytest.fixture(params=["kyc", "evidence"])
async def desk(request: pytest.FixtureRequest, kyc: Desk) -> Desk:
    return kyc if request.param == "kyc" else replace(kyc, calls=EVIDENCE, owner=await disputed(kyc))


@pytest.fixture
async def company(kyc: Desk) -> Desk:
    return replace(kyc, owner=await kyc.market.company())


async def disputed(desk: Desk) -> Json:
    """Return a dispute that waits for the platform."""
    wire = await desk.market.wire(await desk.market.wallet(await desk.market.payer()), 1000)
    await desk.control.do("bankwire.accept", wire["Id"])
    return await desk.control.do("dispute.open", wire["Id"])


@pytest.mark.parametrize(
    ("tag", "status", "reason"),
    [("accept", "VALIDATED", None), ("refuse_unreadable", "REFUSED", "DOCUMENT_UNREADABLE")],
)
async def test_a_document_with_its_pages_is_submitted_and_decided(
    kyc: Desk, tag: str, status: str, reason: str | None
) -> None:
    document = await kyc.create(tag=tag)
    assert (document["Status"], document["Type"], document["Tag"]) == ("CREATED", IDENTITY, tag)
    back = b"\x89PNG\r\n\x1a\n" + bytes(32_000)
    await kyc.upload(document)
    await kyc.upload(document, content=back, name="back.png")
    assert (await kyc.submit(document))["Status"] == "VALIDATION_ASKED"
    [decided] = await kyc.documents()
    assert (decided["Status"], decided["RefusedReasonType"]) == (status, reason)
    assert await kyc.pages(document) == [PASSPORT, back]


async def test_without_a_tag_none_is_sent(desk: Desk) -> None:
    await desk.create()
    assert desk.line.sent == [("POST", f'{{"Type":"{desk.calls.type}"}}'.encode())]


async def test_every_step_is_in_the_log_before_it_leaves_and_after(desk: Desk) -> None:
    document = await desk.create()
    await desk.upload(document, name="alice.pdf")
    await desk.submit(document)
    create, page = f"create {desk.calls.type}", f"add a page to {document['Id']}"
    submit = f"submit {desk.calls.type} {document['Id']}"
    assert await desk.log() == [
        (Outcome.ASKED, create),
        (Outcome.DONE, f"{create}: {document['Id']}"),
        (Outcome.ASKED, page),
        (Outcome.DONE, page),
        (Outcome.ASKED, submit),
        (Outcome.DONE, f"{submit}: VALIDATION_ASKED"),
    ]


async def test_what_is_asked_for_is_in_the_log_while_mangopay_has_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = []
    pass_on = desk.line._pass

    async def look(request: httpx.Request, *, is_noted: bool) -> httpx.Response:
        if is_noted:
            logs.append(await desk.log())
        return await pass_on(request, is_noted=is_noted)

    monkeypatch.setattr(desk.line, "_pass", look)
    await desk.create()
    assert logs == [[(Outcome.ASKED, f"create {desk.calls.type}")]]


async def test_a_type_that_the_user_may_not_send_is_refused_by_mangopay_and_noted(company: Desk) -> None:
    with pytest.raises(Invalid, match="type=param_error") as refused:
        await company.create(ADDRESS)
    assert "ADDRESS_PROOF cannot be submitted for BUSINESS user" in refused.value.sentence
    assert await company.documents() == []
    asked, failed = await company.log()
    assert asked == (Outcome.ASKED, "create ADDRESS_PROOF")
    assert failed == (Outcome.FAILED, f"create ADDRESS_PROOF: {refused.value.sentence}")


async def test_clicking_twice_creates_one_document(desk: Desk) -> None:
    first, second = await asyncio.gather(desk.create(), desk.create())
    assert first["Id"] == second["Id"]
    assert [document["Id"] for document in await desk.documents()] == [first["Id"]]


@pytest.mark.parametrize("says", [None, httpx.Response(500, json={}), httpx.Response(200, text="<html>")])
async def test_after_a_lost_answer_the_same_key_finds_the_document(desk: Desk, says: httpx.Response | None) -> None:
    desk.line.lose("answer", "POST", says=says)
    with pytest.raises((TimedOut, ServerError, NonsenseAnswer)) as lost:
        await desk.create()
    assert lost.value.outcome_is_unknown
    assert (await desk.log())[1][1].endswith("The outcome is unknown.")
    document = await desk.create()
    assert [found["Id"] for found in await desk.documents()] == [document["Id"]]
    await desk.upload(document)
    await desk.submit(document)
    [submitted] = await desk.documents()
    assert submitted["Status"] == "VALIDATION_ASKED"


async def test_after_a_request_that_never_arrived_the_same_key_creates_the_document(desk: Desk) -> None:
    desk.line.lose("request", "POST")
    with pytest.raises(Unreachable):
        await desk.create()
    assert await desk.documents() == []
    document = await desk.create()
    assert [found["Id"] for found in await desk.documents()] == [document["Id"]]


async def test_a_key_that_was_refused_says_so_again_and_another_one_succeeds(desk: Desk) -> None:
    with pytest.raises(Invalid):
        await desk.create("NONSENSE")
    with pytest.raises(EarlierTryFailed, match=r"An earlier try has failed: .*'NONSENSE' was not found"):
        await desk.create()
    assert (await desk.log())[-1][0] is Outcome.FAILED
    await desk.create(key=uuid4().hex)
    assert len(await desk.documents()) == 1


async def test_while_the_answer_cannot_be_looked_up_no_second_document_is_made(desk: Desk) -> None:
    document = await desk.create()
    desk.line.lose("answer", "GET", says=httpx.Response(404, json={}))
    with pytest.raises(Conflict):
        await desk.create()
    assert (await desk.create())["Id"] == document["Id"]
    assert len(await desk.documents()) == 1


async def test_an_answer_that_names_no_document_is_none(desk: Desk) -> None:
    desk.line.lose("answer", "POST", says=httpx.Response(200, json={"Status": "CREATED"}))
    with pytest.raises(NonsenseAnswer) as nonsense:
        await desk.create()
    assert nonsense.value.idempotency_key == desk.key
    assert nonsense.value.outcome_is_unknown


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is (too small|no PDF)"),
        (b"GIF89a" + bytes(40_000), "is no PDF, JPEG or PNG"),
        (b"%PDF-1.7" + bytes(7_500_000), "is too large"),
    ],
)
async def test_a_file_that_is_no_page_never_leaves(desk: Desk, content: bytes, reason: str) -> None:
    document = await desk.create()
    desk.line.sent.clear()
    with pytest.raises(FileRefused, match=f"“passport.pdf” {reason}"):
        await desk.upload(document, content=content)
    assert desk.line.sent == []


@pytest.mark.parametrize("size", [8, 7_000_001])
async def test_a_users_page_is_neither_as_small_nor_as_large_as_a_disputes_may_be(
    kyc: Desk, evidence: Desk, size: int
) -> None:
    content = b"%PDF-1.7".ljust(size, b"\0")
    with pytest.raises(FileRefused):
        await kyc.upload(await kyc.create(), content=content)
    document = await evidence.create(key=uuid4().hex)
    await evidence.upload(document, content=content)
    assert await evidence.pages(document) == [content]


async def test_a_sixth_page_is_refused_by_mangopay(kyc: Desk) -> None:
    document = await kyc.create()
    for _ in range(5):
        await kyc.upload(document)
    with pytest.raises(Invalid) as refused:
        await kyc.upload(document)
    assert refused.value.type == "max_page_number"
    assert "up to 5 pages" in refused.value.sentence
    assert len(await kyc.pages(document)) == 5


async def test_a_page_whose_answer_was_lost_is_not_added_again(desk: Desk) -> None:
    document, key = await desk.create(), uuid4().hex
    desk.line.lose("answer", "POST")
    with pytest.raises(TimedOut):
        await desk.upload(document, key=key)
    await desk.upload(document, key=key)
    assert await desk.pages(document) == [PASSPORT]


async def test_a_page_that_was_refused_is_not_taken_for_added_when_tried_again(desk: Desk) -> None:
    document, key = await desk.create(), uuid4().hex
    await desk.upload(document)
    await desk.submit(document)
    with pytest.raises(Invalid):
        await desk.upload(document, key=key)
    with pytest.raises(EarlierTryFailed, match="Pages can only be added to a document in status CREATED"):
        await desk.upload(document, key=key)


async def test_the_largest_page_arrives_as_it_was(desk: Desk) -> None:
    document = await desk.create()
    content = (b"%PDF-1.7" + bytes(range(256)) * 30_000)[: LARGEST[desk.calls]]
    assert len(content) > 20 * ENCODED_AT_ONCE
    await desk.upload(document, content=content)
    assert await desk.pages(document) == [content]


async def test_a_document_is_submitted_once_however_often_it_is_asked_for(desk: Desk) -> None:
    document = await desk.create()
    await desk.upload(document)
    await desk.submit(document)
    await desk.control.do(DECIDED[desk.calls], document["Id"], Status="VALIDATED")
    assert (await desk.submit(document))["Status"] == "VALIDATED"
    assert (await desk.log())[-1] == (Outcome.DONE, f"submit {document['Type']} {document['Id']}: VALIDATED")


async def test_a_submission_whose_answer_was_lost_is_found_to_be_done(desk: Desk) -> None:
    document = await desk.create()
    await desk.upload(document)
    desk.line.lose("answer", "PUT")
    with pytest.raises(TimedOut):
        await desk.submit(document)
    assert (await desk.submit(document))["Status"] == "VALIDATION_ASKED"


async def test_a_document_without_pages_is_not_submitted(kyc: Desk) -> None:
    document = await kyc.create()
    with pytest.raises(Invalid):
        await kyc.submit(document)
    assert [found["Status"] for found in await kyc.documents()] == ["CREATED"]
    assert (await kyc.log())[-1][0] is Outcome.FAILED


async def test_another_ones_document_is_not_to_be_had(desk: Desk) -> None:
    document = await desk.create()
    other = await (desk.market.owner("Carol") if desk.calls is KYC else disputed(desk))
    for act in (replace(desk, owner=other).upload, replace(desk, owner=other).submit):
        with pytest.raises(NotFound):
            await act(document)


@pytest.mark.parametrize("owner_id", ["", ".", "..", "user_m_nobody", "a/../b", "?x", "{owner}"])
async def test_an_id_that_names_nothing_reaches_nothing_else(desk: Desk, owner_id: str) -> None:
    with pytest.raises(NotFound):
        await replace(desk, owner={"Id": owner_id}).create()


async def test_a_document_id_cannot_climb_to_another_path(desk: Desk) -> None:
    for document_id in ("", ".", ".."):
        with pytest.raises(NotFound):
            await desk.submit({"Id": document_id, "Type": desk.calls.type})
    assert desk.line.sent == []


async def test_a_dispute_that_waits_for_somebody_else_takes_no_documents(evidence: Desk) -> None:
    document = await evidence.create()
    await evidence.market.put(f"/disputes/{evidence.owner['Id']}/close", {})
    with pytest.raises(Invalid, match="type=") as refused:
        await evidence.create(key=uuid4().hex)
    assert "does not allow documents" in refused.value.sentence
    assert [found["Id"] for found in await evidence.documents()] == [document["Id"]]


async def test_who_may_only_look_sends_nothing(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        await desk.calls.upload(
            make_actor(Role.VIEWER), desk.clients, desk.database, desk.owner["Id"], "kyc_1",
            document_type=desk.calls.type, content=PASSPORT, name="a.pdf", idempotency_key=desk.key, now=now(),
        )  # fmt: skip
    assert desk.line.sent == []
