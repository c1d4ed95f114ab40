"""Exchanging the API key for a bearer token.

Source: https://docs.mangopay.com/api-reference/authentication/oauth
"""

from starlette.responses import JSONResponse, Response

from services.emulator.access import TOKEN_LIFE_S
from services.emulator.call import Call
from services.emulator.router import Route
from services.emulator.world import World


def create_token(world: World, call: Call) -> Response:
    scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not world.access.is_api_key(credentials):
        return _refusal(401, "invalid_client", "The client credentials are invalid")
    # Mangopay's own client sends JSON under a form's content type.
    if b"client_credentials" not in call.raw:
        return _refusal(400, "unsupported_grant_type", "The grant type must be client_credentials")
    token = {"access_token": world.access.new_token(), "token_type": "bearer", "expires_in": TOKEN_LIFE_S}
    return JSONResponse(token)


def _refusal(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)


ROUTES = (Route("POST", "/v2.01/oauth/token", create_token, is_open=True),)
