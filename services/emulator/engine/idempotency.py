"""Idempotency keys: a POST with a used one is refused for a day, and its first response can be looked up.

Source: https://docs.mangopay.com/api-reference/overview/idempotency
"""

import json
import re
from email.utils import formatdate

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, not_found, param_error
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

LIFE_S = 86_400
FORM = "[A-Za-z0-9-]{16,36}"


def key_of(call: Call) -> str | None:
    return call.headers.get("idempotency-key") if call.method == "POST" else None


def check(world: World, key: str) -> None:
    """Raise ApiError 400 for a key of the wrong form, 409 for one used within the last day."""
    if not re.fullmatch(FORM, key):
        raise param_error({"Idempotency-Key": "The key must have 16 to 36 letters, digits or dashes"})
    if _find(world, key) is not None:
        message = "A resource has already been created with this Idempotency Key"
        raise ApiError(409, "idempotent_creation_conflict", message)


def remember(world: World, call: Call, key: str, response: Response) -> None:
    """Keep the response, whether it says yes or no."""
    body = bytes(response.body)
    world.store.responses.save(
        {
            "Id": key,
            "StatusCode": str(response.status_code),
            "ContentLength": str(len(body)),
            "ContentType": "application/json; charset=utf-8",
            "Date": formatdate(world.clock.now(), usegmt=True),
            "RequestURL": f"{world.config.base_url}{call.path}",
            "Resource": json.loads(body) if body else None,
            "_UsedAt": world.clock.now(),
        }
    )


def view(world: World, call: Call) -> Response:
    key = call.params["IdempotencyKey"]
    kept = _find(world, key)
    if kept is None:
        raise not_found("Response", key)
    return Answer({name: value for name, value in kept.items() if name != "Id" and not name.startswith("_")})


def _find(world: World, key: str) -> Entity | None:
    kept = world.store.responses.get(key)
    return kept if kept is not None and world.clock.now() - kept["_UsedAt"] < LIFE_S else None


ROUTES = (Route("GET", f"{API}/responses/{{IdempotencyKey}}", view),)
