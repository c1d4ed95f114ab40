"""The way of a payout: its money is set aside, the bank gets it or does not, or too much time passes.

Source: https://docs.mangopay.com/guides/payouts/integration
"""

from services.emulator.engine.errors import not_found
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import payout_modes
from services.emulator.rules.payouts import is_held, refusal
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import conclude, reserve

EXPIRES_AFTER_S = 7 * 86_400
EXPIRED = "121009"


def send(world: World, payout: Entity, verdict: str) -> Entity:
    """Set a new payout's money aside and let it leave, or let it fail at once."""
    if verdict != SUCCESS:
        return payout_modes.fail(world, payout, verdict)
    reserve(world, payout)
    if is_held(world):
        world.later("payout.expire", payout["Id"], after_s=EXPIRES_AFTER_S)
    else:
        world.later("payout.settle", payout["Id"])
    return payout


def settle(world: World, payout_id: str) -> None:
    """Hand a CREATED payout to the bank, if nothing has come in its way meanwhile."""
    payout = world.store.transactions.get(payout_id)
    if payout is None or payout["Status"] != "CREATED":
        return
    verdict = refusal(world, payout)
    if verdict == SUCCESS:
        payout_modes.hand_over(world, payout)
    else:
        payout_modes.fail(world, payout, verdict)


def expire(world: World, payout_id: str) -> None:
    payout = world.store.transactions.get(payout_id)
    if payout is not None and payout["Status"] == "CREATED":
        conclude(world, payout, EXPIRED)


def find_payout(world: World, payout_id: str) -> Entity:
    transaction = world.store.transactions.get(payout_id)
    if transaction is None or (transaction["Type"], transaction["Nature"]) != ("PAYOUT", "REGULAR"):
        raise not_found("PayOut", payout_id)
    return transaction
