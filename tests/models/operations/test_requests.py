"""From what was typed to the one call that is made: by Mangopay's names and types, with nothing lost or added."""

from collections.abc import Mapping

import pytest

from models.money import Money
from models.operations.kinds import OPERATIONS
from models.operations.requests import (
    BROWSER,
    CURRENCY,
    QUOTE,
    amount_of,
    build_request,
    faults_of,
    hash_of,
    told_amount,
    typed_from_link,
)

OPERATION_ID = "op_1"
ROOT = "/v2.01/our%2Fshop"
EURO = {CURRENCY: "EUR"}
ALICE, BOB = "user_m_alice", "user_m_bob"
SHOP, TILL = "wlt_m_shop", "wlt_m_till"


def euros(amount: int) -> dict[str, object]:
    return {"Currency": "EUR", "Amount": amount}


TEN, HALF, NOTHING = euros(1000), euros(50), euros(0)
REFUND = {"AuthorId": ALICE, "DebitedFunds": "10", "Fees": "-0.5", "StatementDescriptor": "Sorry"}
REFUNDED = {"AuthorId": ALICE, "DebitedFunds": TEN, "Fees": euros(-50), "StatementDescriptor": "Sorry"}
PAYOUT = {"DebitedWalletId": SHOP, "AuthorId": BOB, "DebitedFunds": "10", "Fees": "0.5"}
PAID_OUT = {"DebitedWalletId": SHOP, "AuthorId": BOB, "DebitedFunds": TEN, "Fees": HALF}
MOVE = {"DebitedWalletId": SHOP, "AuthorId": BOB, "CreditedWalletId": TILL, "DebitedFunds": "10", "Fees": "0.5"}
MOVED = {"DebitedWalletId": SHOP, "AuthorId": BOB, "CreditedWalletId": TILL}
CHARGE = {"AuthorId": ALICE, "CreditedWalletId": SHOP, "DebitedFunds": "10"}
CHARGED = {"AuthorId": ALICE, "CreditedWalletId": SHOP, "DebitedFunds": TEN, "Fees": NOTHING}
BACK = "https://shop.example/back"

