"""Above a user's KYC documents: what is still needed, and the way to add a document."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from models.kyc import missing
from models.objects.fields import Content
from models.objects.listings import LISTINGS
from models.permissions import Permission
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.paging import PER_PAGE
from services.objects.lists import Wanted, list_page
from ui.components.document_upload import DocumentUpload
from ui.components.html import button, put, show
from ui.components.kyc_needs import needs_view
from ui.components.papers import papers_of_user
from ui.components.part import FAILURES
from ui.visit import Visit

DOCUMENTS = LISTINGS["user-kyc-documents"]


class KycTab:
    """`on_done` is called once a document was sent, to show it in the list."""

    def __init__(
        self,
        services: Services,
        actor: Actor,
        visit: Visit,
        user_id: str,
        *,
        on_done: Callable[[], Awaitable[object]],
    ) -> None:
        self._on_done = on_done
        self._services = services
        self._actor = actor
        self._visit = visit
        self._id = user_id
        self._user: Content | None = None
        self._needs = show()
        self._place = ui.element("div")
        self._add = button("Add a document", self._open, icon_name="upload_file")
        self._add.set_visibility(False)

    async def show_user(self, user: Content) -> None:
        """Say what the user still needs, and offer to add it."""
        self._user = user
        if not self._place.default_slot.children:
            # A PAYER's documents are refused, and who is verified needs none: for them it is not what to do next.
            if user.get("UserCategory") == "OWNER" and user.get("KYCLevel") != "REGULAR":
                self._add.classes(add="primary")
            self._add.set_visibility(self._actor.may(Permission.UPDATE_PROFILES) and user.get("UserStatus") != "CLOSED")
        wanted = Wanted(per_page=PER_PAGE)
        try:
            page = await self._visit.call(
                list_page(self._actor, self._services.clients, DOCUMENTS, of=self._id, wanted=wanted)
            )
        except FAILURES:
            # The list below says what is wrong.
            return
        put(self._needs, needs_view(user, missing(user, page.items)))

    def _open(self) -> None:
        if self._user is None:
            return
        self._place.clear()
        self._add.set_visibility(False)
        with self._place:
            DocumentUpload(papers_of_user(self._services, self._actor, self._user), on_done=self._done)

    async def _done(self, _document: Content) -> None:
        if self._user is not None:
            await self._on_done()
            await self.show_user(self._user)
