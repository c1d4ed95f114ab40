"""One's own second factor: setting it up, changing the app, new recovery codes, taking it away."""

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.permissions import Permission
from services.access.errors import (
    AccessError,
    SecondFactorNeeded,
    TryLater,
    WrongCode,
    WrongPair,
    WrongPresentCode,
)
from services.access.own_access import (
    offer_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    set_up_second_factor,
)
from ui import html
from ui.door.desk import Desk, actor_of, later, read_form
from ui.door.factor_parts import ENTER_CODE, codes_page, offer_form
from ui.places import Places

WRONG_PASSWORD = "The password is not right."  # noqa: S105  (a sentence)


class NoCode(WrongCode):
    """The field was left empty: nothing was tried, so nothing is counted."""

    def __str__(self) -> str:
        return ENTER_CODE


def register(places: Places, desk: Desk) -> None:
    own, needs = OwnFactor(desk), Permission.OWN_ACCESS
    places.endpoint("/settings/two-factor", {"GET": own.show_offer, "POST": own.set_up}, needs=needs)
    places.endpoint("/settings/two-factor/remove", {"GET": own.show_removal, "POST": own.remove}, needs=needs)
    places.endpoint("/settings/recovery-codes", {"GET": own.show_renewal, "POST": own.renew_codes}, needs=needs)


class OwnFactor:
    """For whoever is signed in. Each change asks for the password again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show_offer(self, request: Request) -> Response:
        return self._offer_page(request)

    async def set_up(self, request: Request) -> Response:
        desk, given = self._desk, await read_form(request)
        if not given.get("code", "").strip():
            return self._offer_page(request, given=given, error=NoCode())
        try:
            codes = await set_up_second_factor(
                actor_of(request),
                desk.door,
                password=given.get("password", ""),
                present_code=given.get("present", ""),
                sealed=given.get("sealed", ""),
                code=given.get("code", ""),
                now=desk.clock(),
            )
        except AccessError as error:
            return later(self._offer_page(request, given=given, error=error), error)
        return codes_page(desk, request, codes, actor_of(request).environment, go_on="/settings")

    async def show_removal(self, request: Request) -> Response:
        return self._removal_page(request)

    async def remove(self, request: Request) -> Response:
        desk, given = self._desk, await read_form(request)
        password, code = given.get("password", ""), given.get("code", "")
        if not code.strip():
            return self._removal_page(request, error=NoCode())
        try:
            await remove_second_factor(actor_of(request), desk.door, password=password, code=code, now=desk.clock())
        except AccessError as error:
            return later(self._removal_page(request, error=error), error)
        return RedirectResponse("/settings?second_factor_removed", 303)

    async def show_renewal(self, request: Request) -> Response:
        return self._renewal_page(request)

    async def renew_codes(self, request: Request) -> Response:
        desk, given = self._desk, await read_form(request)
        password, code = given.get("password", ""), given.get("code", "")
        actor = actor_of(request)
        if not code.strip():
            return self._renewal_page(request, error=NoCode())
        try:
            codes = await renew_recovery_codes(actor, desk.door, password=password, code=code, now=desk.clock())
        except AccessError as error:
            return later(self._renewal_page(request, error=error), error)
        return codes_page(desk, request, codes, actor.environment, go_on="/settings")

    def _offer_page(
        self, request: Request, *, given: dict[str, str] | None = None, error: AccessError | None = None
    ) -> Response:
        actor = actor_of(request)
        sealed, now = (given or {}).get("sealed", ""), self._desk.clock()
        offer = offer_second_factor(actor, self._desk.door, sealed=sealed, now=now)
        title = "Change the authenticator app" if actor.has_second_factor else "Set up a second factor"
        return self._desk.page(
            request,
            f"Error: {title}" if error else title,
            h.h1[title],
            actor.has_second_factor
            and h.p(".muted")["The app and the recovery codes you have now stop working; you get new ones."],
            _other_error(error),
            offer_form(
                offer,
                code_error=_code_error(error),
                proof=[
                    html.password_field(
                        "Your password", error=_password_error(error), autofocus=_password_error(error) is not None
                    ),
                    _present_code(error) if actor.has_second_factor or isinstance(error, WrongPresentCode) else None,
                ],
                is_code_next=not isinstance(error, WrongPair | WrongPresentCode),
            ),
            _back(),
            environment=actor.environment,
            status=_status(error),
        )

    def _removal_page(self, request: Request, *, error: AccessError | None = None) -> Response:
        return self._proof_page(
            request,
            "Remove the second factor",
            "Without it the password alone opens your access. Your recovery codes stop working too.",
            error=error,
            is_dangerous=True,
        )

    def _renewal_page(self, request: Request, *, error: AccessError | None = None) -> Response:
        return self._proof_page(
            request, "Make new recovery codes", "The old ones stop working. The new ones are shown once.", error=error
        )

    def _proof_page(
        self, request: Request, title: str, what: str, *, error: AccessError | None, is_dangerous: bool = False
    ) -> Response:
        """Ask for both factors before something is done about one of them."""
        is_recovery = "recovery" in request.query_params
        return self._desk.page(
            request,
            f"Error: {title}" if error else title,
            h.h1[title],
            h.p(".muted")[what],
            _other_error(error),
            h.form(method="post", novalidate=True)[
                html.password_field(
                    "Your password", error=_password_error(error), autofocus=_code_error(error) is None
                ),
                html.code_field(
                    error=_code_error(error), is_recovery=is_recovery, autofocus=_code_error(error) is not None
                ),
                html.submit(title, is_dangerous=is_dangerous),
            ],
            h.p(".plain-ways")[
                not is_recovery and h.a(href="?recovery=1")["Use a recovery code"],
                h.a(href="/settings")["Back to Settings"],
            ],
            environment=actor_of(request).environment,
            status=_status(error),
        )


def _present_code(error: AccessError | None) -> h.Node:
    sentence = str(error) if isinstance(error, WrongPresentCode) else None
    return html.field(
        "present",
        "A code of the app you have now, or a recovery code",
        error=sentence,
        autofocus=sentence is not None,
        autocomplete="off",
        spellcheck="false",
    )


def _code_error(error: AccessError | None) -> str | None:
    return str(error) if isinstance(error, WrongCode) and not isinstance(error, WrongPresentCode) else None


def _password_error(error: AccessError | None) -> str | None:
    return WRONG_PASSWORD if isinstance(error, WrongPair) else None


def _other_error(error: AccessError | None) -> h.Node:
    is_beside_a_field = error is None or isinstance(error, WrongCode | WrongPair)
    return None if is_beside_a_field else html.notice(str(error), kind="negative")


def _status(error: AccessError | None) -> int:
    match error:
        case None:
            return 200
        case TryLater():
            return 429
        case SecondFactorNeeded():
            return 409
        case NoCode():
            return 400
    return 401


def _back() -> h.Node:
    return h.p(".plain-ways")[h.a(href="/settings")["Back to Settings"]]
