"""What only a bank or Mangopay does to payouts: to hold them, to settle or refuse one, and to change the contract.

Source: https://docs.mangopay.com/guides/payouts/rejects-returns
"""

from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import payout_modes
from services.emulator.rules.payout_dispatch import find_payout, settle
from services.emulator.rules.payouts import PAYOUT_SETTINGS
from services.emulator.rules.result_codes import MESSAGES, SUCCESS


def hold(world: World, _: str, fields: Fields) -> Entity:
    """Leave new payouts CREATED until each is settled or fails, or hand them over by themselves again."""
    is_on = fields.flag("Hold")
    fields.check()
    return _set(world, {"IsHeld": is_on is not False})


def configure(world: World, _: str, fields: Fields) -> Entity:
    """Switch what Mangopay switches by contract."""
    names = ("InstantEnabled", "LegacyAccountsAccepted", "VerificationOfPayeeEnforced")
    changes = {name: fields.flag(name) for name in names if fields.has(name)}
    fields.check()
    return _set(world, changes)


def settle_held(world: World, payout_id: str, _: Fields) -> Entity:
    payout = _created(world, payout_id)
    settle(world, payout_id)
    return payout


def fail_held(world: World, payout_id: str, fields: Fields) -> Entity:
    """Let a CREATED payout fail with a result code, the bank's refusal if none is named."""
    code = fields.choice("ResultCode", MESSAGES) or "121001"
    fields.check()
    if code == SUCCESS:
        raise invalid_action("A payout does not fail with the code of a success")
    return payout_modes.fail(world, _created(world, payout_id), code)


def _created(world: World, payout_id: str) -> Entity:
    payout = find_payout(world, payout_id)
    if payout["Status"] != "CREATED":
        raise invalid_action("The payout is final already")
    return payout


def _set(world: World, changes: Entity) -> Entity:
    settings = world.store.settings.get(PAYOUT_SETTINGS) or {"Id": PAYOUT_SETTINGS}
    return world.store.settings.save(settings | changes)


ROUTES: tuple[Route, ...] = ()

CONTROLS = {
    "payout.hold": hold,
    "payout.configure": configure,
    "payout.settle": settle_held,
    "payout.fail": fail_held,
}
