"""Recipients: what one is made of, and the few things that can happen to it.

Source: https://docs.mangopay.com/api-reference/recipients/recipient-object
"""

from services.emulator.engine.errors import ApiError
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.payees import verification

# What a list shows, and in which order a recipient begins.
ROW = (
    *("Id", "Status", "CreationDate", "DisplayName", "PayoutMethodType", "RecipientType", "Currency", "Country"),
    *("UserId", "RecipientScope"),
)
BLOCKS = ("IndividualRecipient", "BusinessRecipient", "LocalBankTransfer", "InternationalBankTransfer")


def row(recipient: Entity) -> Entity:
    return {name: recipient[name] for name in ROW}


def new(data: Entity, *, recipient_id: str, user_id: str, status: str, created_at: int) -> Entity:
    """Return a recipient made of what was sent; what is empty is left out rather than null."""
    known = data | {"Id": recipient_id, "Status": status, "CreationDate": created_at, "UserId": user_id}
    known.setdefault("RecipientScope", "PAYOUT")
    recipient = {name: known[name] for name in ROW}
    recipient |= {name: known[name] for name in ("Tag", *BLOCKS) if name in known}
    check = verification(recipient)
    if check is not None:
        recipient["RecipientVerificationOfPayee"] = check
    return recipient


def activate(world: World, recipient_id: str) -> None:
    """Let a recipient whose owner has confirmed it be paid out to."""
    _decide(world, recipient_id, "ACTIVE")


def cancel(world: World, recipient_id: str) -> None:
    """Give up a recipient whose owner has not confirmed it."""
    _decide(world, recipient_id, "CANCELED")


def deactivate(world: World, recipient: Entity) -> Entity:
    """Make a recipient unusable for good, and the legacy bank account it may stand for; raises ApiError 400."""
    if recipient["Status"] != "ACTIVE":
        raise ApiError(400, "other", "Invalid State")
    recipient["Status"] = "DEACTIVATED"
    world.store.recipients.save(recipient)
    account = world.store.bank_accounts.get(recipient["Id"])
    if account is not None:
        account["Active"] = False
        world.store.bank_accounts.save(account)
    world.emit("RECIPIENT_DEACTIVATED", recipient["Id"])
    return recipient


def _decide(world: World, recipient_id: str, status: str) -> None:
    recipient = world.store.recipients.get(recipient_id)
    if recipient is not None and recipient["Status"] == "PENDING":
        recipient["Status"] = status
        world.store.recipients.save(recipient)
        world.emit(f"RECIPIENT_{status}", recipient_id)
