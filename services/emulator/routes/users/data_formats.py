"""Is this company number written as its country writes them?

Source: https://docs.mangopay.com/api-reference/users/validate-the-format-of-user-data
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.world import World
from services.emulator.rules import company_numbers
from services.emulator.rules.countries import ISO_CODES


def validate(world: World, call: Call) -> Response:  # noqa: ARG001  (it depends on nothing but the question)
    fields = Fields(call.body)
    fields.require("CompanyNumber")
    inner = fields.within("CompanyNumber")
    inner.require("CompanyNumber", "CountryCode")
    number, country = inner.text("CompanyNumber"), inner.text("CountryCode")
    if country and country not in ISO_CODES:
        message = "The requested value is not an ISO 3166-1 alpha-2 code which is expected."
        inner.refuse("CountryCode", message)
    fields.check()
    checked = {
        "CompanyNumber": number,
        "CountryCode": country,
        "IsValid": company_numbers.is_valid(str(number), str(country)),
        "ValidationRules": company_numbers.rules(str(country)),
    }
    return Answer({"CompanyNumber": checked})


ROUTES = (Route("POST", f"{API}/users/data-formats/validation", validate),)
