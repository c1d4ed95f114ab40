"""The files that somebody chooses to be the pages of a document: received, checked, listed, removable.

They are kept in the page's memory alone, and go with it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

import htpy as h
from nicegui import ui
from nicegui.events import GenericEventArguments, MultiUploadEventArguments

from models.documents import FileRules, size_text
from ui.components.html import button, enable, put, show
from ui.components.parts import chip
from ui.theme import Tone

FILE_NAMES = ".pdf,.jpg,.jpeg,.png"


@dataclass(slots=True, eq=False)
class ChosenFile:
    """A page to be, and how far it has come."""

    name: str
    content: bytes
    # Of its own, so that a second try adds no second page.
    key: str = field(default_factory=lambda: uuid4().hex)
    is_sent: bool = False
    # Its answer was lost: it may be a page already, and must not be thought away.
    is_perhaps_sent: bool = False
    # What Mangopay had against it.
    refusal: str = ""

    def fault(self, rules: FileRules, document_type: str) -> str:
        """Return what is wrong with it as a page of such a document, in a sentence, or ""."""
        return "" if self.is_sent else self.refusal or rules.refuse(document_type, self.content, self.name) or ""


class ChosenFiles:
    """The list, in the order of the pages, and the way to add to it.

    `complain` is told, in sentences, what was not added and why; without any, that it is settled.
    """

    def __init__(self, rules: FileRules, *, complain: Callable[..., None]) -> None:
        self.files: list[ChosenFile] = []
        self._rules = rules
        self._full = f"a document has at most {rules.most_pages} pages"
        self._complain = complain
        self._type = ""
        self._is_busy = False
        self._is_receiving = False
        self._reading = 0
        with ui.element("div").classes("form-field").props('role=group aria-label="Pages"'):
            show(h.p(".form-label")["Pages"])
            self._said = show()
            self._list = ui.element("ol").classes("page-files")
            # Seen only while it receives: its own buttons have no names, so ours opens the browser's dialog.
            self._upload = self._build_upload()
            self._receiving = show(classes="visually-hidden").props("role=status")
            pick = f"() => getElement({self._upload.id}).$refs.qRef.pickFiles()"
            self._pick = button("Choose files", complain, icon_name="attach_file").on("click", js_handler=pick)

    @property
    def are_arriving(self) -> bool:
        return self._is_receiving or self._reading > 0

    @property
    def have_faults(self) -> bool:
        return any(file.fault(self._rules, self._type) for file in self.files)

    @property
    def sent(self) -> int:
        return sum(file.is_sent for file in self.files)

    def draw(self, document_type: str, *, is_busy: bool) -> None:
        """Show the files as they are, as pages of such a document; while something is busy, they stay as they are."""
        self._type, self._is_busy = document_type, is_busy
        sizes = self._rules.sizes(document_type)
        put(self._said, h.p(".caption")[f"PDF, JPEG or PNG, {sizes} each; {self._full}, in this order."])
        self._list.clear()
        with self._list:
            for number, file in enumerate(self.files, 1):
                self._draw_file(number, file)
        self._list.set_visibility(bool(self.files))
        is_open = not is_busy and len(self.files) < self._rules.most_pages
        self._upload.set_enabled(is_open)
        enable(self._pick, is_enabled=is_open)

    def _draw_file(self, number: int, file: ChosenFile) -> None:
        fault = file.fault(self._rules, self._type)
        with ui.element("li"):
            show(
                h.strong[file.name],
                " ",
                h.span(".caption.nowrap")[size_text(len(file.content))],
                fault and h.p(".form-error")[fault],
                classes="line-text",
            )
            if file.is_sent:
                show(chip("Sent", Tone.POSITIVE))
            elif file.is_perhaps_sent:
                show(chip("Perhaps sent", Tone.WAITING))
            elif not self._is_busy:
                # By its number: a file's name is anybody's text, and no attribute's.
                remove = partial(self._remove, file)
                button(f"Remove page {number}", remove, icon_name="close", classes="plain-button icon-button")

    def _remove(self, file: ChosenFile) -> None:
        self.files.remove(file)
        self._complain()
        self.draw(self._type, is_busy=self._is_busy)
        # The button that was pressed is gone, and the keyboard with it.
        self._pick.client.run_javascript(f"requestAnimationFrame(() => getElement({self._pick.id}).$el.focus())")

    def _build_upload(self) -> ui.upload:
        upload = ui.upload(
            label="Receiving the files",
            multiple=True,
            auto_upload=True,
            max_file_size=self._rules.largest_bytes,
            on_multi_upload=self._receive,
        ).props(f'accept="{FILE_NAMES}" flat')
        # Of two files of one name, NiceGUI would see the last.
        upload.props[":field-name"] = "(file) => file.__key"
        upload.on("start", partial(self._note, is_receiving=True), args=[])
        upload.on("finish", partial(self._note, is_receiving=False), args=[])
        # So that what was removed can be chosen again, and what failed is not sent along.
        upload.on("finish", js_handler=f"() => getElement({upload.id}).$refs.qRef.reset()")
        upload.on("failed", self._tell_of_failure, args=[])
        names = "(files) => emit(files.map(({file}) => ({name: file.name, size: file.size})))"
        return upload.on("rejected", self._tell_of_rejected, js_handler=names)

    def _note(self, *, is_receiving: bool) -> None:
        self._is_receiving = is_receiving
        put(self._receiving, "Receiving the files" if is_receiving else None)

    def _receive(self, event: MultiUploadEventArguments) -> Awaitable[None]:
        # Counted before the browser hears that they have arrived: nobody is to send the document without them.
        self._reading += 1
        return self._take(event)

    async def _take(self, event: MultiUploadEventArguments) -> None:
        refusals: list[str] = []
        try:
            for upload in event.files:
                size = upload.size()
                # The browser has looked at the size, but a browser can be got round.
                is_too_large = size > self._rules.largest_bytes
                refusal = self._rules.refuse_size(self._type, size, upload.name) if is_too_large else None
                # Read at once: NiceGUI keeps a large file on the disk for as long as it is held.
                content = b"" if refusal else await upload.read()
                if refusal is None and len(self.files) >= self._rules.most_pages:
                    refusal = f"“{upload.name}” was not added: {self._full}."
                if refusal is None:
                    self.files.append(ChosenFile(upload.name, content))
                else:
                    refusals.append(refusal)
        finally:
            self._reading -= 1
        if self._list.is_deleted:
            return
        self.draw(self._type, is_busy=self._is_busy)
        if refusals:
            self._complain(*refusals)

    def _tell_of_rejected(self, event: GenericEventArguments) -> None:
        files = [(str(file["name"]), int(file["size"])) for file in event.args]
        rules = self._rules
        self._complain(
            *(
                f"“{name}” is no PDF, JPEG or PNG."
                if size <= rules.largest_bytes
                else rules.refuse_size("", size, name)
                for name, size in files
            )
        )

    def _tell_of_failure(self) -> None:
        most = f"at most {self._rules.most_pages} at once, of at most {size_text(self._rules.largest_bytes)} each"
        self._complain(f"The files did not arrive. Choose them again, {most}; should that fail too, reload the page.")
