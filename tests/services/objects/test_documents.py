import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import col, select

from models.audit import Act, AuditEntry, Outcome
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
    ENCODED_AT_ONCE,
    EarlierTryFailed,
    FileRefused,
    create_document,
    submit_document,
    upload_page,
)
from tests.actors import make_actor
from tests.services.emulator.marketplace import company_body, owner_body

LOCAL = Environment.LOCAL
IDENTITY, ADDRESS = DocumentType.IDENTITY_PROOF, DocumentType.ADDRESS_PROOF
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


@dataclass
class Desk:
    """Olivia's, with a user whose documents she sends."""

    database: Database
    clients: Mapping[Environment, MangopayClient]
    line: Line
    # Somebody else's way to the same Mangopay.
    http: httpx.AsyncClient
    user: Json
    key: str = field(default_factory=lambda: uuid4().hex)

    async def create(self, document_type: str = IDENTITY, *, tag: str = "", key: str | None = None) -> Json:
        return await create_document(
            OLIVIA,
            self.clients,
            self.database,
            self.user["Id"],
            document_type=document_type,
            tag=tag,
            idempotency_key=key or self.key,
            now=now(),
        )

    async def upload(
        self, document: Json, *, content: bytes = PASSPORT, name: str = "passport.pdf", key: str | None = None
    ) -> None:
        await upload_page(
            OLIVIA,
            self.clients,
            self.database,
            self.user["Id"],
            document["Id"],
            document_type=document["Type"],
            content=content,
            name=name,
            idempotency_key=key or uuid4().hex,
            now=now(),
        )

    async def submit(self, document: Json) -> Json:
        return await submit_document(
            OLIVIA,
            self.clients,
            self.database,
            self.user["Id"],
            document["Id"],
            document_type=document["Type"],
            now=now(),
        )

    async def documents(self) -> list[Json]:
        """Return what Mangopay has of the user."""
        path = f"/v2.01/local/users/{self.user['Id']}/kyc/documents"
        return list((await self.clients[LOCAL].list_objects(path, fresh=True)).items)

    async def pages(self, document: Json) -> list[bytes]:
        """Return the pages that Mangopay has of a document, in their order."""
        links = await self.http.post(f"/v2.01/local/kyc/documents/{document['Id']}/consult", json={})
        return [(await self.http.get(link["Url"])).content for link in links.json()]

    async def log(self) -> list[tuple[Outcome, str]]:
        """Return what the audit log says of the user, oldest first."""
        async with self.database.session() as session:
            told = select(AuditEntry).where(
                AuditEntry.act == Act.ADD_DOCUMENT, AuditEntry.about == self.user["Id"], AuditEntry.who == OLIVIA.email
            )
            return [(entry.outcome, entry.detail) for entry in await session.exec(told.order_by(col(AuditEntry.id)))]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test"))
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest.fixture
async def http(emulator: Emulator) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(emulator)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://mangopay.test", auth=("local", "local-api-key")
    ) as http:
        yield http


@pytest.fixture
async def desk(database: Database, emulator: Emulator, http: httpx.AsyncClient) -> AsyncIterator[Desk]:
    line = Line(emulator)
    client = MangopayClient(
        LOCAL, base_url="http://mangopay.test", client_id="local", api_key="local-api-key", transport=line
    )
    user = (await http.post("/v2.01/local/sca/users/natural", json=owner_body())).json()
    yield Desk(database, {LOCAL: client}, line, http, user)
    await client.aclose()


@pytest.fixture
async def company(desk: Desk) -> Desk:
    desk.user = (await desk.http.post("/v2.01/local/sca/users/legal", json=company_body())).json()
    return desk


@pytest.mark.parametrize(
    ("tag", "status", "reason"),
    [("accept", "VALIDATED", None), ("refuse_unreadable", "REFUSED", "DOCUMENT_UNREADABLE")],
)
async def test_a_document_with_its_pages_is_submitted_and_decided(
    desk: Desk, tag: str, status: str, reason: str | None
) -> None:
    document = await desk.create(tag=tag)
    assert (document["Status"], document["Type"], document["Tag"]) == ("CREATED", IDENTITY, tag)
    back = b"\x89PNG\r\n\x1a\n" + bytes(32_000)
    await desk.upload(document)
    await desk.upload(document, content=back, name="back.png")
    assert (await desk.submit(document))["Status"] == "VALIDATION_ASKED"
    [decided] = await desk.documents()
    assert (decided["Status"], decided["RefusedReasonType"]) == (status, reason)
    assert await desk.pages(document) == [PASSPORT, back]


async def test_without_a_tag_none_is_sent(desk: Desk) -> None:
    await desk.create()
    assert desk.line.sent == [("POST", b'{"Type":"IDENTITY_PROOF"}')]


