"""Blocks: Mangopay may stop a user's money from coming in or from going out, which no platform can do or undo.

Inflows are pay-ins, outflows payouts; a transfer is stopped by either block of either user.
Source: https://docs.mangopay.com/api-reference/users/regulatory
Chosen: a block without a reason is for the platform to ask about (008703), and the last reason stands for both flows.
"""

from collections.abc import Iterable

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

USER_BLOCKED = "008700"
INFLOWS, OUTFLOWS = FLOWS = ("Inflows", "Outflows")
CONTACT_SUPPORT = "008703"


def block(world: World, user: Entity, flows: Iterable[str], action_code: str | None) -> None:
    known = user.get("_Blocks", {})
    blocked = known | dict.fromkeys(flows, True) | {"ActionCode": action_code or CONTACT_SUPPORT}
    _set(world, user, known, blocked)


def unblock(world: World, user: Entity, flows: Iterable[str]) -> None:
    known = user.get("_Blocks", {})
    _set(world, user, known, known | dict.fromkeys(flows, False))


def is_blocked(user: Entity | None, flow: str) -> bool:
    """Tell whether `Inflows` or `Outflows` of a user are blocked."""
    return bool(user and user.get("_Blocks", {}).get(flow))


def action_code(user: Entity) -> str:
    """Return why a user is blocked, an empty text if they are not."""
    is_any = any(is_blocked(user, flow) for flow in FLOWS)
    return str(user["_Blocks"]["ActionCode"]) if is_any else ""


def refusal_of_payin(world: World, user_id: str) -> str | None:
    """Return the result code of a pay-in to this user's wallet if their inflows are blocked, else None."""
    return USER_BLOCKED if is_blocked(world.store.users.get(user_id), INFLOWS) else None


def refusal_of_payout(world: World, user_id: str) -> str | None:
    return USER_BLOCKED if is_blocked(world.store.users.get(user_id), OUTFLOWS) else None


def refusal_of_transfer(world: World, *user_ids: str) -> str | None:
    """Return the result code of a transfer between these users: either block of either stops it."""
    users = [world.store.users.get(user_id) for user_id in user_ids]
    return USER_BLOCKED if any(is_blocked(user, flow) for user in users for flow in FLOWS) else None


def _set(world: World, user: Entity, before: Entity, after: Entity) -> None:
    """Keep what is blocked now, and tell of every flow for which that is new."""
    user["_Blocks"] = after
    world.store.users.save(user)
    for flow in FLOWS:
        is_now = bool(after.get(flow))
        if is_now != bool(before.get(flow)):
            world.emit(f"USER_{flow.upper()}_{'BLOCKED' if is_now else 'UNBLOCKED'}", user["Id"])
