"""The page of an object, as far as it is read off the object itself: links, head, facts, tables, ways on."""

import re
from urllib.parse import unquote, urlsplit

import htpy as h
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.objects.fields import Content, Fact, Form
from models.objects.kinds import KINDS, Kind
from models.objects.sheets import SHEETS
from models.objects.ways import Way, ways_from
from tests.ui.markup import ANYTHING, HOSTILE, TEXTS, Markup, look_at
from ui.components.object_view import fact_groups, failed_because, headline, linked_users, raw_json, ways_on
from ui.components.values import value_view

UUID = "3f0d9a9e-3f5c-4f0e-9d43-5b8f0a8a6f10"
EUR_5 = {"Currency": "EUR", "Amount": 500}
NOTHING_YET = {"Currency": "XXX", "Amount": 0}
NOWHERE = dict.fromkeys(("AddressLine1", "AddressLine2", "City", "Region", "PostalCode", "Country"))
# A new kind of object, of which nothing is written down.
UNKNOWN = Kind(name="dream", title="Dream", plural="Dreams", icon="bedtime", paths=("/dreams/{id}",))
FIELDS = sorted(
    {
        place.partition(".")[0]
        for sheet in SHEETS.values()
        for group in sheet.groups
        for fact in group.facts
        for place in fact.path.split("|")
    }
    | {"Id", "LineItems", "Trackings", "Ubos", "Checks", "PSCs", "Captures", "InternationalAccountDetails", "Owners"}
)
STATUSES = st.sampled_from(["SUCCEEDED", "FAILED", "REFUSED", "CLOSED", "ACTIVE", "PENDING_CLIENT_ACTION", "WAITING"])
CONTENTS = st.builds(
    lambda some, status, type_: {**some, **status, **type_},
    st.dictionaries(st.sampled_from(FIELDS) | TEXTS, ANYTHING, max_size=6),
    st.fixed_dictionaries({}, optional={"Status": STATUSES, "PaymentStatus": STATUSES, "ResultCode": TEXTS}),
    st.fixed_dictionaries({}, optional={"PaymentType": st.sampled_from(["CARD", "BANK_WIRE"]) | ANYTHING}),
)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def link(place: str, kind: str, content: Content, **names: str) -> Markup:
    return look_at(value_view(Fact("Label", place, Form.LINK, kind), content, names=names))


@pytest.mark.parametrize(
    ("place", "kind", "content", "links"),
    [
        ("AuthorId", "user", {"AuthorId": "user_m_1"}, ["/users/user_m_1"]),
        # Older ids tell no kind, so that the fact does.
        ("AuthorId", "user", {"AuthorId": "158026537"}, ["/users/158026537"]),
        ("CardId", "card", {"CardId": UUID}, [f"/objects/card/{UUID}"]),
        # What the platform does itself names its ClientId.
        ("AuthorId", "user", {"AuthorId": "acme"}, []),
        ("AuthorId", "user", {"AuthorId": "my-shop-of-great-things"}, []),
        ("AuthorId", "user", {"AuthorId": "١٢٣"}, []),
        # The id knows better than the fact.
        ("BankAccountId", "bank-account", {"BankAccountId": "rec_1"}, ["/objects/recipient/rec_1"]),
        ("InitialTransactionId", "payin", {"InitialTransactionId": "xfer_m_1"}, ["/objects/transfer/xfer_m_1"]),
        ("CreditedWalletId", "wallet", {"CreditedWalletId": "CREDIT_EUR"}, ["/objects/client-wallet/CREDIT_EUR"]),
        # An older transaction is told by type and nature.
        (
            "InitialTransactionId",
            "payin",
            {"InitialTransactionId": "1", "InitialTransactionType": "PAYOUT", "InitialTransactionNature": "REGULAR"},
            ["/objects/payout/1"],
        ),
        (
            "InitialTransactionId",
            "payin",
            {"InitialTransactionId": "1", "InitialTransactionType": "PAYOUT", "InitialTransactionNature": "REFUND"},
            ["/objects/refund/1"],
        ),
        ("InitialTransactionId", "payin", {"InitialTransactionId": "1"}, ["/objects/payin/1"]),
        # A bank account is read by way of its user, a virtual account by way of its wallet.
        (
            "BankAccountId",
            "bank-account",
            {"BankAccountId": "1", "AuthorId": "user_m_1", "UserId": "user_m_2"},
            ["/objects/bank-account/1?parent=user_m_1"],
        ),
        (
            "BankAccountId",
            "bank-account",
            {"BankAccountId": "bankacc_m_1", "UserId": "158026537"},
            ["/objects/bank-account/bankacc_m_1?parent=158026537"],
        ),
        ("BankAccountId", "bank-account", {"BankAccountId": "1"}, ["/objects/bank-account/1"]),
        # The platform's own account is shown to nobody.
        ("BankAccountId", "bank-account", {"BankAccountId": "1", "AuthorId": "acme"}, []),
        (
            "VirtualAccountId",
            "banking-alias",
            {"VirtualAccountId": "wltbank_m_1", "CreditedWalletId": "wlt_m_1"},
            ["/objects/banking-alias/wltbank_m_1?parent=wlt_m_1"],
        ),
        ("Owners", "user", {"Owners": ["user_m_1", "user_m_2"]}, ["/users/user_m_1", "/users/user_m_2"]),
    ],
)
def test_a_link_leads_to_the_page_of_its_object(place: str, kind: str, content: Content, links: list[str]) -> None:
    seen = link(place, kind, content)
    assert seen.links == links
    ids = content[place]
    assert seen.all_of("data-copy") == (ids if isinstance(ids, list) else [ids])


