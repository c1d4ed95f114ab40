"""Papers and subscriptions: KYC, UBO, disputes, reports, hooks."""

from models.objects.fields import Fact, Form, Sheet
from models.objects.sheets.parts import (
    CREATED,
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

KYC_DOCUMENT = Sheet(
    (
        group(
            "Document",
            word("Type", "Type"),
            link("User", "UserId", "user"),
            moment("Decided", "ProcessedDate"),
            CREATED,
            TAG,
        ),
        group(
            "Refused because",
            word("Reason", "RefusedReasonType"),
            text("In Mangopay's words", "RefusedReasonMessage"),
            word("Flags", "Flags"),
        ),
    ),
    figure=Fact("Type", "Type", Form.WORD),
    status=STATUS,
    reason=Fact("Reason", "RefusedReasonType", Form.WORD),
    besides=frozenset({"Id", "Status"}),
)

UBO_DECLARATION = Sheet(
    (
        group("Declaration", link("User", "UserId", "user"), moment("Decided", "ProcessedDate"), CREATED),
        group("Refused because", word("Reason", "Reason"), text("In Mangopay's words", "Message")),
    ),
    status=STATUS,
    reason=Fact("Reason", "Reason", Form.WORD),
    besides=frozenset({"Id", "Status", "Ubos"}),
)

IDENTITY_VERIFICATION = Sheet(
    (
        group(
            "Session",
            link("User", "UserId", "user"),
            url("Page for the user", "HostedUrl"),
            url("Way back", "ReturnUrl"),
            moment("Last change", "LastUpdate"),
            CREATED,
            TAG,
        ),
    ),
    status=STATUS,
    besides=frozenset({"Id", "Status", "Checks", "PSCs"}),
)

DISPUTE = Sheet(
    (
        group(
            "Dispute",
            money("Disputed", "DisputedFunds"),
            money("Contested", "ContestedFunds"),
            word("Kind", "DisputeType"),
            word("Reason", "DisputeReason.DisputeReasonType"),
            text("Reason in words", "DisputeReason.DisputeReasonMessage"),
            moment("Contest before", "ContestDeadlineDate"),
        ),
        group(
            "Outcome",
            Fact("Result", "ResultCode", Form.STATUS, "dispute"),
            text("In Mangopay's words", "ResultMessage"),
            text("State in words", "StatusMessage"),
            moment("Closed", "ClosedDate"),
            CREATED,
            TAG,
        ),
        group(
            "About",
            link("Transaction", "InitialTransactionId", "payin"),
            word("What it was", "InitialTransactionType"),
            word("Nature", "InitialTransactionNature"),
            link("Repudiation", "RepudiationId", "repudiation"),
        ),
    ),
    figure=Fact("Disputed", "DisputedFunds", Form.MONEY),
    status=STATUS,
    besides=frozenset({"Id", "Status"}),
)

DISPUTE_DOCUMENT = Sheet(
    (
        group(
            "Document",
            Fact("Type", "Type", Form.WORD, "dispute-document"),
            link("Dispute", "DisputeId", "dispute"),
            moment("Decided", "ProcessedDate"),
            CREATED,
            TAG,
        ),
        group(
            "Refused because", word("Reason", "RefusedReasonType"), text("In Mangopay's words", "RefusedReasonMessage")
        ),
    ),
    figure=Fact("Type", "Type", Form.WORD, "dispute-document"),
    status=STATUS,
    reason=Fact("Reason", "RefusedReasonType", Form.WORD),
    besides=frozenset({"Id", "Status"}),
)

REPORT = Sheet(
    (
        group(
            "Report",
            word("Type", "ReportType"),
            moment("From", "AfterDate"),
            moment("Until", "BeforeDate"),
            word("Dates are those of", "DateRangeBy"),
            moment("Ready", "ReportDate"),
            url("Download", "DownloadURL"),
            text("Format", "DownloadFormat"),
            RESULT,
            CREATED,
            TAG,
        ),
    ),
    status=STATUS,
    reason=RESULT,
    besides=frozenset({"Id", "Status", "ResultMessage", "Filters", "Columns", "Sort", "Preview", "CallbackURL"}),
)

INTENT = Sheet(
    (
        group(
            "Intent",
            money("Amount", "Amount"),
            money("Still to be split", "AvailableAmountToSplit"),
            money("Not funded", "UnfundedAmount"),
            money("The platform's fees", "PlatformFeesAmount"),
            text("Currency", "Currency"),
            text("What can be done", "NextActions"),
            link("Settlement", "SettlementId", "intent-settlement"),
            text("Provider", "ExternalData.ExternalProviderName"),
            mono("Provider's reference", "ExternalData.ExternalProviderReference"),
            text("Merchant's reference", "ExternalData.ExternalMerchantReference"),
            word("Paid by", "ExternalData.ExternalProviderPaymentMethod"),
            moment("Processed", "ExternalData.ExternalProcessingDate"),
            link("Buyer", "Buyer.Id", "user"),
            moment("Executed", "ExecutionDate"),
            CREATED,
        ),
    ),
    figure=Fact("Amount", "Amount", Form.MONEY),
    status=STATUS,
    besides=frozenset({"Id", "Status", "LineItems", "Captures", "Refunds", "Disputes", "Splits"}),
)

# Mangopay tells these amounts without a currency.
INTENT_SETTLEMENT = Sheet(
    (
        group(
            "Settlement",
            text("Provider", "ExternalProviderName"),
            mono("File", "FileName"),
            moment("Settled", "SettlementDate"),
            CREATED,
        ),
        group(
            "Amounts, in minor units",
            mono("Declared by intents", "DeclaredIntentAmount"),
            mono("The provider's fees", "ExternalProcessorFeesAmount"),
            mono("Settled", "ActualSettlementAmount"),
            mono("Still missing", "FundsMissingAmount"),
        ),
    ),
    status=STATUS,
    # Where the next file goes is for the platform's own software.
    besides=frozenset({"Id", "Status", "SettlementId", "UploadUrl"}),
)

HOOK = Sheet(
    (
        group(
            "Hook",
            mono("Event type", "EventType"),
            mono("URL", "Url"),
            Fact("Validity", "Validity", Form.STATUS),
            text("Alerts go to", "Email"),
            CREATED,
            TAG,
        ),
    ),
    figure=Fact("Event type", "EventType", Form.MONO),
    status=STATUS,
    besides=frozenset({"Id", "Status"}),
)
