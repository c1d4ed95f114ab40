"""What the page of each kind shows, in its own order, written down before the pages are built."""

from collections.abc import Mapping
from types import MappingProxyType

from models.objects.fields import Sheet
from models.objects.sheets import accounts, means, movements, papers, payins, people

SHEETS: Mapping[str, Sheet] = MappingProxyType(
    {
        "user": people.USER,
        "payin": payins.PAYIN,
        "transfer": movements.TRANSFER,
        "payout": movements.PAYOUT,
        "refund": movements.REFUND,
        "repudiation": movements.REPUDIATION,
        "settlement": movements.SETTLEMENT,
        "conversion": movements.CONVERSION,
        "quote": movements.QUOTE,
        "preauthorization": means.PREAUTHORIZATION,
        "deposit": means.PREAUTHORIZATION,
        "extended-preauthorization": means.PREAUTHORIZATION,
        "wallet": means.WALLET,
        "client-wallet": means.WALLET,
        "card": means.CARD,
        "card-registration": means.CARD_REGISTRATION,
        "card-validation": means.CARD_VALIDATION,
        "recipient": accounts.RECIPIENT,
        "bank-account": accounts.BANK_ACCOUNT,
        "banking-alias": accounts.BANKING_ALIAS,
        "mandate": accounts.MANDATE,
        "recurring": means.RECURRING,
        "kyc-document": papers.KYC_DOCUMENT,
        "ubo-declaration": papers.UBO_DECLARATION,
        "identity-verification": papers.IDENTITY_VERIFICATION,
        "dispute": papers.DISPUTE,
        "dispute-document": papers.DISPUTE_DOCUMENT,
        "hook": papers.HOOK,
        "report": papers.REPORT,
        "legacy-report": papers.REPORT,
        "intent": papers.INTENT,
        "intent-settlement": papers.INTENT_SETTLEMENT,
    }
)
