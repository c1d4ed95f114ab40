"""Any pay-in by its id.

Source: https://docs.mangopay.com/api-reference/pay-ins
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.router import API, Route
from services.emulator.engine.world import World
from services.emulator.rules.payins import expire, find_payin, shown


def view(world: World, call: Call) -> Response:
    return Answer(shown(find_payin(world, call.params["PayInId"])))


ROUTES = (Route("GET", f"{API}/payins/{{PayInId}}", view),)

ACTS = {"payin.expire": expire}