# By kind, and what of it is another: what is typed, where it is sent, and what leaves, its Tag apart.
CALLS: Mapping[str, tuple[Mapping[str, str], str, Mapping[str, object]]] = {
    "refund-payin": ({"PayInId": "payin_m_1", **REFUND}, "/payins/payin_m_1/refunds", REFUNDED),
    "refund-transfer": ({"TransferId": "xfer_m_1", **REFUND}, "/transfers/xfer_m_1/refunds", REFUNDED),
    "payout": (
        {"RecipientId": "rec_1", **PAYOUT},
        "/payouts/bankwire",
        {"RecipientId": "rec_1", "PayoutModeRequested": "STANDARD", **PAID_OUT},
    ),
    "payout that gives back": (
        {
            "BankAccountId": "bankacc_m_1",
            "PaymentRef.ReasonType": "PAYIN_REFUND",
            "PaymentRef.ReferenceId": "payin_m_1",
            "PayoutModeRequested": "INSTANT_PAYMENT",
            "BankWireRef": "Sorry",
            **PAYOUT,
        },
        "/payouts/bankwire",
        {
            "BankAccountId": "bankacc_m_1",
            "PaymentRef": {"ReasonType": "PAYIN_REFUND", "ReferenceId": "payin_m_1"},
            "PayoutModeRequested": "INSTANT_PAYMENT",
            "BankWireRef": "Sorry",
            **PAID_OUT,
        },
    ),
    "transfer": (
        {"ScaContext": "USER_NOT_PRESENT", **MOVE},
        "/transfers",
        {"ScaContext": "USER_NOT_PRESENT", "DebitedFunds": TEN, "Fees": HALF, **MOVED},
    ),
    # The amounts are in the quote.
    "convert": (
        {"QuoteId": "cvrquote_1", **MOVE},
        "/conversions/quoted-conversion",
        {"QuoteId": "cvrquote_1", **MOVED},
    ),
    "payin-bankwire": (
        {"CreditedWalletId": SHOP, "AuthorId": ALICE, "DeclaredDebitedFunds": "10", "DeclaredFees": "0.5"},
        "/payins/bankwire/direct",
        {"CreditedWalletId": SHOP, "AuthorId": ALICE, "DeclaredDebitedFunds": TEN, "DeclaredFees": HALF},
    ),
    "payin-card": (
        {
            "CardId": "card_m_1",
            "SecureModeReturnURL": BACK,
            "PaymentCategory": "TelephoneOrder",
            "IpAddress": "203.0.113.24",
            "BrowserInfo.Language": "fr",
            "BrowserInfo.UserAgent": "Firefox",
            **CHARGE,
        },
        "/payins/card/direct",
        {
            "CardId": "card_m_1",
            "SecureMode": "DEFAULT",
            "SecureModeReturnURL": BACK,
            "PaymentCategory": "TelephoneOrder",
            "IpAddress": "203.0.113.24",
            "BrowserInfo": {**BROWSER, "Language": "fr", "UserAgent": "Firefox"},
            **CHARGED,
        },
    ),
    "payin-web": (
        {"ReturnURL": BACK, **CHARGE},
        "/payins/card/web",
        {"ReturnURL": BACK, "CardType": "CB_VISA_MASTERCARD", "Culture": "EN", **CHARGED},
    ),
    "payin-directdebit": (
        {"MandateId": "mdt_m_1", **CHARGE},
        "/payins/directdebit/direct",
        {"MandateId": "mdt_m_1", **CHARGED},
    ),
    "capture of 7 days": (
        {"PreauthorizationId": "preauth_m_1", **CHARGE},
        "/payins/preauthorized/direct",
        {"PreauthorizationId": "preauth_m_1", **CHARGED},
    ),
    "capture of 30 days": (
        {"ExtendedPreauthorizationId": "deposit_m_1", **CHARGE},
        "/payins/extended-preauthorized/direct/full-capture",
        {"ExtendedPreauthorizationId": "deposit_m_1", **CHARGED},
    ),
    "capture of 30 days under its old name": (
        {"DepositId": "deposit_m_1", **CHARGE},
        "/payins/deposit-preauthorized/direct/full-capture",
        {"DepositId": "deposit_m_1", **CHARGED},
    ),
    "cancel-preauthorization of 7 days": (
        {"PreauthorizationId": "preauth_m_1"},
        "/preauthorizations/preauth_m_1",
        {"PaymentStatus": "CANCELED"},
    ),
    "cancel-preauthorization of 30 days": (
        {"ExtendedPreauthorizationId": "deposit_m_1"},
        "/extended-preauthorizations/deposit_m_1",
        {"PaymentStatus": "CANCELED"},
    ),
    "cancel-preauthorization of 30 days under its old name": (
        {"DepositId": "deposit_m_1"},
        "/deposit-preauthorizations/deposit_m_1",
        {"PaymentStatus": "CANCELED"},
    ),
    "release-preauthorization": (
        {"PreauthorizationId": "preauth_m_1"},
        "/preauthorizations/preauth_m_1",
        {"PaymentStatus": "VALIDATED"},
    ),
    "contest-dispute": (
        {"DisputeId": "dispute_m_1", "ContestedFunds": "10"},
        "/disputes/dispute_m_1/submit",
        {"ContestedFunds": TEN},
    ),
    "contest-dispute once more": ({"DisputeId": "dispute_m_1"}, "/disputes/dispute_m_1/submit", {}),
    "close-dispute": ({"DisputeId": "dispute_m_1"}, "/disputes/dispute_m_1/close", {}),
    "settle": (
        {"RepudiationId": "repud_m_1", "AuthorId": BOB, "DebitedFunds": "10", "Fees": "-0.5"},
        "/repudiations/repud_m_1/settlementtransfer",
        {"AuthorId": BOB, "DebitedFunds": TEN, "Fees": euros(-50)},
    ),
    "payout-platform": (
        {"DebitedWalletId": "FEES_EUR", "BankAccountId": "bankacc_m_1", "DebitedFunds": "10", "BankWireRef": "Fees"},
        "/clients/payouts",
        {"DebitedWalletId": "FEES_EUR", "BankAccountId": "bankacc_m_1", "DebitedFunds": TEN, "BankWireRef": "Fees"},
    ),
    "payin-platform": (
        {"CreditedWalletId": "CREDIT_EUR", "DeclaredDebitedFunds": "10"},
        "/clients/payins/bankwire/direct",
        {"CreditedWalletId": "CREDIT_EUR", "DeclaredDebitedFunds": TEN},
    ),
    "deactivate-card": ({"CardId": "card_m_1"}, "/cards/card_m_1", {"Active": False}),
    "deactivate-recipient": ({"RecipientId": "rec_1"}, "/recipients/rec_1", {"Status": "DEACTIVATED"}),
    "deactivate-bank-account": (
        {"UserId": BOB, "BankAccountId": "bankacc_m_1"},
        "/users/user_m_bob/bankaccounts/bankacc_m_1",
        {"Active": False},
    ),
    "cancel-mandate": ({"MandateId": "mdt_m_1"}, "/mandates/mdt_m_1/cancel", {}),
}
# What they are about is there already.
CHANGES = (
    *("cancel-preauthorization", "release-preauthorization", "contest-dispute", "close-dispute"),
    *("deactivate-card", "deactivate-recipient", "deactivate-bank-account", "cancel-mandate"),
)
SENT = {name: values for name, (values, _, _) in CALLS.items()}
TOO_LONG = "At most 10 characters; this has 11."
every_call = pytest.mark.parametrize("name", CALLS)


