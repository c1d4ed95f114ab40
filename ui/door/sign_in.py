"""The doors of the environments, sign-in and sign-out."""

from dataclasses import dataclass

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.access import read_email
from models.environment import Environment
from models.permissions import Permission
from services.access.errors import TryLater, WrongPair
from services.access.own_access import sign_out_everywhere
from services.access.sign_in import sign_in, sign_out
from ui import html
from ui.door.desk import NOT_AN_EMAIL, Desk, actor_of, address_of, later, read_form
from ui.guard import safe_next
from ui.html import STAKES
from ui.places import Places

ENDED = "Your session has ended: it ran out, or was ended, or your access was changed. Sign in again to go on."
NOTICES = {
    "signed_out": "You are signed out.",
    "signed_out_everywhere": "You are signed out everywhere: every session of yours has ended.",
    "not_let_in": "Your password is set, but your access is suspended or was changed. Ask an admin of this dashboard.",
    "too_late": "That took too long, or was finished elsewhere. Sign in again.",
}


@dataclass(slots=True)
class SignInForm:
    """What a sign-in page shows: what was typed, what was wrong with it, where it leads."""

    next_url: str = "/"
    email: str = ""
    email_error: str | None = None
    password_error: str | None = None
    # About both fields together.
    refusal: str | None = None
    notice: str | None = None

    @property
    def is_wrong(self) -> bool:
        return bool(self.email_error or self.password_error or self.refusal)


def register(places: Places, desk: Desk) -> None:
    pages = SignIn(desk)
    places.endpoint("/sign-in", {"GET": pages.show, "POST": pages.sign_in}, needs=None)
    # Whoever holds the cookie may end what it opens, so it needs nothing else.
    places.endpoint("/sign-out", {"POST": pages.sign_out}, needs=None)
    places.endpoint("/sign-out-everywhere", {"POST": pages.sign_out_everywhere}, needs=Permission.OWN_ACCESS)


class SignIn:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        actor = request.state.actor
        query = request.query_params
        next_url = safe_next(query.get("next", "/"))
        asked = query.get("environment")
        if actor is not None and asked in (None, actor.environment):
            return RedirectResponse(next_url, 303)
        # Who switches from one environment to another is known here already.
        form = SignInForm(next_url, email=actor.email if actor else "")
        form.notice = next((sentence for name, sentence in NOTICES.items() if name in query), None)
        has_ended = actor is None and bool(self._desk.token(request, "session"))
        if has_ended:
            form.notice = ENDED
        environment = self._desk.environment(request, asked or self._desk.token(request, "door"))
        response = self._page(request, form, environment)
        if has_ended:
            self._desk.drop_cookie(response, "session")
        return response

    async def sign_in(self, request: Request) -> Response:
        desk, given = self._desk, await read_form(request)
        email, password = read_email(given.get("email", "")), given.get("password", "")
        environment = desk.environment(request, given.get("environment"))
        form = SignInForm(
            safe_next(given.get("next", "/")),
            email=given.get("email", ""),
            email_error=None if email else NOT_AN_EMAIL,
            password_error=None if password else "Enter your password.",
        )
        if environment is None or not email or not password:
            return self._page(request, form, environment, status=400)
        try:
            entry = await sign_in(
                desk.door,
                environment=environment,
                email=email,
                password=password,
                visitor=desk.visitor(request),
                now=desk.clock(),
            )
        except WrongPair as error:
            form.refusal = str(error)
            return self._page(request, form, environment, status=401)
        except TryLater as error:
            way = "“Forgotten password” takes you in by mail in the meantime."
            form.refusal = f"{error} {way}" if environment in desk.door.sends_mail else str(error)
            return later(self._page(request, form, environment, status=429), error)
        return desk.let_in(entry, environment, form.next_url)

    async def sign_out(self, request: Request) -> Response:
        if token := self._desk.token(request, "session"):
            await sign_out(self._desk.door, token, address=address_of(request), now=self._desk.clock())
        return self._signed_out("signed_out")

    async def sign_out_everywhere(self, request: Request) -> Response:
        await sign_out_everywhere(actor_of(request), self._desk.door, now=self._desk.clock())
        return self._signed_out("signed_out_everywhere")

    def _signed_out(self, how: str) -> Response:
        response = RedirectResponse(f"/sign-in?{how}", 303)
        self._desk.drop_cookie(response, "session")
        return response

    def _page(
        self, request: Request, form: SignInForm, environment: Environment | None, *, status: int = 200
    ) -> Response:
        desk = self._desk
        several = len(desk.door.environments) > 1
        title = f"Sign in to {environment.label}" if environment else "Sign in"
        return desk.page(
            request,
            "Error: Sign in" if form.is_wrong else "Sign in",
            h.h1[title],
            form.notice and html.notice(form.notice),
            environment is None
            and h.p(".muted")["Choose an environment. Each has its own accesses, and they never mix."],
            several and _doors(desk, form, environment),
            html.replaces(request.state.actor),
            form.refusal and html.notice(form.refusal, kind="negative"),
            environment and _form(desk, form, environment),
            _whom_to_ask(),
            environment=environment,
            status=status,
        )


def _doors(desk: Desk, form: SignInForm, chosen: Environment | None) -> h.Node:
    return h.nav(class_=["plain-doors", {"is-choice": chosen is None}], aria_label="Environment")[
        [
            h.a(
                href=desk.url(environment, "/sign-in", next=form.next_url),
                data_environment=environment.value,
                aria_current="true" if environment is chosen else None,
            )[h.strong[environment.label], h.span[STAKES[environment]]]
            for environment in desk.door.environments
        ]
    ]


def _form(desk: Desk, form: SignInForm, environment: Environment) -> h.Node:
    return h.fragment[
        h.form(method="post", action="/sign-in", novalidate=True)[
            h.input(type="hidden", name="environment", value=environment.value),
            h.input(type="hidden", name="next", value=form.next_url),
            html.field(
                "email",
                "E-mail address",
                error=form.email_error,
                autofocus=bool(form.email_error) or not form.email,
                type="email",
                value=form.email,
                autocomplete="username",
            ),
            html.password_field(
                "Password", error=form.password_error, autofocus=not form.email_error and bool(form.email)
            ),
            html.submit("Sign in"),
        ],
        h.p(".plain-ways")[
            h.a(href=desk.url(environment, "/create-access"))["Create an access"],
            h.a(href=desk.url(environment, "/forgotten-password"))["Forgotten password"],
        ],
    ]


def _whom_to_ask() -> h.Node:
    return h.div(".plain-help")[
        h.p[
            "Has somebody access who should not? Ask an admin of this dashboard to suspend them at once. ",
            "If they may know the API credentials, have Mangopay renew those: ",
            h.a(href="mailto:support@mangopay.com")["support@mangopay.com"],
            ".",
        ],
        h.p["An access is given by your own admins; Mangopay cannot give you one."],
    ]
