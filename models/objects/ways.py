"""What can be done from an object: the operations that make sense for it, with the fields they are filled with.

Source: https://docs.mangopay.com/api-reference, each object's life cycle
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from models.objects.fields import Content, text_at, value_at
from models.objects.kinds import Kind

REFUNDS = ("refund-payin", "refund-transfer")


@dataclass(frozen=True, slots=True)
class Way:
    """A link to an operation; its fields go by Mangopay's names."""

    label: str
    operation: str
    fields: tuple[tuple[str, str], ...]
    is_dangerous: bool = False

    @property
    def href(self) -> str:
        return f"/operations/{self.operation}?{urlencode(self.fields)}"


def is_paid_back_by_payout(payin: Content) -> bool:
    """Whether Mangopay gives a pay-in back by a payout to the payer, not by a refund."""
    return payin.get("PaymentType") in ("BANK_WIRE", "PAY_BY_BANK")


def ways_from(kind: Kind, content: Content) -> tuple[Way, ...]:
    """Return the operations that make sense from an object in its present state, the likeliest first."""
    ways = _WAYS.get(kind.name)
    return tuple(ways(content)) if ways else ()


def _way(label: str, operation: str, **fields: str | None) -> Way:
    return Way(label, operation, tuple((name, value) for name, value in fields.items() if value))


def _dangerous(label: str, operation: str, **fields: str | None) -> Way:
    return replace(_way(label, operation, **fields), is_dangerous=True)


def _of_payin(payin: Content) -> list[Way]:
    if payin.get("Status") != "SUCCEEDED":
        return []
    payin_id, author = text_at(payin, "Id"), text_at(payin, "AuthorId")
    if is_paid_back_by_payout(payin):
        # Without a recipient yet: the operator chooses the account that was debited.
        back = _way(
            "Pay back",
            "payout",
            AuthorId=author,
            DebitedWalletId=text_at(payin, "CreditedWalletId"),
            **{"PaymentRef.ReasonType": "PAYIN_REFUND", "PaymentRef.ReferenceId": payin_id},
        )
    else:
        back = _way("Refund", "refund-payin", PayInId=payin_id, AuthorId=author)
    return [back, *_payin_again(payin)]


def _payin_again(payin: Content) -> list[Way]:
    """Return how the same is paid in once more, where the platform can ask for it."""
    ids = {name: text_at(payin, name) for name in ("AuthorId", "CreditedWalletId")}
    amounts = _amounts(payin)
    match payin.get("PaymentType"), payin.get("ExecutionType"):
        case "CARD", "DIRECT" if text_at(payin, "CardId"):
            return [_way("Repeat", "payin-card", CardId=text_at(payin, "CardId"), **ids, **amounts)]
        case "DIRECT_DEBIT", "DIRECT" if text_at(payin, "MandateId"):
            return [_way("Repeat", "payin-directdebit", MandateId=text_at(payin, "MandateId"), **ids, **amounts)]
        case "BANK_WIRE", "DIRECT":
            declared = {f"Declared{name}": value for name, value in amounts.items()}
            return [_way("Repeat", "payin-bankwire", **ids, **declared)]
    return []


def _of_transfer(transfer: Content) -> list[Way]:
    if transfer.get("Status") != "SUCCEEDED":
        return []
    transfer_id, author = text_at(transfer, "Id"), text_at(transfer, "AuthorId")
    return [
        _way("Refund", "refund-transfer", TransferId=transfer_id, AuthorId=author),
        _way("Repeat", "transfer", **_repeated(transfer)),
    ]


def _of_payout(payout: Content) -> list[Way]:
    account = {name: text_at(payout, name) for name in ("RecipientId", "BankAccountId", "BankWireRef")}
    return [_way("Repeat", "payout", **_repeated(payout), **account)]


def _repeated(movement: Content) -> dict[str, str | None]:
    ids = {name: text_at(movement, name) for name in ("AuthorId", "DebitedWalletId", "CreditedWalletId")}
    return {**ids, **_amounts(movement)}


def _amounts(movement: Content) -> dict[str, str | None]:
    return {
        f"{name}.{part}": str(value)
        for name in ("DebitedFunds", "Fees")
        for part in ("Amount", "Currency")
        if (value := value_at(movement, f"{name}.{part}")) is not None
    }


def _of_wallet(wallet: Content) -> list[Way]:
    wallet_id, currency = text_at(wallet, "Id"), text_at(wallet, "Currency")
    owners = value_at(wallet, "Owners")
    owner = owners[0] if isinstance(owners, list) and isinstance(owners[0], str) else None
    funds = {"DebitedFunds.Currency": currency}
    return [
        _way("Pay out", "payout", AuthorId=owner, DebitedWalletId=wallet_id, **funds),
        _way("Transfer", "transfer", AuthorId=owner, DebitedWalletId=wallet_id, **funds),
        _way("Pay in", "payin", AuthorId=owner, CreditedWalletId=wallet_id, **funds),
        _way("Convert", "convert", AuthorId=owner, DebitedWalletId=wallet_id, **funds),
    ]


