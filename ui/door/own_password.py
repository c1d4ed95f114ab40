"""Changing one's own password."""

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.permissions import Permission
from services.access.errors import AccessError, TryLater, WeakPassword, WrongPair
from services.access.own_access import change_password
from ui import html
from ui.door.desk import Desk, actor_of, later, read_form
from ui.places import Places


def register(places: Places, desk: Desk) -> None:
    page = OwnPassword(desk)
    places.endpoint("/settings/password", {"GET": page.show, "POST": page.change}, needs=Permission.OWN_ACCESS)


class OwnPassword:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        return self._page(request)

    async def change(self, request: Request) -> Response:
        given = await read_form(request)
        present, new = given.get("password", ""), given.get("new", "")
        try:
            await change_password(actor_of(request), self._desk.door, present=present, new=new, now=self._desk.clock())
        except AccessError as error:
            return self._page(request, error)
        return RedirectResponse("/settings?password_changed", 303)

    def _page(self, request: Request, error: AccessError | None = None) -> Response:
        actor = actor_of(request)
        unmet = error.unmet if isinstance(error, WeakPassword) else ()
        response = self._desk.page(
            request,
            "Error: Change your password" if error else "Change your password",
            h.h1["Change your password"],
            h.p(".muted")["Every other session of yours ends with it."],
            isinstance(error, TryLater) and html.notice(str(error), kind="negative"),
            h.form(method="post", novalidate=True)[
                # Not shown, but password managers look for whose password it is.
                h.input(type="text", name="email", value=actor.email, autocomplete="username", hidden=True),
                html.password_field(
                    "Present password",
                    error="The present password is not right." if isinstance(error, WrongPair) else None,
                    autofocus=not unmet,
                ),
                html.new_password_field(unmet, autofocus=bool(unmet)),
                html.submit("Change password"),
            ],
            h.p(".plain-ways")[h.a(href="/settings")["Back to Settings"]],
            environment=actor.environment,
            status=200 if error is None else 429 if isinstance(error, TryLater) else 400,
        )
        return later(response, error)
