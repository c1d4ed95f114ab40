"""What all pay-ins ask for, who may be paid, and how a pay-in is begun, shown, and let expire.

Source: https://docs.mangopay.com/api-reference/pay-ins

Chosen: a pay-in may be authored by anybody for anybody's wallet, but only into the wallet of a user; whose author or
credited user is closed is refused by `user_closed`, and fails by 002602 if that happened while the payer was away;
`FlowDescriptor` is repeated, but nobody looks whether its beneficiaries are verified.
"""

from dataclasses import dataclass

from services.emulator.engine.errors import not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import blocks, payer
from services.emulator.rules.recurring import note_payin
from services.emulator.rules.result_codes import PERIOD_EXPIRED
from services.emulator.rules.transactions import begin, check_currency, conclude
from services.emulator.rules.users import refuse_closed

# What an acquired payment, which reaches no wallet, has nothing to say about.
OF_WALLETS = ("AuthorId", "CreditedUserId", "CreditedFunds", "Fees", "CreditedWalletId", "DebitedWalletId")


@dataclass(frozen=True, slots=True)
class Parties:
    """Who pays, into which wallet, for whom."""

    author_id: str
    credited_wallet: Entity
    credited_user_id: str


def find_payin(world: World, payin_id: str) -> Entity:
    transaction = world.store.transactions.get(payin_id)
    if transaction is None or (transaction["Type"], transaction["Nature"]) != ("PAYIN", "REGULAR"):
        raise not_found("PayIn", payin_id)
    return transaction


def shown(payin: Entity) -> Entity:
    """Return a pay-in as it is sent, whatever its kind."""
    sent = wire(payin)
    return {name: sent[name] for name in sent if name not in OF_WALLETS} if payin.get("_IsAcquired") else sent


def read_parties(world: World, fields: Fields) -> Parties:
    """Return the parties named in a body; raises ApiError 400 for all that was wrong in it so far."""
    author = fields.entity("AuthorId", world.store.users)
    wallet = fields.entity("CreditedWalletId", world.store.wallets)
    owner_id = wallet.get("_OwnerId")
    if wallet and wallet["FundsType"] != "DEFAULT":
        fields.refuse("CreditedWalletId", f"The value {wallet['Id']} is not valid")
    if wallet and fields.text("CreditedUserId") not in (None, "", owner_id):
        fields.refuse("CreditedUserId", "The credited user is not the owner of the credited wallet")
    fields.text("Tag")
    payer.flow_descriptor(fields)
    if wallet and list(fields.refused) == ["Fees"] and fields.has("DebitedFunds"):
        # What is debited in another currency than the wallet's is so before its fees are in yet another.
        check_currency(fields.within("DebitedFunds").body, wallet)
    fields.check()
    for user in (author, world.store.users.get(owner_id) or author):
        refuse_closed(user)
    return Parties(author["Id"], wallet, str(owner_id))


def begin_payin(
    world: World,
    fields: Fields,
    parties: Parties,
    *,
    debited_funds: Entity,
    fees: Entity,
    details: Entity,
    prefix: str = "payin_m_",
) -> Entity:
    return begin(
        world,
        prefix,
        "PAYIN",
        author_id=parties.author_id,
        debited_funds=debited_funds,
        fees=fees,
        credited_wallet=parties.credited_wallet,
        credited_user_id=parties.credited_user_id,
        tag=fields.text("Tag"),
        details=details | {"FlowDescriptor": details.get("FlowDescriptor") or payer.flow_descriptor(fields)},
    )


def refusal_of(world: World, payin: Entity) -> str | None:
    """Return why a pay-in fails however willing its payer is: no money is left of it, or nobody may receive it."""
    if payin["DebitedFunds"]["Amount"] <= payin["Fees"]["Amount"] and not payin.get("_IsAcquired"):
        return "001014"
    user = world.store.users.get(payin["CreditedUserId"])
    if user is not None and user["UserStatus"] == "CLOSED":
        return "002602"
    return blocks.refusal_of_payin(world, payin["CreditedUserId"]) if user is not None else None


def expire(world: World, payin_id: str) -> None:
    """Fail a pay-in whose payer has let its time pass."""
    payin = world.store.transactions.get(payin_id)
    if payin is not None and payin["Status"] == "CREATED" and not payin.get("ProcessingStatus"):
        conclude(world, payin, PERIOD_EXPIRED)
        note_payin(world, payin)
