"""Paying in by bank wire: the payer is told an account and a reference, or the account is the wallet's own.

Both kinds have one shape. The first arrives when somebody simulates it (see simulation.py), and expires after a month.
Source: https://docs.mangopay.com/api-reference/bank-wire-payins and .../unified-bank-wire-payin-object

Chosen: a month has thirty days; `TransactionDetails` stays an empty list until a wire brings some, then holds them as
they came; `ReconciliationDetails` is `{ReceivedFunds, WireReference}`, null until then; pounds, Danish crowns and
zlotys are sent to a new account in their country, every other currency to one French account.
"""

import secrets

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import CURRENCIES, Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import payer
from services.emulator.rules.account_numbers import draw
from services.emulator.rules.payins import Parties, begin_payin, read_parties, refusal_of, shown
from services.emulator.rules.payment_methods import DAY_S
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import check_currency, client_wallet, conclude, minus
from services.emulator.rules.users import is_owner

PREFIX = "payin_wf_"
REJECTED = "008500"
ALIAS_CLOSED = "101025"
NOT_FOR_PAYERS = "002703"
WINDOW_S = 30 * DAY_S
# Where money is collected: at home where a currency has one bank network of its own, or else in France.
COUNTRIES = {"GBP": "GB", "DKK": "DK", "PLN": "PL"}
FRENCH_ACCOUNT = {"IBAN": "FR7618829754160173622224154", "BIC": "CMBRFR2BCME"}
# What the money fields hold until the wire has arrived.
NOTHING_YET = {"Currency": "XXX", "Amount": 0}


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    declared, fees = fields.amounts("DeclaredDebitedFunds", "DeclaredFees")
    parties = read_parties(world, fields)
    check_currency(declared, parties.credited_wallet)
    payin = _begin_declared(world, fields, parties, declared, fees)
    if declared["Amount"] <= fees["Amount"]:
        conclude(world, payin, "001014")
    return Answer(shown(payin))


def create_for_client(world: World, call: Call) -> Response:
    """Let the platform itself refill its repudiation wallet."""
    fields = Fields(call.body)
    fields.require("DeclaredDebitedFunds", "CreditedWalletId")
    declared = fields.money("DeclaredDebitedFunds", least=1) or {}
    fees = (fields.money("DeclaredFees") if fields.has("DeclaredFees") else None) or declared | {"Amount": 0}
    currency = _repudiated_currency(fields)
    fields.text("Tag")
    payer.flow_descriptor(fields)
    fields.check()
    check_currency(declared, {"Currency": currency}, fees)
    client_id, wallet = world.config.client_id, client_wallet(world, "CREDIT", currency)
    payin = _begin_declared(world, fields, Parties(client_id, wallet, client_id), declared, fees)
    return Answer(shown(payin))


def receive_declared(payin: Entity) -> None:
    """Fill in the money of a wire that has arrived as it was declared."""
    payin["DebitedFunds"], payin["Fees"] = payin["DeclaredDebitedFunds"], payin["DeclaredFees"]
    payin["CreditedFunds"] = minus(payin["DebitedFunds"], payin["Fees"])
    payin["ReconciliationDetails"] = _reconciled(payin["DebitedFunds"], payin["WireReference"])


def receive_at_account(world: World, account: Entity, funds: Entity, transaction_details: Fields) -> Entity:
    """Make the pay-in of a wire that has reached an account of a wallet, be it a virtual account or an alias."""
    wallet = world.find(world.store.wallets, account["WalletId"], "Wallet")
    check_currency(funds, wallet)
    debtor = _debtor(transaction_details)
    reference = _remittance(transaction_details) or _new_reference()
    transaction_details.check()
    details = _shape("EXTERNAL_INSTRUCTION", reference, account=_own_account(account)) | {
        "BankingAliasId": account["Id"],
        "VirtualAccountId": account["Id"],
        "DebitedAccount": {name: debtor[name] for name in ("OwnerName", "IBAN", "BIC", "AccountNumber", "Country")},
        "DebitedBankAccount": debtor,
        "TransactionDetails": [transaction_details.body] if transaction_details.body else [],
        "ReconciliationDetails": _reconciled(funds, reference),
    }
    owner_id = str(wallet["_OwnerId"])
    parties, no_fees = Parties(owner_id, wallet, owner_id), funds | {"Amount": 0}
    payin = begin_payin(world, Fields({}), parties, prefix=PREFIX, debited_funds=funds, fees=no_fees, details=details)
    refusal = _refusal_of_account(world, account, owner_id) or refusal_of(world, payin)
    return conclude(world, payin, refusal or SUCCESS)


