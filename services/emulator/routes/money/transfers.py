"""Transfers between wallets.

Source: https://docs.mangopay.com/api-reference/transfers
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import begin, conclude, covers
from services.emulator.rules.users import is_owner


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    author = fields.entity("AuthorId", world.store.users)
    debited_wallet = fields.entity("DebitedWalletId", world.store.wallets)
    credited_wallet = fields.entity("CreditedWalletId", world.store.wallets)
    debited_funds, fees = fields.amounts()
    if author and debited_wallet and debited_wallet["_OwnerId"] != author["Id"]:
        fields.refuse("AuthorId", "Author should be the Debited wallet owner")
    context = fields.choice("ScaContext", ("USER_PRESENT", "USER_NOT_PRESENT")) or "USER_PRESENT"
    fields.check()
    _check_currencies(debited_funds, debited_wallet, credited_wallet)
    transfer = begin(
        world,
        "xfer_m_",
        "TRANSFER",
        author_id=author["Id"],
        debited_funds=debited_funds,
        fees=fees,
        debited_wallet=debited_wallet,
        credited_wallet=credited_wallet,
        credited_user_id=credited_wallet["_OwnerId"],
        tag=fields.text("Tag"),
        details={"ScaContext": context, "PendingUserAction": None},
    )
    conclude(world, transfer, _verdict(world, transfer, debited_wallet, credited_wallet))
    return Answer(wire(transfer))


def view(world: World, call: Call) -> Response:
    return Answer(wire(find_transfer(world, call.params["TransferId"])))


def find_transfer(world: World, transfer_id: str) -> Entity:
    transaction = world.store.transactions.get(transfer_id)
    if transaction is None or (transaction["Type"], transaction["Nature"]) != ("TRANSFER", "REGULAR"):
        raise not_found("Transfer", transfer_id)
    return transaction


def _check_currencies(funds: Entity, debited: Entity, credited: Entity) -> None:
    if debited["Currency"] != credited["Currency"]:
        message = (
            f"The Debited Wallet's currency {debited['Currency']} and the Credited Wallet's currency "
            f"{credited['Currency']} must be the same"
        )
    elif funds["Currency"] != debited["Currency"]:
        message = (
            f"The DebitedFunds' currency {funds['Currency']} and the Debited Wallet's currency "
            f"{debited['Currency']} must be the same"
        )
    else:
        return
    raise ApiError(400, "currency_incompatibility", message, {"currency": message})


def _verdict(world: World, transfer: Entity, debited: Entity, credited: Entity) -> str:
    if debited["Id"] == credited["Id"]:
        return "101108"
    if transfer["CreditedFunds"]["Amount"] <= 0:
        return "001014"
    refusal = _users_refuse(world, debited["_OwnerId"], credited["_OwnerId"])
    if refusal:
        return refusal
    return SUCCESS if covers(debited, transfer["DebitedFunds"]) else "001001"


def _users_refuse(world: World, payer_id: str, payee_id: str) -> str | None:
    """Return why these two may not send each other money, None if they may; the platform may always receive."""
    payer, payee = world.store.users.get(payer_id), world.store.users.get(payee_id)
    if payer is None or payee is None or payer is payee:
        return None
    if payer["UserStatus"] == "CLOSED":
        return "002601"
    if payee["UserStatus"] == "CLOSED":
        return "002602"
    if payer["UserStatus"] == "PENDING_USER_ACTION":
        return "002704"
    if not is_owner(payee):
        return "002702" if is_owner(payer) else "002701"
    return None


ROUTES = (
    Route("POST", f"{API}/transfers", create),
    Route("GET", f"{API}/transfers/{{TransferId}}", view),
)
