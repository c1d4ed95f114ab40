"""What all authorisations of money to be captured later share, be they pre-authorisations or deposits.

Source: https://docs.mangopay.com/api-reference/preauthorizations and .../extended-preauthorizations
"""

from collections.abc import Callable

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import card_bank
from services.emulator.rules.result_codes import MESSAGES, SUCCESS

FILTERS = ("Status", "PaymentStatus", "ResultCode")

# Writes down the answer of the bank.
Settle = Callable[[World, Entity, str], None]


def read_funds(fields: Fields) -> Entity:
    """Return what is to be held, one unit at least."""
    fields.require("DebitedFunds")
    return fields.money("DebitedFunds", least=1) or {}


def ask_bank(world: World, authorisation: Entity, card: Entity, kind: str, settle: Settle) -> None:
    """Let the card's bank decide on something new, after its customer has been to the page if it wants to see them."""
    refusal = card_bank.refusal(world, card, authorisation["AuthorId"], amount=authorisation["DebitedFunds"]["Amount"])
    if refusal is None and card_bank.is_challenged(authorisation, card):
        card_bank.challenge(authorisation, f"{world.config.base_url}/secure/{kind}/{authorisation['Id']}")
        world.later(f"{kind}.expire_page", authorisation["Id"], after_s=card_bank.PAGE_LIFE_S)
    else:
        settle(world, authorisation, refusal or SUCCESS)


def answer(world: World, authorisation: Entity, result_code: str, *, hold_s: int) -> None:
    """Write down the bank's answer, and from when until when the money is held."""
    authorisation |= {
        "Status": "SUCCEEDED" if result_code == SUCCESS else "FAILED",
        "ResultCode": result_code,
        "ResultMessage": MESSAGES[result_code],
    }
    if result_code == SUCCESS:
        now = world.clock.now()
        authorisation |= {"AuthorizationDate": now, "ExpirationDate": now + hold_s}
