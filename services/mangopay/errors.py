"""Everything that can go wrong in a call to Mangopay, as one tree.

MangopayError           any of these
    Unreachable         no connection, or it broke
        NoConnection    none was made, so nothing was sent
        TimedOut        no answer in time
    NotAuthenticated    the ClientId and API key, or the token, are refused
    ScaRequired         the user must authenticate first; carries where
    Forbidden           the key lacks the scope, or the account the feature
    NotFound            no such object, or no longer readable
    Invalid             refused for what was sent; carries the fields at fault
    Conflict            the idempotency key was used before
    RateLimited         too many calls; carries when the next is welcome
    ServerError         a fault of Mangopay's own
    NonsenseAnswer      an answer that cannot be understood

Source: https://docs.mangopay.com/api-reference/overview/errors
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Self

import httpx

from services.mangopay.answers import ErrorBody, read_error_body
from services.mangopay.limits import read_rate_limit

TOKEN_PATH = "/v2.01/oauth/token"  # noqa: S105  (a path, no secret)


class MangopayError(Exception):
    """A call that did not give what was asked for; `sentence` and `next_step` are for the page, the rest for the log.

    Nothing in here is secret: neither what was sent nor the body that came, only Mangopay's own message about it.
    """

    says: ClassVar[str] = "Mangopay could not do what was asked."
    advises: ClassVar[str] = "Try again in a moment."
    # Whether a POST or PUT that ended like this may have been carried out all the same.
    leaves_open: ClassVar[bool] = False

    def __init__(self, request: httpx.Request, *, status: int | None = None, body: ErrorBody | None = None) -> None:
        body = body or ErrorBody()
        self.method = request.method
        self.path = request.url.path
        self.status = status
        self.type = body.type
        self.error_id = body.error_id
        self.request_id = body.request_id
        self.message = body.message
        self.idempotency_key = request.headers.get("Idempotency-Key")
        super().__init__(
            f"{type(self).__name__} method={self.method} path={self.path} status={self.status} type={self.type} "
            f"error_id={self.error_id} request_id={self.request_id} key={self.idempotency_key}"
        )

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        return cls(response.request, status=response.status_code, body=read_error_body(response))

    @property
    def sentence(self) -> str:
        """What happened, in plain words."""
        return self.says

    @property
    def next_step(self) -> str:
        """What the operator can do now."""
        if self.outcome_is_unknown:
            return "It is not known whether this was done. Look at the object before you try again."
        return self.advises

    @property
    def outcome_is_unknown(self) -> bool:
        """Whether something may have changed at Mangopay although the call failed."""
        return self.leaves_open and self.method != "GET" and not self.path.endswith(TOKEN_PATH)


class Unreachable(MangopayError):
    """Raised when no connection could be made, or it broke."""

    says = "Mangopay cannot be reached."
    advises = "What was loaded before stays on the page. Try again in a moment."
    leaves_open = True


class NoConnection(Unreachable):
    """Raised when no connection could be made: whatever was to be sent never left."""

    leaves_open = False


class TimedOut(Unreachable):
    """Raised when Mangopay did not answer in time."""

    says = "Mangopay did not answer in time."


class NotAuthenticated(MangopayError):
    """Raised when the API key, or twice in a row its token, is refused."""

    says = "Mangopay refuses this dashboard's ClientId and API key."
    advises = "Check the ClientId and API key of this environment in the settings, then restart."


class ScaRequired(MangopayError):
    """Raised when Mangopay shows something only after the user's strong authentication (SCA)."""

    says = "Mangopay asks the user to authenticate before it shows this."
    advises = "Send the user to the authentication page; its link is good for 10 minutes."

    def __init__(self, request: httpx.Request, *, redirect_url: str | None, status: int | None = None) -> None:
        super().__init__(request, status=status)
        self.redirect_url = redirect_url


class Forbidden(MangopayError):
    """Raised when the API key lacks the scope, or the account the feature."""

    says = "Mangopay does not allow this for the API key or the account in use."
    advises = "Check the scopes of the API key, or ask Mangopay to switch the feature on."


class NotFound(MangopayError):
    """Raised when there is no such object, or it is older than Mangopay keeps it."""

    says = "Mangopay does not know this object."
    advises = "Check the id and the environment. Transactions can be read for 13 months."


class Invalid(MangopayError):
    """Raised when the request is refused for what it says; `field_errors` maps fields to what is wrong with them."""

    advises = "Correct what is named here and try again."

    def __init__(self, request: httpx.Request, *, status: int | None = None, body: ErrorBody | None = None) -> None:
        super().__init__(request, status=status, body=body)
        self.field_errors: Mapping[str, str] = body.field_errors if body else {}

    @property
    def sentence(self) -> str:
        reasons = "; ".join(f"{field}: {text}" for field, text in self.field_errors.items()) or self.message
        return f"Mangopay refused the request: {reasons}" if reasons else "Mangopay refused the request."


class Conflict(MangopayError):
    """Raised when the idempotency key was used in the last 24 hours, whatever came of it."""

    says = "Mangopay has already had a request with this idempotency key."
    advises = "Look up what became of the first request before you try again."


class RateLimited(MangopayError):
    """Raised when the platform made too many calls; `retry_at` is None when Mangopay does not say."""

    says = "Mangopay's rate limit is reached: this platform made too many calls."
    advises = "Wait until the limit frees; until then, what was loaded before stays on the page."

    def __init__(self, request: httpx.Request, *, retry_at: datetime | None, body: ErrorBody | None = None) -> None:
        super().__init__(request, status=429, body=body)
        self.retry_at = retry_at


class ServerError(MangopayError):
    """Raised for a fault of Mangopay's own (5xx)."""

    says = "Mangopay has a fault of its own."
    advises = "Look at API Status, and try again in a moment."
    leaves_open = True


class NonsenseAnswer(MangopayError):
    """Raised when an answer is not what the docs promise: HTML, half a JSON, another shape."""

    says = "Mangopay's answer cannot be understood."
    advises = "Look at API Status, and try again in a moment."
    leaves_open = True


def error_of(response: httpx.Response) -> MangopayError:
    """Return what an answer that is no success means; its body may be anything."""
    status = response.status_code
    if status == 401 and asks_for_user_action(response):
        return ScaRequired(response.request, redirect_url=_redirect_url(response), status=status)
    if status == 429:
        limit = read_rate_limit(response.headers)
        return RateLimited(response.request, retry_at=limit.retry_at if limit else None, body=read_error_body(response))
    by_status = {401: NotAuthenticated, 403: Forbidden, 404: NotFound, 409: Conflict}
    if status in by_status:
        return by_status[status].of(response)
    if status >= 500:
        return ServerError.of(response)
    return Invalid.of(response) if status >= 400 else NonsenseAnswer.of(response)


def token_error_of(response: httpx.Response) -> MangopayError:
    """Return what a refused token call means: there, a wrong key may also be answered by 400 or 403."""
    return NotAuthenticated.of(response) if response.status_code in (400, 401, 403) else error_of(response)


def asks_for_user_action(response: httpx.Response) -> bool:
    """Whether a 401 asks for the user's strong authentication, which is no word about our token."""
    return "pendinguseraction" in response.headers.get("WWW-Authenticate", "").lower()


def _redirect_url(response: httpx.Response) -> str | None:
    found = re.search(r'redirecturl\s*=\s*"?(https?://[^\s",]+)', response.headers["WWW-Authenticate"], re.IGNORECASE)
    return found.group(1) if found else None
