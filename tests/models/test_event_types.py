"""The table of event types says what the docs say, and welcomes what they do not say yet."""

import re

import pytest

from models.event_types import EVENT_TYPES, describe, fetch_path, groups, types_of


def test_all_168_event_types_are_described() -> None:
    assert len(EVENT_TYPES) == 168
    for name, event_type in EVENT_TYPES.items():
        assert event_type.name == name
        assert re.fullmatch(r"[A-Z0-9_]{1,100}", name)
        assert event_type.group
        assert event_type.resource_kind
        assert event_type.meaning.endswith(".")


@pytest.mark.parametrize(
    ("name", "group", "kind", "path"),
    [
        ("USER_INFLOWS_BLOCKED", "User regulatory", "User", "/v2.01/shop/users/42/regulatory"),
        ("USER_KYC_REGULAR", "User verification", "User", "/v2.01/shop/users/42"),
        ("USER_KYC_RENEWED", "User verification", "User", "/v2.01/shop/users/42/regulatory"),
        ("SCA_EMAIL_VERIFIED", "SCA factors", "User", "/v2.01/shop/sca/users/42/sca-status"),
        ("KYC_SUCCEEDED", "KYC documents", "KycDocument", "/v2.01/shop/kyc/documents/42"),
        ("PAYIN_NORMAL_SUCCEEDED", "Pay-ins", "PayIn", "/v2.01/shop/payins/42"),
        ("PAYOUT_REFUND_SUCCEEDED", "Payout refunds", "Refund", "/v2.01/shop/refunds/42"),
        ("INSTANT_PAYOUT_FAILED", "Instant payouts", "PayOut", "/v2.01/shop/payouts/bankwire/42"),
        ("TRANSFER_SETTLEMENT_CREATED", "Settlement transfers", "SettlementTransfer", "/v2.01/shop/settlements/42"),
        ("SETTLEMENT_RECONCILED", "Echo settlements", "Settlement", "/v3.0/shop/payins/intents/settlements/42"),
        ("INTENT_PAID", "Echo intents", "Intent", "/v3.0/shop/payins/intents/42"),
        (
            "COUNTRY_AUTHORIZATION_UPDATED",
            "Country authorizations",
            "CountryAuthorization",
            "/v2.01/countries/42/authorizations",
        ),
        ("REPORT_GENERATED", "Reports", "Report", "/v2.01/shop/reporting/reports/42"),
    ],
)
def test_an_event_type_leads_to_its_resource(name: str, group: str, kind: str, path: str) -> None:
    event_type = describe(name)
    assert (event_type.group, event_type.resource_kind) == (group, kind)
    assert fetch_path(name, client_id="shop", resource_id="42") == path


def test_only_three_kinds_need_an_id_that_the_notification_lacks() -> None:
    unreadable = {name for name in EVENT_TYPES if fetch_path(name, client_id="shop", resource_id="42") is None}
    assert unreadable == {*types_of("Virtual accounts"), *types_of("Card validations"), *types_of("Echo splits")}


@pytest.mark.parametrize("resource_id", ["", ".", ".."])
def test_an_id_that_names_nothing_leads_nowhere(resource_id: str) -> None:
    assert fetch_path("PAYIN_NORMAL_CREATED", client_id="shop", resource_id=resource_id) is None


def test_a_forged_id_cannot_leave_its_place_in_the_path() -> None:
    path = fetch_path("PAYIN_NORMAL_CREATED", client_id="shop/x", resource_id="../users/42?Sort=x#{client_id}")
    assert path == "/v2.01/shop%2Fx/payins/..%2Fusers%2F42%3FSort%3Dx%23%7Bclient_id%7D"


def test_an_unknown_event_type_is_welcome() -> None:
    unknown = describe("WALLET_PAINTED_GREEN")
    assert (unknown.name, unknown.group, unknown.resource_kind) == ("WALLET_PAINTED_GREEN", "Other", "Object")
    assert "new to this dashboard" in unknown.meaning
    assert fetch_path("WALLET_PAINTED_GREEN", client_id="shop", resource_id="42") is None


def test_groups_and_their_types_come_in_table_order() -> None:
    assert groups()[0] == "User regulatory"
    assert groups()[-1] == "Reports"
    assert len(groups()) == len(set(groups())) == 36
    assert types_of("Payouts") == ("PAYOUT_NORMAL_CREATED", "PAYOUT_NORMAL_SUCCEEDED", "PAYOUT_NORMAL_FAILED")
    assert sum(len(types_of(group)) for group in groups()) == 168
    assert types_of("Nonsense") == ()
