"""What speaks against a payout: who is paid out, out of whose wallet, and to which account.

Source: https://docs.mangopay.com/guides/payouts
"""

from datetime import datetime

from models.objects.fields import text_at
from models.objects.plain import owner_of
from models.operations.checks.check import Checks, notice, stop
from models.operations.kinds import OperationKind
from models.operations.situation import Situation, Values, currency_of


def payout(_kind: OperationKind, values: Values, situation: Situation, _now: datetime) -> Checks:
    author = situation.people.get(values.get("AuthorId", ""))
    gives_back = values.get("PaymentRef.ReasonType") == "PAYIN_REFUND"
    if author is not None and author.get("UserCategory") == "PAYER" and not gives_back:
        yield stop("A PAYER is not paid out, save to give a pay-in back. Make the user an OWNER first.")
    elif author is not None and author.get("KYCLevel") == "LIGHT" and not gives_back:
        yield notice("The user's KYC level is LIGHT: Mangopay refuses payouts, or allows only small ones.")
    yield from wallet_owner(values, situation)
    yield from _account(values, situation)
    if gives_back or values.get("PaymentRef.ReferenceId"):
        yield from _given_back(values, situation)
    if situation.unreachable and values.get("PayoutModeRequested") == "INSTANT_PAYMENT_ONLY":
        yield stop(f"It cannot be instant: {situation.unreachable} Choose a mode that falls back to standard.")
    elif situation.unreachable:
        yield notice(f"It cannot be instant, and will go out as a standard payout: {situation.unreachable}")
    if values.get("PayoutModeRequested") == "RTGS_PAYMENT" and currency_of(situation) not in ("", "EUR"):
        yield stop("RTGS pays out euros only.")


def _given_back(values: Values, situation: Situation) -> Checks:
    payin = situation.objects.get("PaymentRef.ReferenceId")
    if not values.get("PaymentRef.ReferenceId"):
        yield stop("Say which pay-in is given back.")
    elif not values.get("PaymentRef.ReasonType"):
        yield stop("Say that it gives the pay-in back, or leave the pay-in out.")
    elif payin is not None and payin.get("Status") != "SUCCEEDED":
        yield stop(f"The pay-in is {payin.get('Status')}: only one that succeeded can be given back.")


def _account(values: Values, situation: Situation) -> Checks:
    account = situation.account
    if account is None:
        return
    status = text_at(account, "Status")
    if status not in (None, "ACTIVE"):
        yield stop(f"The recipient is {status}: only an ACTIVE one can be paid out to.")
    if account.get("Active") is False:
        yield stop("The bank account is deactivated.")
    owner = owner_of(account)
    if owner and values.get("AuthorId") and owner != values["AuthorId"]:
        yield stop(f"The bank account belongs to {situation.name_of(owner)}, not to the author.")
    if account.get("RecipientScope") == "PAYIN" and values.get("PaymentRef.ReasonType") != "PAYIN_REFUND":
        yield stop("This recipient is only for giving pay-ins back.")
    check = text_at(account, "RecipientVerificationOfPayee.RecipientVerificationCheck")
    if check not in (None, "MATCH"):
        yield notice(f"The bank was asked for the account's owner: {check}. It may send the payout back.")


def wallet_owner(values: Values, situation: Situation) -> Checks:
    owner = owner_of(situation.wallet) if situation.wallet else None
    if owner and values.get("AuthorId") and owner != values["AuthorId"]:
        yield stop(f"The wallet belongs to {situation.name_of(owner)}, who must be the author.")
