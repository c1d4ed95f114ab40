"""The second factor that is owed after the password: a code or, where one is required and missing, setting it up."""

from urllib.parse import urlencode

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.access.challenges import (
    Owed,
    answer_challenge,
    find_challenge,
    offer_by_challenge,
    set_up_by_challenge,
)
from services.access.errors import ChallengeEnded, TryLater, WrongCode
from ui import html
from ui.door.desk import Desk, later, read_form
from ui.door.factor_parts import ENTER_CODE, codes_page, offer_form
from ui.guard import safe_next
from ui.places import Places


def register(places: Places, desk: Desk) -> None:
    owed = OwedFactor(desk)
    places.endpoint("/two-factor", {"GET": owed.show, "POST": owed.answer}, needs=None)
    places.endpoint("/two-factor/enrol", {"GET": owed.show_offer, "POST": owed.set_up}, needs=None)


class OwedFactor:
    """For whoever gave the right password and is not signed in yet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        owed = await self._owed(request)
        if owed is None:
            return self._too_late()
        if not owed.has_second_factor:
            return RedirectResponse("/two-factor/enrol?" + urlencode({"next": _next(request)}), 303)
        return self._page(request, owed)

    async def answer(self, request: Request) -> Response:
        desk, owed, given = self._desk, await self._owed(request), await read_form(request)
        if owed is None:
            return self._too_late()
        token, code = desk.token(request, "challenge"), given.get("code", "")
        if not code.strip():
            return self._page(request, owed, error=ENTER_CODE, status=400)
        try:
            entry = await answer_challenge(desk.door, token, code=code, visitor=desk.visitor(request), now=desk.clock())
        except WrongCode as error:
            return self._page(request, owed, error=str(error), status=401)
        except TryLater as error:
            return later(self._page(request, owed, error=str(error), status=429), error)
        except ChallengeEnded:
            return self._too_late()
        return desk.let_in(entry, owed.environment, _next(request))

    async def show_offer(self, request: Request) -> Response:
        owed = await self._owed(request)
        if owed is None or owed.has_second_factor:
            return self._too_late()
        return await self._offer_page(request, owed)

    async def set_up(self, request: Request) -> Response:
        desk, owed, given = self._desk, await self._owed(request), await read_form(request)
        if owed is None:
            return self._too_late()
        if not given.get("code", "").strip():
            return await self._offer_page(request, owed, given=given, error=ENTER_CODE, status=400)
        try:
            entry, codes = await set_up_by_challenge(
                desk.door,
                desk.token(request, "challenge"),
                sealed=given.get("sealed", ""),
                code=given.get("code", ""),
                visitor=desk.visitor(request),
                now=desk.clock(),
            )
        except WrongCode as error:
            return await self._offer_page(request, owed, given=given, error=str(error), status=401)
        except TryLater as error:
            page = await self._offer_page(request, owed, given=given, error=str(error), status=429)
            return later(page, error)
        except ChallengeEnded:
            return self._too_late()
        response = codes_page(desk, request, codes, owed.environment, go_on=_next(request))
        desk.give_session(response, entry, owed.environment)
        return response

    async def _owed(self, request: Request) -> Owed | None:
        token = self._desk.token(request, "challenge")
        owed = await find_challenge(self._desk.door, token, now=self._desk.clock()) if token else None
        return owed if owed is None or request.state.door in (None, owed.environment) else None

    def _too_late(self) -> Response:
        response = RedirectResponse("/sign-in?too_late", 303)
        self._desk.drop_cookie(response, "challenge")
        return response

    def _page(self, request: Request, owed: Owed, *, error: str | None = None, status: int = 200) -> Response:
        is_recovery = "recovery" in request.query_params
        query = {"next": _next(request)} | ({} if is_recovery else {"recovery": "1"})
        return self._desk.page(
            request,
            "Error: Second factor" if error else "Second factor",
            h.h1[f"Second factor: {owed.environment.label}"],
            h.p(".muted")[f"The password of {owed.email} is right. Now the second factor."],
            h.form(method="post", novalidate=True)[
                html.code_field(error=error, is_recovery=is_recovery, autofocus=True), html.submit("Sign in")
            ],
            h.p(".plain-ways")[
                h.a(href=f"/two-factor?{urlencode(query)}")[
                    "Use the authenticator app" if is_recovery else "Use a recovery code"
                ],
                h.a(href=self._desk.url(owed.environment, "/sign-in"))["Start again"],
            ],
            h.div(".plain-help")[
                h.p["Lost both? An admin of this dashboard can reset your second factor, under Settings, Team."]
            ],
            environment=owed.environment,
            status=status,
        )

    async def _offer_page(
        self,
        request: Request,
        owed: Owed,
        *,
        given: dict[str, str] | None = None,
        error: str | None = None,
        status: int = 200,
    ) -> Response:
        token = self._desk.token(request, "challenge")
        try:
            offer = await offer_by_challenge(
                self._desk.door, token, sealed=(given or {}).get("sealed", ""), now=self._desk.clock()
            )
        except ChallengeEnded:
            return self._too_late()
        return self._desk.page(
            request,
            "Error: Set up a second factor" if error else "Set up a second factor",
            h.h1["Set up a second factor"],
            h.p[f"Your role in {owed.environment.label} can move money or change settings, so it needs two factors."],
            offer_form(offer, code_error=error),
            environment=owed.environment,
            status=status,
        )


def _next(request: Request) -> str:
    return safe_next(request.query_params.get("next", "/"))