def kind_of(name: str) -> str:
    return name.partition(" ")[0]


def body_of(name: str, **more: str) -> dict[str, object]:
    kind, values = OPERATIONS[kind_of(name)], {**EURO, **SENT[name], **more}
    return dict(build_request(kind, values, client_id="shop", operation_id=OPERATION_ID).body)


def faults(name: str, **more: str) -> Mapping[str, str]:
    return faults_of(OPERATIONS[kind_of(name)], {**EURO, **SENT[name], **more})


def test_every_kind_is_among_the_calls() -> None:
    assert {kind_of(name) for name in CALLS} == set(OPERATIONS)


@every_call
def test_what_was_typed_leaves_by_mangopays_names_and_types(name: str) -> None:
    typed, path, body = CALLS[name]
    kind = OPERATIONS[kind_of(name)]
    request = build_request(kind, {**EURO, **typed}, client_id="our/shop", operation_id=OPERATION_ID)
    tag = {"Tag": OPERATION_ID} if kind.method == "POST" else {}
    assert (request.path, request.body) == (ROOT + path, {**body, **tag})
    assert request.method == ("PUT" if kind.name in CHANGES else "POST")


@every_call
def test_the_operators_own_tag_comes_behind_the_operations_id(name: str) -> None:
    kind = OPERATIONS[kind_of(name)]
    expected = f"{OPERATION_ID} of the shop" if kind.method == "POST" else None
    assert body_of(name, Tag="of the shop").get("Tag") == expected


@pytest.mark.parametrize("hostile", ["payin/../../clients", "payin?a=b", "payin#1", "payin 1", "payïn"])
def test_an_id_that_would_lead_elsewhere_is_refused_before_it_is_sent(hostile: str) -> None:
    assert faults("refund-payin", PayInId=hostile) == {"PayInId": "This is no id."}
    with pytest.raises(ValueError, match="PayInId"):
        body_of("refund-payin", PayInId=hostile)


def test_what_belongs_to_no_parameter_is_not_sent() -> None:
    assert body_of("transfer", Status="SUCCEEDED", CreditedFunds="12") == body_of("transfer")


@pytest.mark.parametrize(("currency", "typed", "minor"), [("JPY", "1260", 1260), ("KWD", "1.260", 1260)])
def test_an_amount_leaves_in_the_smallest_unit_of_its_currency(currency: str, typed: str, minor: int) -> None:
    body = body_of("transfer", Currency=currency, DebitedFunds=typed, Fees="0")
    assert body["DebitedFunds"] == {"Currency": currency, "Amount": minor}


