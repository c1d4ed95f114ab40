"""Payouts by bank wire: answered as CREATED, handed to the bank right after the answer.

Source: https://docs.mangopay.com/api-reference/payouts
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.payins.payins import check_currency
from services.emulator.rules import formatters
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import begin, conclude, covers
from services.emulator.rules.users import is_owner

MODES = ("STANDARD", "INSTANT_PAYMENT", "INSTANT_PAYMENT_ONLY", "RTGS_PAYMENT")


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    author = fields.entity("AuthorId", world.store.users)
    wallet = fields.entity("DebitedWalletId", world.store.wallets)
    account = fields.entity("BankAccountId", world.store.bank_accounts)
    debited_funds, fees = fields.amounts()
    details = _details(world, fields, account)
    fields.check()
    check_currency(debited_funds, wallet)
    payout = begin(
        world,
        "po_m_",
        "PAYOUT",
        author_id=author["Id"],
        debited_funds=debited_funds,
        fees=fees,
        debited_wallet=wallet,
        tag=fields.text("Tag"),
        details=details,
    )
    verdict = _verdict(world, payout)
    if verdict == SUCCESS:
        world.later("payout.settle", payout["Id"])
    else:
        conclude(world, payout, verdict)
    return Answer(wire(payout))


def view(world: World, call: Call) -> Response:
    return Answer(formatters.payout(_payout_of(world, call)))


def view_bankwire(world: World, call: Call) -> Response:
    return Answer(wire(_payout_of(world, call)))


def settle(world: World, payout_id: str) -> None:
    """Hand a CREATED payout to the bank, if its wallet still holds the money."""
    payout = world.store.transactions.get(payout_id)
    if payout is not None and payout["Status"] == "CREATED":
        payout["ModeApplied"] = "STANDARD"
        conclude(world, payout, _verdict(world, payout))


def _payout_of(world: World, call: Call) -> Entity:
    payout_id = call.params["PayOutId"]
    transaction = world.store.transactions.get(payout_id)
    if transaction is None or (transaction["Type"], transaction["Nature"]) != ("PAYOUT", "REGULAR"):
        raise not_found("PayOut", payout_id)
    return transaction


def _details(world: World, fields: Fields, account: Entity) -> Entity:
    reference = fields.body.get("PaymentRef")
    if reference is not None:
        inner = fields.within("PaymentRef")
        inner.choice("ReasonType", ("PAYIN_REFUND",))
        inner.entity("ReferenceId", world.store.transactions)
    return {
        "PaymentType": "BANK_WIRE",
        "BankAccountId": account.get("Id"),
        "RecipientId": None,
        "BankWireRef": fields.text("BankWireRef"),
        "ModeRequested": fields.choice("PayoutModeRequested", MODES),
        "ModeApplied": "PENDING_RESPONSE",
        "FallbackReason": None,
        "EndToEndId": None,
        "PaymentRef": reference,
        "RecipientVerificationOfPayee": None,
    }


def _verdict(world: World, payout: Entity) -> str:
    wallet = world.store.wallets.get(payout["DebitedWalletId"])
    account = world.store.bank_accounts.get(payout["BankAccountId"])
    author = world.store.users.get(payout["AuthorId"])
    if wallet is None or account is None or author is None:
        return "121999"
    if wallet["_OwnerId"] != author["Id"]:
        return "121002"
    if account["UserId"] != author["Id"]:
        return "121007"
    if not account["Active"]:
        return "121006"
    if not covers(wallet, payout["DebitedFunds"]):
        return "121003"
    return _kyc_verdict(author, payout)


def _kyc_verdict(author: Entity, payout: Entity) -> str:
    """Let a refund of a pay-in go to anybody, anything else to an OWNER whose identity is verified."""
    if payout["PaymentRef"] is not None:
        return SUCCESS
    if not is_owner(author):
        return "002701"
    return SUCCESS if author["KYCLevel"] == "REGULAR" else "002999"


ROUTES = (
    Route("POST", f"{API}/payouts/bankwire", create),
    Route("GET", f"{API}/payouts/{{PayOutId}}", view),
    Route("GET", f"{API}/payouts/bankwire/{{PayOutId}}", view_bankwire),
)

ACTS = {"payout.settle": settle}
