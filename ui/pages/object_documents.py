"""On an object's page: the way to add evidence to a dispute, and to finish a document that was begun."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nicegui import ui

from models.dispute_papers import takes_documents
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS, Kind
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.objects.view import view
from ui.components.document_upload import DocumentUpload
from ui.components.html import button, show
from ui.components.papers import Papers, papers_of_dispute, papers_of_user
from ui.components.part import FAILURES, failure
from ui.visit import Visit

Reload = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose the documents of a kind are, as one of their fields tells, and who may add to them."""

    field: str
    owner: Kind
    needs: Permission
    papers: Callable[[Services, Actor, Content], Papers]


OWNED: Mapping[str, Owned] = MappingProxyType(
    {
        "kyc-document": Owned("UserId", KINDS["user"], Permission.UPDATE_PROFILES, papers_of_user),
        "dispute-document": Owned("DisputeId", KINDS["dispute"], Permission.ASK_FOR_MONEY, papers_of_dispute),
    }
)


def offer_evidence(services: Services, actor: Actor, dispute: Content, *, reload: Reload) -> None:
    """Let whoever may ask for money add documents to a dispute that waits for them; `reload` shows what was sent."""
    if not takes_documents(dispute) or not actor.may(Permission.ASK_FOR_MONEY):
        return
    place = ui.element("div")

    def open_panel() -> None:
        place.clear()
        with place:
            DocumentUpload(papers_of_dispute(services, actor, dispute), on_done=lambda _: reload())

    with place:
        button("Add a document", open_panel, icon_name="upload_file")


async def offer_to_finish(
    services: Services,
    actor: Actor,
    visit: Visit,
    kind: Kind,
    document: Content,
    *,
    place: ui.element,
    reload: Reload,
) -> None:
    """Let whoever may add pages to a document that was begun, and submit it; `reload` shows what became of it."""
    owned = OWNED[kind.name]
    owner_id = text_at(document, owned.field)
    if owner_id is None or not actor.may(owned.needs):
        return
    try:
        found = await visit.call(view(actor, services.clients, owned.owner, owner_id))
    except FAILURES as error:
        with place:
            show(failure(error))
        return
    with place:
        DocumentUpload(owned.papers(services, actor, found.content), document=document, on_done=lambda _: reload())
