"""What has happened around a user, in one line of time: notifications of its objects, and changes made from here."""

from collections.abc import Sequence
from datetime import datetime

import htpy as h
from nicegui import ui

from models.event_types import describe
from models.objects.fields import text_at
from models.objects.kinds import Kind, kind_of_id, kind_of_resource
from models.objects.listings import LISTINGS
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import MangopayError
from services.mangopay.paging import PER_PAGE
from services.objects.lists import Wanted, list_page
from services.objects.timeline import Changed, Timeline, Told, read_timeline
from services.search.index import objects_of
from ui.components.html import button, put, show
from ui.components.part import FAILURES, Trouble
from ui.components.parts import chip, empty, icon, skeleton, when
from ui.components.values import object_link
from ui.pages.audit_log import TONES
from ui.theme import tone_of
from ui.visit import Visit

# Read so that what belongs to the user is known, as far as these tell it.
LISTS = ("user-transactions", "user-wallets", "user-kyc-documents", "user-disputes", "user-mandates")


class TimelineTab:
    def __init__(self, services: Services, actor: Actor, visit: Visit, user_id: str) -> None:
        self._services = services
        self._actor = actor
        self._visit = visit
        self._id = user_id
        self._ids: list[str] = [user_id]
        self._older: datetime | None = None
        self._since: datetime | None = None
        self._trouble = Trouble(lambda: visit.load(self.load))
        with ui.element("section").classes("panel").props('aria-label="Timeline"'):
            self._lines = show(h.div(".panel-body")[skeleton(*["90%", "75%", "82%"] * 3)])
            self._more = ui.element("div")
            self._button = button("Older", self._go_on, icon_after="expand_more", classes="plain-button")
        self._note = show(classes="caption")
        self._button.set_visibility(False)

    async def load(self) -> None:
        try:
            # What is known already comes at once; what Mangopay tells of the user's objects completes it.
            known = await objects_of(self._actor, self._services.database, self._id)
            self._ids = [self._id, *(known_object.object_id for known_object in known)]
            await self._show()
            missed = [name for name in LISTS if not await self._learn(name)]
            await self._show()
        except FAILURES as error:
            put(self._lines)
            self._trouble.tell(error)
            return
        self._trouble.clear()
        put(self._note, _reach(len(self._ids) - 1, missed, self._since))

    async def _learn(self, name: str) -> bool:
        """Take the ids of one of the user's lists; False when Mangopay does not give it."""
        try:
            page = await self._visit.call(
                list_page(
                    self._actor,
                    self._services.clients,
                    LISTINGS[name],
                    of=self._id,
                    wanted=Wanted(per_page=PER_PAGE),
                )
            )
        except MangopayError:
            return False
        self._ids = list(dict.fromkeys([*self._ids, *(id_ for row in page.items if (id_ := text_at(row, "Id")))]))
        return True

    async def _show(self) -> None:
        timeline = await read_timeline(self._actor, self._services.database, self._ids)
        self._more.clear()
        put(self._lines, _lines(timeline) if timeline.happenings else _nothing())
        self._note_end(timeline)

    async def _go_on(self) -> None:
        try:
            timeline = await read_timeline(self._actor, self._services.database, self._ids, before=self._older)
        except FAILURES as error:
            self._trouble.tell(error, goes_there=True)
            return
        with self._more:
            show(_lines(timeline))
        self._note_end(timeline)

    def _note_end(self, timeline: Timeline) -> None:
        self._older, self._since = timeline.older, timeline.since
        self._button.set_visibility(timeline.older is not None)


def _lines(timeline: Timeline) -> h.Element:
    return h.ol(".timeline")[
        [_told(entry) if isinstance(entry, Told) else _changed(entry) for entry in timeline.happenings]
    ]


def _told(told: Told) -> h.Element:
    event = describe(told.event_type)
    tone = tone_of(told.event_type)
    kind = kind_of_id(told.object_id) or kind_of_resource(event.resource_kind)
    return h.li[
        h.span(f".tone.{tone}")[icon(tone.icon)],
        h.span[h.strong[event.meaning], h.span(".caption")[_object(kind, told.object_id)]],
        h.a(".caption", href=f"/notifications/{told.notification_id}")[when(told.at)],
    ]


def _changed(changed: Changed) -> h.Element:
    kind = kind_of_id(changed.object_id)
    return h.li[
        h.span(".tone")[icon("person")],
        h.span[
            h.strong[f"{changed.who}: {changed.act}"],
            " ",
            chip(changed.outcome.capitalize(), TONES[changed.outcome]),
            h.span(".caption")[changed.detail, " ", _object(kind, changed.object_id)],
        ],
        h.span(".caption")[when(changed.at)],
    ]


def _object(kind: Kind | None, object_id: str) -> h.Node:
    return [f"{kind.title} ", object_link(kind, object_id)] if kind else object_id


def _reach(objects: int, missed: Sequence[str], since: datetime | None) -> h.Node:
    lists = ", ".join(LISTINGS[name].title.lower() for name in missed)
    told = h.fragment["Notifications are received here since ", when(since, show="exact"), ". "] if since else None
    return h.fragment[
        f"Of the user and {objects:,} objects that are known here to belong to it. ",
        told,
        "What was before, the other tabs tell. ",
        f"Mangopay did not give: {lists}." if missed else None,
    ]


def _nothing() -> h.Node:
    why = "Neither a notification of this user or its objects, nor a change made from here is known yet."
    return empty("timeline", "Nothing has happened here", why)