@every_call
def test_whatever_is_required_is_missed(name: str) -> None:
    kind = OPERATIONS[kind_of(name)]
    required = {p.name for p in kind.parameters if p.is_required and not p.default}
    assert set(faults_of(kind, EURO)) == required | {group[0] for group in kind.one_of}


def test_of_several_ids_one_is_needed() -> None:
    assert faults("payout", RecipientId="") == {"RecipientId": "Fill in one of these: recipient or bank account."}


def test_of_several_ids_only_one_is_taken() -> None:
    found = faults("payout", BankAccountId="bankacc_m_1")
    assert found == {"BankAccountId": "Only one of these: recipient or bank account."}


def test_the_id_of_something_else_is_told_as_such() -> None:
    found = faults("transfer", CreditedWalletId="user_m_bob")["CreditedWalletId"]
    assert found == "This is the id of a user; that of a wallet is needed."


@pytest.mark.parametrize("old", ["12345678", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"])
def test_an_id_that_tells_no_kind_is_taken(old: str) -> None:
    assert not faults("transfer", CreditedWalletId=old)


@pytest.mark.parametrize(
    ("name", "more", "fault"),
    [
        ("transfer", {"Fees": "10.01"}, {"Fees": "The fees are more than the amount."}),
        ("transfer", {"Fees": "10"}, {}),
        ("transfer", {"Fees": "-0.01"}, {"Fees": "Fees cannot be less than nothing here."}),
        ("refund-payin", {"Fees": "-0.01"}, {}),
        ("refund-payin", {"Fees": "10.01"}, {"Fees": "The fees are more than the amount."}),
        ("payin-bankwire", {"DeclaredFees": "-1"}, {"DeclaredFees": "Fees cannot be less than nothing here."}),
        ("payin-bankwire", {"DeclaredFees": "10.01"}, {"DeclaredFees": "The fees are more than the amount."}),
        ("transfer", {"DebitedFunds": "0"}, {"DebitedFunds": "An amount is more than nothing."}),
        ("refund-payin", {"DebitedFunds": "0", "Fees": "-1"}, {"DebitedFunds": "An amount is more than nothing."}),
        ("transfer", {"DebitedFunds": "ten"}, {"DebitedFunds": "Write an amount such as 12.60."}),
        ("transfer", {"ScaContext": "PERHAPS"}, {"ScaContext": "One of USER_PRESENT, USER_NOT_PRESENT."}),
        ("payin-web", {"ReturnURL": "javascript:1"}, {"ReturnURL": "Write a whole address: https://…"}),
        ("refund-payin", {"StatementDescriptor": "x" * 11}, {"StatementDescriptor": TOO_LONG}),
        ("transfer", {"Tag": "a\x00b"}, {"Tag": "There are characters in it that cannot be seen."}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_the_field_it_is_in(name: str, more: dict[str, str], fault: Mapping[str, str]) -> None:
    assert faults(name, **more) == fault


def test_an_amount_is_not_read_before_its_currency_is_known() -> None:
    assert faults_of(OPERATIONS["transfer"], {**SENT["transfer"], "DebitedFunds": "1,234"}) == {}
    assert amount_of(OPERATIONS["transfer"], SENT["transfer"], "DebitedFunds") is None


@pytest.mark.parametrize(
    ("name", "fees", "told"),
    [
        ("refund-payin", "-0.50", Money(1050, "EUR")),
        ("refund-payin", "0.50", Money(950, "EUR")),
        ("refund-transfer", "", Money(1000, "EUR")),
        ("payout", "0.50", Money(1000, "EUR")),
        ("settle", "-0.50", Money(1000, "EUR")),
    ],
)
def test_a_refund_is_spoken_of_by_what_is_got_anything_else_by_what_leaves(name: str, fees: str, told: Money) -> None:
    assert told_amount(OPERATIONS[name], {**EURO, **SENT[name], "Fees": fees}) == told


@pytest.mark.parametrize("name", ["close-dispute", "deactivate-card"])
def test_what_is_without_an_amount_tells_none(name: str) -> None:
    assert told_amount(OPERATIONS[name], {**EURO, **SENT[name]}) is None


@every_call
def test_another_value_makes_another_mark(name: str) -> None:
    values = {name: value for name, value in {**EURO, **SENT[name]}.items() if name != QUOTE}
    marks = {hash_of(kind_of(name), {**values, changed: f"{value}1"}) for changed, value in values.items()}
    assert len(marks | {hash_of(kind_of(name), values)}) == len(values) + 1


def test_another_quote_makes_no_other_mark() -> None:
    assert hash_of("convert", {**SENT["convert"], QUOTE: "cvrquote_2"}) == hash_of("convert", SENT["convert"])


def test_a_value_under_another_name_makes_another_mark() -> None:
    assert hash_of("payout", {"RecipientId": "1"}) != hash_of("payout", {"BankAccountId": "1"})
    assert hash_of("payout", {"a": "bc"}) != hash_of("payout", {"ab": "c"})


def test_another_kind_makes_another_mark() -> None:
    assert hash_of("deactivate-card", {"CardId": "1"}) != hash_of("payin-card", {"CardId": "1"})


def test_order_and_empty_values_make_no_other_mark() -> None:
    values = {**EURO, **SENT["transfer"]}
    turned = dict(reversed(list(values.items()))) | {"Tag": ""}
    assert hash_of("transfer", turned) == hash_of("transfer", values)


@pytest.mark.parametrize(
    ("currency", "minor", "typed"),
    [("EUR", "1260", "12.60"), ("JPY", "1260", "1260"), ("KWD", "1260", "1.260"), ("EUR", "-5", "-0.05")],
)
def test_a_link_fills_in_minor_units_exactly(currency: str, minor: str, typed: str) -> None:
    link = {"PayInId": " payin_m_1 ", "DebitedFunds.Amount": minor, "DebitedFunds.Currency": currency}
    found = typed_from_link(OPERATIONS["refund-payin"], link)
    assert found == {"PayInId": "payin_m_1", "DebitedFunds": typed, CURRENCY: currency}
    assert amount_of(OPERATIONS["refund-payin"], found, "DebitedFunds") == Money(int(minor), currency)


@pytest.mark.parametrize("rubbish", ["12.60", "1e3", "--5", "5-", "-", "١٢", "²", " 5", "0x10", "5\n", "9" * 5000])
def test_a_link_with_rubbish_for_an_amount_has_the_form_refuse_it(rubbish: str) -> None:
    """Left out, all that there is would be suggested in its place."""
    link = {"DebitedFunds.Amount": rubbish, "DebitedFunds.Currency": "EUR"}
    found = typed_from_link(OPERATIONS["transfer"], link)
    assert found["DebitedFunds"] == f"“{rubbish.strip()[:20]}” in the link"
    assert faults_of(OPERATIONS["transfer"], found)["DebitedFunds"] == "Write an amount such as 12.60."


@pytest.mark.parametrize("link", [{"DebitedFunds": "12.60"}, {"DebitedFunds.Amount": "1260"}])
def test_a_link_that_leaves_the_currency_or_the_unit_open_has_the_form_refuse_it(link: Mapping[str, str]) -> None:
    found = typed_from_link(OPERATIONS["transfer"], link)
    assert "in the link" in found["DebitedFunds"]
    assert amount_of(OPERATIONS["transfer"], {**found, CURRENCY: "EUR"}, "DebitedFunds") is None


@pytest.mark.parametrize("link", [{"DebitedFunds.Amount": " "}, {"Evil": "1"}, {"AuthorId": ""}])
def test_what_a_link_cannot_say_fills_in_nothing(link: Mapping[str, str]) -> None:
    assert typed_from_link(OPERATIONS["transfer"], link) == {}


def test_a_link_fills_in_nothing_that_people_do_not() -> None:
    given = {"CardId": "card_m_1", "IpAddress": "192.0.2.66", "BrowserInfo.UserAgent": "forged"}
    given["QuoteId"] = "cvrquote_1"
    assert typed_from_link(OPERATIONS["payin-card"], given) == {"CardId": "card_m_1"}
    assert typed_from_link(OPERATIONS["convert"], given) == {}
