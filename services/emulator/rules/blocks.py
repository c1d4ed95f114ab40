"""Blocks: Mangopay may stop a user's money from coming in or from going out, which no platform can do or undo.

Source: https://docs.mangopay.com/api-reference/users/regulatory
"""

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

USER_BLOCKED = "008700"


def is_blocked(user: Entity | None, flow: str) -> bool:
    """Tell whether `Inflows` or `Outflows` of a user are blocked."""
    return bool(user and user.get("_Blocks", {}).get(flow))


def refusal_of_payin(world: World, user_id: str) -> str | None:
    """Return the result code of a pay-in to this user's wallet if their inflows are blocked, else None."""
    return USER_BLOCKED if is_blocked(world.store.users.get(user_id), "Inflows") else None


def refusal_of_payout(world: World, user_id: str) -> str | None:
    return USER_BLOCKED if is_blocked(world.store.users.get(user_id), "Outflows") else None


def refusal_of_transfer(world: World, *user_ids: str) -> str | None:
    """Return the result code of a transfer between these users: either block of either stops it."""
    users = [world.store.users.get(user_id) for user_id in user_ids]
    is_stopped = any(is_blocked(user, flow) for user in users for flow in ("Inflows", "Outflows"))
    return USER_BLOCKED if is_stopped else None
