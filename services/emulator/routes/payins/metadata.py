"""What is known of a means of payment before it is used: a card by its first digits, a Google Pay token.

Source: https://docs.mangopay.com/api-reference/payment-method-metadata
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.world import World
from services.emulator.routes.payins.googlepay import bin_of, is_bare_card
from services.emulator.rules.issuers import metadata_of


def look_up(_world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("Type")
    kind = fields.choice("Type", ("BIN", "GOOGLE_PAY"))
    if kind == "GOOGLE_PAY":
        return _google_pay(fields)
    if kind == "BIN":
        fields.require("Bin")
    digits = fields.matching("Bin", r"[0-9]{6}([0-9]{2})?")
    fields.check()
    return Answer({"Type": "BIN", "Bin": digits} | metadata_of(str(digits)))


def _google_pay(fields: Fields) -> Response:
    fields.require("Token")
    token = str(fields.text("Token", longest=100_000))
    fields.check()
    token_format = "PAN_ONLY" if is_bare_card(token) else "CRYPTOGRAM_3DS"
    head = {"Type": "GOOGLE_PAY", "Bin": bin_of(token), "Token": token, "TokenFormat": token_format}
    return Answer(head | metadata_of(bin_of(token)))


ROUTES = (Route("POST", f"{API}/payment-methods/metadata", look_up),)
