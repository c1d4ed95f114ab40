"""What is offered from an object in its present state: nothing that Mangopay would refuse at once."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.objects.fields import Content
from models.objects.kinds import KINDS
from models.objects.ways import Way, ways_from
from models.operations.kinds import OPERATIONS

EUR_5 = {"Currency": "EUR", "Amount": 500}
NO_FEES = {"Currency": "EUR", "Amount": 0}
STATUSES = ("CREATED", "FAILED", "", None, "SUCCEEDED ", ["SUCCEEDED"])
PAYIN = {"Id": "payin_m_1", "AuthorId": "user_m_1", "CreditedWalletId": "wlt_m_1", "Status": "SUCCEEDED"}
MOVED = {
    "AuthorId": "user_m_1",
    "DebitedFunds": EUR_5,
    "Fees": NO_FEES,
    "DebitedWalletId": "wlt_m_1",
    "CreditedWalletId": "wlt_m_2",
}
REPEATED = {
    "AuthorId": "user_m_1",
    "DebitedFunds.Amount": "500",
    "DebitedFunds.Currency": "EUR",
    "Fees.Amount": "0",
    "Fees.Currency": "EUR",
    "DebitedWalletId": "wlt_m_1",
}


def ways(kind: str, content: Content) -> dict[str, Way]:
    found = ways_from(KINDS[kind], content)
    assert len({way.label for way in found}) == len(found)
    return {way.label: way for way in found}


def told(way: Way) -> tuple[str, dict[str, str]]:
    """Return the operation and its fields as the link says them."""
    parts = urlsplit(way.href)
    assert parts.path.startswith("/operations/")
    # "payin" asks first how.
    assert way.operation == "payin" or way.operation in OPERATIONS
    assert dict(parse_qsl(parts.query, strict_parsing=True)) == dict(way.fields)
    return parts.path.removeprefix("/operations/"), dict(way.fields)


@pytest.mark.parametrize("type_", ["CARD", "PREAUTHORIZED", "DIRECT_DEBIT", "PAYPAL", "IDEAL", None])
def test_a_payin_that_succeeded_can_be_refunded(type_: str | None) -> None:
    (refund,) = ways_from(KINDS["payin"], PAYIN | {"PaymentType": type_})
    assert (refund.label, refund.is_dangerous) == ("Refund", False)
    assert told(refund) == ("refund-payin", {"PayInId": "payin_m_1", "AuthorId": "user_m_1"})


@pytest.mark.parametrize("type_", ["BANK_WIRE", "PAY_BY_BANK"])
def test_a_wire_is_paid_back_by_a_payout_instead(type_: str) -> None:
    (back,) = ways_from(KINDS["payin"], PAYIN | {"PaymentType": type_})
    assert back.label == "Pay back"
    assert told(back) == (
        "payout",
        {
            "AuthorId": "user_m_1",
            "DebitedWalletId": "wlt_m_1",
            "PaymentRef.ReasonType": "PAYIN_REFUND",
            "PaymentRef.ReferenceId": "payin_m_1",
        },
    )


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("type_", ["CARD", "BANK_WIRE"])
def test_nothing_is_given_back_of_a_payin_that_brought_nothing(status: object, type_: str) -> None:
    assert ways("payin", PAYIN | {"Status": status, "PaymentType": type_}) == {}


@pytest.mark.parametrize(
    ("paid", "operation", "fields"),
    [
        ({"PaymentType": "CARD", "CardId": "card_m_1"}, "payin-card", {"CardId": "card_m_1"}),
        ({"PaymentType": "DIRECT_DEBIT", "MandateId": "mdt_m_1"}, "payin-directdebit", {"MandateId": "mdt_m_1"}),
    ],
)
def test_what_was_paid_in_can_be_asked_for_again(paid: Content, operation: str, fields: dict[str, str]) -> None:
    again = ways("payin", {**PAYIN, **paid, "ExecutionType": "DIRECT", "DebitedFunds": EUR_5, "Fees": NO_FEES})[
        "Repeat"
    ]
    ids = {"AuthorId": "user_m_1", "CreditedWalletId": "wlt_m_1"}
    amounts = {name: value for name, value in REPEATED.items() if "." in name}
    assert told(again) == (operation, fields | ids | amounts)


def test_a_wire_that_came_is_asked_for_again_by_what_is_declared() -> None:
    payin = PAYIN | {"PaymentType": "BANK_WIRE", "ExecutionType": "DIRECT", "DebitedFunds": EUR_5}
    operation, fields = told(ways("payin", payin)["Repeat"])
    assert (operation, fields["DeclaredDebitedFunds.Amount"]) == ("payin-bankwire", "500")


def test_a_payment_on_a_page_cannot_be_repeated_without_the_payer() -> None:
    assert "Repeat" not in ways("payin", PAYIN | {"PaymentType": "CARD", "ExecutionType": "WEB"})


def test_the_platforms_wallets_are_paid_out_and_only_credit_is_filled_up() -> None:
    assert list(ways("client-wallet", {"Id": "FEES_EUR", "Currency": "EUR", "FundsType": "FEES"})) == ["Pay out"]
    credit = ways("client-wallet", {"Id": "CREDIT_EUR", "Currency": "EUR", "FundsType": "CREDIT"})
    assert list(credit) == ["Pay out", "Fill up by bank wire"]
    assert told(credit["Fill up by bank wire"])[0] == "payin-platform"


def test_what_is_held_after_a_capture_is_released_and_not_cancelled() -> None:
    held: dict[str, object] = {"Id": "preauth_m_1", "Status": "SUCCEEDED", "PaymentStatus": "WAITING"}
    held["DebitedFunds"] = EUR_5
    left = {"RemainingFunds": {"Currency": "EUR", "Amount": 200}}
    assert list(ways("preauthorization", held | left)) == ["Capture", "Release the rest"]
    assert list(ways("preauthorization", held | {"RemainingFunds": EUR_5})) == ["Capture", "Cancel"]


def test_a_transfer_that_succeeded_can_be_refunded_and_repeated() -> None:
    found = ways("transfer", MOVED | {"Id": "xfer_m_1", "Status": "SUCCEEDED"})
    assert list(found) == ["Refund", "Repeat"]
    assert told(found["Refund"]) == ("refund-transfer", {"TransferId": "xfer_m_1", "AuthorId": "user_m_1"})
    assert told(found["Repeat"]) == ("transfer", REPEATED | {"CreditedWalletId": "wlt_m_2"})


@pytest.mark.parametrize("status", STATUSES)
def test_nothing_is_done_with_a_transfer_that_moved_nothing(status: object) -> None:
    assert ways("transfer", MOVED | {"Id": "xfer_m_1", "Status": status}) == {}


@pytest.mark.parametrize("account", [{"RecipientId": "rec_1"}, {"BankAccountId": "bankacc_m_1"}])
def test_a_payout_is_repeated_to_the_same_account_and_never_refunded(account: dict[str, str]) -> None:
    payout = MOVED | account | {"Id": "po_m_1", "Status": "SUCCEEDED", "CreditedWalletId": None, "BankWireRef": "Rent"}
    found = ways("payout", payout)
    assert list(found) == ["Repeat"]
    assert told(found["Repeat"]) == ("payout", REPEATED | account | {"BankWireRef": "Rent"})


def test_a_wallet_pays_out_transfers_and_takes_in_its_own_currency() -> None:
    wallet = {"Id": "wlt_m_1", "Currency": "GBP", "Owners": ["user_m_1", "user_m_2"]}
    own = {"AuthorId": "user_m_1", "DebitedFunds.Currency": "GBP"}
    assert [told(way) for way in ways_from(KINDS["wallet"], wallet)] == [
        ("payout", own | {"DebitedWalletId": "wlt_m_1"}),
        ("transfer", own | {"DebitedWalletId": "wlt_m_1"}),
        ("payin", own | {"CreditedWalletId": "wlt_m_1"}),
        ("convert", own | {"DebitedWalletId": "wlt_m_1"}),
    ]


@pytest.mark.parametrize("owners", [[], None, [None], [5], "user_m_1", {}])
def test_a_wallet_of_nobody_names_no_author(owners: object) -> None:
    for way in ways_from(KINDS["wallet"], {"Id": "wlt_m_1", "Currency": "EUR", "Owners": owners}):
        assert "AuthorId" not in dict(way.fields)


def test_a_user_can_begin_everything_until_the_account_is_closed() -> None:
    user = {"Id": "user_m_1", "UserStatus": "ACTIVE"}
    assert [told(way) for way in ways_from(KINDS["user"], user)] == [
        (operation, {"AuthorId": "user_m_1"}) for operation in ("payout", "transfer", "payin")
    ]
    assert "Pay out" not in ways("user", user | {"UserCategory": "PAYER"})
    assert ways("user", user | {"UserStatus": "CLOSED"}) == {}


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("preauthorization", "PreauthorizationId"),
        ("deposit", "DepositId"),
        ("extended-preauthorization", "ExtendedPreauthorizationId"),
    ],
)
def test_what_is_held_is_captured_or_cancelled_while_it_waits(kind: str, named: str) -> None:
    held = {"Id": "preauth_m_1", "AuthorId": "user_m_1", "Status": "SUCCEEDED", "PaymentStatus": "WAITING"}
    found = ways(kind, held)
    assert [(label, way.is_dangerous) for label, way in found.items()] == [("Capture", False), ("Cancel", True)]
    assert told(found["Capture"]) == ("capture", {named: "preauth_m_1", "AuthorId": "user_m_1"})
    assert told(found["Cancel"]) == ("cancel-preauthorization", {named: "preauth_m_1"})
    for state in ("VALIDATED", "CANCELED", "CANCEL_REQUESTED", "EXPIRED", "FAILED", "TO_BE_COMPLETED", "", None):
        assert ways(kind, held | {"PaymentStatus": state}) == {}
    for status in STATUSES:
        assert ways(kind, held | {"Status": status}) == {}


@pytest.mark.parametrize(
    ("kind", "account", "pay", "deactivate"),
    [
        ("card", {"Id": "card_m_1", "UserId": "u"}, ("payin-card", {"CardId": "card_m_1"}), ("deactivate-card", {})),
        (
            "bank-account",
            {"Id": "bankacc_m_1", "UserId": "u"},
            ("payout", {"BankAccountId": "bankacc_m_1"}),
            # Its address goes by way of the user.
            ("deactivate-bank-account", {"UserId": "u"}),
        ),
    ],
)
def test_what_is_active_is_used_or_deactivated_once(
    kind: str, account: dict[str, str], pay: tuple[str, dict[str, str]], deactivate: tuple[str, dict[str, str]]
) -> None:
    first, last = ways_from(KINDS[kind], account | {"Active": True})
    assert (told(first), first.is_dangerous) == ((pay[0], {"AuthorId": "u"} | pay[1]), False)
    assert (told(last), last.is_dangerous) == ((deactivate[0], deactivate[1] | pay[1]), True)
    for active in (False, None, "true", 1):
        assert ways(kind, account | {"Active": active}) == {}


@pytest.mark.parametrize(
    ("scope", "labels"),
    [("PAYOUT", ["Pay out", "Deactivate"]), ("PAYIN", ["Deactivate"]), (None, ["Pay out", "Deactivate"])],
)
def test_a_recipient_for_payins_alone_is_not_paid_out_to(scope: str | None, labels: list[str]) -> None:
    recipient = {"Id": "rec_1", "UserId": "u", "Status": "ACTIVE", "RecipientScope": scope}
    assert list(ways("recipient", recipient)) == labels
    assert told(ways("recipient", recipient)["Deactivate"]) == ("deactivate-recipient", {"RecipientId": "rec_1"})
    for status in ("PENDING", "CANCELED", "DEACTIVATED", None):
        assert ways("recipient", recipient | {"Status": status}) == {}


@pytest.mark.parametrize(
    ("status", "labels"),
    [
        ("CREATED", []),
        ("SUBMITTED", ["Pay in", "Cancel"]),
        ("ACTIVE", ["Pay in", "Cancel"]),
        ("FAILED", []),
        ("EXPIRED", []),
        (None, []),
    ],
)
def test_a_mandate_is_used_once_it_is_signed_and_until_it_ends(status: str | None, labels: list[str]) -> None:
    found = ways("mandate", {"Id": "mdt_m_1", "UserId": "u", "Status": status})
    assert list(found) == labels
    for label, way in found.items():
        assert dict(way.fields)["MandateId"] == "mdt_m_1"
        assert way.is_dangerous is (label == "Cancel")


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ({"Status": "CREATED", "ResultCode": ""}, []),
        ({"Status": "PENDING_CLIENT_ACTION"}, ["Contest", "Give up"]),
        ({"Status": "REOPENED_PENDING_CLIENT_ACTION"}, ["Contest", "Give up"]),
        ({"Status": "SUBMITTED"}, []),
        ({"Status": "PENDING_BANK_ACTION"}, []),
        ({"Status": "CLOSED", "ResultCode": "WON"}, []),
        ({"Status": "CLOSED", "ResultCode": "VOID"}, []),
        ({"Status": "CLOSED", "ResultCode": "LOST"}, ["Settle"]),
        ({"Status": "SUBMITTED", "ResultCode": "LOST"}, []),
        # Documents were asked for, and no money was taken.
        ({"Status": "CLOSED", "ResultCode": "LOST", "RepudiationId": None}, []),
    ],
)
def test_a_dispute_waits_for_the_platform_or_is_settled_when_lost(state: Content, labels: list[str]) -> None:
    found = ways("dispute", {"Id": "dispute_m_1", "RepudiationId": "repud_m_1", **state})
    assert list(found) == labels
    expected = {
        "Contest": ("contest-dispute", {"DisputeId": "dispute_m_1"}),
        "Give up": ("close-dispute", {"DisputeId": "dispute_m_1"}),
        "Settle": ("settle", {"RepudiationId": "repud_m_1"}),
    }
    for label, way in found.items():
        assert told(way) == expected[label]
        assert way.is_dangerous is (label == "Give up")


def test_a_repudiation_that_took_money_is_settled() -> None:
    (settle,) = ways_from(KINDS["repudiation"], {"Id": "repud_m_1", "Status": "SUCCEEDED"})
    assert told(settle) == ("settle", {"RepudiationId": "repud_m_1"})
    for status in STATUSES:
        assert ways("repudiation", {"Id": "repud_m_1", "Status": status}) == {}


@pytest.mark.parametrize(
    "kind", ["refund", "settlement", "conversion", "quote", "kyc-document", "hook", "report", "intent"]
)
def test_from_what_is_final_nothing_follows(kind: str) -> None:
    content = {"Id": "x", "Status": "SUCCEEDED", "Active": True, "PaymentStatus": "WAITING", "ResultCode": "LOST"}
    assert ways(kind, content) == {}


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_link_holds_whatever_the_values_are(payin_id: str, author: str) -> None:
    (refund,) = ways_from(KINDS["payin"], PAYIN | {"Id": payin_id, "AuthorId": author})
    given_ = {name: value for name, value in (("PayInId", payin_id), ("AuthorId", author)) if value}
    parts = urlsplit(refund.href)
    assert (parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))) == ("/operations/refund-payin", given_)
    assert not set("<>\"'& ") & set(refund.href.replace("&AuthorId=", ""))
