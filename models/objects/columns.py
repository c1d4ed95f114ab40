"""The columns and filters of lists, shared where lists show the same kind of row."""

from dataclasses import replace

from models.objects.fields import Fact, Form
from models.objects.listing import Column, Filter, Spot

CREATED = Column(Fact("Created", "CreationDate", Form.MOMENT), "112px", Spot.BELOW_SIDE)
ID = Column(Fact("Id", "Id", Form.ID), "minmax(0, 1.3fr)", Spot.BELOW)
STATUS = Column(Fact("Status", "Status", Form.STATUS), "minmax(112px, 176px)", Spot.SIDE)
TAG = Column(Fact("Tag", "Tag"), is_extra=True)
WHOSE = Column(Fact("User", "UserId", Form.LINK, "user"), "minmax(0, 1.3fr)", Spot.BELOW)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TRANSACTION_STATUS = Filter("Status", "Status", words("CREATED SUCCEEDED FAILED"))
RESULT_CODE = Filter("ResultCode", "Result code")
TRANSACTION_FILTERS = (
    TRANSACTION_STATUS,
    Filter("Type", "Type", words("PAYIN TRANSFER PAYOUT CONVERSION")),
    Filter("Nature", "Nature", words("REGULAR REFUND REPUDIATION SETTLEMENT")),
    RESULT_CODE,
)
TRANSACTION_COLUMNS = (
    Column(Fact("Created", "CreationDate", Form.MOMENT), "96px", Spot.BELOW),
    Column(Fact("What", "Type", Form.MOVEMENT), "minmax(0, 132px)", Spot.TITLE),
    Column(Fact("Status", "Status", Form.STATUS), "120px", Spot.BELOW_SIDE),
    Column(Fact("Result", "ResultCode", Form.RESULT), "minmax(0, 1.3fr)"),
    Column(Fact("Amount", "DebitedFunds", Form.MONEY), "minmax(0, 112px)", Spot.SIDE),
    Column(Fact("Fees", "Fees", Form.MONEY), "minmax(0, 88px)"),
    Column(Fact("Credited", "CreditedFunds", Form.MONEY), "minmax(0, 112px)"),
    Column(Fact("Id", "Id", Form.ID), "168px"),
    Column(Fact("Tag", "Tag"), is_extra=True),
    Column(Fact("Author", "AuthorId", Form.LINK, "user"), is_extra=True),
    Column(Fact("From wallet", "DebitedWalletId", Form.LINK, "wallet"), is_extra=True),
    Column(Fact("To wallet", "CreditedWalletId", Form.LINK, "wallet"), is_extra=True),
    Column(Fact("Executed", "ExecutionDate", Form.MOMENT), "96px", is_extra=True),
)
# Seen from a wallet, what matters is what it has changed there.
WALLET_TRANSACTION_COLUMNS = tuple(
    Column(Fact("In or out", "Change", Form.MONEY), "minmax(0, 112px)", Spot.SIDE)
    if column.fact.label == "Credited"
    else replace(column, spot=None if column.spot is Spot.SIDE else column.spot)
    for column in TRANSACTION_COLUMNS
)
KYC_STATUS = Filter("Status", "Status", words("CREATED VALIDATION_ASKED VALIDATED REFUSED OUT_OF_DATE"))
KYC_TYPE = Filter(
    "Type",
    "Type",
    words("IDENTITY_PROOF ADDRESS_PROOF REGISTRATION_PROOF ARTICLES_OF_ASSOCIATION SHAREHOLDER_DECLARATION"),
)
KYC_COLUMNS = (
    CREATED,
    Column(Fact("Type", "Type", Form.WORD), "minmax(0, 1fr)", Spot.TITLE),
    STATUS,
    Column(Fact("Refused because", "RefusedReasonType", Form.WORD), "minmax(0, 1.4fr)"),
    Column(Fact("Decided", "ProcessedDate", Form.MOMENT), "112px"),
)
DISPUTE_FILTERS = (
    Filter(
        "Status",
        "Status",
        words("CREATED PENDING_CLIENT_ACTION SUBMITTED PENDING_BANK_ACTION REOPENED_PENDING_CLIENT_ACTION CLOSED"),
    ),
    Filter("DisputeType", "Kind", words("CONTESTABLE NOT_CONTESTABLE RETRIEVAL")),
)
DISPUTE_COLUMNS = (
    # On a phone the day to answer by has its place.
    Column(CREATED.fact, CREATED.width),
    Column(Fact("Reason", "DisputeReason.DisputeReasonType", Form.WORD), "minmax(0, 1.3fr)", Spot.TITLE),
    Column(Fact("Status", "Status", Form.STATUS), "minmax(120px, 208px)", Spot.BELOW),
    Column(Fact("Result", "ResultCode", Form.STATUS), "88px"),
    Column(Fact("Contest before", "ContestDeadlineDate", Form.MOMENT), "128px", Spot.BELOW_SIDE),
    Column(Fact("Disputed", "DisputedFunds", Form.MONEY), "minmax(0, 128px)", Spot.SIDE),
    Column(Fact("Id", "Id", Form.ID), "168px"),
)
MANDATE_COLUMNS = (
    CREATED,
    Column(Fact("Scheme", "Scheme", Form.WORD), "minmax(0, 120px)", Spot.TITLE),
    STATUS,
    Column(Fact("Bank reference", "BankReference", Form.MONO), "minmax(0, 1fr)"),
    ID,
)
PREAUTHORIZATION_COLUMNS = (
    CREATED,
    Column(Fact("Held", "DebitedFunds", Form.MONEY), "minmax(0, 128px)", Spot.SIDE),
    Column(Fact("Still held", "RemainingFunds", Form.MONEY), "minmax(0, 128px)"),
    Column(Fact("Status", "Status", Form.STATUS), "120px", Spot.BELOW),
    Column(Fact("State", "PaymentStatus", Form.STATUS), "minmax(0, 1fr)", Spot.TITLE),
    Column(Fact("Expires", "ExpirationDate", Form.MOMENT), "112px"),
    Column(Fact("Id", "Id", Form.ID), "168px"),
)
# They are captured once, so that nothing is still held of them.
DEPOSIT_COLUMNS = tuple(column for column in PREAUTHORIZATION_COLUMNS if column.fact.name != "RemainingFunds")
PREAUTHORIZATION_FILTERS = (
    TRANSACTION_STATUS,
    Filter("PaymentStatus", "State", words("WAITING CANCELED EXPIRED VALIDATED")),
    RESULT_CODE,
)
WALLET_COLUMNS = (
    Column(Fact("Balance", "Balance", Form.MONEY), "minmax(0, 144px)", Spot.SIDE),
    Column(Fact("Description", "Description"), "minmax(0, 1.4fr)", Spot.TITLE),
    CREATED,
    ID,
    TAG,
)
