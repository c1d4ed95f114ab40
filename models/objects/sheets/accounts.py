"""Accounts at banks, and who may debit them: recipients, older bank accounts, banking aliases, mandates."""

from models.objects.fields import Fact, Form, Sheet
from models.objects.sheets.parts import (
    CREATED,
    RESULT,
    STATUS,
    TAG,
    address,
    country,
    group,
    link,
    mono,
    text,
    url,
    word,
    yes_no,
)

_LOCAL_CURRENCIES = "EUR GBP USD CAD CHF CZK DKK HUF NOK PLN RON SEK AUD HKD MXN SGD AED JPY NZD TRY ZAR ILS CNH SAR"


def _number(name: str) -> str:
    """Return where an account's number may be: older accounts have it at once, recipients by currency."""
    local = (f"LocalBankTransfer.{currency}.{name}" for currency in _LOCAL_CURRENCIES.split())
    return "|".join((name, *local, f"InternationalBankTransfer.{name}"))


ACCOUNT_NUMBERS = (
    mono("IBAN", _number("IBAN")),
    mono("BIC", _number("BIC")),
    mono("Account number", _number("AccountNumber")),
    mono("Sort code", _number("SortCode")),
    mono("ABA", _number("ABA")),
    mono("BSB", _number("BSB")),
    mono("CLABE", _number("Clabe")),
    mono("For further credit (FFC)", _number("FFC")),
    word("Kind of account", "DepositAccountType"),
    mono("Institution number", _number("InstitutionNumber")),
    mono("Branch code", _number("BranchCode")),
    text("Bank", _number("BankName")),
    country("Bank in", "Country"),
)
OF_RECIPIENTS = (
    word("Way", "PayoutMethodType"),
    text("Currency", "Currency"),
    word("Kind of recipient", "RecipientType"),
    text("First name", "IndividualRecipient.FirstName"),
    text("Last name", "IndividualRecipient.LastName"),
    text("Business", "BusinessRecipient.BusinessName"),
    word("For", "RecipientScope"),
    word("Name check (VOP)", "RecipientVerificationOfPayee.RecipientVerificationCheck"),
    text("What the bank said", "RecipientVerificationOfPayee.RecipientVerificationMessage"),
    url("Authentication page", "PendingUserAction.RedirectUrl"),
)
# Older accounts have no name to be shown by.
NAMES = "DisplayName|OwnerName|BusinessRecipient.BusinessName|IndividualRecipient.LastName"
OWNER = (
    text("Name", "OwnerName|DisplayName"),
    address("Address", "OwnerAddress|IndividualRecipient.Address|BusinessRecipient.Address"),
    link("User", "UserId", "user"),
    CREATED,
    TAG,
)
NEWER = ("PayoutMethodType", "LocalBankTransfer InternationalBankTransfer")

# Without its user, an account is read as the recipient that it has become.
BANK_ACCOUNT = Sheet(
    (
        group("Account", Fact("Type", "Type", Form.WORD, "bank-account"), *ACCOUNT_NUMBERS),
        group("Owner", yes_no("Active", "Active"), *OWNER),
        group("As a recipient", *OF_RECIPIENTS, when=NEWER),
    ),
    figure=Fact("Owner", NAMES),
    status=STATUS,
    besides=frozenset({"Id"}),
)
RECIPIENT = Sheet(
    (group("Account", *ACCOUNT_NUMBERS), group("Who", *OWNER), group("Recipient", *OF_RECIPIENTS)),
    figure=Fact("Name", NAMES),
    status=STATUS,
    besides=frozenset({"Id", "Status"}),
)

BANKING_ALIAS = Sheet(
    (
        group(
            "Account",
            text("Owner", "OwnerName|AccountOwner"),
            mono("IBAN", "IBAN|LocalAccountDetails.Account.IBAN|LocalAccountDetails.Account.Iban"),
            mono("BIC", "BIC|LocalAccountDetails.Account.BIC|LocalAccountDetails.Account.Bic"),
            mono("Account number", "LocalAccountDetails.AccountNumber|LocalAccountDetails.Account.AccountNumber"),
            mono("Sort code", "LocalAccountDetails.SortCode|LocalAccountDetails.Account.SortCode"),
            mono("ACH number", "LocalAccountDetails.Account.AchNumber"),
            mono("Fedwire number", "LocalAccountDetails.Account.FedWireNumber"),
            mono("Institution number", "LocalAccountDetails.Account.InstitutionNumber"),
            mono("Branch code", "LocalAccountDetails.Account.BranchCode"),
            text("Bank", "LocalAccountDetails.BankName"),
            country("Country", "Country"),
            word("Purpose", "VirtualAccountPurpose|VirtualAccountPurposeResponse"),
        ),
        group(
            "Belongs to",
            link("Wallet", "WalletId", "wallet"),
            link("Credited user", "CreditedUserId", "user"),
            yes_no("Active", "Active"),
            RESULT,
            CREATED,
            TAG,
        ),
        group(
            "Can receive",
            yes_no("Wires within the country", "Capabilities.LocalPayinAvailable"),
            yes_no("Wires from abroad", "Capabilities.InternationalPayinAvailable"),
            text("Currencies", "Capabilities.Currencies"),
        ),
    ),
    status=STATUS,
    reason=RESULT,
    besides=frozenset({"Id", "Type", "ResultMessage", "InternationalAccountDetails"}),
)

MANDATE = Sheet(
    (
        group(
            "Mandate",
            word("Scheme", "Scheme"),
            mono("Bank reference", "BankReference"),
            word("How it is signed", "ExecutionType"),
            word("Type", "MandateType"),
            text("Language", "Culture"),
            url("Document", "DocumentURL"),
            url("Page to sign", "RedirectURL"),
            url("Way back", "ReturnURL"),
        ),
        group(
            "Debits",
            link("User", "UserId", "user"),
            link("Recipient", "RecipientId", "recipient"),
            link("Bank account", "BankAccountId", "bank-account"),
            RESULT,
            CREATED,
            TAG,
        ),
    ),
    status=STATUS,
    reason=RESULT,
    besides=frozenset({"Id", "Status", "ResultMessage"}),
)
