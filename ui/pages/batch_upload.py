"""A new batch: the kind is chosen, a file is received and checked line by line; a right one leads to its page."""

import logging
from functools import partial

import htpy as h
from nicegui import ui
from nicegui.events import GenericEventArguments, UploadEventArguments
from sqlalchemy.exc import SQLAlchemyError

from models.operations.batch_files import LARGEST_BYTES, MOST_LINES, Fault, faults_text
from models.operations.kinds import BATCHED, OPERATIONS
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.mangopay.errors import MangopayError
from services.operations.batch_checks import Checked, Checking, check_file
from ui.components.batch_parts import batch_href, columns_view, faults_view
from ui.components.forms import BUSY, Field
from ui.components.html import button, enable, put, show
from ui.components.parts import api_error, message, when
from ui.theme import Tone

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 0.5
FAILURES = (MangopayError, Denied, SQLAlchemyError)


class NewBatch:
    """Added where it stands."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor
        self._latest: Checking | None = None
        self._is_busy = False
        with ui.element("section").classes("panel document-upload").props('aria-label="New batch"'):
            show(h.div(".panel-head")[h.h2(".section")["New batch"]])
            with ui.element("div").classes("panel-body"):
                show(h.p[_RULES])
                titles = {kind.name: kind.title for kind in BATCHED}
                self._kind = Field("Operation", value=BATCHED[0].name, options=titles)
                self._columns = show(classes="batch-help")
                self._upload = self._build_upload()
                pick = f"() => getElement({self._upload.id}).$refs.qRef.pickFiles()"
                self._pick = button("Choose a CSV file", lambda: None, icon_name="upload_file", classes="primary")
                self._pick.on("click", js_handler=pick)
                self._progress = show().props("role=status")
                self._bar = ui.element("progress").props('max=100 aria-label="Check of the file"')
                self._outcome = show(classes="batch-outcome")
                self._faults = ui.element("div")
        self._bar.set_visibility(False)
        self._timer = ui.timer(LOOKS_EVERY_S, self._look, active=False)
        self._kind.on_change(self._draw_columns)
        self._draw_columns()

    def _draw_columns(self) -> None:
        put(self._columns, columns_view(OPERATIONS[self._kind.value]))

    def _build_upload(self) -> ui.upload:
        upload = ui.upload(
            label="Receiving the file", auto_upload=True, max_file_size=LARGEST_BYTES, on_upload=self._receive
        ).props('accept=".csv,.txt" flat')
        # So that a corrected file of the same name can be chosen again.
        upload.on("finish", js_handler=f"() => getElement({upload.id}).$refs.qRef.reset()")
        names = "(files) => emit(files.map(({file}) => ({name: file.name, size: file.size})))"
        upload.on("failed", partial(self._complain, "The file did not arrive. Choose it again."), args=[])
        return upload.on("rejected", self._tell_of_rejected, js_handler=names)

    def _tell_of_rejected(self, event: GenericEventArguments) -> None:
        file = event.args[0]
        is_large = int(file["size"]) > LARGEST_BYTES
        self._complain(f"“{file['name']}” is {'larger than 1 MB' if is_large else 'no CSV file'}.")

    def _complain(self, sentence: str) -> None:
        self._faults.clear()
        put(self._outcome, message(Tone.NEGATIVE, sentence, "Nothing was kept, and nothing has moved."))

    async def _receive(self, event: UploadEventArguments) -> None:
        if self._is_busy:
            return
        self._set_busy(is_busy=True)
        try:
            content = await event.file.read()
            checked = await self._check(event.file.name, content)
        except FAILURES as error:
            self._fail(error)
            return
        except Exception as error:
            log.exception("a file could not be checked")
            self._fail(error)
            return
        finally:
            if not self._pick.is_deleted:
                self._set_busy(is_busy=False)
        if not self._pick.is_deleted:
            self._tell(event.file.name, checked)

    async def _check(self, name: str, content: bytes) -> Checked:
        kind = OPERATIONS[self._kind.value]
        return await check_file(
            self._actor, self._services.teller, kind, file_name=name, content=content, on_progress=self._note
        )

    def _note(self, checking: Checking) -> None:
        self._latest = checking

    def _look(self) -> None:
        checking = self._latest
        if checking is None:
            return
        until = checking.waits_until
        waits = h.fragment[". Waiting for Mangopay's rate limit ", when(until)] if until else None
        far = f"{checking.done:,} of {checking.total:,} lines checked"
        put(self._progress, h.p[far, waits], h.p(".caption")[LEAVING])
        self._bar.props(f"value={100 * checking.done // max(checking.total, 1)}")

    def _set_busy(self, *, is_busy: bool) -> None:
        self._is_busy, self._latest = is_busy, None
        enable(self._pick, is_enabled=not is_busy)
        put(self._progress, h.p["Checking the file…"] if is_busy else None)
        self._bar.props("value=0")
        self._bar.set_visibility(is_busy)
        self._timer.active = is_busy
        if is_busy:
            put(self._outcome)
            self._faults.clear()

    def _tell(self, name: str, checked: Checked) -> None:
        if checked.batch is not None:
            put(self._outcome, message(Tone.POSITIVE, "Every line is right."))
            ui.navigate.to(batch_href(checked.batch))
            return
        put(self._outcome, faults_view(checked.faults, checked.lines))
        with self._faults:
            save = partial(_save_faults, name, checked.faults)
            button("Download the faults as CSV", save, icon_name="download")

    def _fail(self, error: Exception) -> None:
        if self._pick.is_deleted:
            return
        match error:
            case MangopayError():
                put(self._outcome, api_error(error), h.p["The file was not checked to its end. Nothing has moved."])
            case SQLAlchemyError():
                self._complain(BUSY)
            case Denied():
                self._complain(str(error))
            case _:
                self._complain("The check has failed here, for a reason that is in the dashboard's log.")


def _save_faults(name: str, faults: tuple[Fault, ...]) -> None:
    ui.download.content(faults_text(faults), f"faults of {name}", "text/csv")


LEAVING = "You may leave this page: a file that is right will be among the batches."
_RULES = (
    f"One line for each, at most {MOST_LINES:,}. Every line is checked, here and at Mangopay, before anything moves; "
    "then you see the totals and decide."
)
