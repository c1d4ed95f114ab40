"""The page where a payer proves to the bank, or to PayPal, that they agree to what is held or validated.

Pay-ins have a page of their own.
Source: https://docs.mangopay.com/guides/payment-methods/card/3ds
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.router import Route
from services.emulator.engine.store import Collection, Entity
from services.emulator.engine.world import World
from services.emulator.routes.cards import deposits, preauthorizations, validations
from services.emulator.routes.hosted.shell import back, page
from services.emulator.rules.card_bank import AUTHENTICATION_FAILED
from services.emulator.rules.paypal_deposits import NOT_APPROVED
from services.emulator.rules.result_codes import SUCCESS


@dataclass(frozen=True, slots=True)
class Kind:
    """What may wait for its payer, and who writes down their answer."""

    name: str
    collection: Callable[[World], Collection]
    settle: Callable[[World, Entity, str], None]


KINDS = {
    "validation": Kind("card validation", lambda world: world.store.card_validations, validations.settle),
    "preauthorization": Kind("preauthorization", lambda world: world.store.preauthorizations, preauthorizations.settle),
    "deposit": Kind("extended preauthorization", lambda world: world.store.deposits, deposits.settle),
}


def show(world: World, call: Call) -> Response:
    kind, waiting = _asked(world, call)
    if waiting["Status"] != "CREATED":
        return page("Nothing to do", f"This {kind.name} is {waiting['Status']} already.")
    return page("Confirm that it is you", f"{kind.name.capitalize()} {waiting['Id']}.", yes="It is me", no="Cancel")


def decide(world: World, call: Call) -> Response:
    kind, waiting = _asked(world, call)
    has_agreed, is_paypal = call.form.get("choice") == "yes", "RedirectURL" in waiting
    if waiting["Status"] == "CREATED":
        refusal = NOT_APPROVED if is_paypal else AUTHENTICATION_FAILED
        kind.settle(world, waiting, SUCCESS if has_agreed else refusal)
    if not is_paypal:
        return back(waiting["SecureModeReturnURL"], {})
    return back(waiting["ReturnURL"] if has_agreed else waiting["CancelURL"] or waiting["ReturnURL"], {})


def _asked(world: World, call: Call) -> tuple[Kind, Entity]:
    kind = KINDS.get(call.params["Kind"])
    waiting = kind.collection(world).get(call.params["Id"]) if kind else None
    if kind is None or waiting is None:
        raise not_found("Page", call.params["Id"])
    return kind, waiting


ROUTES = (
    Route("GET", "/secure/{Kind}/{Id}", show, is_open=True),
    Route("POST", "/secure/{Kind}/{Id}", decide, is_open=True),
)
