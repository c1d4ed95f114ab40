"""An operation in words, as a person would say it: on the button, in the confirmation, in the journal."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from models.objects.fields import Content, text_at, value_at
from models.objects.plain import money_of, owner_of
from models.operations.kinds import OperationKind
from models.operations.parameters import Form
from models.operations.requests import amount_of, told_amount
from models.operations.situation import Situation, Values


def act_of(kind: OperationKind, values: Values) -> str:
    """Return what the button says: "Refund 12.60 EUR"."""
    amount = told_amount(kind, values)
    return f"{kind.verb} {amount.text()}" if amount and amount.amount > 0 else kind.title


def sentence_of(kind: OperationKind, values: Values, situation: Situation) -> str:
    """Return the whole of it: "Refund 12.60 EUR to Alice Martin, card …4242"."""
    rest = _REST.get(kind.name, _about)(values, situation)
    return " ".join(filter(None, (act_of(kind, values), rest)))


def fee_of(kind: OperationKind, values: Values) -> str:
    """Return what becomes of the fees, in a sentence; "" for none."""
    fees = amount_of(kind, values, "Fees") or amount_of(kind, values, "DeclaredFees")
    amount = amount_of(kind, values, kind.amount) if kind.amount else None
    if not fees or not fees.amount or not amount or fees.amount > amount.amount:
        return ""
    if fees.amount < 0:
        return f"{(-fees).text()} of it are fees that the platform gives back, out of its fees wallet."
    if kind.makes == "refund":
        return f"The platform keeps {fees.text()} as a fee; {(amount - fees).text()} are given back."
    return f"The platform keeps {fees.text()} of it as a fee; {(amount - fees).text()} arrive."


def details_of(kind: OperationKind, values: Values) -> tuple[tuple[str, str], ...]:
    """Return what else was filled in, by label, that the sentence does not say: the mode, references, a tag."""
    told = []
    for parameter in kind.shown:
        value = values.get(parameter.name, "")
        is_said = parameter.is_amount or (parameter.form is Form.ID and not parameter.name.startswith("PaymentRef"))
        if value and value != parameter.default and not is_said:
            told.append((parameter.label, parameter.options.get(value, value)))
    return tuple(told)


def wallet_name(wallet: Content | None, situation: Situation) -> str:
    """Return whose wallet it is and which: "Bob Shop's wallet “Sales”"."""
    if wallet is None:
        return "a wallet"
    owner = owner_of(wallet)
    if owner is None:
        return f"the platform's {text_at(wallet, 'Id') or 'wallet'}"
    description = text_at(wallet, "Description")
    return f"{situation.name_of(owner)}'s wallet{f' “{description}”' if description else ''}"


def account_name(account: Content | None) -> str:
    """Return a bank account by its name and the end of its number."""
    if account is None:
        return "a bank account"
    name = text_at(account, "DisplayName") or text_at(account, "OwnerName")
    return f"bank account {' '.join(filter(None, (name, _end_of_account(account))))}".strip()


def card_end(card: Content | None) -> str:
    """Return a card by the end of its number: "card …4242"; "" for none."""
    alias = text_at(card, "Alias") if card else None
    return f"card …{alias[-4:]}" if alias else ""


def _end_of_account(account: Content) -> str:
    for scheme in ("LocalBankTransfer", "InternationalBankTransfer"):
        transfer = account.get(scheme)
        blocks = [transfer, *transfer.values()] if isinstance(transfer, Mapping) else []
        for block in blocks:
            number = isinstance(block, Mapping) and (text_at(block, "IBAN") or text_at(block, "AccountNumber"))
            if number:
                return f"…{number[-4:]}"
    number = text_at(account, "IBAN") or text_at(account, "AccountNumber")
    return f"…{number[-4:]}" if number else ""


def _refund_payin(values: Values, situation: Situation) -> str:
    payer = situation.name_of(owner_of(situation.initial) if situation.initial else values.get("AuthorId"))
    return ", ".join(filter(None, (f"to {payer}", card_end(situation.card))))


def _refund_transfer(_values: Values, situation: Situation) -> str:
    return f"from {wallet_name(situation.wallet, situation)} to {wallet_name(situation.into, situation)}"


def _payout(values: Values, situation: Situation) -> str:
    return (
        f"from {wallet_name(situation.wallet, situation)} to {situation.name_of(values.get('AuthorId'))}, "
        f"{account_name(situation.account)}"
    )


def _payout_platform(values: Values, situation: Situation) -> str:
    account = " ".join(filter(None, ("bank account", values.get("BankAccountId"))))
    return f"from {wallet_name(situation.wallet, situation)} to {account}"


def _convert(values: Values, situation: Situation) -> str:
    quote = situation.quote
    gets = money_of(quote.get("CreditedFunds"), quote) if quote else None
    into = gets.text() if gets else text_at(situation.into or {}, "Currency") or "another currency"
    rate = value_at(quote, "ConversionRateResponse.MarketRate") if quote else None
    return f"into {into} for {situation.name_of(values.get('AuthorId'))}{f', at {rate}' if rate else ''}"


def _into_wallet(_values: Values, situation: Situation) -> str:
    return f"for {wallet_name(situation.into, situation)}"


def _link(values: Values, situation: Situation) -> str:
    payer = situation.name_of(values.get("AuthorId"))
    return f"from {payer} into {wallet_name(situation.into, situation)}"


def _charge(values: Values, situation: Situation) -> str:
    payer = situation.name_of(values.get("AuthorId"))
    means = card_end(situation.objects.get("CardId")) or ("by mandate" if values.get("MandateId") else "by a hold")
    return f"from {payer}, {means}, into {wallet_name(situation.into, situation)}"


def _hold(_values: Values, situation: Situation) -> str:
    hold = situation.hold
    funds = money_of(hold.get("RemainingFunds") or hold.get("DebitedFunds"), hold) if hold else None
    of_whom = situation.name_of(owner_of(hold)) if hold else "somebody"
    return f"of {funds.text()} of {of_whom}" if funds else f"of {of_whom}"


def _dispute(_values: Values, situation: Situation) -> str:
    dispute = situation.objects.get("DisputeId")
    funds = money_of(dispute.get("DisputedFunds"), dispute) if dispute else None
    payer = owner_of(situation.disputed) if situation.disputed else None
    by = f" that {situation.name_of(payer)} paid" if payer else ""
    return f"of {funds.text()}{by}" if funds else ""


def _settle(_values: Values, situation: Situation) -> str:
    return f"out of {wallet_name(situation.wallet, situation)}"


def _about(values: Values, situation: Situation) -> str:
    """Return what it is done to: the end of its number, and whose it is."""
    content = next((situation.objects[name] for name in _SWITCHED_OFF if name in situation.objects), None)
    if content is None:
        return ""
    number = card_end(content).removeprefix("card ") or _end_of_account(content)
    return f"{number} of {situation.name_of(owner_of(content) or values.get('UserId'))}".strip()


_SWITCHED_OFF = ("CardId", "RecipientId", "BankAccountId", "MandateId")
_REST: Mapping[str, Callable[[Values, Situation], str]] = MappingProxyType(
    {
        "refund-payin": _refund_payin,
        "refund-transfer": _refund_transfer,
        "payout": _payout,
        "transfer": lambda _values, s: f"from {wallet_name(s.wallet, s)} to {wallet_name(s.into, s)}",
        "convert": _convert,
        "payin-bankwire": _into_wallet,
        "payin-web": _link,
        "payin-platform": _into_wallet,
        "payin-card": _charge,
        "payin-directdebit": _charge,
        "capture": _charge,
        "cancel-preauthorization": _hold,
        "release-preauthorization": _hold,
        "contest-dispute": _dispute,
        "close-dispute": _dispute,
        "settle": _settle,
        "payout-platform": _payout_platform,
    }
)
