"""One-time links: the page on which a password is chosen, and what a link that lapsed offers instead."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.access import LinkState, read_email
from services.access.errors import LinkRefused, MailNotSetUp, TryLater, WeakPassword
from services.access.links import KnownLink, find_link, redeem_link
from services.access.requests import ask_for_new_link
from ui import html
from ui.door.desk import NOT_AN_EMAIL, Desk, address_of, later, read_form
from ui.door.requests import check_your_mail, no_mail
from ui.places import Places

TITLES = {
    LinkState.EXPIRED: "This link has expired",
    LinkState.USED: "This link was already used",
    LinkState.UNKNOWN: "This link is not known",
}
REASONS = {
    LinkState.EXPIRED: "A link is good for 30 minutes.",
    LinkState.USED: "A link works once. If it was you who used it, sign in.",
    LinkState.UNKNOWN: "Perhaps it was not copied whole, or it belongs to another dashboard.",
}


@dataclass(slots=True)
class LinkForm:
    """What the page of a valid link shows."""

    link: KnownLink
    email: str = ""
    email_error: str | None = None
    unmet: Sequence[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return "Create your access" if self.link.is_new else "Choose a new password"


def register(places: Places, desk: Desk) -> None:
    pages = Links(desk)
    places.endpoint("/link/{token}", {"GET": pages.show, "POST": pages.redeem}, needs=None)
    places.endpoint("/link/{token}/renew", {"POST": pages.renew}, needs=None)


class Links:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        link = await self._link(request)
        if link is None or link.state is not LinkState.VALID:
            return self._refused(request, link, LinkState.UNKNOWN if link is None else link.state)
        return self._page(request, LinkForm(link))

    async def redeem(self, request: Request) -> Response:
        desk, link = self._desk, await self._link(request)
        if link is None or link.state is not LinkState.VALID:
            return self._refused(request, link, LinkState.UNKNOWN if link is None else link.state)
        given = await read_form(request)
        email = link.email or read_email(given.get("email", ""))
        form = LinkForm(link, email=given.get("email", ""), email_error=None if email else NOT_AN_EMAIL)
        if email is None:
            return self._page(request, form, status=400)
        try:
            entry = await redeem_link(
                desk.door,
                request.path_params["token"],
                email=email,
                password=given.get("new", ""),
                visitor=desk.visitor(request),
                now=desk.clock(),
            )
        except LinkRefused as error:
            return self._refused(request, link, error.state)
        except WeakPassword as error:
            form.unmet = error.unmet
            return self._page(request, form, status=400)
        if entry is None:
            return RedirectResponse("/sign-in?not_let_in", 303)
        return desk.let_in(entry, link.environment, "/" if link.is_new else "/settings?password_changed")

    async def renew(self, request: Request) -> Response:
        desk, link = self._desk, await self._link(request)
        environment = link.environment if link else desk.door.environments[0]
        address, now = address_of(request), desk.clock()
        try:
            await ask_for_new_link(desk.door, request.path_params["token"], address=address, now=now)
        except MailNotSetUp:
            return no_mail(desk, request, environment)
        except TryLater as error:
            response = desk.page(
                request, "Too many attempts", h.h1["Too many attempts"], h.p[str(error)], environment=environment,
                status=429,
            )  # fmt: skip
            return later(response, error)
        return check_your_mail(desk, request, environment)

    async def _link(self, request: Request) -> KnownLink | None:
        link = await find_link(self._desk.door, request.path_params["token"], now=self._desk.clock())
        return link if link is None or request.state.door in (None, link.environment) else None

    def _page(self, request: Request, form: LinkForm, *, status: int = 200) -> Response:
        link = form.link
        return self._desk.page(
            request,
            f"Error: {form.title}" if status != 200 else form.title,
            h.h1[f"{form.title}: {link.environment.label}"],
            h.dl(".plain-facts")[
                h.div[h.dt["Role"], h.dd[link.role.label]],
                h.div[h.dt["Link valid until"], h.dd[html.moment(link.expires_at), ", once"]],
            ],
            html.replaces(request.state.actor),
            h.form(method="post", novalidate=True)[
                _email_field(form),
                html.new_password_field(
                    form.unmet, autofocus=not form.email_error and (bool(form.unmet) or link.email is not None)
                ),
                html.submit("Create access and sign in" if link.is_new else "Set password and sign in"),
            ],
            environment=link.environment,
            status=status,
        )

    def _refused(self, request: Request, link: KnownLink | None, state: LinkState) -> Response:
        environment = link.environment if link else None
        title, reason = TITLES[state], REASONS[state]
        if state is LinkState.USED and link is not None and link.email is None:
            title = "This link is no longer good"
            reason = "It was used, or somebody has an access already. Sign in, or ask an admin to invite you."
        return self._desk.page(
            request,
            title,
            h.h1[title],
            h.p[reason],
            _ways_on(request.path_params["token"], link, state),
            environment=environment,
            status=404 if link is None else 410,
        )


def _ways_on(token: str, link: KnownLink | None, state: LinkState) -> h.Node:
    """Return what can be done instead, the likeliest first."""
    sign_in = h.p(".plain-ways")[h.a(href="/sign-in")["Go to the sign-in"]]
    if link is None:
        how = "To get one, go to the sign-in and choose “Create an access”, or “Forgotten password” if you have one."
        return [h.p[how], sign_in]
    if link.email is None and state is LinkState.USED:
        return sign_in
    if link.email is None:
        how = "If nobody has an access yet, restart the dashboard: it prints another first link in its terminal."
        return [h.p[how], sign_in]
    # A new one goes to the address of the old one, whoever asks.
    renew = h.form(method="post", action=f"/link/{token}/renew")
    if state is LinkState.USED:
        return [
            h.a(".plain-submit", href="/sign-in")["Go to the sign-in"],
            renew[h.button(".plain-link", type="submit")["Send me a new link"]],
        ]
    return [renew[html.submit("Send me a new link")], sign_in]


def _email_field(form: LinkForm) -> h.Node:
    if form.link.email is not None:
        return html.field(
            "email",
            "E-mail address",
            type="email",
            value=form.link.email,
            autocomplete="username",
            readonly="readonly",
        )
    return html.field(
        "email",
        "E-mail address",
        error=form.email_error,
        autofocus=bool(form.email_error) or not form.unmet,
        type="email",
        value=form.email,
        autocomplete="username",
    )
