"""`main.py` with one page more: the panel that adds a document, alone, for the user in the address.

`?document=` names one to be finished.
"""

from collections.abc import Mapping

from nicegui import ui

import main
from models.objects.kinds import KINDS
from models.permissions import Permission
from services.bootstrap import Services
from services.objects.view import view
from ui.components.document_upload import DocumentUpload
from ui.frame import current_actor, frame
from ui.live import Live
from ui.pages import team
from ui.places import Places

register_team = team.register


def register(places: Places, services: Services, live: Live) -> None:
    register_team(places, services, live)

    @places.page("/add-document/{user_id}", needs=Permission.UPDATE_PROFILES)
    async def add_document(user_id: str, document: str = "") -> None:
        actor = current_actor()
        user = (await view(actor, services.clients, KINDS["user"], user_id)).content
        kyc = KINDS["kyc-document"]
        begun = (await view(actor, services.clients, kyc, document, fresh=True)).content if document else None
        with frame(services, "Add a document", path="/users"):
            done = ui.label()

            def note(submitted: Mapping[str, object]) -> None:
                done.set_text(f"Told of {submitted['Status']}")

            DocumentUpload(services, actor, user, on_done=note, document=begun)


if __name__ == "__main__":
    team.register = register
    main.cli()