@unhurried
@given(TEXTS.filter(bool), st.sampled_from(["", "user_m_", "payin_m_", "bankacc_m_"]), TEXTS)
def test_a_link_stays_in_the_dashboard_whatever_the_id_is(rest: str, prefix: str, name: str) -> None:
    seen = link("AuthorId", "user", {"AuthorId": prefix + rest}, **{prefix + rest: name})
    for href in seen.links:
        parts = urlsplit(href)
        assert (parts.scheme, parts.netloc) == ("", "")
        assert unquote(parts.path.rpartition("/")[2]) == prefix + rest


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_user_who_is_known_goes_by_name(name: str) -> None:
    seen = link("AuthorId", "user", {"AuthorId": "user_m_1"}, user_m_1=name)
    assert (seen.text, seen.links) == (name, ["/users/user_m_1"])
    assert f"<bdi>{h.fragment[name]}</bdi>" in seen.html


def test_the_head_says_what_it_is_how_much_and_how_it_stands() -> None:
    payin = {"Id": "payin_m_1", "DebitedFunds": EUR_5, "Status": "SUCCEEDED", "CreationDate": 0}
    seen = look_at(headline(KINDS["payin"], payin, ways=h.a(href="/operations/x")["Refund"]))
    assert seen.text == "Pay-in5.00 EURSUCCEEDEDpayin_m_1created 1970-01-01 00:00:00 UTCRefund"
    assert "positive" in seen.classes


def test_a_wire_under_way_shows_what_was_declared() -> None:
    wire = {"DebitedFunds": NOTHING_YET, "Fees": NOTHING_YET, "DeclaredDebitedFunds": EUR_5, "Status": "CREATED"}
    assert look_at(headline(KINDS["payin"], wire)).text == "Pay-in5.00 EURCREATED"
    seen = look_at(fact_groups(KINDS["payin"], wire))
    assert "XXX" not in seen.text
    assert "Declared debited funds5.00 EUR" in seen.text


def test_what_has_no_figure_goes_by_its_kind_and_a_user_by_name() -> None:
    assert look_at(headline(KINDS["mandate"], {"Id": "mdt_m_1"})).text == "MandateMandatemdt_m_1"
    assert look_at(headline(KINDS["user"], {"Id": "user_m_1"}, name="Alice")).text == "UserAliceuser_m_1"
    assert look_at(headline(UNKNOWN, {"Id": 5, "CreationDate": "today"})).text == "DreamDream"


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("payin", {"Status": "FAILED", "ResultCode": "101101"}, ["refused the payment", "(101101)", "trying the same"]),
        ("payin", {"Status": "FAILED", "ResultCode": "999999", "ResultMessage": "New"}, ["999999", "New"]),
        ("kyc-document", {"Status": "REFUSED", "RefusedReasonType": "DOCUMENT_UNREADABLE"}, ["read"]),
        (
            "kyc-document",
            {"Status": "REFUSED", "RefusedReasonType": "BRAND_NEW_REASON", "RefusedReasonMessage": "Because"},
            ["Brand new reason", "Because"],
        ),
        ("ubo-declaration", {"Status": "INCOMPLETE", "Reason": "MISSING_UBO", "Message": "One more"}, ["One more"]),
        ("card-registration", {"Status": "ERROR", "ResultCode": "105202"}, ["(105202)"]),
        ("mandate", {"Status": "FAILED", "ResultCode": "001806"}, ["(001806)"]),
    ],
)
def test_what_failed_says_why(kind: str, content: Content, said: list[str]) -> None:
    seen = look_at(failed_because(KINDS[kind], content))
    assert [part for part in said if part not in seen.text] == []
    assert seen.all_of("role") == ["alert"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("payin", {"Status": "SUCCEEDED", "ResultCode": "000000"}),
        ("payin", {"Status": "CREATED", "ResultCode": "101101"}),
        ("payin", {"Status": "FAILED", "ResultCode": None}),
        ("payin", {"Status": "FAILED", "ResultCode": ["101101"]}),
        ("payin", {"Status": ["FAILED"], "ResultCode": "101101"}),
        ("wallet", {"Status": "FAILED", "ResultCode": "101101"}),
    ],
)
def test_what_did_not_fail_says_nothing(kind: str, content: Content) -> None:
    assert failed_because(KINDS[kind], content) is None


