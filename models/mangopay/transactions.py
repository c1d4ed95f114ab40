"""Everything that moves money: one shape for list rows, and what each kind adds to it.

A failed transaction is no HTTP error: it has Status FAILED and a ResultCode.
Source: https://docs.mangopay.com/api-reference/transactions
"""

from datetime import datetime

from pydantic import AliasChoices, Field

from models.mangopay.accounts import BankAccount
from models.mangopay.wire import MangopayObject, MoneyOrNone, PendingUserAction, WireModel, utc


class Transaction(MangopayObject):
    """A row of a transaction list; `credited_funds` is `debited_funds` less `fees`, conversions apart."""

    author_id: str | None = None
    credited_user_id: str | None = None
    debited_funds: MoneyOrNone = None
    credited_funds: MoneyOrNone = None
    fees: MoneyOrNone = None
    status: str | None = None
    result_code: str | None = None
    result_message: str | None = None
    execution_date: int | None = None
    type: str | None = None
    nature: str | None = None
    debited_wallet_id: str | None = None
    credited_wallet_id: str | None = None
    deposit_id: str | None = None
    extended_preauthorization_id: str | None = None

    @property
    def executed_at(self) -> datetime | None:
        return utc(self.execution_date)

    @property
    def is_final(self) -> bool:
        return self.status in ("SUCCEEDED", "FAILED")


class PayIn(Transaction):
    payment_type: str | None = None
    execution_type: str | None = None
    processing_status: str | None = None
    statement_descriptor: str | None = None
    card_id: str | None = None
    mandate_id: str | None = None
    preauthorization_id: str | None = None
    recurring_payin_registration_id: str | None = None
    redirect_url: str | None = Field(default=None, alias="RedirectURL")
    return_url: str | None = Field(default=None, alias="ReturnURL")
    secure_mode: str | None = None
    secure_mode_needed: bool | None = None
    secure_mode_redirect_url: str | None = Field(default=None, alias="SecureModeRedirectURL")
    charge_date: int | None = None
    wire_reference: str | None = None
    declared_debited_funds: MoneyOrNone = None
    declared_fees: MoneyOrNone = None
    bank_account: BankAccount | None = None
    banking_alias_id: str | None = None
    debited_bank_account: BankAccount | None = None

    @property
    def charged_at(self) -> datetime | None:
        return utc(self.charge_date)


class Transfer(Transaction):
    sca_context: str | None = None
    pending_user_action: PendingUserAction | None = None


class FallbackReason(WireModel):
    """Why an instant payout went out as a standard one; the docs and their examples name its fields differently."""

    code: str | None = Field(default=None, validation_alias=AliasChoices("Code", "ResultCode"))
    message: str | None = Field(default=None, validation_alias=AliasChoices("Message", "ResultMessage"))


class PaymentRef(WireModel):
    reason_type: str | None = None
    reference_id: str | None = None


class Payout(Transaction):
    payment_type: str | None = None
    bank_account_id: str | None = None
    recipient_id: str | None = None
    bank_wire_ref: str | None = None
    mode_requested: str | None = None
    mode_applied: str | None = None
    fallback_reason: FallbackReason | None = None
    end_to_end_id: str | None = None
    payment_ref: PaymentRef | None = None
    charge_bearer: str | None = None


class RefundReason(WireModel):
    refund_reason_type: str | None = None
    refund_reason_message: str | None = None


class Refund(Transaction):
    initial_transaction_id: str | None = None
    initial_transaction_type: str | None = None
    initial_transaction_nature: str | None = None
    refund_reason: RefundReason | None = None
    statement_descriptor: str | None = None