async def test_every_step_is_in_the_log_before_it_leaves_and_after(desk: Desk) -> None:
    document = await desk.create(tag="accept")
    await desk.upload(document, name="alice.pdf")
    await desk.submit(document)
    page, submit = f"add a page to {document['Id']}", f"submit IDENTITY_PROOF {document['Id']}"
    assert await desk.log() == [
        (Outcome.ASKED, "create IDENTITY_PROOF"),
        (Outcome.DONE, f"create IDENTITY_PROOF: {document['Id']}"),
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
    assert logs == [[(Outcome.ASKED, "create IDENTITY_PROOF")]]


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
        await desk.create(tag="accept")
    assert lost.value.outcome_is_unknown
    assert (await desk.log())[1][1].endswith("The outcome is unknown.")
    document = await desk.create(tag="accept")
    assert [found["Id"] for found in await desk.documents()] == [document["Id"]]
    await desk.upload(document)
    await desk.submit(document)
    [decided] = await desk.documents()
    assert decided["Status"] == "VALIDATED"


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
        (b"%PDF-1.7", "is too small"),
        (b"GIF89a" + bytes(40_000), "is no PDF, JPEG or PNG"),
        (b"%PDF-1.7" + bytes(7_000_000), "is too large"),
    ],
)
async def test_a_file_that_is_no_page_never_leaves(desk: Desk, content: bytes, reason: str) -> None:
    document = await desk.create()
    desk.line.sent.clear()
    with pytest.raises(FileRefused, match=f"“passport.pdf” {reason}"):
        await desk.upload(document, content=content)
    assert desk.line.sent == []


async def test_a_sixth_page_is_refused_by_mangopay(desk: Desk) -> None:
    document = await desk.create()
    for _ in range(5):
        await desk.upload(document)
    with pytest.raises(Invalid) as refused:
        await desk.upload(document)
    assert refused.value.type == "max_page_number"
    assert "up to 5 pages" in refused.value.sentence
    assert len(await desk.pages(document)) == 5


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
    document = await desk.create("IDENTITY_PROOF")
    content = b"%PDF-1.7" + bytes(range(256)) * 27_343 + b"end!"
    assert len(content) > 20 * ENCODED_AT_ONCE
    assert len(content) % 3
    await desk.upload(document, content=content)
    assert await desk.pages(document) == [content]


async def test_a_document_is_submitted_once_however_often_it_is_asked_for(desk: Desk) -> None:
    document = await desk.create(tag="accept")
    await desk.upload(document)
    await desk.submit(document)
    assert (await desk.submit(document))["Status"] == "VALIDATED"
    assert (await desk.log())[-1] == (Outcome.DONE, f"submit IDENTITY_PROOF {document['Id']}: VALIDATED")


async def test_a_submission_whose_answer_was_lost_is_found_to_be_done(desk: Desk) -> None:
    document = await desk.create()
    await desk.upload(document)
    desk.line.lose("answer", "PUT")
    with pytest.raises(TimedOut):
        await desk.submit(document)
    assert (await desk.submit(document))["Status"] == "VALIDATION_ASKED"


async def test_a_document_without_pages_is_not_submitted(desk: Desk) -> None:
    document = await desk.create()
    with pytest.raises(Invalid):
        await desk.submit(document)
    assert [found["Status"] for found in await desk.documents()] == ["CREATED"]
    assert (await desk.log())[-1][0] is Outcome.FAILED


async def test_another_users_document_is_not_to_be_had(desk: Desk) -> None:
    document = await desk.create()
    desk.user = (await desk.http.post("/v2.01/local/sca/users/natural", json=owner_body("Carol"))).json()
    with pytest.raises(NotFound):
        await desk.upload(document)
    with pytest.raises(NotFound):
        await desk.submit(document)


@pytest.mark.parametrize("user_id", ["", ".", "..", "user_m_nobody", "a/../b", "?x"])
async def test_an_id_that_names_nobody_reaches_nothing_else(desk: Desk, user_id: str) -> None:
    desk.user = {"Id": user_id}
    with pytest.raises(NotFound):
        await desk.create()


async def test_a_document_id_cannot_climb_to_another_path(desk: Desk) -> None:
    for document_id in ("", ".", ".."):
        with pytest.raises(NotFound):
            await desk.submit({"Id": document_id, "Type": IDENTITY})
    assert desk.line.sent == []


async def test_who_may_only_look_sends_nothing(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        await upload_page(
            make_actor(Role.VIEWER), desk.clients, desk.database, desk.user["Id"], "kyc_1", document_type=IDENTITY,
            content=PASSPORT, name="a.pdf", idempotency_key=desk.key, now=now(),
        )  # fmt: skip
    assert desk.line.sent == []
