"""The second factor: the code that is owed after the password, setting it up, recovery codes, taking it away."""

from collections.abc import Sequence
from urllib.parse import urlencode

import htpy as h
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.environment import Environment
from models.permissions import Permission
from services.access.challenges import (
    Owed,
    answer_challenge,
    find_challenge,
    offer_by_challenge,
    set_up_by_challenge,
)
from services.access.errors import (
    AccessError,
    ChallengeEnded,
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
from services.access.second_factor import Offer
from ui import html
from ui.door.desk import Desk, actor_of, later, read_form
from ui.guard import safe_next
from ui.places import Places

ENTER_CODE = "Enter the code."
WRONG_PASSWORD = "The password is not right."  # noqa: S105  (a sentence)


class NoCode(WrongCode):
    """The field was left empty: nothing was tried, so nothing is counted."""

    def __str__(self) -> str:
        return ENTER_CODE


def register(places: Places, desk: Desk) -> None:
    owed, own = OwedFactor(desk), OwnFactor(desk)
    places.endpoint("/two-factor", {"GET": owed.show, "POST": owed.answer}, needs=None)
    places.endpoint("/two-factor/enrol", {"GET": owed.show_offer, "POST": owed.set_up}, needs=None)
    places.endpoint("/settings/two-factor", {"GET": own.show_offer, "POST": own.set_up}, needs=Permission.OWN_ACCESS)
    places.endpoint(
        "/settings/two-factor/remove", {"GET": own.show_removal, "POST": own.remove}, needs=Permission.OWN_ACCESS
    )
    places.endpoint(
        "/settings/recovery-codes", {"GET": own.show_renewal, "POST": own.renew_codes}, needs=Permission.OWN_ACCESS
    )


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
        response = _codes_page(desk, request, codes, owed.environment, go_on=_next(request))
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
            _offer_form(offer, code_error=error),
            environment=owed.environment,
            status=status,
        )


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
        return _codes_page(desk, request, codes, actor_of(request).environment, go_on="/settings")

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
        return _codes_page(desk, request, codes, actor.environment, go_on="/settings")

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
            _offer_form(
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


def _offer_form(
    offer: Offer, *, code_error: str | None = None, proof: h.Node = None, is_code_next: bool = True
) -> h.Node:
    key = " ".join(offer.secret[start : start + 4] for start in range(0, len(offer.secret), 4))
    return h.fragment[
        h.ol(".plain-steps.is-numbered")[
            h.li[
                "Scan this with an authenticator app, such as Aegis, 1Password or Google Authenticator.",
                h.div(".plain-qr", role="img", aria_label="QR code of the key below")[Markup(offer.qr_svg)],  # noqa: S704
                h.details[
                    h.summary["It cannot be scanned?"],
                    h.p[
                        h.a(href=offer.uri)["Open it in an app on this device"],
                        ", or type this key, as a time-based one:",
                    ],
                    h.code("#key.plain-command")[key],
                    h.button(".plain-link", type="button", data_keeps="key", hidden=True)["Copy the key"],
                ],
            ],
            h.li["Type the six digits that the app shows."],
        ],
        h.form(method="post", novalidate=True)[
            h.input(type="hidden", name="sealed", value=offer.sealed),
            html.code_field("Six digits from the app you have just set up", error=code_error, autofocus=is_code_next),
            proof,
            html.submit("Set up"),
        ],
    ]


def _codes_page(
    desk: Desk, request: Request, codes: Sequence[str], environment: Environment, *, go_on: str
) -> Response:
    return desk.page(
        request,
        "Your recovery codes",
        h.h1["Keep your recovery codes"],
        h.p[
            "Each lets you in once, in place of the authenticator app, should you lose it. ",
            h.strong["They are shown only now."],
        ],
        h.pre("#codes.plain-codes")["\n".join(codes)],
        h.p(".plain-ways")[
            h.button(".plain-link", type="button", data_keeps="codes", hidden=True)["Copy"],
            h.a(href="", download=f"recovery-codes-{environment}.txt", data_keeps="codes", hidden=True)["Download"],
        ],
        h.a(".plain-submit", href=go_on)["I have kept them, go on"],
        environment=environment,
    )


def _next(request: Request) -> str:
    return safe_next(request.query_params.get("next", "/"))


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
