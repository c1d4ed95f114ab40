"""Users by name, e-mail or tag, for a search that names no id: out of the local index, since Mangopay cannot search."""

from urllib.parse import urlencode

import htpy as h

from models.known import KnownUser
from models.objects.kinds import href
from services.access.actors import Actor
from services.bootstrap import Services
from services.search.index import UserFilter, index_state, search_users
from ui.components.part import Part
from ui.components.parts import chip, icon, message, middle_cut, skeleton
from ui.components.values import foreign
from ui.theme import Tone
from ui.visit import Visit

MOST = 25


class Named:
    """A part of the search page: who goes by a text."""

    def __init__(self, services: Services, actor: Actor, visit: Visit, text: str) -> None:
        self._services = services
        self._actor = actor
        self._text = text
        self._part = Part(visit, self._read, shape=skeleton("60%", "45%", "52%"))
        self._visit = visit

    async def load(self) -> None:
        await self._visit.load(self._part.load)

    async def _read(self) -> h.Node:
        database = self._services.database
        found = await search_users(self._actor, database, UserFilter(text=self._text), per_page=MOST)
        known = await index_state(self._actor, database)
        where = f"names, e-mails, tags and ids of the {known.known:,} users known here"
        if not found.users:
            why = f"No id was recognised in it, and nobody goes by it in the {where}."
            return message(Tone.NOTICE, f"Nothing was found for “{self._text}”.", why)
        return h.section(".panel", aria_label="Users found")[
            h.div(".panel-head")[
                h.h2(".section")[f"{found.total:,} user{'' if found.total == 1 else 's'} found"],
                h.a(href=f"/users?{urlencode({'Name': self._text})}")["Show in Users"],
            ],
            h.ul(".named")[[_line(user) for user in found.users]],
            h.p(".caption.panel-body")[f"In the {where}."],
        ]


def _line(user: KnownUser) -> h.Element:
    return h.li[
        h.a(href=href("user", user.user_id))[
            icon("apartment" if user.person_type == "LEGAL" else "person"), " ", foreign(user.label)
        ],
        h.span(".muted")[foreign(user.email)],
        h.span[user.kyc_level and chip(user.kyc_level)],
        h.span(".mono.muted")[middle_cut(user.user_id)],
    ]
