"""Settings: one's own access, its second factor and its sessions."""

from collections.abc import Sequence
from functools import partial

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import OperationalError
from starlette.requests import Request

from models.access import SESSION_LIMITS, Session
from models.permissions import RULES, Permission
from services.access.actors import Actor, Denied
from services.access.errors import AccessError
from services.access.own_access import OwnAccess, end_own_session, read_own_access
from services.bootstrap import Services
from services.clock import now
from ui.components.forms import BUSY, sentence_of, tabs, tell
from ui.components.html import button, put, show
from ui.components.parts import chip, facts, icon, message, skeleton, when
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.places import Places
from ui.theme import Tone

PATH = "/settings"
TABS = (
    (PATH, "Your access", Permission.OWN_ACCESS),
    ("/settings/api", "Mangopay API", Permission.SEE),
    ("/settings/team", "Team", Permission.MANAGE_TEAM),
    ("/settings/audit", "Audit log", Permission.READ_AUDIT_LOG),
)
NOTICES = {
    "password_changed": "Your password is changed. Every other session of yours has ended.",
    "second_factor_removed": "Your second factor is removed. Every other session of yours has ended.",
}


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.OWN_ACCESS)
    async def settings(request: Request, client: Client) -> None:
        page = SettingsPage(services, current_actor())
        page.build(next((sentence for name, sentence in NOTICES.items() if name in request.query_params), None))
        if await is_looked_at(client):
            await page.load()


def settings_tabs(actor: Actor, path: str) -> None:
    tabs({target: name for target, name, needs in TABS if actor.may(needs)}, path=path)


class SettingsPage:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor

    def build(self, notice: str | None) -> None:
        actor = self._actor
        with frame(self._services, "Settings", path=PATH):
            page_head("Settings")
            settings_tabs(actor, PATH)
            if notice:
                show(message(Tone.POSITIVE, notice))
            with ui.element("div").classes("two-columns"):
                with ui.element("section").classes("panel").props('aria-label="Your access"'):
                    show(h.div(".panel-head")[h.h2(".section")["Your access"]])
                    show(h.div(".panel-body")[_access(actor)])
                    self._factor = show(h.div(".panel-body")[skeleton("60%", "80%")])
                with ui.element("section").classes("panel").props('aria-label="Your sessions"'):
                    with ui.element("div").classes("panel-head"):
                        show(h.h2(".section")["Your sessions"])
                        show(_sign_out_everywhere())
                    self._sessions = ui.element("div")
                    with self._sessions:
                        show(h.div(".panel-body")[skeleton("90%", "70%", "80%")])

    async def load(self) -> None:
        try:
            own = await read_own_access(self._actor, self._services.door, now=now())
        except OperationalError:
            put(self._factor, h.div(".panel-body.ruled")[message(Tone.NEGATIVE, BUSY, "Reload the page in a moment.")])
            return
        put(self._factor, h.div(".panel-body.ruled")[_second_factor(own)])
        self._sessions.clear()
        with self._sessions:
            for session in sorted(own.sessions, key=lambda session: session.id != self._actor.session_id):
                self._session(session)
            limits = SESSION_LIMITS[self._actor.environment]
            show(
                h.p(".caption.panel-body")[
                    f"In {self._actor.environment.label} a session ends after {_span(limits.idle.total_seconds())} in "
                    f"which nothing is done, and after {_span(limits.absolute.total_seconds())} in all."
                ]
            )

    def _session(self, session: Session) -> None:
        is_this = session.id == self._actor.session_id
        with ui.element("div").classes("line"):
            show(
                h.div[
                    h.strong[session.device or "Unknown device"], is_this and chip("This one", Tone.NOTICE),
                    h.p(".caption")[
                        h.span(".mono")[session.address or "unknown address"],
                        " · signed in ", when(session.created_at),
                        not is_this and [" · seen ", when(session.last_seen_at)],
                    ],
                ],
                classes="line-text",
            )  # fmt: skip
            if not is_this:
                button("End", partial(self._end, session))

    async def _end(self, session: Session) -> None:
        try:
            await end_own_session(self._actor, self._services.door, session.id or 0, now=now())
        except (AccessError, Denied, OperationalError) as error:
            tell(sentence_of(error), is_error=True)
        else:
            tell("That session has ended.")
        await self.load()


def _access(actor: Actor) -> h.Node:
    can, cannot = ([rule.what for name, rule in RULES.items() if actor.may(name) is may] for may in (True, False))
    return h.fragment[
        facts(
            [
                ("E-mail", actor.email),
                ("Environment", actor.environment.label),
                ("Role", actor.role.label),
                ("Password", h.a(href="/settings/password")["Change password"]),
            ]
        ),
        h.details[
            h.summary[f"What {_article(actor.role)} {actor.role} may do"],
            _permissions(can, "check", "May: "),
            _permissions(cannot, "remove", "May not: "),
        ],
    ]


def _permissions(sentences: Sequence[str], sign: str, spoken: str) -> h.Node:
    return h.ul(".permissions")[
        [h.li[icon(sign), h.span(".visually-hidden")[spoken], sentence] for sentence in sentences]
    ]


def _second_factor(own: OwnAccess) -> h.Node:
    if not own.has_second_factor:
        return h.fragment[
            h.h3["Second factor"],
            h.p[chip("Not set up", Tone.WAITING), " Only your password protects this access."],
            h.p[h.a(".button.primary", href="/settings/two-factor")["Set up a second factor"]],
        ]
    left = own.recovery_codes_left
    return h.fragment[
        h.h3["Second factor"],
        h.p[chip("Set up", Tone.POSITIVE), f" Authenticator app. {left} recovery code{'' if left == 1 else 's'} left."],
        left < 3 and message(Tone.WAITING, "Few recovery codes are left.", "Make new ones before you need them."),
        h.p(".ways")[
            h.a(href="/settings/recovery-codes")["Make new recovery codes"],
            h.a(href="/settings/two-factor")["Change the authenticator app"],
            h.a(href="/settings/two-factor/remove")["Remove"]
            if not own.needs_second_factor
            else h.span(".caption")["Required for your role in this environment"],
        ],
    ]


def _sign_out_everywhere() -> h.Node:
    return h.form(action="/sign-out-everywhere", method="post")[
        h.button(".button", type="submit")["Sign out everywhere"]
    ]


def _span(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600)):
        if seconds % size == 0 and seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{int(seconds // 60)} minutes"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
