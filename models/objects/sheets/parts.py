"""The parts that sheets are written with, and the groups that several kinds share."""

from models.objects.fields import Fact, Form, Group

STATUS = Fact("Status", "Status", Form.STATUS)
RESULT = Fact("Result", "ResultCode", Form.RESULT)
CREATED = Fact("Created", "CreationDate", Form.MOMENT)
TAG = Fact("Tag", "Tag")


def text(label: str, path: str) -> Fact:
    return Fact(label, path)


def mono(label: str, path: str) -> Fact:
    return Fact(label, path, Form.MONO)


def word(label: str, path: str) -> Fact:
    return Fact(label, path, Form.WORD)


def money(label: str, path: str) -> Fact:
    return Fact(label, path, Form.MONEY)


def moment(label: str, path: str) -> Fact:
    return Fact(label, path, Form.MOMENT)


def yes_no(label: str, path: str) -> Fact:
    return Fact(label, path, Form.YES_NO)


def country(label: str, path: str) -> Fact:
    return Fact(label, path, Form.COUNTRY)


def address(label: str, path: str) -> Fact:
    return Fact(label, path, Form.ADDRESS)


def url(label: str, path: str) -> Fact:
    return Fact(label, path, Form.URL)


def link(label: str, path: str, kind: str) -> Fact:
    return Fact(label, path, Form.LINK, kind)


def group(title: str, *facts: Fact, when: tuple[str, str] | None = None) -> Group:
    return Group(title, facts, (when[0], frozenset(when[1].split())) if when else None)


MONEY = group(
    "Money",
    money("Debited funds", "DebitedFunds"),
    money("Fees", "Fees"),
    money("Credited funds", "CreditedFunds"),
    money("Declared debited funds", "DeclaredDebitedFunds"),
    money("Declared fees", "DeclaredFees"),
)
OUTCOME = group("Outcome", RESULT, moment("Executed", "ExecutionDate"), CREATED, TAG)

BETWEEN = group(
    "Between",
    link("Author", "AuthorId", "user"),
    link("Debited wallet", "DebitedWalletId", "wallet"),
    link("Credited wallet", "CreditedWalletId", "wallet"),
    link("Credited user", "CreditedUserId", "user"),
)

CARD_INFO = (
    mono("First digits (BIN)", "CardInfo.BIN"),
    text("Brand", "CardInfo.Brand"),
    word("Kind of card", "CardInfo.Type"),
    text("Product", "CardInfo.SubType"),
    text("Issuing bank", "CardInfo.IssuingBank"),
    country("Issued in", "CardInfo.IssuerCountryCode"),
)

STRONG_AUTHENTICATION = group(
    "3-D Secure",
    word("Asked for", "SecureMode"),
    yes_no("Payer had to authenticate", "SecureModeNeeded"),
    text("Version asked for", "Requested3DSVersion"),
    text("Version applied", "Applied3DSVersion"),
    word("How it was authenticated", "AuthenticationResult.AuthenticationType"),
    word("Address check (AVS)", "SecurityInfo.AVSResult"),
    url("Authentication page", "SecureModeRedirectURL"),
    url("Way back", "SecureModeReturnURL"),
)

BILLED = group(
    "Billed to",
    text("First name", "Billing.FirstName"),
    text("Last name", "Billing.LastName"),
    address("Address", "Billing.Address"),
)
SHIPPED = group(
    "Shipped to",
    text("First name", "Shipping.FirstName"),
    text("Last name", "Shipping.LastName"),
    address("Address", "Shipping.Address"),
)
PAYER = group(
    "Payer",
    mono("IP address", "IpAddress"),
    word("Payment category", "PaymentCategory"),
    text("Language of the page", "Culture"),
)
# What the payer's browser said of itself, for the card networks; and what only software makes use of.
BROWSER = frozenset({"BrowserInfo", "FlowDescriptor"})
