"""Documents that people add to what they belong to: made, given their pages, submitted, each step in the audit log.

A click, a lost answer or a second try make no second one.
Source: https://docs.mangopay.com/api-reference/kyc-documents, .../dispute-documents and .../overview/idempotency
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import httpx

from models.audit import Act, Outcome
from models.dispute_papers import DISPUTE_FILES
from models.documents import FileRules
from models.kyc import KYC_FILES
from services.access.actors import Actor
from services.access.audit import record_act
from services.database import Database
from services.mangopay.client import MangopayClient
from services.mangopay.errors import Conflict, Invalid, MangopayError, NonsenseAnswer, NotFound

# A multiple of three, so that the pieces join; small, so that others get a turn between two of them.
ENCODED_AT_ONCE = 300_000
Document = Mapping[str, object]


class DocumentError(Exception):
    """Something about a document that is not done; the text says why, in one sentence."""


class FileRefused(DocumentError):
    """Raised for a file that is no page of such a document; nothing was sent."""


class EarlierTryFailed(DocumentError):
    """Raised when the idempotency key was used before, and failed then; it is spent, and the next try takes another."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where documents of one kind are kept, as API paths below the ClientId, and which files are their pages."""

    added_at: str
    read_at: str
    files: FileRules


KYC = Shelf("users/{owner}/kyc/documents", "kyc/documents", KYC_FILES)
DISPUTE = Shelf("disputes/{owner}/documents", "dispute-documents", DISPUTE_FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The documents of one owner, a user or a dispute, in the hands of somebody who may add to them."""

    shelf: Shelf
    owner_id: str
    actor: Actor
    client: MangopayClient
    database: Database
    now: datetime

    async def create(self, document_type: str, *, tag: str, idempotency_key: str) -> Document:
        path = self._path()
        body = {"Type": document_type} | ({"Tag": tag} if tag else {})

        async def create() -> Document:
            created = await _post_once(self.client, path, body, idempotency_key=idempotency_key)
            if created is None or not created.get("Id"):
                raise NonsenseAnswer(_request(path, idempotency_key))
            return created

        return await self._in_log(create, what=f"create {document_type}", tells="Id")

    async def add_page(
        self, document_id: str, content: bytes, *, document_type: str, name: str, idempotency_key: str
    ) -> None:
        refusal = self.shelf.files.refuse(document_type, content, name)
        if refusal:
            raise FileRefused(refusal)
        path = self._path(document_id, "pages")
        body = {"File": await asyncio.to_thread(_encode, content)}

        async def add() -> Document:
            return await _post_once(self.client, path, body, idempotency_key=idempotency_key) or {}

        # Not by its name, which is the person's as often as not: the log is for good.
        await self._in_log(add, what=f"add a page to {document_id}")

    async def submit(self, document_id: str, *, document_type: str) -> Document:
        path, read_at = self._path(document_id), _below(self.client, self.shelf.read_at, document_id)

        async def submit() -> Document:
            try:
                submitted = await self.client.put_object(path, {"Status": "VALIDATION_ASKED"})
            except Invalid:
                # That is also what a second try gets whose first one went through, its answer lost.
                submitted = await self.client.get_object(read_at, fresh=True)
                if submitted.get("Status") == "CREATED":
                    raise
            return submitted or await self.client.get_object(read_at, fresh=True)

        return await self._in_log(submit, what=f"submit {document_type} {document_id}", tells="Status")

    def _path(self, *parts: str) -> str:
        """Return the API path of the owner's documents, or of what lies below them."""
        return _below(self.client, self.shelf.added_at.format(owner=quote(self.owner_id, safe="")), *parts)

    async def _in_log(self, act: Callable[[], Awaitable[Document]], *, what: str, tells: str = "") -> Document:
        """Write down what is asked for before it leaves, and then what came of it: the field `tells`, if one does."""
        await self._note(Outcome.ASKED, what)
        try:
            document = await act()
        except (MangopayError, DocumentError) as error:
            await self._note(Outcome.FAILED, f"{what}: {_reason(error)}")
            raise
        await self._note(Outcome.DONE, f"{what}: {document.get(tells)}" if tells else what)
        return document

    async def _note(self, outcome: Outcome, detail: str) -> None:
        async with self.database.session() as session:
            record_act(
                session, self.actor, Act.ADD_DOCUMENT,
                outcome=outcome, about=self.owner_id, detail=detail, now=self.now,
            )  # fmt: skip
            await session.commit()


async def _post_once(
    client: MangopayClient, path: str, body: Mapping[str, object], *, idempotency_key: str
) -> Document | None:
    """Post something, or return what was answered when it was posted before."""
    try:
        return await client.post_object(path, body, idempotency_key=idempotency_key)
    except Conflict as conflict:
        return await _first_answer(client, idempotency_key, conflict)


async def _first_answer(client: MangopayClient, idempotency_key: str, conflict: Conflict) -> Document | None:
    """Return the body of what Mangopay answered when a key was first used; None where it had none."""
    try:
        kept = await client.get_response(idempotency_key)
    except (NotFound, Invalid) as error:
        # The first request may still be on its way; so it stays unknown what becomes of it.
        raise conflict from error
    if not kept.is_success:
        raise EarlierTryFailed(f"An earlier try has failed: {kept.error.sentence}") from conflict
    return kept.resource if isinstance(kept.resource, dict) else None


def _reason(error: MangopayError | DocumentError) -> str:
    if isinstance(error, DocumentError):
        return str(error)
    # What is read here is what became of something sent before.
    is_unknown = error.outcome_is_unknown or error.method == "GET" or isinstance(error, Conflict)
    return f"{error.sentence}{' The outcome is unknown.' if is_unknown else ''}"


def _encode(content: bytes) -> str:
    pieces = (content[start : start + ENCODED_AT_ONCE] for start in range(0, len(content), ENCODED_AT_ONCE))
    return "".join(base64.b64encode(piece).decode("ascii") for piece in pieces)


def _below(client: MangopayClient, start: str, *parts: str) -> str:
    """Return an API path of the platform; what it starts with is one already, the parts are anything."""
    return "/".join(["/v2.01", quote(client.client_id, safe=""), start, *(quote(part, safe="") for part in parts)])


def _request(path: str, idempotency_key: str) -> httpx.Request:
    return httpx.Request("POST", path, headers={"Idempotency-Key": idempotency_key})
