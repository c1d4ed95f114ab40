"""Transfers between wallets, which an OWNER confirms before much of their money goes to another OWNER.

Source: https://docs.mangopay.com/api-reference/transfers

Chosen: a transfer that cannot succeed fails at once, unconfirmed; the platform may send from its own wallets with its
ClientId as the author; 001002 is never told, because an author who does not own the debited wallet is refused with 400.
"""

from decimal import Decimal

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import sca
from services.emulator.rules.blocks import refusal_of_transfer
from services.emulator.rules.exchange import WITHOUT_MINOR_UNITS, market_rate
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import begin, conclude, covers
from services.emulator.rules.users import is_owner

FAILED_TO_CONFIRM = "007101"
CONFIRMED_TOO_LATE = "007102"
# The most an OWNER sends to another unconfirmed, in euro cents.
UNCONFIRMED = 50_000


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    debited_wallet = fields.entity("DebitedWalletId", world.store.wallets)
    credited_wallet = fields.entity("CreditedWalletId", world.store.wallets)
    author_id = _read_author(world, fields, debited_wallet)
    debited_funds, fees = fields.amounts()
    context = fields.choice("ScaContext", sca.CONTEXTS) or sca.PRESENT
    tag = fields.text("Tag")
    fields.check()
    _check_currencies(debited_funds, debited_wallet, credited_wallet)
    payer, payee = _users(world, debited_wallet, credited_wallet)
    if context == sca.ABSENT and payer and _is_to_another_owner(payer, payee):
        sca.check_consent(world, payer, "Transfer")
    transfer = begin(
        world,
        "xfer_m_",
        "TRANSFER",
        author_id=author_id,
        debited_funds=debited_funds,
        fees=fees,
        debited_wallet=debited_wallet,
        credited_wallet=credited_wallet,
        credited_user_id=credited_wallet["_OwnerId"],
        tag=tag,
        details={"ScaContext": context, "PendingUserAction": None},
    )
    redirect = _go_on(world, transfer)
    return Answer(wire(transfer) | {"PendingUserAction": redirect})


def view(world: World, call: Call) -> Response:
    return Answer(wire(find_transfer(world, call.params["TransferId"])))


def find_transfer(world: World, transfer_id: str) -> Entity:
    transaction = world.store.transactions.get(transfer_id)
    if transaction is None or (transaction["Type"], transaction["Nature"]) != ("TRANSFER", "REGULAR"):
        raise not_found("Transfer", transfer_id)
    return transaction


def confirm(world: World, transfer_id: str) -> None:
    """Carry out a transfer that its author has confirmed, if it still can be."""
    transfer = _pending(world, transfer_id)
    if transfer is not None:
        conclude(world, transfer, _verdict(world, transfer))


def fail_to_confirm(world: World, transfer_id: str) -> None:
    transfer = _pending(world, transfer_id)
    if transfer is not None:
        conclude(world, transfer, FAILED_TO_CONFIRM)


def expire(world: World, transfer_id: str) -> None:
    transfer = _pending(world, transfer_id)
    if transfer is not None:
        conclude(world, transfer, CONFIRMED_TOO_LATE)


def _go_on(world: World, transfer: Entity) -> Entity | None:
    """Conclude a new transfer, or leave it CREATED and return where its author confirms it."""
    payer, payee = _users_of(world, transfer)
    verdict = _verdict(world, transfer)
    is_much = _in_cents(world, transfer["DebitedFunds"]) > UNCONFIRMED
    if verdict != SUCCESS or payer is None or not (is_much and _is_to_another_owner(payer, payee)):
        conclude(world, transfer, verdict)
        return None
    if payer["UserStatus"] == "PENDING_USER_ACTION":
        conclude(world, transfer, "002704")
        return None
    redirect = sca.challenge(
        world,
        payer,
        context=transfer["ScaContext"],
        scope="Transfer",
        resource_id=transfer["Id"],
        on_success="transfer.confirm",
        on_failure="transfer.fail_to_confirm",
        on_expiry="transfer.expire",
    )
    if redirect is None:
        conclude(world, transfer)
    return redirect


def _read_author(world: World, fields: Fields, debited_wallet: Entity) -> str:
    """Return the id of the author, who owns the debited wallet: a user, or the platform itself."""
    if fields.body.get("AuthorId") == world.config.client_id:
        author_id = world.config.client_id
    else:
        author_id = fields.entity("AuthorId", world.store.users).get("Id", "")
    if author_id and debited_wallet and debited_wallet["_OwnerId"] != author_id:
        fields.refuse("AuthorId", "Author should be the Debited wallet owner")
    return str(author_id)


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


def _is_to_another_owner(payer: Entity, payee: Entity | None) -> bool:
    """Tell whether a transfer is of the kind that a payer who knows strong authentication may have to confirm."""
    return sca.knows_sca(payer) and payee is not None and payee is not payer and is_owner(payee)


def _in_cents(world: World, funds: Entity) -> Decimal:
    """Return what some funds are worth in euro cents, at the market's rate."""
    minor_units = 100 if funds["Currency"] in WITHOUT_MINOR_UNITS else 1
    return minor_units * int(funds["Amount"]) * market_rate(world, funds["Currency"], "EUR")


def _verdict(world: World, transfer: Entity) -> str:
    debited = world.find(world.store.wallets, transfer["DebitedWalletId"], "Wallet")
    if transfer["DebitedWalletId"] == transfer["CreditedWalletId"]:
        return "101108"
    if transfer["CreditedFunds"]["Amount"] <= 0:
        return "001014"
    payer, payee = _users_of(world, transfer)
    refusal = _users_refuse(payer, payee) or refusal_of_transfer(
        world, *(user["Id"] for user in (payer, payee) if user is not None)
    )
    if refusal:
        return refusal
    return SUCCESS if covers(debited, transfer["DebitedFunds"]) else "001001"


def _users_refuse(payer: Entity | None, payee: Entity | None) -> str | None:
    """Return why these two may not send each other money, None if they may; the platform always may."""
    if payer is not None and payer["UserStatus"] == "CLOSED":
        return "002601"
    if payee is not None and payee["UserStatus"] == "CLOSED":
        return "002602"
    if payer is None or payee is None or payer is payee or is_owner(payee):
        return None
    return "002702" if is_owner(payer) else "002701"


def _users_of(world: World, transfer: Entity) -> tuple[Entity | None, Entity | None]:
    wallets = [
        world.find(world.store.wallets, transfer[f"{side}WalletId"], "Wallet") for side in ("Debited", "Credited")
    ]
    return _users(world, *wallets)


def _users(world: World, debited: Entity, credited: Entity) -> tuple[Entity | None, Entity | None]:
    """Return who pays and who is paid; None stands for the platform."""
    return world.store.users.get(debited["_OwnerId"]), world.store.users.get(credited["_OwnerId"])


def _pending(world: World, transfer_id: str) -> Entity | None:
    transfer = world.store.transactions.get(transfer_id)
    return transfer if transfer is not None and transfer["Status"] == "CREATED" else None


ROUTES = (
    Route("POST", f"{API}/transfers", create),
    Route("GET", f"{API}/transfers/{{TransferId}}", view),
)
ACTS = {"transfer.confirm": confirm, "transfer.fail_to_confirm": fail_to_confirm, "transfer.expire": expire}
