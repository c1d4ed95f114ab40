"""A payout that the receiving bank sends back: the money returns to the wallet as a Refund, the payout stays SUCCEEDED.

Source: https://docs.mangopay.com/guides/payouts/rejects-returns

Chosen: what comes back is what went out, so the fees of the payout stay with the platform; a payout returns once.
"""

from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.payout_dispatch import find_payout
from services.emulator.rules.transactions import begin, conclude

REASONS = (
    *("INITIALIZED_BY_CLIENT", "OTHER", "BANKACCOUNT_INCORRECT", "OWNER_DO_NOT_MATCH_BANKACCOUNT"),
    *("OWNER_DOT_NOT_MATCH_BANKACCOUNT", "BANKACCOUNT_HAS_BEEN_CLOSED", "WITHDRAWAL_IMPOSSIBLE_ON_SAVINGS_ACCOUNTS"),
    *("AC06_BLOCKED_BANKACCOUNT", "AG01_FORBIDDEN_TRANSACTION", "AG02_INVALID_BANK_OPERATION"),
    *("BE04_BENEFICIARY_ADDRESS_MISSING", "FOCR_RECALLED", "INITIALIZED_BY_MANGOPAY", "MD07_BENEFICIARY_IS_DECEASED"),
    *("MS02_BENEFICIARY_ORDER", "MS03_NOT_SPECIFIED", "RC01_INVALIDE_BIC", "RR01_REGULATORY_REASON"),
    *("RR02_REGULATORY_REASON", "RR03_BENEFICIARY_NAME_OR_ADDRESS_MISSING", "RR04_REGULATORY_REASON"),
)


def give_back(world: World, payout_id: str, fields: Fields) -> Entity:
    """Return a SUCCEEDED payout, for a reason of the list and with the bank's own words."""
    reason = {
        "RefundReasonType": fields.choice("RefundReasonType", REASONS) or "BANKACCOUNT_INCORRECT",
        "RefundReasonMessage": fields.text("RefundReasonMessage"),
    }
    fields.check()
    payout = find_payout(world, payout_id)
    if payout["Status"] != "SUCCEEDED":
        raise invalid_action("Only a payout that has succeeded can be returned")
    if world.store.transactions.where("InitialTransactionId", payout_id):
        raise invalid_action("The payout has been returned already")
    return conclude(world, _begin_return(world, payout, reason))


def _begin_return(world: World, payout: Entity, reason: Entity) -> Entity:
    wallet = world.find(world.store.wallets, payout["DebitedWalletId"], "Wallet")
    return begin(
        world,
        "refund_m_",
        "PAYIN",
        nature="REFUND",
        author_id=payout["AuthorId"],
        debited_funds=dict(payout["CreditedFunds"]),
        fees={"Currency": payout["Fees"]["Currency"], "Amount": 0},
        credited_wallet=wallet,
        credited_user_id=wallet["_OwnerId"],
        details={
            "InitialTransactionId": payout["Id"],
            "InitialTransactionType": payout["Type"],
            "InitialTransactionNature": payout["Nature"],
            "RefundReason": reason,
            "StatementDescriptor": None,
        },
    )


ROUTES: tuple[Route, ...] = ()

CONTROLS = {"payout.return": give_back}
