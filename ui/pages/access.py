"""Sign-in, sign-out and one-time links: plain pages, because whoever is not signed in must cost next to nothing.

The guard has seen to host, origin and the session cookie; it left `signed_in` and `nonce` in the request's state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from models.access import ABSOLUTE_LIMIT, Account, LinkState, OneTimeLink, read_email
from models.environment import Environment
from models.password import unmet_requirements
from services.access.links import LinkRefused, find_link, redeem_link
from services.access.sessions import SessionRegistry, SignedIn, sign_in, start_session
from services.access.throttle import Attempt, Throttle
from services.database import Database
from ui.guard import cookie_name, is_https, safe_next
from ui.html import Shell
from ui.pages.access_forms import LinkForm, SignInForm, link_page, refused_link, sign_in_page

LARGEST_FORM = 16_384
WRONG_PAIR = "The e-mail address or the password is not right."


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the pages of the door need."""

    database: Database
    sessions: SessionRegistry
    throttle: Throttle
    environments: tuple[Environment, ...]
    public_url: str
    shell: Shell
    clock: Callable[[], datetime]


def routes(access: Access) -> list[Route]:
    pages = AccessPages(access)
    return [
        Route("/sign-in", pages.show_sign_in, methods=["GET"]),
        Route("/sign-in", pages.sign_in, methods=["POST"]),
        Route("/sign-out", pages.sign_out, methods=["POST"]),
        Route("/link/{token}", pages.show_link, methods=["GET"]),
        Route("/link/{token}", pages.redeem, methods=["POST"]),
    ]


class AccessPages:
    def __init__(self, access: Access) -> None:
        self._access = access
        self._cookie = cookie_name(access.public_url)

    async def show_sign_in(self, request: Request) -> Response:
        signed_in: SignedIn | None = request.state.signed_in
        asked = request.query_params.get("environment")
        environment = self._environment(asked)
        if signed_in and asked in (None, signed_in.environment):
            return RedirectResponse(safe_next(request.query_params.get("next", "/")), 303)
        form = SignInForm(environment, next_url=safe_next(request.query_params.get("next", "/")))
        if "signed_out" in request.query_params:
            form.notice = "You are signed out."
        has_ended = signed_in is None and self._cookie in request.cookies
        if has_ended:
            form.notice = "Your session has ended. Sign in again to go on."
        response = self._sign_in_page(request, form, status=200)
        if has_ended:
            self._delete_cookie(response)
        return response

    async def sign_in(self, request: Request) -> Response:
        given = await _read_form(request)
        email, password = read_email(given.get("email", "")), given.get("password", "")
        form = SignInForm(
            self._environment(given.get("environment")),
            next_url=safe_next(given.get("next", "/")),
            email=given.get("email", ""),
            email_error=None if email else "Enter your e-mail address, such as olivia@example.com.",
            password_error=None if password else "Enter your password.",
        )
        if not email or not password:
            return self._sign_in_page(request, form, status=400)
        now = self._access.clock()
        attempt = Attempt(form.environment, email, request.client.host if request.client else "")
        if wait := self._access.throttle.start(attempt, now=now):
            return self._throttled(request, form, wait)
        token = await sign_in(
            self._access.database, environment=form.environment, email=email, password=password, now=now
        )
        if token is None:
            form.refusal = WRONG_PAIR
            return self._sign_in_page(request, form, status=401)
        self._access.throttle.succeed(attempt)
        return await self._let_in(request, token, form.next_url)

    async def sign_out(self, request: Request) -> Response:
        await self._end_session(request)
        response = RedirectResponse("/sign-in?signed_out", 303)
        self._delete_cookie(response)
        return response

    async def show_link(self, request: Request) -> Response:
        link, state = await self._link(request)
        if link is None or state is not LinkState.VALID:
            return self._refused(link, state)
        return self._link_page(request, LinkForm(link), status=200)

    async def redeem(self, request: Request) -> Response:
        link, state = await self._link(request)
        if link is None or state is not LinkState.VALID:
            return self._refused(link, state)
        given = await _read_form(request)
        password = given.get("password", "")
        email = link.email or read_email(given.get("email", ""))
        form = LinkForm(
            link,
            email=given.get("email", ""),
            email_error=None if email else "Enter your e-mail address, such as olivia@example.com.",
            unmet=unmet_requirements(password),
        )
        if not email or form.unmet:
            return self._link_page(request, form, status=400)
        return await self._redeem(request, link, email, password)

    async def _redeem(self, request: Request, link: OneTimeLink, email: str, password: str) -> Response:
        token, now = request.path_params["token"], self._access.clock()
        try:
            account: Account = await redeem_link(self._access.database, token, email=email, password=password, now=now)
        except LinkRefused as refused:
            return self._refused(link, refused.state)
        session = await start_session(self._access.database, account, now=now)
        return await self._let_in(request, session, "/") if session else RedirectResponse("/sign-in", 303)

    async def _let_in(self, request: Request, token: str, next_url: str) -> Response:
        """Give the browser its new session; one it came with ends."""
        await self._end_session(request)
        response = RedirectResponse(next_url, 303)
        response.set_cookie(
            self._cookie,
            token,
            max_age=int(ABSOLUTE_LIMIT.total_seconds()),
            path="/",
            secure=is_https(self._access.public_url),
            httponly=True,
            samesite="lax",
        )
        return response

    async def _end_session(self, request: Request) -> None:
        if token := request.cookies.get(self._cookie):
            await self._access.sessions.revoke(token, now=self._access.clock())

    def _delete_cookie(self, response: Response) -> None:
        secure = is_https(self._access.public_url)
        response.delete_cookie(self._cookie, path="/", secure=secure, httponly=True, samesite="lax")

    def _environment(self, name: str | None) -> Environment:
        """Return the environment of that name if it is on, else the most serious one."""
        on = self._access.environments
        return next((environment for environment in on if environment == name), on[0])

    async def _link(self, request: Request) -> tuple[OneTimeLink | None, LinkState]:
        link = await find_link(self._access.database, request.path_params["token"])
        if link is None or link.environment not in self._access.environments:
            return None, LinkState.UNKNOWN
        return link, link.state(self._access.clock())

    def _throttled(self, request: Request, form: SignInForm, wait: timedelta) -> Response:
        minutes = -(-wait // timedelta(minutes=1))
        form.refusal = f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}."
        response = self._sign_in_page(request, form, status=429)
        response.headers["Retry-After"] = str(minutes * 60)
        return response

    def _sign_in_page(self, request: Request, form: SignInForm, *, status: int) -> Response:
        page = sign_in_page(self._access.shell, form, self._access.environments, nonce=request.state.nonce)
        return HTMLResponse(page, status)

    def _link_page(self, request: Request, form: LinkForm, *, status: int) -> Response:
        return HTMLResponse(link_page(self._access.shell, form, nonce=request.state.nonce), status)

    def _refused(self, link: OneTimeLink | None, state: LinkState) -> Response:
        return HTMLResponse(refused_link(self._access.shell, link, state), 404 if link is None else 410)


async def _read_form(request: Request) -> dict[str, str]:
    """Return the fields of a small form; strangers may send it, so it is cut off at 16 KB."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, "That form is too large.")
    try:
        return dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError as error:
        raise HTTPException(400, "That form has too many fields.") from error
