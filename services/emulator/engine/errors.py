"""What the emulator refuses, in Mangopay's words, typos included.

Source: https://docs.mangopay.com/api-reference/overview/errors
"""

import uuid
from collections.abc import Mapping

from starlette.responses import Response

from services.emulator.engine.answers import Answer

STANDARD = (
    "One or several required parameters are missing or incorrect. "
    "An incorrect resource ID also raises this kind of error."
)


class ApiError(Exception):
    """The request is refused: an HTTP 4xx, and no object comes of it."""

    def __init__(
        self,
        status: int,
        type_: str,
        message: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type = type_
        self.message = message
        self.errors = errors
        self.headers = headers

    def response(self, now: int) -> Response:
        body = {
            "Message": self.message,
            "Type": self.type,
            "Id": str(uuid.uuid4()),
            "Date": now,
            "errors": dict(self.errors) if self.errors else None,
        }
        return Answer(body, status_code=self.status, headers=self.headers)


class InvalidCredentialsError(ApiError):
    """The bearer token or the API key is unknown or too old; this body alone has neither `Id` nor `errors`."""

    def __init__(self) -> None:
        super().__init__(401, "invalid_credentials", "The authorization credentials are not valid")

    def response(self, now: int) -> Response:
        return Answer({"Message": self.message, "Type": self.type, "Date": now}, status_code=self.status)


def param_error(errors: Mapping[str, str]) -> ApiError:
    return ApiError(400, "param_error", STANDARD, errors)


def invalid_action(message: str) -> ApiError:
    return ApiError(400, "invalid_action", message)


def not_found(kind: str, resource_id: str) -> ApiError:
    errors = {"RessourceNotFound": f"Cannot found the ressource {kind} with the id={resource_id}"}
    return ApiError(404, "ressource_not_found", "The ressource does not exist", errors)
