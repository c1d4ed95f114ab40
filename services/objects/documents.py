"""A user's KYC document: made, given its pages, submitted. A click, a lost answer or a second try make no second one.

Source: https://docs.mangopay.com/api-reference/kyc-documents and .../overview/idempotency
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from urllib.parse import quote

import httpx

from models.audit import Act, Outcome
from models.kyc import refuse_file
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.access.audit import record_act
from services.database import Database
from services.mangopay.client import Clients, MangopayClient
from services.mangopay.errors import Conflict, Invalid, MangopayError, NonsenseAnswer, NotFound, error_of

# A multiple of three, so that the pieces join; small, so that others get a turn between two of them.
ENCODED_AT_ONCE = 300_000


class DocumentError(Exception):
    """Something about a document that is not done; the text says why, in one sentence."""


class FileRefused(DocumentError):
    """Raised for a file that is no page of such a document; nothing was sent."""


class EarlierTryFailed(DocumentError):
    """Raised when the idempotency key was used before, and failed then; it is spent, and the next try takes another."""


@needs(Permission.UPDATE_PROFILES)
async def create_document(
    actor: Actor,
    clients: Clients,
    database: Database,
    user_id: str,
    *,
    document_type: str,
    tag: str,
    idempotency_key: str,
    now: datetime,
) -> Mapping[str, object]:
    """Create an empty document and return it; with a key that has created one before, return that.

    Raises MangopayError; EarlierTryFailed. A key is spent once Invalid was raised, too.
    """
    client = clients[actor.environment]
    path = _path(client, user_id)
    body = {"Type": document_type} | ({"Tag": tag} if tag else {})

    async def create() -> Mapping[str, object]:
        created = await _post_once(client, path, body, idempotency_key=idempotency_key)
        if created is None or not created.get("Id"):
            raise NonsenseAnswer(_request(path, idempotency_key))
        return created

    return await _in_log(actor, database, create, about=user_id, what=f"create {document_type}", tells="Id", now=now)


@needs(Permission.UPDATE_PROFILES)
async def upload_page(
    actor: Actor,
    clients: Clients,
    database: Database,
    user_id: str,
    document_id: str,
    *,
    document_type: str,
    content: bytes,
    name: str,
    idempotency_key: str,
    now: datetime,
) -> None:
    """Add a file to a document that is CREATED, as its next page; with a key that has added one before, do nothing.

    Raises FileRefused; MangopayError, such as Invalid for a sixth page; EarlierTryFailed.
    """
    refusal = refuse_file(document_type, content, name)
    if refusal:
        raise FileRefused(refusal)
    client = clients[actor.environment]
    path = _path(client, user_id, document_id, "pages")
    body = {"File": await asyncio.to_thread(_encode, content)}

    async def add() -> Mapping[str, object]:
        return await _post_once(client, path, body, idempotency_key=idempotency_key) or {}

    # Not by its name, which is the person's as often as not: the log is for good.
    await _in_log(actor, database, add, about=user_id, what=f"add a page to {document_id}", now=now)


@needs(Permission.UPDATE_PROFILES)
async def submit_document(
    actor: Actor,
    clients: Clients,
    database: Database,
    user_id: str,
    document_id: str,
    *,
    document_type: str,
    now: datetime,
) -> Mapping[str, object]:
    """Ask for a document's validation and return it; one that was submitted before is returned as it is by now.

    Raises MangopayError, such as Invalid for a document without pages.
    """
    client = clients[actor.environment]
    path = _path(client, user_id, document_id)

    async def submit() -> Mapping[str, object]:
        try:
            submitted = await client.put_object(path, {"Status": "VALIDATION_ASKED"})
        except Invalid:
            # That is also what a second try gets whose first one went through, its answer lost.
            submitted = await client.get_object(path, fresh=True)
            if submitted.get("Status") == "CREATED":
                raise
        return submitted or await client.get_object(path, fresh=True)

    what = f"submit {document_type} {document_id}"
    return await _in_log(actor, database, submit, about=user_id, what=what, tells="Status", now=now)


async def _post_once(
    client: MangopayClient, path: str, body: Mapping[str, object], *, idempotency_key: str
) -> Mapping[str, object] | None:
    """Post something, or return what was answered when it was posted before."""
    try:
        return await client.post_object(path, body, idempotency_key=idempotency_key)
    except Conflict as conflict:
        return await _first_answer(client, path, idempotency_key, conflict)


async def _first_answer(
    client: MangopayClient, path: str, idempotency_key: str, conflict: Conflict
) -> Mapping[str, object] | None:
    """Return the body of what Mangopay answered when a key was first used; None where it had none."""
    try:
        kept = await client.get_object(f"/v2.01/{quote(client.client_id, safe='')}/responses/{idempotency_key}")
    except (NotFound, Invalid) as error:
        # The first request may still be on its way; so it stays unknown what becomes of it.
        raise conflict from error
    status, resource = str(kept.get("StatusCode")), kept.get("Resource")
    if not status.startswith("2"):
        raise EarlierTryFailed(_failure(status, resource, _request(path, idempotency_key))) from conflict
    return resource if isinstance(resource, dict) else None


def _failure(status: str, resource: object, request: httpx.Request) -> str:
    code = int(status) if status.isdecimal() else 500
    return f"An earlier try has failed: {error_of(httpx.Response(code, json=resource, request=request)).sentence}"


async def _in_log(
    actor: Actor,
    database: Database,
    act: Callable[[], Awaitable[Mapping[str, object]]],
    *,
    about: str,
    what: str,
    now: datetime,
    tells: str = "",
) -> Mapping[str, object]:
    """Write down what is asked for before it leaves, and afterwards what came of it: the field `tells`, if one does."""
    await _note(actor, database, Outcome.ASKED, about=about, detail=what, now=now)
    try:
        document = await act()
    except (MangopayError, DocumentError) as error:
        await _note(actor, database, Outcome.FAILED, about=about, detail=f"{what}: {_reason(error)}", now=now)
        raise
    done = f"{what}: {document.get(tells)}" if tells else what
    await _note(actor, database, Outcome.DONE, about=about, detail=done, now=now)
    return document


async def _note(actor: Actor, database: Database, outcome: Outcome, *, about: str, detail: str, now: datetime) -> None:
    async with database.session() as session:
        record_act(session, actor, Act.ADD_DOCUMENT, outcome=outcome, about=about, detail=detail, now=now)
        await session.commit()


def _reason(error: MangopayError | DocumentError) -> str:
    if isinstance(error, DocumentError):
        return str(error)
    # What is read here is what became of something sent before.
    is_unknown = error.outcome_is_unknown or error.method == "GET" or isinstance(error, Conflict)
    return f"{error.sentence}{' The outcome is unknown.' if is_unknown else ''}"


def _encode(content: bytes) -> str:
    pieces = (content[start : start + ENCODED_AT_ONCE] for start in range(0, len(content), ENCODED_AT_ONCE))
    return "".join(base64.b64encode(piece).decode("ascii") for piece in pieces)


def _path(client: MangopayClient, user_id: str, *parts: str) -> str:
    """Return the API path of a user's documents, or of what lies below them."""
    quoted = [quote(part, safe="") for part in (client.client_id, user_id, *parts)]
    return "/".join(["/v2.01", quoted[0], "users", quoted[1], "kyc/documents", *quoted[2:]])


def _request(path: str, idempotency_key: str) -> httpx.Request:
    return httpx.Request("POST", path, headers={"Idempotency-Key": idempotency_key})
