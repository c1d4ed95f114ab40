"""Features that Mangopay activates platform by platform, all of them active until somebody says otherwise.

Source: https://docs.mangopay.com/guides/users/verification/hosted
"""

import secrets

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.errors import ApiError
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

HOSTED_VERIFICATION, VERIFIED_IDENTITY = FEATURES = ("HostedVerification", "VerifiedIdentity")


class InactiveFeatureError(ApiError):
    """The platform may not use hosted verification; the one answer in the shape of RFC 7807."""

    def __init__(self) -> None:
        super().__init__(403, "forbidden_ressource", "Forbidden")

    def response(self, now: int) -> Response:  # noqa: ARG002  (this shape has no date)
        problem = {
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.3",
            "title": self.message,
            "status": self.status,
            "traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
        }
        return Answer(problem, status_code=self.status, headers={"Content-Type": "application/problem+json"})


def active(world: World) -> Entity:
    """Return for each feature whether the platform may use it."""
    known = world.store.settings.get("features") or {}
    return {feature: bool(known.get(feature, True)) for feature in FEATURES}


def switch(world: World, changes: Entity) -> Entity:
    world.store.settings.save({"Id": "features", **active(world), **changes})
    return active(world)


def require_hosted_verification(world: World) -> None:
    if not active(world)[HOSTED_VERIFICATION]:
        raise InactiveFeatureError


def require_verified_identity(world: World) -> None:
    if not active(world)[VERIFIED_IDENTITY]:
        raise ApiError(403, "forbidden_ressource", "This endpoint is not available for your account")
