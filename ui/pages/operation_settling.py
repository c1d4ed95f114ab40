"""How an operation ended of which nothing can be found out: said by a person who has looked elsewhere."""

from collections.abc import Awaitable, Callable

import htpy as h
from nicegui import ui
from sqlalchemy.exc import SQLAlchemyError

from models.journal import Operation
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.operations.errors import OperationError, Unfit
from services.operations.settling_by_hand import settle_by_hand
from ui.components.forms import BUSY, Field, ask, tell
from ui.components.html import button, show

HOW = (
    "Mangopay shows this dashboard neither what became of the call nor the transactions in which it would be. Look for "
    "the operation's id in the Tag of the transactions in Mangopay's own dashboard, and say what you have found. "
    "Nothing is sent; until then nothing else is taken from the same money."
)


class SettlingByHand:
    """For somebody who may decide; `on_end` is called once it is settled."""

    def __init__(
        self, services: Services, actor: Actor, operation: Operation, *, on_end: Callable[[], Awaitable[None]]
    ) -> None:
        self._services = services
        self._actor = actor
        self._operation = operation
        self._on_end = on_end
        with ui.element("section").classes("panel").props('aria-label="Settle by hand"'):
            show(h.div(".panel-head")[h.h2(".section")["Settle by hand"]])
            with ui.element("div").classes("panel-body approval"):
                show(h.p[HOW])
                self._object = Field("Id of what was made (optional)", help_text="Such as refund_m_… or po_m_….")
                self._why = Field("Reason", help_text="How you know. It stays in the audit log.")
                with ui.element("div").classes("ways"):
                    button("It was done", lambda: self._settle(was_done=True))
                    button("It was not done", lambda: self._settle(was_done=False), classes="danger")

    async def _settle(self, *, was_done: bool) -> None:
        said = "It was done" if was_done else "It was not done"
        if not self._why.value.strip():
            self._why.refuse("Say how you know: it stays in the audit log.")
            return
        if not await ask(f"{said}?", h.p[f"{self._operation.label}."], act=said, is_dangerous=not was_done):
            return
        try:
            await settle_by_hand(
                self._actor,
                self._services.teller,
                self._operation.operation_id,
                was_done=was_done,
                object_id=self._object.value,
                reason=self._why.value,
            )
        except Unfit as error:
            self._why.refuse(" ".join(error.field_errors.values()))
        except (OperationError, SQLAlchemyError, Denied) as error:
            tell(BUSY if isinstance(error, SQLAlchemyError) else str(error), is_error=True)
        await self._on_end()
