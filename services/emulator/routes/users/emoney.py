"""The electronic money of a user: since the beginning, in a year, in a month.

Source: https://docs.mangopay.com/api-reference/users/view-user-emoney
"""

import re

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules.emoney import totals

YEAR, MONTH = "[0-9]{4}", "0?[1-9]|1[0-2]"


def view(world: World, call: Call) -> Response:
    user = user_of(world, call)
    # The documentation has the currency in the body of a GET, clients send it in the query.
    fields = Fields(call.body | call.query)
    currency = fields.currency("Currency")
    period = _period(call, fields)
    fields.check()
    return Answer(totals(world, user["Id"], currency, period))


def _period(call: Call, fields: Fields) -> str:
    """Return what the months of the path's period begin with."""
    year, month = call.params.get("Year"), call.params.get("Month")
    if year is not None and not re.fullmatch(YEAR, year):
        fields.refuse("Year", f"The value {year} is not valid")
    if month is not None and not re.fullmatch(MONTH, month):
        fields.refuse("Month", f"The value {month} is not valid")
    return "-".join(part for part in (year, month.zfill(2) if month else None) if part)


ROUTES = (
    Route("GET", f"{API}/users/{{UserId}}/emoney", view),
    Route("GET", f"{API}/users/{{UserId}}/emoney/{{Year}}", view),
    Route("GET", f"{API}/users/{{UserId}}/emoney/{{Year}}/{{Month}}", view),
)
