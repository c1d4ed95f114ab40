"""What moves money: pay-ins, transfers, payouts, and what takes them back.

Source: https://docs.mangopay.com/api-reference/transactions
"""

from models.objects.fields import Fact, Form, Sheet
from models.objects.sheets.parts import (
    BETWEEN,
    CREATED,
    MONEY,
    OUTCOME,
    RESULT,
    STATUS,
    TAG,
    group,
    link,
    moment,
    money,
    mono,
    text,
    url,
    word,
)

RATE = (
    mono("Client's rate", "ConversionRateResponse.ClientRate"),
    mono("Market rate", "ConversionRateResponse.MarketRate"),
    money("Fees asked for", "RequestedFees"),
    mono("Rate applied", "ConversionRateResponse.FinalRate"),
    mono("Mangopay's margin", "MarginsResponse.Mangopay.Value"),
    word("Margin is a", "MarginsResponse.Mangopay.Type"),
    mono("Your margin", "MarginsResponse.User.Value"),
)

HEAD_OF_MOVEMENT = {
    "figure": Fact("Amount", "DebitedFunds|DeclaredDebitedFunds", Form.MONEY),
    "status": STATUS,
    "reason": RESULT,
}

# What every movement of money has in its head, or says by its kind.
OF_MOVEMENTS = frozenset({"Id", "Status", "ResultMessage", "Type", "Nature"})

TRANSFER = Sheet(
    (
        MONEY,
        BETWEEN,
        OUTCOME,
        group(
            "Strong authentication (SCA)",
            word("User", "ScaContext"),
            url("Authentication page", "PendingUserAction.RedirectUrl"),
        ),
    ),
    besides=OF_MOVEMENTS,
    **HEAD_OF_MOVEMENT,
)

PAYOUT = Sheet(
    (
        MONEY,
        group(
            "To the bank",
            link("Recipient", "RecipientId", "recipient"),
            link("Bank account", "BankAccountId", "bank-account"),
            mono("Reference on the statement", "BankWireRef"),
            word("Mode asked for", "ModeRequested"),
            word("Mode applied", "ModeApplied"),
            mono("Fell back because", "FallbackReason.Code|FallbackReason.ResultCode"),
            text("That is", "FallbackReason.Message|FallbackReason.ResultMessage"),
            word("Name check (VOP)", "RecipientVerificationOfPayee.RecipientVerificationCheck"),
            text("What the bank said", "RecipientVerificationOfPayee.RecipientVerificationMessage"),
            word("Costs borne by", "ChargeBearer"),
            mono("End-to-end id", "EndToEndId"),
            word("Made for", "PaymentRef.ReasonType"),
            link("Gives back", "PaymentRef.ReferenceId", "payin"),
            word("Payment type", "PaymentType"),
        ),
        BETWEEN,
        OUTCOME,
    ),
    besides=OF_MOVEMENTS,
    **HEAD_OF_MOVEMENT,
)

REFUND = Sheet(
    (
        MONEY,
        group(
            "Gives back",
            link("Initial transaction", "InitialTransactionId", "payin"),
            word("What it was", "InitialTransactionType"),
            word("Nature", "InitialTransactionNature"),
            word("Reason", "RefundReason.RefundReasonType"),
            text("Reason in words", "RefundReason.RefundReasonMessage"),
            text("On the payer's statement", "StatementDescriptor"),
            text("Reference", "Reference"),
        ),
        BETWEEN,
        OUTCOME,
    ),
    besides=OF_MOVEMENTS,
    **HEAD_OF_MOVEMENT,
)

REPUDIATION = Sheet(
    (
        MONEY,
        group(
            "Takes back",
            link("Initial transaction", "InitialTransactionId", "payin"),
            word("What it was", "InitialTransactionType"),
            word("Nature", "InitialTransactionNature"),
            link("Dispute", "DisputeId", "dispute"),
        ),
        BETWEEN,
        OUTCOME,
    ),
    besides=OF_MOVEMENTS,
    **HEAD_OF_MOVEMENT,
)

SETTLEMENT = Sheet(
    (MONEY, group("Settles", link("Repudiation", "RepudiationId", "repudiation")), BETWEEN, OUTCOME),
    besides=OF_MOVEMENTS,
    **HEAD_OF_MOVEMENT,
)

CONVERSION = Sheet(
    (
        MONEY,
        group("Rate", link("Quote", "QuoteId", "quote"), *RATE),
        BETWEEN,
        OUTCOME,
    ),
    besides=OF_MOVEMENTS,
    **HEAD_OF_MOVEMENT,
)

QUOTE = Sheet(
    (
        group(
            "Quote",
            money("Debited funds", "DebitedFunds"),
            money("Credited funds", "CreditedFunds"),
            money("Fees", "Fees"),
            moment("Good until", "ExpirationDate"),
            text("Good for, in seconds", "Duration"),
            CREATED,
            TAG,
        ),
        group("Rate", *RATE),
    ),
    figure=Fact("Debited funds", "DebitedFunds", Form.MONEY),
    status=STATUS,
    besides=frozenset({"Id", "Status"}),
)
