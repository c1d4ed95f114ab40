"""Where money is kept and comes from: wallets, cards, accounts, mandates."""

from models.objects.fields import Fact, Form, Sheet
from models.objects.sheets.movements import OF_MOVEMENTS
from models.objects.sheets.parts import (
    BILLED,
    BROWSER,
    CARD_INFO,
    CREATED,
    OUTCOME,
    PAYER,
    RESULT,
    SHIPPED,
    STATUS,
    STRONG_AUTHENTICATION,
    TAG,
    address,
    country,
    group,
    link,
    moment,
    money,
    mono,
    text,
    url,
    word,
    yes_no,
)

WALLET = Sheet(
    (
        group(
            "Wallet",
            money("Balance", "Balance"),
            text("Description", "Description"),
            text("Currency", "Currency"),
            word("Kind", "FundsType"),
        ),
        group("Belongs to", link("Owner", "Owners", "user"), CREATED, TAG),
    ),
    figure=Fact("Balance", "Balance", Form.MONEY),
    besides=frozenset({"Id"}),
)

CARD = Sheet(
    (
        group(
            "Card",
            mono("Number", "Alias"),
            Fact("Expires", "ExpirationDate", Form.EXPIRY),
            text("Holder", "CardHolderName"),
            word("Type", "CardType"),
            word("Network", "CardProvider"),
            text("Product", "Product"),
            text("Bank", "BankCode"),
            country("Issued in", "Country"),
            text("Currency", "Currency"),
        ),
        group(
            "State",
            yes_no("Active", "Active"),
            Fact("Validity", "Validity", Form.STATUS, "card"),
            link("User", "UserId", "user"),
            mono("Fingerprint", "Fingerprint"),
            CREATED,
            TAG,
        ),
    ),
    figure=Fact("Card", "Alias", Form.MONO),
    status=Fact("Validity", "Validity", Form.STATUS, "card"),
    besides=frozenset({"Id"}),
)

CARD_REGISTRATION = Sheet(
    (
        group("Leads to", link("Card", "CardId", "card"), link("User", "UserId", "user")),
        group("Registration", word("Card type", "CardType"), text("Currency", "Currency"), RESULT, CREATED, TAG),
    ),
    status=STATUS,
    reason=RESULT,
    # What may still be used to register a card is nobody's business.
    besides=frozenset(
        {"Id", "Status", "ResultMessage", "AccessKey", "PreregistrationData", "RegistrationData", "CardRegistrationURL"}
    ),
)

CARD_VALIDATION = Sheet(
    (
        group(
            "Validation",
            link("Author", "AuthorId", "user"),
            Fact("Validity", "Validity", Form.STATUS, "card"),
            RESULT,
            CREATED,
            TAG,
        ),
        group("Card", *CARD_INFO),
        STRONG_AUTHENTICATION,
    ),
    status=STATUS,
    reason=RESULT,
    besides=frozenset({"Id", "Status", "ResultMessage", "Type"}),
)

PREAUTHORIZATION = Sheet(
    (
        group(
            "Money",
            money("Held", "DebitedFunds"),
            money("Still held", "RemainingFunds"),
            word("State", "PaymentStatus"),
            moment("Expires", "ExpirationDate"),
            moment("Authorised", "AuthorizationDate"),
            yes_no("Several captures", "MultiCapture"),
        ),
        group(
            "Captured by",
            link("Pay-in", "PayInId", "payin"),
            link("Capture", "PayinsLinked.PayinCaptureId", "payin"),
            link("Complement", "PayinsLinked.PayinComplementId", "payin"),
        ),
        group("Author", link("Author", "AuthorId", "user"), text("On the statement", "StatementDescriptor")),
        OUTCOME,
        group(
            "Card",
            link("Card", "CardId", "card"),
            word("Payment type", "PaymentType"),
            word("How it is made", "ExecutionType"),
            word("Network preferred", "PreferredCardNetwork"),
            *CARD_INFO,
        ),
        STRONG_AUTHENTICATION,
        BILLED,
        SHIPPED,
        PAYER,
    ),
    figure=Fact("Amount", "DebitedFunds", Form.MONEY),
    status=STATUS,
    reason=RESULT,
    besides=OF_MOVEMENTS | BROWSER,
)

