"""Where money is kept and comes from: wallets, cards, what is held on them, what is paid again and again."""

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
    country,
    group,
    link,
    moment,
    money,
    mono,
    text,
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
            word("Made for", "ValidationUsage"),
            moment("Authorised", "AuthorizationDate"),
            RESULT,
            CREATED,
            TAG,
        ),
        group("Card", word("Network preferred", "PreferredCardNetwork"), *CARD_INFO),
        STRONG_AUTHENTICATION,
        PAYER,
    ),
    status=STATUS,
    reason=RESULT,
    besides=BROWSER | {"Id", "Status", "ResultMessage", "Type"},
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
            RESULT,
            CREATED,
            TAG,
        ),
        BILLED,
        SHIPPED,
        PAYER,
    ),
    figure=Fact("Next payment", "NextTransactionDebitedFunds|FirstTransactionDebitedFunds", Form.MONEY),
    status=STATUS,
    reason=RESULT,
    besides=BROWSER | {"Id", "Status", "ResultMessage", "Migration"},
)
