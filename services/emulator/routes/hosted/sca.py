"""The page where an OWNER confirms that it is them.

Source: https://docs.mangopay.com/guides/sca
"""

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.hosted.shell import back, page
from services.emulator.rules import sca


def show(world: World, call: Call) -> Response:
    user = _asked(world, call)
    if user is None:
        return page("This link has expired", "Ask the platform for a new one.")
    return page("Confirm that it is you", f"Account {user['Id']}.", yes="It is me", no="It is not")


def decide(world: World, call: Call) -> Response:
    user, has_agreed = _asked(world, call), call.form.get("choice") == "yes"
    if user is not None and has_agreed:
        sca.activate(world, user)
    elif user is not None:
        world.emit("SCA_ENROLLMENT_FAILED", user["Id"])
    world.store.sca_sessions.delete(call.query.get("token", ""))
    status = {"controlStatus": "VALIDATED" if user is not None and has_agreed else "FAILED"}
    return back(call.query.get("returnUrl", ""), status)


def _asked(world: World, call: Call) -> Entity | None:
    session = world.store.sca_sessions.get(call.query.get("token"))
    if session is None or session["ExpiresAt"] < world.clock.now():
        return None
    return world.store.users.get(session["UserId"])


ROUTES = (
    Route("GET", "/sca", show, is_open=True),
    Route("POST", "/sca", decide, is_open=True),
)
