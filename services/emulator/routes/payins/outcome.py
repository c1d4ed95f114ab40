"""What comes of a pay-in when its payer, or whoever plays them, has decided.

Source: https://docs.mangopay.com/api-reference/overview/transactions
"""

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins import card, direct_debit
from services.emulator.routes.payins.bankwire import receive_declared
from services.emulator.routes.payins.methods import note_payer
from services.emulator.rules.payins import refusal_of
from services.emulator.rules.recurring import note_payin
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import conclude


def finish(world: World, payin: Entity, result_code: str = SUCCESS) -> Entity:
    """Make a CREATED pay-in of any kind final; a success is one only if the money may still arrive."""
    if result_code == SUCCESS and payin["PaymentType"] == "BANK_WIRE":
        receive_declared(payin)
    if result_code == SUCCESS:
        result_code = refusal_of(world, payin) or SUCCESS
    if result_code == SUCCESS:
        note_payer(world, payin)
    if payin["PaymentType"] in ("CARD", "GOOGLE_PAY"):
        card.settle(world, payin, result_code)
    elif payin["PaymentType"] == "DIRECT_DEBIT":
        direct_debit.settle(world, payin, result_code)
    else:
        conclude(world, payin, result_code)
        note_payin(world, payin)
    return payin
