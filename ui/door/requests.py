"""Create an access, forgotten password: wishes for a link. Known or not, an address gets the same answer."""

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


def register(places: Places, desk: Desk) -> None:
    pages = Requests(desk)
    places.endpoint("/create-access", {"GET": pages.show_access, "POST": pages.ask_for_access}, needs=None)
    places.endpoint("/forgotten-password", {"GET": pages.show_password, "POST": pages.ask_for_password}, needs=None)
    # Source: https://w3c.github.io/webappsec-change-password-url/
    places.endpoint("/.well-known/change-password", {"GET": pages.lead_to_change}, needs=None)


class Requests:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def lead_to_change(self, _: Request) -> Response:
        return RedirectResponse("/settings/password", 303)

    async def show_access(self, request: Request) -> Response:
        return self._access_page(request, self._environment(request), {})

    async def show_password(self, request: Request) -> Response:
        return self._password_page(request, self._environment(request), {})

    async def ask_for_access(self, request: Request) -> Response:
        desk, given = self._desk, await read_form(request)
        environment = desk.environment(request, given.get("environment"))
        email, client_id = read_email(given.get("email", "")), given.get("client_id", "").strip()
        if environment is None or email is None or not client_id:
            return self._access_page(request, environment, given, is_sent=True)
        address, now = address_of(request), desk.clock()
        try:
            await ask_for_access(desk.door, environment, client_id=client_id, email=email, address=address, now=now)
        except TryLater as error:
            return self._access_page(request, environment, given, refusal=error)
        except MailNotSetUp:
            return no_mail(desk, request, environment)
        return check_your_mail(desk, request, environment, email)

    async def ask_for_password(self, request: Request) -> Response:
        desk, given = self._desk, await read_form(request)
        environment = desk.environment(request, given.get("environment"))
        email = read_email(given.get("email", ""))
        if environment is None or email is None:
            return self._password_page(request, environment, given, is_sent=True)
        address, now = address_of(request), desk.clock()
        try:
            await ask_for_password(desk.door, environment, email=email, address=address, now=now)
        except TryLater as error:
            return self._password_page(request, environment, given, refusal=error)
        except MailNotSetUp:
            return no_mail(desk, request, environment)
        return check_your_mail(desk, request, environment, email)

    def _environment(self, request: Request) -> Environment | None:
        return self._desk.environment(request, request.query_params.get("environment"))

    def _access_page(
        self,
        request: Request,
        environment: Environment | None,
        given: dict[str, str],
        *,
        is_sent: bool = False,
        refusal: TryLater | None = None,
    ) -> Response:
        if environment is None:
            return RedirectResponse("/sign-in", 303)
        is_wrong = is_sent and not read_email(given.get("email", ""))
        lacks_client_id = is_sent and not given.get("client_id", "").strip()
        return self._page(
            request,
            environment,
            "Create an access",
            "If this address was invited, or may ask for an access, a link comes by mail. It is good for 30 minutes.",
            [
                html.field(
                    "client_id",
                    "ClientId",
                    error="Enter the ClientId of your platform at Mangopay." if lacks_client_id else None,
                    autofocus=not is_wrong or lacks_client_id,
                    value=given.get("client_id", ""),
                    autocomplete="organization",
                    spellcheck="false",
                ),
                _email_field(given, is_wrong=is_wrong, autofocus=is_wrong and not lacks_client_id),
            ],
            is_wrong=is_wrong or lacks_client_id,
            refusal=refusal,
        )

    def _password_page(
        self,
        request: Request,
        environment: Environment | None,
        given: dict[str, str],
        *,
        is_sent: bool = False,
        refusal: TryLater | None = None,
    ) -> Response:
        if environment is None:
            return RedirectResponse("/sign-in", 303)
        is_wrong = is_sent and not read_email(given.get("email", ""))
        return self._page(
            request,
            environment,
            "Forgotten password",
            "If this address has an access, a link to choose a new password comes by mail.",
            _email_field(given, is_wrong=is_wrong, autofocus=True),
            is_wrong=is_wrong,
            refusal=refusal,
        )

    def _page(
        self,
        request: Request,
        environment: Environment,
        title: str,
        explanation: str,
        fields: h.Node,
        *,
        is_wrong: bool,
        refusal: TryLater | None,
    ) -> Response:
        response = self._desk.page(
            request,
            f"Error: {title}" if is_wrong or refusal else title,
            h.h1[title],
            h.p(".muted")[explanation],
            html.notice(str(refusal), kind="negative") if refusal else None,
            h.form(method="post", novalidate=True)[
                h.input(type="hidden", name="environment", value=environment.value),
                fields,
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
        and h.p[
            "In Local, without a mail server, it is on ",
            h.a(href="/local-mail")["the Local mail page"],
            " and in the terminal.",
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
        h.code(".plain-command")[f"uv run main.py invite EMAIL --environment {environment}"],
        h.p(".plain-ways")[h.a(href=desk.url(environment, "/sign-in"))["Back to the sign-in"]],
        environment=environment,
        status=503,
    )


def _email_field(given: dict[str, str], *, is_wrong: bool, autofocus: bool) -> h.Node:
    return html.field(
        "email",
        "E-mail address",
        error=NOT_AN_EMAIL if is_wrong else None,
        autofocus=autofocus,
        type="email",
        value=given.get("email", ""),
        autocomplete="username",
    )