def _begin_declared(world: World, fields: Fields, parties: Parties, declared: Entity, fees: Entity) -> Entity:
    account = _collecting_account(declared["Currency"])
    details = _shape("DIRECT", _new_reference(), account=account) | {
        "DeclaredDebitedFunds": declared,
        "DeclaredFees": fees,
        "BankAccount": account,
    }
    payin = begin_payin(
        world, fields, parties, prefix=PREFIX, debited_funds=NOTHING_YET, fees=NOTHING_YET, details=details
    )
    world.later("payin.expire", payin["Id"], after_s=WINDOW_S)
    return payin


def _shape(execution_type: str, reference: str, *, account: Entity) -> Entity:
    """Return the fields of either kind, those of the other kind unset."""
    return {
        "PaymentType": "BANK_WIRE",
        "ExecutionType": execution_type,
        "DeclaredDebitedFunds": None,
        "DeclaredFees": None,
        "WireReference": reference,
        "BankAccount": None,
        "BankingAliasId": None,
        "VirtualAccountId": None,
        "CreditedAccount": account,
        "DebitedAccount": None,
        "DebitedBankAccount": None,
        "TransactionDetails": [],
        "ReconciliationDetails": None,
    }


def _refusal_of_account(world: World, account: Entity, owner_id: str) -> str | None:
    if not account["Active"]:
        return ALIAS_CLOSED
    owner = world.store.users.get(owner_id)
    is_owned = account.get("VirtualAccountPurpose") == "USER_OWNED"
    return NOT_FOR_PAYERS if is_owned and owner is not None and not is_owner(owner) else None


def _repudiated_currency(fields: Fields) -> str:
    """Return the currency of the repudiation wallet that is named, be there one yet or not."""
    wallet_id = fields.text("CreditedWalletId") or ""
    funds_type, _, currency = wallet_id.partition("_")
    if funds_type != "CREDIT" or currency not in CURRENCIES:
        fields.refuse("CreditedWalletId", f"The value {wallet_id} is not valid")
    return currency


def _debtor(details: Fields) -> Entity:
    """Return who sent a wire, as far as it says; the docs name no members, so each of the usual names may hold it."""
    inner = details.within("Debtor") if details.has("Debtor") else details
    iban = inner.text("IBAN") or inner.text("Iban")
    name = inner.text("OwnerName") or inner.text("Name") or inner.text("DebtorName")
    return {
        "OwnerName": name,
        "AccountNumber": inner.text("AccountNumber"),
        "IBAN": iban,
        "BIC": inner.text("BIC") or inner.text("Bic"),
        "Type": "IBAN" if iban else "OTHER",
        "Country": inner.text("Country") or (iban[:2].upper() if iban else None),
    }


def _remittance(details: Fields) -> str | None:
    names = ("WireReference", "RemittanceInformation", "Remittance", "Reference")
    return next((details.text(name) for name in names if isinstance(details.body.get(name), str)), None)


def _reconciled(funds: Entity, reference: str) -> Entity:
    return {"ReceivedFunds": funds, "WireReference": reference}


def _new_reference() -> str:
    return f"MG{secrets.token_hex(4).upper()}"


def _own_account(account: Entity) -> Entity:
    """Return the account of a wallet as a pay-in names it."""
    local = (account.get("LocalAccountDetails") or {}).get("Account") or {}
    return {
        "Type": "IBAN" if account.get("IBAN") or local.get("IBAN") or local.get("Iban") else "OTHER",
        "OwnerName": account.get("AccountOwner") or account.get("OwnerName"),
        "OwnerAddress": None,
        "IBAN": account.get("IBAN") or local.get("IBAN") or local.get("Iban"),
        "BIC": account.get("BIC") or local.get("BIC") or local.get("Bic"),
        "AccountNumber": local.get("AccountNumber"),
    }


def _collecting_account(currency: str) -> Entity:
    """Return where to send money of a currency."""
    country = COUNTRIES.get(currency)
    numbers = draw(country) if country else FRENCH_ACCOUNT
    return {
        "Type": "IBAN",
        "OwnerName": "MANGOPAY",
        "OwnerAddress": {
            "AddressLine1": "2 Avenue Amelie",
            "AddressLine2": None,
            "City": "Luxembourg",
            "Region": None,
            "PostalCode": "L-1125",
            "Country": "LU",
        },
        "IBAN": numbers["IBAN"],
        "BIC": numbers["BIC"],
    }


ROUTES = (
    Route("POST", f"{API}/payins/bankwire/direct", create),
    Route("POST", f"{API}/clients/payins/bankwire/direct", create_for_client),
)
