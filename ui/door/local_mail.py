"""Local's mail, while no mail server is set: for browsers on this machine alone, because its links open accesses."""

import re
from datetime import datetime

import htpy as h
from starlette.requests import Request
from starlette.responses import Response

from models.environment import Environment
from services.loopback import is_from_this_machine
from services.mail.mailers import LocalMailbox
from ui import html
from ui.door.desk import Desk
from ui.places import Places


def register(places: Places, desk: Desk, mailbox: LocalMailbox | None) -> None:
    async def show(request: Request) -> Response:
        environment = Environment.LOCAL
        if mailbox is None:
            return desk.page(
                request, "No local mail", h.h1["There is no local mail"],
                h.p["It is kept here only in Local, while no mail server is set."], environment=None, status=404,
            )  # fmt: skip
        if not is_from_this_machine(request):
            return desk.page(
                request, "Local mail", h.h1["Local mail is for this machine"],
                h.p["Its links open accesses. Read it in a browser on the machine that the dashboard runs on, or in "
                    "the dashboard's terminal."], environment=environment, status=403,
            )  # fmt: skip
        return desk.page(
            request, "Local mail", h.h1["Local mail"],
            h.p(".muted")["What the dashboard would have sent, newest first. It is forgotten when the dashboard ends."],
            [_letter(at, letter.to, letter.subject, letter.text) for at, letter in mailbox.kept]
            or h.p["No mail yet. It takes a moment to come."],
            h.p(".plain-ways")[h.a(href="/local-mail")["Reload"], h.a(href="/sign-in")["Go to the sign-in"]],
            environment=environment,
        )  # fmt: skip

    places.endpoint("/local-mail", {"GET": show}, needs=None)


def _letter(at: datetime, to: str, subject: str, text: str) -> h.Node:
    return h.article(".plain-letter")[
        h.h2[subject], h.p(".muted")[f"To {to} · ", html.moment(at)], h.div(".plain-text")[_with_links(text)]
    ]


def _with_links(text: str) -> h.Node:
    """Return the text with its addresses as links; whatever else is in it stays text."""
    return [
        h.a(href=part)[part] if re.fullmatch(r"https?://\S+", part) else part
        for part in re.split(r"(https?://\S+)", text)
    ]
