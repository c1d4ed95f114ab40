"""The columns that each kind of report may have, and those it has unless others are asked for.

Source: https://docs.mangopay.com/api-reference/reporting/create-report and .../reports/create-report-transactions
"""


def _amounts(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{part}" for name in names for part in ("Amount", "Currency"))


TRANSACTION_DEFAULTS = (
    *("Id", "Tag", "CreationDate", "ExecutionDate", "AuthorId", "CreditedUserId"),
    *_amounts("DebitedFunds", "CreditedFunds", "Fees"),
    *("Status", "ResultCode", "ResultMessage", "Type", "Nature", "CreditedWalletId", "DebitedWalletId"),
)
TRANSACTION_COLUMNS = (
    *TRANSACTION_DEFAULTS,
    *("CreationDate:ISO", "ExecutionDate:ISO", "ClientId", "TransactionId", "PaymentType", "ExecutionType"),
    *("BankAccountId", "BankWireRef", "WireReference", "PreauthorizationId", "Culture"),
    *("CardId", "CardAlias", "CardType", "CardCountry", "CardExpirationDate", "Alias", "Country", "ExpirationDate"),
    *_amounts("DeclaredDebitedFunds", "DeclaredFees"),
)
WALLET_COLUMNS = (
    *("Id", "Tag", "CreationDate", "CreationDate:ISO", "Owners", "Description"),
    *(*_amounts("Balance"), "Currency", "FundsType"),
)

USER_WALLET_DEFAULTS = (
    *("ClientId", "TransactionId", "CreationDate", "ExecutionDate", "AuthorId", "CreditedUserId"),
    *_amounts("DebitedFunds", "CreditedFunds", "Fees"),
    *("Type", "Nature", "CreditedWalletId", "DebitedWalletId", "BankAccountId", "PreauthorizationId", "BankWireRef"),
    *("CardId", "CardAlias", "CardType", "CardCountry", "CardExpirationDate", "Culture"),
    *_amounts("DeclaredDebitedFunds", "DeclaredFees"),
    *("ExecutionType", "PaymentType", "WireReference", "Tag"),
)
COLLECTED_FEES_DEFAULTS = (
    *("ClientId", "TransactionId", "CreationDate", "ExecutionDate", "AuthorId", "DebitedWalletId", "CreditedWalletId"),
    *_amounts("CreditedFunds", "DebitedFunds", "Fees"),
    *("Type", "Nature", "PaymentType", "Tag"),
)
ISO = ("CreationDate:ISO", "ExecutionDate:ISO")
EXTERNAL = ("ExternalProviderName", "ExternalProviderReference", "ExternalProcessingDate")
# The columns of the reporting service by type: those of every report, and those of it only if they are named.
REPORTING_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "USER_WALLET_TRANSACTIONS": (USER_WALLET_DEFAULTS, ISO),
    "COLLECTED_FEES": (COLLECTED_FEES_DEFAULTS, ISO),
    "ECHO_INTENT": (
        ("ClientId", "IntentId", "CreationDate", "Status", "Amount", "Currency", "PlatformFeesAmount", *EXTERNAL),
        ("CreationDate:ISO", "AvailableAmountToSplit", "SettlementId", "ExternalMerchantReference"),
    ),
    "ECHO_INTENT_ACTION": (
        ("ClientId", "IntentId", "Id", "Type", "ExecutionDate", "Status", "Amount", "Currency"),
        ("ExecutionDate:ISO", "PlatformFeesAmount"),
    ),
    "ECHO_SETTLEMENT": (
        ("ClientId", "SettlementId", "CreationDate", "Status", "SettlementDate", "ExternalProviderName"),
        ("CreationDate:ISO", "DeclaredIntentAmount", "ActualSettlementAmount", "FundsMissingAmount"),
    ),
    "ECHO_SPLIT": (
        ("ClientId", "SplitId", "CreationDate", "Status", "LineItemId", "SellerId", "WalletId", "SplitAmount"),
        ("CreationDate:ISO", "FeesAmount", "TransferDate", "Description"),
    ),
    "KYC_RENEWAL_DEADLINE": (("ClientId", "UserId", "PersonType", "KYCLevel", "LastKycDate", "KycRenewalDeadline"), ()),
}
