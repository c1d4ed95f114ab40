"""The search in the header: a plain form, and below it, as one types, what it may mean.

The browser alone owns what is typed; it tells this side, which answers with a list of links. The keys that move within
the list, and the pattern of a combobox for screen readers, are in `dashboard.js`.
Source: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import htpy as h
from nicegui import ui
from nicegui.events import GenericEventArguments
from sqlalchemy.exc import SQLAlchemyError

from models.known import KnownUser, RecentObject
from models.objects.kinds import KINDS, Kind, href, kind_of_id
from models.pasted import shortened
from services.access.actors import Actor
from services.bootstrap import Services
from services.search.index import suggest
from services.search.recent import recent_objects
from ui.components.html import put, show
from ui.components.parts import chip, icon, middle_cut

# The longest id has fewer signs; names have not many more.
LONGEST = 200
SHOWN = 6
# Among so many of the newest who match are those looked at lately.
MOST = 50


class SearchBox:
    """One for each open page. Only the answer to what was typed last is shown, in whichever order answers come."""

    def __init__(self, services: Services, actor: Actor, text: str = "") -> None:
        self._services = services
        self._actor = actor
        self._asked = 0
        with ui.element("div").classes("search-box").on("seek", self._seek, args=["detail"]):
            show(_form(text))
            self._list = show(classes="search-list").props('id=search-list role=listbox aria-label="Suggestions"')

    async def _seek(self, event: GenericEventArguments) -> None:
        await self.seek(str(event.args["detail"]))

    async def seek(self, text: str) -> None:
        """Show what a text may mean or, of an empty one, what was looked at lately."""
        self._asked += 1
        asked = self._asked
        try:
            content = await self._answer(text[:LONGEST].strip())
        except SQLAlchemyError:
            content = _note("This cannot be searched just now. Enter still opens an id.")
        if asked == self._asked:
            put(self._list, content)

    async def _answer(self, text: str) -> h.Node:
        if not text:
            return recent_entries(await recent_objects(self._actor, self._services.database))
        users = await suggest(self._actor, self._services.database, text, limit=MOST)
        lately = {recent.object_id for recent in await recent_objects(self._actor, self._services.database)}
        # Whom somebody has looked at lately is likelier meant than whoever is newest.
        return entries(text, sorted(users, key=lambda user: user.user_id not in lately))


def entries(text: str, users: Sequence[KnownUser]) -> h.Node:
    """Return what a text may mean: the object whose id it is, and users, the likeliest first."""
    kind = None if shortened(text) else kind_of_id(text)
    is_another = kind is not None and " " not in text and all(user.user_id != text for user in users)
    options = [*([_id_entry(kind, text)] if kind and is_another else []), *map(_user_entry, users[:SHOWN])]
    if len(users) > SHOWN:
        options.append(_Entry(f"/users?{urlencode({'Name': text})}", [icon("group"), "All users who go by this"]))
    return h.fragment[_options(options) or _note("Nobody is known by this. Enter looks for an id.")]


def recent_entries(objects: Sequence[RecentObject]) -> h.Node:
    options = _options(map(_recent_entry, objects))
    return h.fragment[_note("Looked at lately" if options else "What you open will be here."), options]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A link, and what it shows."""

    href: str
    content: h.Node


def _id_entry(kind: Kind, object_id: str) -> _Entry:
    return _Entry(
        href(kind, object_id),
        [icon(kind.icon), h.span(".search-title")["Open ", h.strong[kind.title], " ", _shortened(object_id)]],
    )


def _user_entry(user: KnownUser) -> _Entry:
    return _Entry(
        href("user", user.user_id),
        [
            icon("apartment" if user.person_type == "LEGAL" else KINDS["user"].icon),
            h.span(".search-title")[h.strong[user.label]],
            h.span(".search-chips")[[chip(word) for word in (user.category, user.kyc_level) if word]],
            # While the name is not known, the e-mail stands in its place.
            h.span(".search-detail")[user.email if user.name else ""],
            _shortened(user.user_id),
        ],
    )


def _recent_entry(recent: RecentObject) -> _Entry:
    kind = KINDS.get(recent.kind)
    return _Entry(
        href(recent.kind, recent.object_id),
        [
            icon(kind.icon if kind else "history"),
            h.span(".search-title")[h.strong[recent.label]],
            h.span(".search-detail")[kind.title if kind else ""],
            _shortened(recent.object_id),
        ],
    )


def _shortened(object_id: str) -> h.Node:
    return h.span(".search-id.mono", title=object_id)[middle_cut(object_id)]


def _options(entries: Iterable[_Entry]) -> list[h.Element]:
    """Return entries as options, each with an id by which a screen reader is told of it."""
    return [
        h.a(f"#search-option-{number}.search-option", href=entry.href, role="option", tabindex="-1")[entry.content]
        for number, entry in enumerate(entries)
    ]


def _note(text: str) -> h.Element:
    return h.p(".search-note.caption", role="presentation")[text]


def _form(text: str) -> h.Node:
    label = "Search by id, name or e-mail"
    return h.form(".search", action="/search", method="get", role="search", aria_label="Search")[
        icon("search"),
        h.input(
            "#search", name="q", type="search", value=text or None, placeholder=label, aria_label=label,
            autocomplete="off", spellcheck="false", role="combobox", aria_autocomplete="list", aria_expanded="false",
            aria_controls="search-list",
        ),
        h.kbd(aria_hidden="true")["/"],
    ]  # fmt: skip
