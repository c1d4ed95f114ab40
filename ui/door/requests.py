"""Create an access, forgotten password: wishes for a link. Known or not, an address gets the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.access import read_email
from models.environment import Environment
from services.access.errors import MailNotSetUp, TryLater
from services.access.requests import ask_for_access, ask_for_password
from ui import html
from ui.door.desk import NOT_AN_EMAIL, Desk, address_of, later, read_form
from ui.places import Places


@dataclass(frozen=True, slots=True)
class Wish:
    """A kind of wish: what its page says, and whether it takes the ClientId as well."""

    title: str
    explanation: str
    takes_client_id: bool


ACCESS = Wish(
    "Create an access",
    "If this address was invited, or may ask for an access, a link comes by mail. It is good for 30 minutes.",
    takes_client_id=True,
)
PASSWORD = Wish(
    "Forgotten password",
    "If this address has an access, a link to choose a new password comes by mail.",
    takes_client_id=False,
)


def register(places: Places, desk: Desk) -> None:
    for path, wish in (("/create-access", ACCESS), ("/forgotten-password", PASSWORD)):
        page = WishPage(desk, wish)
        places.endpoint(path, {"GET": page.show, "POST": page.ask}, needs=None)
    # Source: https://w3c.github.io/webappsec-change-password-url/
    places.endpoint("/.well-known/change-password", {"GET": lead_to_change}, needs=None)


async def lead_to_change(_: Request) -> Response:
    return RedirectResponse("/settings/password", 303)


class WishPage:
    def __init__(self, desk: Desk, wish: Wish) -> None:
        self._desk = desk
        self._wish = wish

    async def show(self, request: Request) -> Response:
        environment = self._desk.environment(request, request.query_params.get("environment"))
        if environment is not None and environment not in self._desk.door.sends_mail:
            return no_mail(self._desk, request, environment)
        # Local's ClientId is no secret: it is in the README.
        known = {"client_id": self._desk.door.client_ids[environment]} if environment is Environment.LOCAL else {}
        return self._page(request, environment, known)

    async def ask(self, request: Request) -> Response:
        desk, given = self._desk, await read_form(request)
        environment = desk.environment(request, given.get("environment"))
        email, client_id = read_email(given.get("email", "")), given.get("client_id", "").strip()
        if environment is None or email is None or (self._wish.takes_client_id and not client_id):
            return self._page(request, environment, given, is_sent=True)
        address, now = address_of(request), desk.clock()
        try:
            if self._wish.takes_client_id:
                await ask_for_access(desk.door, environment, client_id=client_id, email=email, address=address, now=now)
            else:
                await ask_for_password(desk.door, environment, email=email, address=address, now=now)
        except TryLater as error:
            return self._page(request, environment, given, refusal=error)
        except MailNotSetUp:
            return no_mail(desk, request, environment)
        return check_your_mail(desk, request, environment, email)

    def _page(
        self,
        request: Request,
        environment: Environment | None,
        given: Mapping[str, str],
        *,
        is_sent: bool = False,
        refusal: TryLater | None = None,
    ) -> Response:
        if environment is None:
            return RedirectResponse("/sign-in", 303)
        wish = self._wish
        lacks_client_id = wish.takes_client_id and is_sent and not given.get("client_id", "").strip()
        lacks_email = is_sent and not read_email(given.get("email", ""))
        is_wrong = lacks_client_id or lacks_email
        # The first field in error has the focus, else the first one of all.
        is_client_id_next = wish.takes_client_id and (lacks_client_id or not (lacks_email or given.get("client_id")))
        response = self._desk.page(
            request,
            f"Error: {wish.title}" if is_wrong or refusal else wish.title,
            h.h1[wish.title],
            h.p(".muted")[wish.explanation],
            html.notice(str(refusal), kind="negative") if refusal else None,
            h.form(method="post", novalidate=True)[
                h.input(type="hidden", name="environment", value=environment.value),
                wish.takes_client_id and _client_id_field(given, is_wrong=lacks_client_id, is_next=is_client_id_next),
                _email_field(given, is_wrong=lacks_email, is_next=not is_client_id_next),
                html.submit("Send me a link"),
            ],
            h.p(".plain-ways")[h.a(href=self._desk.url(environment, "/sign-in"))["Back to the sign-in"]],
            environment=environment,
            status=429 if refusal else 400 if is_wrong else 200,
        )
        return later(response, refusal)


def check_your_mail(desk: Desk, request: Request, environment: Environment, email: str | None = None) -> Response:
    """Say the same to everybody. Only Local, where the dashboard keeps mail itself, adds where to look."""
    return desk.page(
        request,
        "Look into your mail",
        h.h1["Look into your mail"],
        h.p[
            "If ",
            h.strong[email or "the address of that link"],
            " may have an access here, a link is on its way. It works once, for 30 minutes.",
        ],
        h.p(".muted")["Nothing after a few minutes? Look among the unwanted mail, then ask one of your admins."],
        environment is Environment.LOCAL
        and [
            h.p["Without a mail server Local keeps its mail here and in the terminal:"],
            h.a(".plain-submit", href="/local-mail")["Open Local mail"],
        ],
        h.p(".plain-ways")[h.a(href=desk.url(environment, "/sign-in"))["Back to the sign-in"]],
        environment=environment,
    )


def no_mail(desk: Desk, request: Request, environment: Environment) -> Response:
    return desk.page(
        request,
        "No mail can be sent",
        h.h1["This dashboard cannot send mail"],
        h.p["No mail server is set for it. Ask whoever runs it for the link that this command prints:"],
        h.code("#command.plain-command.is-one-line")[f"uv run main.py invite EMAIL --environment {environment}"],
        h.p(".plain-ways")[h.button(".plain-link", type="button", data_keeps="command", hidden=True)["Copy"]],
        h.p(".plain-ways")[h.a(href=desk.url(environment, "/sign-in"))["Back to the sign-in"]],
        environment=environment,
        # A wish is refused; who only looks is told, which is no failure.
        status=503 if request.method == "POST" else 200,
    )


def _client_id_field(given: Mapping[str, str], *, is_wrong: bool, is_next: bool) -> h.Node:
    return html.field(
        "client_id",
        "ClientId",
        error="Enter the ClientId of your platform at Mangopay." if is_wrong else None,
        autofocus=is_next,
        value=given.get("client_id", ""),
        autocomplete="organization",
        spellcheck="false",
    )


def _email_field(given: Mapping[str, str], *, is_wrong: bool, is_next: bool) -> h.Node:
    return html.field(
        "email",
        "E-mail address",
        error=NOT_AN_EMAIL if is_wrong else None,
        autofocus=is_next,
        type="email",
        value=given.get("email", ""),
        autocomplete="username",
    )