def _of_client_wallet(wallet: Content) -> list[Way]:
    wallet_id, currency = text_at(wallet, "Id"), text_at(wallet, "Currency")
    ways = [
        _way("Pay out", "payout-platform", DebitedWalletId=wallet_id, **{"DebitedFunds.Currency": currency}),
    ]
    if wallet.get("FundsType") == "CREDIT":
        declared = {"DeclaredDebitedFunds.Currency": currency}
        ways.append(_way("Fill up by bank wire", "payin-platform", CreditedWalletId=wallet_id, **declared))
    return ways


def _of_user(user: Content) -> list[Way]:
    if user.get("UserStatus") == "CLOSED":
        return []
    author = text_at(user, "Id")
    return [
        # A PAYER cannot be paid out, except what it has paid itself: that begins at the pay-in.
        *([] if user.get("UserCategory") == "PAYER" else [_way("Pay out", "payout", AuthorId=author)]),
        _way("Transfer", "transfer", AuthorId=author),
        _way("Pay in", "payin", AuthorId=author),
    ]


def _of_held(id_name: str, held: Content) -> list[Way]:
    """Return what can be done with money that is held; `id_name` is what Mangopay calls the id of such a hold."""
    if held.get("Status") != "SUCCEEDED" or held.get("PaymentStatus") != "WAITING":
        return []
    held_id, author = text_at(held, "Id"), text_at(held, "AuthorId")
    held_at_first, left = value_at(held, "DebitedFunds.Amount"), value_at(held, "RemainingFunds.Amount")
    # What was captured in part is let go otherwise than what was not captured at all.
    is_captured = id_name == "PreauthorizationId" and None not in (held_at_first, left) and held_at_first != left
    return [
        _way("Capture", "capture", **{id_name: held_id, "AuthorId": author}),
        _dangerous("Release the rest", "release-preauthorization", **{id_name: held_id})
        if is_captured
        else _dangerous("Cancel", "cancel-preauthorization", **{id_name: held_id}),
    ]


def _of_card(card: Content) -> list[Way]:
    if card.get("Active") is not True:
        return []
    card_id, user_id = text_at(card, "Id"), text_at(card, "UserId")
    return [
        _way("Pay in", "payin-card", AuthorId=user_id, CardId=card_id),
        _dangerous("Deactivate", "deactivate-card", CardId=card_id),
    ]


def _of_recipient(recipient: Content) -> list[Way]:
    if recipient.get("Status") != "ACTIVE":
        return []
    recipient_id, user_id = text_at(recipient, "Id"), text_at(recipient, "UserId")
    pays_out = recipient.get("RecipientScope") != "PAYIN"
    return [
        *([_way("Pay out", "payout", AuthorId=user_id, RecipientId=recipient_id)] if pays_out else []),
        _dangerous("Deactivate", "deactivate-recipient", RecipientId=recipient_id),
    ]


def _of_bank_account(account: Content) -> list[Way]:
    if account.get("Active") is not True:
        return []
    account_id, user_id = text_at(account, "Id"), text_at(account, "UserId")
    return [
        _way("Pay out", "payout", AuthorId=user_id, BankAccountId=account_id),
        _dangerous("Deactivate", "deactivate-bank-account", UserId=user_id, BankAccountId=account_id),
    ]


def _of_mandate(mandate: Content) -> list[Way]:
    if mandate.get("Status") not in ("ACTIVE", "SUBMITTED"):
        return []
    mandate_id, user_id = text_at(mandate, "Id"), text_at(mandate, "UserId")
    return [
        _way("Pay in", "payin-directdebit", AuthorId=user_id, MandateId=mandate_id),
        _dangerous("Cancel", "cancel-mandate", MandateId=mandate_id),
    ]


def _of_dispute(dispute: Content) -> list[Way]:
    dispute_id = text_at(dispute, "Id")
    if dispute.get("Status") in ("PENDING_CLIENT_ACTION", "REOPENED_PENDING_CLIENT_ACTION"):
        return [
            _way("Contest", "contest-dispute", DisputeId=dispute_id),
            _dangerous("Give up", "close-dispute", DisputeId=dispute_id),
        ]
    repudiation_id = text_at(dispute, "RepudiationId")
    # A mere request for documents takes no money, so that none is owed for it.
    if dispute.get("Status") == "CLOSED" and dispute.get("ResultCode") == "LOST" and repudiation_id:
        return [_way("Settle", "settle", RepudiationId=repudiation_id)]
    return []


def _of_repudiation(repudiation: Content) -> list[Way]:
    if repudiation.get("Status") != "SUCCEEDED":
        return []
    return [_way("Settle", "settle", RepudiationId=text_at(repudiation, "Id"))]


_WAYS: Mapping[str, Callable[[Content], Sequence[Way]]] = {
    "payin": _of_payin,
    "transfer": _of_transfer,
    "payout": _of_payout,
    "wallet": _of_wallet,
    "client-wallet": _of_client_wallet,
    "user": _of_user,
    "preauthorization": partial(_of_held, "PreauthorizationId"),
    "deposit": partial(_of_held, "DepositId"),
    "extended-preauthorization": partial(_of_held, "ExtendedPreauthorizationId"),
    "card": _of_card,
    "recipient": _of_recipient,
    "bank-account": _of_bank_account,
    "mandate": _of_mandate,
    "dispute": _of_dispute,
    "repudiation": _of_repudiation,
}
