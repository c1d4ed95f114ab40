"""Users, Edit profile: what may be changed of a user, a look at what would change, and what has come of it."""

from collections.abc import Mapping
from functools import partial

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import OperationalError

from models.objects.kinds import KINDS
from models.permissions import Permission
from models.profile import Change, changes, place_of, typed_onto
from models.profile_fields import ProfileField, groups_of
from models.profile_rules import validate
from services.access.actors import Actor, Denied
from services.bootstrap import Services
from services.clock import now
from services.mangopay.errors import Invalid, MangopayError
from services.objects.profiles import ChangedMeanwhile, ProfileError, Unfit, Updated, update_profile
from services.objects.view import view
from ui.components.forms import Field, answer_of, sentence_of
from ui.components.html import button, enable, once, put, show
from ui.components.parts import api_error, crumbs, message, middle_cut, skeleton
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages import profile_parts as parts
from ui.places import Places
from ui.theme import Tone

PATH = "/users/{user_id}/edit"
# The browser asks before what was typed is lost, and asks nobody who has typed nothing.
ASK_BEFORE_LEAVING = """
window.asksBeforeLeaving ??= (addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-unsaved]")) event.preventDefault();
}), true);
"""


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.UPDATE_PROFILES)
    async def profile_form(user_id: str, client: Client) -> None:
        page = ProfilePage(services, current_actor(), user_id)
        page.build()
        if await is_looked_at(client):
            await page.load()