RECURRING = Sheet(
    (
        group(
            "Payments",
            money("First payment", "FirstTransactionDebitedFunds"),
            money("First fees", "FirstTransactionFees"),
            money("Next payments", "NextTransactionDebitedFunds"),
            money("Next fees", "NextTransactionFees"),
            money("In all", "TotalAmount"),
            word("How often", "Frequency"),
            text("Cycles", "CycleNumber"),
            text("Free cycles", "FreeCycles"),
            yes_no("Same amount each time", "FixedNextAmount"),
            yes_no("Paid in instalments", "FractionedPayment"),
            moment("Ends", "EndDate"),
        ),
        group(
            "So far",
            text("Payments made", "CurrentState.PayinsLinked"),
            money("Paid", "CurrentState.CumulatedDebitedAmount"),
            money("Fees", "CurrentState.CumulatedFeesAmount"),
            link("Last pay-in", "CurrentState.LastPayinId", "payin"),
        ),
        group(
            "Between",
            link("Author", "AuthorId", "user"),
            link("Card", "CardId", "card"),
            link("Credited wallet", "CreditedWalletId", "wallet"),
            link("Credited user", "CreditedUserId", "user"),
            word("Type", "RecurringType"),
            word("Payment type", "PaymentType"),
            CREATED,
            TAG,
        ),
        BILLED,
        SHIPPED,
        PAYER,
    ),
    figure=Fact("Next payment", "NextTransactionDebitedFunds|FirstTransactionDebitedFunds", Form.MONEY),
    status=STATUS,
    besides=frozenset({"Id", "Status", "Migration"}),
)

ACCOUNT_NUMBERS = (
    mono("IBAN", "IBAN"),
    mono("BIC", "BIC"),
    mono("Account number", "AccountNumber"),
    mono("Sort code", "SortCode"),
    mono("ABA", "ABA"),
    word("Kind of account", "DepositAccountType"),
    mono("Institution number", "InstitutionNumber"),
    mono("Branch code", "BranchCode"),
    text("Bank", "BankName"),
    country("Country", "Country"),
)

BANK_ACCOUNT = Sheet(
    (
        group("Account", Fact("Type", "Type", Form.WORD, "bank-account"), *ACCOUNT_NUMBERS),
        group(
            "Owner",
            text("Name", "OwnerName"),
            address("Address", "OwnerAddress"),
            link("User", "UserId", "user"),
            yes_no("Active", "Active"),
            CREATED,
            TAG,
        ),
    ),
    figure=Fact("Owner", "OwnerName|DisplayName"),
    status=STATUS,
    besides=frozenset({"Id"}),
)
_LOCAL_CURRENCIES = "EUR GBP USD CAD CHF CZK DKK HUF NOK PLN RON SEK AUD HKD MXN SGD AED JPY NZD TRY ZAR ILS CNH SAR"


def _local(name: str) -> str:
    return "|".join(f"LocalBankTransfer.{currency}.{name}" for currency in _LOCAL_CURRENCIES.split())


RECIPIENT = Sheet(
    (
        group(
            "Account",
            word("Way", "PayoutMethodType"),
            text("Currency", "Currency"),
            country("Bank in", "Country"),
            mono("IBAN", _local("IBAN")),
            mono("Account number", f"{_local('AccountNumber')}|InternationalBankTransfer.AccountNumber"),
            mono("Sort code", _local("SortCode")),
            mono("ABA", _local("ABA")),
            mono("BIC", f"{_local('BIC')}|InternationalBankTransfer.BIC"),
            mono("Branch code", _local("BranchCode")),
            mono("Institution number", _local("InstitutionNumber")),
            text("Bank", _local("BankName")),
            word("Name check (VOP)", "RecipientVerificationOfPayee.RecipientVerificationCheck"),
            text("What the bank said", "RecipientVerificationOfPayee.RecipientVerificationMessage"),
        ),
        group(
            "Who",
            word("Type", "RecipientType"),
            text("First name", "IndividualRecipient.FirstName"),
            text("Last name", "IndividualRecipient.LastName"),
            text("Business", "BusinessRecipient.BusinessName"),
            address("Address", "IndividualRecipient.Address|BusinessRecipient.Address"),
            link("User", "UserId", "user"),
            word("For", "RecipientScope"),
            url("Authentication page", "PendingUserAction.RedirectUrl"),
            CREATED,
            TAG,
        ),
    ),
    figure=Fact("Name", "DisplayName|OwnerName"),
    status=STATUS,
    besides=frozenset({"Id", "Status"}),
)

BANKING_ALIAS = Sheet(
    (
        group(
            "Account",
            text("Owner", "OwnerName|AccountOwner"),
            mono("IBAN", "IBAN|LocalAccountDetails.Account.IBAN"),
            mono("BIC", "BIC|LocalAccountDetails.Account.BIC"),
            mono("Account number", "LocalAccountDetails.AccountNumber|LocalAccountDetails.Account.AccountNumber"),
            mono("Sort code", "LocalAccountDetails.SortCode|LocalAccountDetails.Account.SortCode"),
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
    ),
    status=STATUS,
    besides=frozenset({"Id", "Type"}),
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