def test_empty_facts_wait_to_be_asked_for_and_empty_groups_are_hidden() -> None:
    payin = {"DebitedFunds": EUR_5, "Billing": {"FirstName": None, "Address": NOWHERE}, "Tag": ""}
    seen = look_at(fact_groups(KINDS["payin"], payin))
    groups = re.findall('<section class="([^"]+)" aria-label="([^"]+)"', seen.html)
    hidden = {title for classes, title in groups if "is-empty" in classes.split()}
    assert {"Billed to", "Shipped to", "Between"} <= hidden
    assert "Money" not in hidden
    assert "Show empty fields" in seen.text


def test_where_nothing_is_empty_nobody_is_asked() -> None:
    assert look_at(fact_groups(UNKNOWN, {"Id": "x"})).text == ""
    full = {"CreationDate": 1, "UserId": "user_m_1", "ProcessedDate": 1, "Reason": "x", "Message": "y"}
    assert "Show empty" not in look_at(fact_groups(KINDS["ubo-declaration"], full)).text
    assert "Show empty" in look_at(fact_groups(KINDS["ubo-declaration"], {**full, "Message": None})).text


def test_rows_that_come_later_join_their_group() -> None:
    more = {"Money": [("Still refundable", h.span["3.00 EUR"])]}
    seen = look_at(fact_groups(KINDS["transfer"], {}, more=more))
    assert "Still refundable3.00 EUR" in seen.text
    assert "panel fact-group" in seen.all_of("class")


def test_items_and_parcels_are_tables_of_their_own() -> None:
    item = {"Name": "Shoes", "Quantity": 2, "UnitAmount": 1_000, "TaxAmount": 0, "Description": "Red"}
    payin = {"DebitedFunds": {"Currency": "JPY", "Amount": 2_000}, "LineItems": [item, "odd", None]}
    payin |= {"Trackings": [{"Carrier": "DHL", "TrackingNumber": "42", "NotifyBuyer": True}]}
    seen = look_at(fact_groups(KINDS["payin"], payin))
    assert "Shoes21000 JPY0 JPYRed" in seen.text
    assert "DHL42Yes" in seen.text


def test_owners_of_a_company_and_what_is_in_an_intent_are_tables_too() -> None:
    ubo = {"FirstName": "Bob", "LastName": "Martin", "Birthday": 0, "Nationality": "FR", "IsActive": False}
    seen = look_at(fact_groups(KINDS["ubo-declaration"], {"Ubos": [ubo | {"Birthplace": {"City": "Lyon"}}]}))
    assert "BobMartin1970-01-01FranceLyonNo" in seen.text
    capture = {"Id": "int_capture_1", "Status": "CAPTURED", "Amount": 500, "CreationDate": 0}
    seen = look_at(fact_groups(KINDS["intent"], {"Currency": "EUR", "Amount": 700, "Captures": [capture]}))
    assert "int_capture_1CAPTURED5.00 EUR1970-01-01 00:00:00 UTC" in seen.text
    assert "Amount7.00 EUR" in seen.text


def test_the_first_way_on_stands_out_unless_it_is_dangerous() -> None:
    safe, danger = Way("Contest", "contest", (("Id", "<b>&"),)), Way("Give up", "close", (), is_dangerous=True)
    seen = look_at(ways_on([safe, danger]))
    assert seen.all_of("class") == ["button primary", "button danger"]
    assert seen.links[0] == "/operations/contest?Id=%3Cb%3E%26"
    assert look_at(ways_on([danger, safe])).all_of("class") == ["button danger", "button"]
    assert ways_on([]) == []


def test_the_users_of_an_object_are_those_its_facts_link_to() -> None:
    payin = {"AuthorId": "user_m_1", "CreditedUserId": "user_m_2", "CardId": "card_m_1", "PaymentType": "CARD"}
    assert linked_users(KINDS["payin"], payin) == {"user_m_1", "user_m_2"}
    assert linked_users(KINDS["wallet"], {"Owners": ["user_m_1", 5, None]}) == {"user_m_1"}
    assert linked_users(UNKNOWN, payin) == set()


@settings(unhurried, max_examples=150)
@given(st.sampled_from([*KINDS.values(), UNKNOWN]), CONTENTS)
def test_no_object_whatever_it_is_breaks_its_page(kind: Kind, content: Content) -> None:
    names = dict.fromkeys(linked_users(kind, content), HOSTILE[0])
    seen = look_at(
        [
            headline(kind, content, ways=ways_on(ways_from(kind, content))),
            failed_because(kind, content),
            fact_groups(kind, content, names=names),
            raw_json(content),
        ]
    )
    assert kind.title in seen.text
