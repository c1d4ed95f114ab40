"""Which object an id names, and where it is read."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.event_types import EVENT_TYPES
from models.objects.kinds import KINDS, href, kind_of_id, kind_of_resource, kind_of_transaction

# A busy machine is no failure.
unhurried = settings(deadline=None)
ULID = "01KCDE0FRP2S9AGN5JMXRFA3Y8"
UUID = "3f0d9a9e-3f5c-4f0e-9d43-5b8f0a8a6f10"
V2, V3 = "/v2.01/acme", "/v3.0/acme"
# An id as Mangopay makes it, its kind, and where it is read: the first place that is tried.
IDS = [
    (f"user_m_{ULID}", "user", f"{V2}/sca/users/user_m_{ULID}"),
    (f"wlt_m_{ULID}", "wallet", f"{V2}/wallets/wlt_m_{ULID}"),
    ("FEES_EUR", "client-wallet", f"{V2}/clients/wallets/FEES/EUR"),
    ("CREDIT_GBP", "client-wallet", f"{V2}/clients/wallets/CREDIT/GBP"),
    (f"payin_m_{ULID}", "payin", f"{V2}/payins/payin_m_{ULID}"),
    (f"payin_wf_{ULID}", "payin", f"{V2}/payins/payin_wf_{ULID}"),
    (f"wt_{UUID}", "payin", f"{V2}/payins/wt_{UUID}"),
    (f"xfer_m_{ULID}", "transfer", f"{V2}/transfers/xfer_m_{ULID}"),
    (f"xfer_c_{ULID}", "transfer", f"{V2}/transfers/xfer_c_{ULID}"),
    (f"xfer_refund_c_{ULID}", "refund", f"{V2}/refunds/xfer_refund_c_{ULID}"),
    (f"refund_m_{ULID}", "refund", f"{V2}/refunds/refund_m_{ULID}"),
    (f"po_m_{ULID}", "payout", f"{V2}/payouts/bankwire/po_m_{ULID}"),
    (f"po_b_{ULID}", "payout", f"{V2}/payouts/bankwire/po_b_{ULID}"),
    (f"cvr_{ULID}", "conversion", f"{V2}/conversions/cvr_{ULID}"),
    (f"cvrquote_{ULID}", "quote", f"{V2}/conversions/quote/cvrquote_{ULID}"),
    ("card_m_vHrtUIVelDzkPmdL", "card", f"{V2}/cards/card_m_vHrtUIVelDzkPmdL"),
    (f"cardreg_m_{ULID}", "card-registration", f"{V2}/cardregistrations/cardreg_m_{ULID}"),
    (f"cardreg_wt_{UUID}", "card-registration", f"{V2}/cardregistrations/cardreg_wt_{UUID}"),
    (f"preauth_m_{ULID}", "preauthorization", f"{V2}/preauthorizations/preauth_m_{ULID}"),
    (f"deposit_m_{ULID}", "deposit", f"{V2}/deposit-preauthorizations/deposit_m_{ULID}"),
    (f"recpayinreg_m_{ULID}", "recurring", f"{V2}/recurringpayinregistrations/recpayinreg_m_{ULID}"),
    (f"recpayinreg_wt_{UUID}", "recurring", f"{V2}/recurringpayinregistrations/recpayinreg_wt_{UUID}"),
    (f"dispute_m_{ULID}", "dispute", f"{V2}/disputes/dispute_m_{ULID}"),
    (f"dispdoc_m_{ULID}", "dispute-document", f"{V2}/dispute-documents/dispdoc_m_{ULID}"),
    (f"repud_m_{ULID}", "repudiation", f"{V2}/repudiations/repud_m_{ULID}"),
    (f"repudstl_m_{ULID}", "settlement", f"{V2}/settlements/repudstl_m_{ULID}"),
    (f"mdt_m_{ULID}", "mandate", f"{V2}/mandates/mdt_m_{ULID}"),
    # Without its user, an older account is read as the recipient that it is today.
    (f"bankacc_m_{ULID}", "bank-account", f"{V2}/recipients/bankacc_m_{ULID}"),
    (f"rec_{ULID}", "recipient", f"{V2}/recipients/rec_{ULID}"),
    (f"wltbank_m_{ULID}", "banking-alias", f"{V2}/bankingaliases/wltbank_m_{ULID}"),
    (f"wltbank_{ULID}", "banking-alias", f"{V2}/bankingaliases/wltbank_{ULID}"),
    (f"kyc_{ULID}", "kyc-document", f"{V2}/kyc/documents/kyc_{ULID}"),
    (f"ubo_m_{ULID}", "ubo-declaration", f"{V2}/kyc/ubodeclarations/ubo_m_{ULID}"),
    (f"idnver_{ULID}", "identity-verification", f"{V2}/identity-verifications/idnver_{ULID}"),
    (f"hook_m_{ULID}", "hook", f"{V2}/hooks/hook_m_{ULID}"),
    (f"report_m_{ULID}", "legacy-report", f"{V2}/reports/report_m_{ULID}"),
    (f"report_{ULID}", "report", f"{V2}/reporting/reports/report_{ULID}"),
    (f"int_{UUID}", "intent", f"{V3}/payins/intents/int_{UUID}"),
    (f"int_stlmnt_{UUID}", "intent-settlement", f"{V3}/payins/intents/settlements/int_stlmnt_{UUID}"),
]
# What events name, and no page can show by its id alone.
WITHOUT_A_KIND = {
    # Told by a country, whose authorizations are no object.
    "CountryAuthorization",
    # Read by way of its intent, which no notification names.
    "Split",
}


@pytest.mark.parametrize(("object_id", "name", "path"), IDS)
def test_a_prefix_tells_the_kind_and_where_it_is_read(object_id: str, name: str, path: str) -> None:
    kind = kind_of_id(object_id)
    assert kind is KINDS[name]
    assert kind.api_paths(object_id, client_id="acme")[0] == path


def test_every_prefix_is_tried_above() -> None:
    assert {
        (kind.name, prefix)
        for kind in KINDS.values()
        for prefix in kind.prefixes
        if not any(name == kind.name and object_id.startswith(prefix) for object_id, name, _ in IDS)
    } == set()


@pytest.mark.parametrize("prefix", sorted({prefix for kind in KINDS.values() for prefix in kind.prefixes}))
def test_a_prefix_alone_is_no_id(prefix: str) -> None:
    assert kind_of_id(prefix) is None


@pytest.mark.parametrize(
    "object_id",
    [
        *("", ".", "158026537", UUID, "acme", "PAYIN_M_1", " payin_m_1"),
        *(f"idnchc_{ULID}", "sca_0123456789abcdef", f"event_{ULID}"),
        # What is in an intent has no page of its own.
        *(f"int_{part}_{UUID}" for part in ("li", "capture", "refund", "dispute", "split")),
    ],
)
def test_other_ids_tell_no_kind(object_id: str) -> None:
    assert kind_of_id(object_id) is None


def test_the_longest_prefix_wins() -> None:
    by_length = {prefix: kind for kind in KINDS.values() for prefix in kind.prefixes}
    for prefix, kind in by_length.items():
        if not any(longer.startswith(prefix) and longer != prefix for longer in by_length):
            assert kind_of_id(prefix + ULID) is kind
    assert kind_of_id(f"report_m_{ULID}") is not kind_of_id(f"report_{ULID}")
    assert kind_of_id(f"int_stlmnt_{UUID}") is not kind_of_id(f"int_{UUID}")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("object_id", ["", ".", ".."])
def test_an_id_of_nothing_or_of_dots_is_read_nowhere(name: str, object_id: str) -> None:
    assert KINDS[name].api_paths(object_id, client_id="acme", parent="user_m_1") == ()


@pytest.mark.parametrize("object_id", ["FEES", "FEES_", "_EUR", "FEES_.", "FEES_..", ".._EUR", "_"])
def test_a_platform_wallet_has_a_kind_of_funds_and_a_currency(object_id: str) -> None:
    assert KINDS["client-wallet"].api_paths(object_id, client_id="acme") == ()


@unhurried
@given(st.text(), st.text() | st.none())
def test_whatever_an_id_is_a_path_stays_where_its_kind_is_read(object_id: str, parent: str | None) -> None:
    for kind in KINDS.values():
        shapes = {_shape(path) for path in kind.paths}
        for path in kind.api_paths(object_id, client_id="acme", parent=parent):
            assert not {"", ".", ".."} & {*path.split("/")[1:]}
            assert urlsplit(path).path == path
            assert any(shape.fullmatch(path) for shape in shapes)


def _shape(template: str) -> re.Pattern[str]:
    whole = template if template.startswith("/v") else "/v2.01/{client}" + template
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(whole)))


@pytest.mark.parametrize(
    ("object_id", "encoded"),
    [
        ("a/b", "a%2Fb"),
        ("../../clients", "..%2F..%2Fclients"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("a b%2F", "a%20b%252F"),
        ("{client}", "%7Bclient%7D"),
        ("é☃", "%C3%A9%E2%98%83"),
        ("...", "..."),
    ],
)
def test_ids_are_percent_encoded(object_id: str, encoded: str) -> None:
    assert KINDS["payin"].api_paths(object_id, client_id="acme") == (f"{V2}/payins/{encoded}",)
    assert KINDS["card-validation"].api_paths("v", client_id="a/b", parent=object_id) == (
        f"/v2.01/a%2Fb/cards/{encoded}/validation/v",
    )


@pytest.mark.parametrize(
    ("name", "with_parent", "without"),
    [
        ("card-validation", ["/cards/p/validation/x"], []),
        ("bank-account", ["/users/p/bankaccounts/x", "/recipients/x"], ["/recipients/x"]),
        ("banking-alias", ["/wallets/p/virtual-accounts/x", "/bankingaliases/x"], ["/bankingaliases/x"]),
        ("payin", ["/payins/x"], ["/payins/x"]),
        ("user", ["/sca/users/x", "/users/x"], ["/sca/users/x", "/users/x"]),
        ("payout", ["/payouts/bankwire/x", "/payouts/x"], ["/payouts/bankwire/x", "/payouts/x"]),
        (
            "deposit",
            ["/deposit-preauthorizations/x", "/extended-preauthorizations/x"],
            ["/deposit-preauthorizations/x", "/extended-preauthorizations/x"],
        ),
    ],
)
def test_what_is_read_by_way_of_a_parent_needs_it(name: str, with_parent: list[str], without: list[str]) -> None:
    kind = KINDS[name]
    assert kind.api_paths("x", client_id="acme", parent="p") == tuple(V2 + path for path in with_parent)
    for nobody in (None, "", ".", ".."):
        assert kind.api_paths("x", client_id="acme", parent=nobody) == tuple(V2 + path for path in without)


def test_every_event_leads_to_a_kind_or_says_why_not() -> None:
    told = {event_type.resource_kind for event_type in EVENT_TYPES.values()}
    assert {resource for resource in told if kind_of_resource(resource) is None} == WITHOUT_A_KIND


def test_the_kind_of_an_event_is_read_where_the_event_says() -> None:
    for event_type in EVENT_TYPES.values():
        kind, path = kind_of_resource(event_type.resource_kind), event_type.fetch_path or ""
        if kind is None or path.endswith(("/regulatory", "/sca-status")):
            continue
        ids = {"{client_id}": "acme", "{resource_id}": "x", "{wallet_id}": "p", "{card_id}": "p"}
        for place, value in ids.items():
            path = path.replace(place, value)
        assert path in kind.api_paths("x", client_id="acme", parent="p"), event_type


def test_an_unknown_resource_tells_no_kind() -> None:
    assert kind_of_resource("Object") is None
    assert kind_of_resource("") is None


@pytest.mark.parametrize(
    ("type_", "nature", "name"),
    [
        ("PAYIN", "REGULAR", "payin"),
        ("TRANSFER", "REGULAR", "transfer"),
        ("PAYOUT", "REGULAR", "payout"),
        ("CONVERSION", "REGULAR", "conversion"),
        # A pay-in given back, a transfer given back, a payout that came back, a dispute that was won.
        ("PAYOUT", "REFUND", "refund"),
        ("TRANSFER", "REFUND", "refund"),
        ("PAYIN", "REFUND", "refund"),
        ("PAYOUT", "REPUDIATION", "repudiation"),
        ("TRANSFER", "SETTLEMENT", "settlement"),
        ("PAYIN", None, "payin"),
        ("CARD_VALIDATION", "REGULAR", None),
        ("payin", "REGULAR", None),
        (None, "REGULAR", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_type_and_nature_together_tell_what_moved(type_: str | None, nature: str | None, name: str | None) -> None:
    assert kind_of_transaction(type_, nature) is (KINDS[name] if name else None)


def test_users_have_an_address_of_their_own() -> None:
    assert href("user", "user_m_1") == href(KINDS["user"], "user_m_1") == "/users/user_m_1"
    assert href("payin", "payin_m_1") == href(KINDS["payin"], "payin_m_1") == "/objects/payin/payin_m_1"


def test_an_address_tells_the_parent_when_there_is_one() -> None:
    assert href("bank-account", "1", parent="user_m_1") == "/objects/bank-account/1?parent=user_m_1"
    assert href("bank-account", "1", parent=None) == href("bank-account", "1", parent="") == "/objects/bank-account/1"


@unhurried
@given(st.sampled_from(sorted(KINDS)), st.text(min_size=1), st.text())
def test_an_address_holds_whatever_the_ids_are(name: str, object_id: str, parent: str) -> None:
    parts = urlsplit(href(name, object_id, parent=parent))
    assert (parts.scheme, parts.netloc, parts.fragment) == ("", "", "")
    assert unquote(parts.path.rpartition("/")[2]) == object_id
    assert parse_qs(parts.query).get("parent", [""]) == [parent]


def test_names_and_icons_are_there_for_all_and_prefixes_belong_to_one() -> None:
    for name, kind in KINDS.items():
        assert (kind.name, bool(kind.title), bool(kind.plural), bool(kind.icon)) == (name, True, True, True)
    prefixes = [prefix for kind in KINDS.values() for prefix in kind.prefixes]
    assert len(prefixes) == len(set(prefixes))
