"""How a user stands with strong authentication: a new link to enrol, consent beforehand, and the state of both.

Source: https://docs.mangopay.com/api-reference/users/enroll-user
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.users.accounts import wrong_category
from services.emulator.routes.users.users import user_of
from services.emulator.rules import sca
from services.emulator.rules.users import is_owner, refuse_closed


def enrol(world: World, call: Call) -> Response:
    return Answer({"PendingUserAction": sca.enrolment(world, _owner_of(world, call))})


def consent(world: World, call: Call) -> Response:
    return Answer({"PendingUserAction": sca.consent(world, _owner_of(world, call))})


def status(world: World, call: Call) -> Response:
    user = user_of(world, call)
    state = sca.status(user)
    if state is None:
        raise not_found("ScaStatus", user["Id"])
    return Answer(state)


def _owner_of(world: World, call: Call) -> Entity:
    user = user_of(world, call)
    refuse_closed(user)
    if not is_owner(user):
        raise wrong_category("PAYER")
    return user


ROUTES = (
    Route("POST", f"{API}/sca/users/{{UserId}}/enrollment", enrol),
    Route("POST", f"{API}/sca/users/{{UserId}}/consent", consent),
    Route("GET", f"{API}/sca/users/{{UserId}}/sca-status", status),
)
