"""Exchanging the API key for a bearer token.

Source: https://docs.mangopay.com/api-reference/authentication/oauth
"""

from starlette.responses import Response

from services.emulator.engine.access import TOKEN_LIFE_S
from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.router import Route
from services.emulator.engine.world import World


def create_token(world: World, call: Call) -> Response:
    scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
    if world.access.is_locked:
        return _refusal(400, "unauthorized_client", "The client is temporarily locked after too many bad credentials")
    if scheme.lower() != "basic" or not world.access.is_api_key(credentials):
        world.access.note_bad_try()
        return _refusal(401, "invalid_client", "The client credentials are invalid")
    # Mangopay's own client sends JSON under a form's content type.
    if b"client_credentials" not in call.raw:
        return _refusal(400, "unsupported_grant_type", "The grant type must be client_credentials")
    token = {"access_token": world.access.new_token(), "token_type": "bearer", "expires_in": TOKEN_LIFE_S}
    return Answer(token)


def _refusal(status: int, error: str, description: str) -> Response:
    return Answer({"error": error, "error_description": description}, status_code=status)


ROUTES = (Route("POST", "/v2.01/oauth/token", create_token, is_open=True),)
