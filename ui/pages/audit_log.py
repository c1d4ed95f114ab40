"""Settings, Audit log: who did what, when, from where, how it ended; with filters, and CSV of what they show."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from models.audit import Act, AuditEntry, Outcome
from models.columns import from_milliseconds, to_milliseconds
from models.cursor import Cursor
from models.permissions import Permission
from services.access.actors import Actor
from services.access.audit import (
    AuditFilter,
    AuditPage,
    audit_csv,
    begin_audit_export,
    read_audit_log,
)
from services.bootstrap import Services
from ui.components.html import button, enable, put, show
from ui.components.parts import chip, empty, icon, message, skeleton, when
from ui.door.desk import Desk, actor_of
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.pages.settings import settings_tabs
from ui.places import Places
from ui.theme import Tone

PATH = "/settings/audit"
TONES = {
    Outcome.ASKED: Tone.WAITING,
    Outcome.DONE: Tone.POSITIVE,
    Outcome.REFUSED: Tone.NEGATIVE,
    Outcome.FAILED: Tone.NEGATIVE,
}


EVERYTHING = AuditFilter()


@dataclass(frozen=True, slots=True)
class AuditView:
    """What the page shows, as its address says it."""

    wanted: AuditFilter = EVERYTHING
    before: Cursor | None = None
    after: Cursor | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "AuditView":
        """Read an address; what makes no sense in it is left out."""
        return cls(
            AuditFilter(
                act=next((act for act in Act if act == query.get("act")), None),
                outcome=next((outcome for outcome in Outcome if outcome == query.get("outcome")), None),
                text=query.get("text", "").strip()[:200],
                since=_moment(query.get("since")),
                until=_moment(query.get("until")),
            ),
            before=Cursor.parse(query.get("before")),
            after=Cursor.parse(query.get("after")),
        )

    def url(self, path: str = PATH) -> str:
        wanted = self.wanted
        query: dict[str, object] = {"act": wanted.act, "outcome": wanted.outcome, "text": wanted.text}
        query |= {name: at and to_milliseconds(at) for name, at in (("since", wanted.since), ("until", wanted.until))}
        query |= {"before": self.before, "after": self.after}
        given = {name: str(value) for name, value in query.items() if value}
        return f"{path}?{urlencode(given)}" if given else path

    def changed(self, **changes: object) -> "AuditView":
        return AuditView(replace(self.wanted, **changes))  # type: ignore[arg-type]


def register(places: Places, services: Services, desk: Desk) -> None:
    @places.page(PATH, needs=Permission.READ_AUDIT_LOG)
    async def audit_log(request: Request, client: Client) -> None:
        page = AuditLogPage(services, current_actor(), AuditView.parse(request.query_params))
        page.build()
        if await is_looked_at(client):
            await page.load()

    async def export(request: Request) -> Response:
        actor, wanted = actor_of(request), AuditView.parse(request.query_params).wanted
        await begin_audit_export(actor, desk.door.database, wanted, now=desk.clock())
        name = f"audit-{actor.environment}-{desk.clock():%Y-%m-%d}.csv"
        return StreamingResponse(
            _encoded(audit_csv(actor, desk.door.database, wanted)),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    places.endpoint(f"{PATH}.csv", {"GET": export}, needs=Permission.READ_AUDIT_LOG)


class AuditLogPage:
    def __init__(self, services: Services, actor: Actor, view: AuditView) -> None:
        self._services = services
        self._actor = actor
        self._view = view
        self._page = AuditPage((), newer=None, older=None)

    def build(self) -> None:
        with frame(self._services, "Audit log", path=PATH):
            page_head("Settings")
            settings_tabs(self._actor, PATH)
            self._build_filters()
            with ui.element("div").classes("list audit").props('role=table aria-label="Audit log"'):
                labels = ("When", "Who", "Act", "Outcome", "About", "From")
                show(h.fragment[[h.span(role="columnheader")[label] for label in labels]], classes="list-head").props(
                    "role=row"
                )
                self._rows = show(h.div(".panel-body")[skeleton(*["92%", "78%", "85%"] * 4)]).props("role=rowgroup")
            self._pager = ui.element("div").classes("pager")
            with self._pager:
                self._newer = button("Newer", self._turn_newer, icon_name="chevron_left")
                self._older = button("Older", self._turn_older, icon_after="chevron_right")

    def _build_filters(self) -> None:
        wanted = self._view.wanted
        with ui.element("div").classes("filters").props('role=search aria-label="Filter the audit log"'):
            self._text = (
                ui.input(placeholder="E-mail, id, address or word", value=wanted.text)
                .props('outlined dense clearable debounce=400 aria-label="Search the audit log" spellcheck=false')
                .classes("is-wide")
                .on_value_change(lambda event: self._set(text=(event.value or "").strip()))
            )
            self._act = _select("Act", [act.value for act in Act], wanted.act)
            self._act.on_value_change(lambda event: self._set(act=Act(event.value) if event.value else None))
            self._outcome = _select("Outcome", [outcome.value for outcome in Outcome], wanted.outcome)
            self._outcome.on_value_change(
                lambda event: self._set(outcome=Outcome(event.value) if event.value else None)
            )
            for name, label in (("since", "From"), ("until", "Until")):
                self._moment(name, label)
            self._clear = button(
                "Clear all filters", self._clear_all, icon_name="close", classes="plain-button icon-button"
            )
            self._export = show()

    def _moment(self, name: str, label: str) -> None:
        at = getattr(self._view.wanted, name)
        with ui.element("label").classes("moment"):
            show(h.span(".caption")[label])
            field = ui.element("input").props(f"type=datetime-local data-moment={name}")
        field.on("moment", lambda event: self._set_moment(name, event.args["detail"]), args=["detail"])
        if at is not None:
            field.props(f"data-milliseconds={to_milliseconds(at)}")

    async def load(self) -> None:
        view = self._view
        try:
            page = await read_audit_log(
                self._actor, self._services.database, view.wanted, before=view.before, after=view.after
            )
        except SQLAlchemyError:
            put(self._rows, message(Tone.NEGATIVE, "The log cannot be read just now.", "Reload the page in a moment."))
            return
        if view is not self._view:
            return
        self._page = page
        put(self._rows, [_row(entry) for entry in page.entries] or _nothing(view))
        enable(self._newer, is_enabled=page.newer is not None)
        enable(self._older, is_enabled=page.older is not None)
        self._pager.set_visibility(bool(page.newer or page.older))
        enable(self._clear, is_enabled=view.wanted != EVERYTHING)
        for field, is_set in ((self._act, view.wanted.act), (self._outcome, view.wanted.outcome)):
            field.classes(add="is-on" if is_set else "", remove="" if is_set else "is-on")
        put(
            self._export,
            h.a(".button", href=AuditView(view.wanted).url(f"{PATH}.csv"), download=True)[
                icon("download"), "Export CSV"
            ],
        )

    async def _turn_newer(self) -> None:
        await self._go(replace(self._view, before=None, after=self._page.newer))

    async def _turn_older(self) -> None:
        await self._go(replace(self._view, after=None, before=self._page.older))

    async def _set(self, **changes: object) -> None:
        if any(getattr(self._view.wanted, name) != value for name, value in changes.items()):
            await self._go(self._view.changed(**changes))

    async def _set_moment(self, name: str, milliseconds: object) -> None:
        await self._set(**{name: _moment(str(int(milliseconds))) if isinstance(milliseconds, int | float) else None})

    async def _clear_all(self) -> None:
        ui.navigate.to(PATH)

    async def _go(self, view: AuditView) -> None:
        self._view = view
        ui.navigate.history.push(view.url())
        await self.load()


def _select(label: str, options: list[str], value: str | None) -> ui.select:
    named = {option: option.capitalize() for option in options}
    select = ui.select(named, label=label, value=value, clearable=True)
    return select.props(f'outlined dense options-dense aria-label="{label}"')


def _row(entry: AuditEntry) -> h.Node:
    about = " · ".join(filter(None, (entry.about if entry.about != entry.who else "", entry.detail)))
    return h.div(".list-row.is-still", role="row")[
        h.span(".when.numbers", role="cell")[when(entry.at, show="exact")],
        h.span(".who", role="cell", title=f"{entry.who}, {entry.role}" if entry.role else entry.who)[entry.who],
        h.span(".act", role="cell")[entry.act.capitalize()],
        h.span(".outcome", role="cell")[chip(entry.outcome.capitalize(), TONES[entry.outcome])],
        h.span(".about", role="cell")[about],
        h.span(".from.mono", role="cell")[entry.address],
    ]


def _nothing(view: AuditView) -> h.Node:
    if view.wanted == EVERYTHING:
        return empty("history", "Nothing yet", "Every sign-in and every change will be written down here.")
    return empty("filter_alt_off", "Nothing matches", "Clear a filter, or look in another stretch of time.")


def _moment(text: str | None) -> datetime | None:
    try:
        return from_milliseconds(int(text)) if text else None
    except (ValueError, OverflowError):
        return None


async def _encoded(lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for line in lines:
        yield line.encode()
