"""Where the money of settlements waits for the sellers: one wallet a currency, which belongs to the platform.

Source: https://docs.mangopay.com/guides/echo

Chosen: funds of a settlement arrive as a pay-in by bank wire whose author is the platform; a split is a transfer out of
the escrow wallet, its FeesAmount a part of its SplitAmount.
"""

from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.transactions import begin, conclude, covers


def wallet(world: World, currency: str) -> Entity:
    """Return the escrow wallet of a currency, which comes into being when it is first needed."""
    owner_id = f"ESCROW_{currency}"
    known = world.store.wallets.where("_OwnerId", owner_id)
    return known[0] if known else world.store.wallets.save(_new(world, currency, owner_id))


def receive(world: World, currency: str, amount: int) -> Entity:
    """Let funds arrive from the third party."""
    client_id = world.config.client_id
    payin = begin(
        world,
        "payin_m_",
        "PAYIN",
        author_id=client_id,
        debited_funds={"Currency": currency, "Amount": amount},
        fees={"Currency": currency, "Amount": 0},
        credited_wallet=wallet(world, currency),
        credited_user_id=client_id,
        details={"PaymentType": "BANK_WIRE", "ExecutionType": "EXTERNAL_INSTRUCTION", "WireReference": None},
    )
    return conclude(world, payin)


def pay_seller(world: World, split: Entity, currency: str) -> bool:
    """Carry out a split, and tell whether its seller could be paid."""
    source, target = _source(world, split, currency), world.store.wallets.get(split["WalletId"])
    funds = {"Currency": currency, "Amount": split["SplitAmount"]}
    if target is None or not covers(source, funds):
        return False
    transfer = begin(
        world,
        "xfer_m_",
        "TRANSFER",
        author_id=world.config.client_id,
        debited_funds=funds,
        fees={"Currency": currency, "Amount": split["FeesAmount"]},
        debited_wallet=source,
        credited_wallet=target,
        credited_user_id=target["_OwnerId"],
        details={"ScaContext": None, "PendingUserAction": None},
    )
    conclude(world, transfer)
    return True


def _source(world: World, split: Entity, currency: str) -> Entity:
    return world.store.wallets.get(split["SplitOriginWalletId"]) or wallet(world, currency)


def _new(world: World, currency: str, owner_id: str) -> Entity:
    return {
        "Description": f"Escrow {currency}",
        "Owners": [world.config.client_id],
        "Id": new_id("wlt_m_"),
        "Balance": {"Currency": currency, "Amount": 0},
        "Currency": currency,
        "FundsType": "DEFAULT",
        "Tag": None,
        "CreationDate": world.clock.now(),
        "_OwnerId": owner_id,
    }
