"""What people may do with documents: a user's, for KYC, and a dispute's, which are its evidence.

Source: https://docs.mangopay.com/api-reference/kyc-documents and .../dispute-documents
"""

from datetime import datetime

from models.permissions import Permission
from services.access.actors import Actor, needs
from services.database import Database
from services.mangopay.client import Clients
from services.objects.folders import DISPUTE, KYC, Document, Folder, Shelf


@needs(Permission.UPDATE_PROFILES)
async def create_kyc_document(
    actor: Actor,
    clients: Clients,
    database: Database,
    user_id: str,
    *,
    document_type: str,
    tag: str,
    idempotency_key: str,
    now: datetime,
) -> Document:
    """Create an empty document of a user and return it; with a key that has created one before, return that.

    Raises MangopayError; EarlierTryFailed. A key is spent once Invalid was raised, too.
    """
    folder = _open(KYC, user_id, actor, clients, database, now=now)
    return await folder.create(document_type, tag=tag, idempotency_key=idempotency_key)


@needs(Permission.UPDATE_PROFILES)
async def upload_kyc_page(
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
    folder = _open(KYC, user_id, actor, clients, database, now=now)
    await folder.add_page(document_id, content, document_type=document_type, name=name, idempotency_key=idempotency_key)


@needs(Permission.UPDATE_PROFILES)
async def submit_kyc_document(
    actor: Actor,
    clients: Clients,
    database: Database,
    user_id: str,
    document_id: str,
    *,
    document_type: str,
    now: datetime,
) -> Document:
    """Ask for a document's validation and return it; one that was submitted before is returned as it is by now.

    Raises MangopayError, such as Invalid for a document without pages.
    """
    folder = _open(KYC, user_id, actor, clients, database, now=now)
    return await folder.submit(document_id, document_type=document_type)


@needs(Permission.ASK_FOR_MONEY)
async def create_dispute_document(
    actor: Actor,
    clients: Clients,
    database: Database,
    dispute_id: str,
    *,
    document_type: str,
    tag: str,
    idempotency_key: str,
    now: datetime,
) -> Document:
    """Create an empty document of a dispute, as `create_kyc_document` does of a user.

    Raises MangopayError, such as Invalid for a dispute that does not wait for the platform; EarlierTryFailed.
    """
    folder = _open(DISPUTE, dispute_id, actor, clients, database, now=now)
    return await folder.create(document_type, tag=tag, idempotency_key=idempotency_key)


@needs(Permission.ASK_FOR_MONEY)
async def upload_dispute_page(
    actor: Actor,
    clients: Clients,
    database: Database,
    dispute_id: str,
    document_id: str,
    *,
    document_type: str,
    content: bytes,
    name: str,
    idempotency_key: str,
    now: datetime,
) -> None:
    """Add a file to a document of a dispute, as `upload_kyc_page` does. Raises what that raises."""
    folder = _open(DISPUTE, dispute_id, actor, clients, database, now=now)
    await folder.add_page(document_id, content, document_type=document_type, name=name, idempotency_key=idempotency_key)


@needs(Permission.ASK_FOR_MONEY)
async def submit_dispute_document(
    actor: Actor,
    clients: Clients,
    database: Database,
    dispute_id: str,
    document_id: str,
    *,
    document_type: str,
    now: datetime,
) -> Document:
    """Ask for the validation of a dispute's document, as `submit_kyc_document` does. Raises MangopayError."""
    folder = _open(DISPUTE, dispute_id, actor, clients, database, now=now)
    return await folder.submit(document_id, document_type=document_type)


def _open(shelf: Shelf, owner_id: str, actor: Actor, clients: Clients, database: Database, *, now: datetime) -> Folder:
    client = clients[actor.environment]
    return Folder(shelf=shelf, owner_id=owner_id, actor=actor, client=client, database=database, now=now)
