"""Payouts of the platform's own wallets, and everything that ever moved in these wallets. Legacy: known from the SDKs.

Source: https://github.com/Mangopay/mangopay4-python-sdk (CLIENT_CREATE_PAYOUT) and its siblings

Chosen: the account must not be a user's; FEES and CREDIT wallets can both be paid out from as far as they reach.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import TRANSACTION_FILTERS, page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules.payout_dispatch import send
from services.emulator.rules.payouts import find_account, refusal_at_creation
from services.emulator.rules.transactions import begin, check_currency, row


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("DebitedFunds")
    wallet, account = _read_wallet(world, fields), _read_account(world, fields)
    debited_funds = fields.money("DebitedFunds", least=1) or {}
    details = {
        "PaymentType": "BANK_WIRE",
        "BankAccountId": account.get("Id"),
        "RecipientId": None,
        "BankWireRef": fields.text("BankWireRef"),
        "ModeRequested": None,
        "ModeApplied": "PENDING_RESPONSE",
        "FallbackReason": None,
        "EndToEndId": None,
        "PaymentRef": None,
        "RecipientVerificationOfPayee": None,
        "ChargeBearer": None,
    }
    tag = fields.text("Tag")
    fields.check()
    check_currency(debited_funds, wallet)
    payout = begin(
        world,
        "po_m_",
        "PAYOUT",
        author_id=world.config.client_id,
        debited_funds=debited_funds,
        fees={"Currency": debited_funds["Currency"], "Amount": 0},
        debited_wallet=wallet,
        tag=tag,
        details=details,
    )
    return Answer(wire(send(world, payout, refusal_at_creation(world, payout, None))))


def transactions(world: World, call: Call) -> Response:
    """List what has moved in any wallet of the platform."""
    rows = world.store.transactions.select("_WalletIds", world.config.client_id)
    return page(world, call, rows, filters=TRANSACTION_FILTERS, shape=row)


def _read_wallet(world: World, fields: Fields) -> Entity:
    wallet = fields.entity("DebitedWalletId", world.store.wallets)
    if wallet and wallet["_OwnerId"] != world.config.client_id:
        fields.refuse("DebitedWalletId", f"The value {wallet['Id']} is not valid")
    return wallet


def _read_account(world: World, fields: Fields) -> Entity:
    fields.require("BankAccountId")
    account_id = fields.text("BankAccountId")
    account = find_account(world, account_id)
    if account is None or world.store.users.get(account.get("UserId")) is not None:
        fields.refuse("BankAccountId", f"The value {account_id} is not valid")
    return account or {}


ROUTES = (
    Route("POST", f"{API}/clients/payouts", create),
    Route("GET", f"{API}/clients/transactions", transactions),
)