class ProfilePage:
    def __init__(self, services: Services, actor: Actor, user_id: str) -> None:
        self._services = services
        self._actor = actor
        self._user_id = user_id
        # As it was read last: what the fields are compared with.
        self._seen: Mapping[str, object] = {}
        self._fields: dict[str, Field] = {}
        self._is_unsaved = False

    def build(self) -> None:
        with frame(self._services, "Edit profile", path="/users"):
            user = h.a(href=parts.user_href(self._user_id))[middle_cut(self._user_id)]
            show(crumbs(h.a(href="/users")["Users"], user, "Edit profile"))
            page_head("Edit profile")
            self._body = ui.element("div").classes("profile")
            with self._body:
                show(h.div(".panel.panel-body")[skeleton("40%", "100%", "40%", "100%", "40%", "100%")])

    async def load(self) -> None:
        """Read the user and show the form; what was typed stays, save where Mangopay has another value by now."""
        try:
            found = await view(self._actor, self._services.clients, KINDS["user"], self._user_id, fresh=True)
        except MangopayError as error:
            self._show_failure(error)
            return
        # The first time, nothing has been seen nor typed.
        values, lost = typed_onto(self._seen, found.content, self._values())
        self._seen = found.content
        self._show_form(values)
        self._refuse({change.path: parts.had_typed(change) for change in lost})

    def _show_failure(self, error: MangopayError) -> None:
        if self._fields:
            # What was typed is not to be lost for it.
            self._say(api_error(error), leads_to_reload=True)
            return
        self._begin_anew()
        with self._body, ui.element("div").classes("profile-form"):
            show(api_error(error))
            with ui.element("div"):
                button("Try again", self.load, icon_name="refresh")

    def _show_form(self, values: Mapping[str, str]) -> None:
        self._begin_anew()
        with self._body:
            show(parts.about(self._seen, self._user_id), classes="profile-about")
            if self._seen.get("UserStatus") == "CLOSED":
                show(message(Tone.MUTED, "This account is closed.", "Nothing about its user can be changed any more."))
                return
            with ui.element("form").classes("profile-form").props("novalidate") as self._form:
                self._notice = ui.element("div").classes("profile-notice")
                for title, fields in groups_of(self._seen).items():
                    self._group(title, fields, values)
                self._foot()
            ui.run_javascript(ASK_BEFORE_LEAVING)
        self._note_edits()

    def _group(self, title: str, fields: tuple[ProfileField, ...], values: Mapping[str, str]) -> None:
        with ui.element("section").classes("panel") as panel:
            # Not by `props`, which would read an apostrophe as a quotation mark.
            panel.props["aria-label"] = title
            show(h.div(".panel-head")[h.h2(".section")[title]])
            with ui.element("div").classes("panel-body profile-fields"):
                for field in fields:
                    built = self._fields[field.path] = parts.build_field(field, self._seen, values)
                    built.on_change(self._note_edits)

    def _foot(self) -> None:
        with ui.element("div").classes("profile-foot"):
            self._count = show(classes="caption")
            show(h.a(".button.plain-button", href=parts.user_href(self._user_id))["Cancel"])
            submit = button("Review changes", lambda: None, classes="primary").props("type=submit")
        self._form.on("submit.prevent", lambda: once(submit, self._review))

    def _begin_anew(self) -> None:
        self._body.clear()
        self._fields = {}
        self._is_unsaved = False

    def _values(self) -> dict[str, str]:
        return {path: field.value for path, field in self._fields.items()}

    def _note_edits(self) -> None:
        count = len(changes(self._seen, self._values()))
        put(self._count, parts.counted(count) if count else "Nothing changed yet")
        if self._is_unsaved is not bool(count):
            self._is_unsaved = bool(count)
            self._form.props("data-unsaved") if count else self._form.props(remove="data-unsaved")

    async def _review(self) -> None:
        self._notice.clear()
        # What was wrong with one field may have been mended in another.
        for field in self._fields.values():
            field.refuse("")
        values = self._values()
        wanted = changes(self._seen, values)
        if not wanted:
            self._say(message(Tone.NOTICE, "Nothing is changed yet.", "Change a field, and see what would be sent."))
        elif field_errors := validate(self._seen, values, today=now().date()):
            self._refuse(field_errors)
        else:
            self._tell(await self._ask(wanted, values))

    async def _ask(self, wanted: tuple[Change, ...], values: Mapping[str, str]) -> object:
        """Show what would be sent, and send it if so decided; returns what has come of it, None for nothing."""
        with ui.dialog().props('aria-label="Review changes"') as dialog, ui.card().classes("panel question review"):
            show(parts.review(self._seen, wanted, self._actor.environment))
            with ui.element("div").classes("question-ways"):
                back = button("Back to editing", dialog.close, classes="plain-button")
                send = partial(self._send, dialog, back, values)
                button(f"Send {parts.counted(len(wanted))}", send, classes="primary")
        return await answer_of(dialog)

    async def _send(self, dialog: ui.dialog, back: ui.html, values: Mapping[str, str]) -> None:
        # Under way, it cannot be called back, nor its question be clicked away.
        dialog.props("persistent")
        enable(back, is_enabled=False)
        outcome: object = None
        try:
            outcome = await update_profile(
                self._actor,
                self._services.clients,
                self._services.database,
                self._user_id,
                seen=self._seen,
                values=values,
                now=now(),
            )
        except (ProfileError, MangopayError, Denied, OperationalError) as error:
            outcome = error
        finally:
            if not dialog.is_deleted:
                dialog.submit(outcome)

    def _tell(self, outcome: object) -> None:
        match outcome:
            case Updated():
                self._show_done(outcome)
            case Unfit():
                self._refuse(outcome.field_errors)
            case ChangedMeanwhile():
                self._say(parts.moved(outcome.moved), leads_to_reload=True)
            case Invalid():
                self._place(outcome)
            case MangopayError():
                self._say(api_error(outcome), leads_to_reload=outcome.outcome_is_unknown)
            case Exception():
                self._say(message(Tone.NEGATIVE, sentence_of(outcome), "Nothing was sent to Mangopay."))

    def _show_done(self, updated: Updated) -> None:
        self._begin_anew()
        with self._body, ui.element("div").classes("profile-form"):
            show(parts.done(updated, self._user_id), classes="profile-notice")
            with ui.element("div").classes("ways"):
                show(h.a(".button.primary", href=parts.user_href(self._user_id))["Back to the user"])
                button("Edit again", self.load)

    def _place(self, error: Invalid) -> None:
        """Put each of Mangopay's field errors beside its field, and what has none on top."""
        placed: dict[str, str] = {}
        unplaced: dict[str, str] = {}
        for key, sentence in error.field_errors.items():
            path = place_of(self._seen, key)
            place, name = (placed, path) if path else (unplaced, key)
            place[name] = f"{place[name]} {sentence}" if name in place else sentence
        self._say(parts.refused(error, unplaced), goes_there=not placed)
        self._refuse(placed)

    def _refuse(self, field_errors: Mapping[str, str]) -> None:
        """Say what is wrong beside each field, and go to the first."""
        at_fault = [path for path in self._fields if path in field_errors]
        for path in at_fault:
            self._fields[path].refuse(field_errors[path], goes_there=path == at_fault[0])

    def _say(self, content: h.Node, *, leads_to_reload: bool = False, goes_there: bool = True) -> None:
        """Say something on top of the form; the eye may be at its foot."""
        self._notice.clear()
        with self._notice:
            show(content, classes="profile-notice")
            if leads_to_reload:
                with ui.element("div"):
                    button("Load the user as they are now", self.load, icon_name="refresh")
            if goes_there:
                place = f"document.getElementById('{self._notice.html_id}')"
                # Not at once, for the same reason as the focus of a field.
                ui.run_javascript(f"requestAnimationFrame(() => {place}?.scrollIntoView({{ block: 'center' }}))")
