"""Every kind of object: what it is called, how its ids begin, and where it is read.

Source: https://docs.mangopay.com/api-reference/overview/data-formats
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind. `paths` are tried in order; `{id}` and `{parent}` stand for ids, `{client}` for the ClientId."""

    # In addresses: /objects/{name}/{id}.
    name: str
    title: str
    plural: str
    icon: str
    paths: tuple[str, ...]
    # New ids begin with one of these; older ones are bare digits or UUIDs, which tell no kind.
    prefixes: tuple[str, ...] = ()
    # What the event types call it.
    resource_kinds: tuple[str, ...] = ()

    def api_paths(self, object_id: str, *, client_id: str, parent: str | None = None) -> tuple[str, ...]:
        """Return the API paths to read an object at, in the order to try; empty when its id cannot name one.

        Paths that go through a parent (a bank account's user, a virtual account's wallet) need its id.
        """
        funds, _, currency = object_id.partition("_")
        ids = {"client": client_id, "id": object_id, "parent": parent, "funds": funds, "currency": currency}
        # Dots alone survive percent-encoding and would climb out of the path.
        known = {name: quote(value, safe="") for name, value in ids.items() if value and value not in (".", "..")}
        templates = (path if path.startswith("/v") else "/v2.01/{client}" + path for path in self.paths)
        return tuple(path.format_map(known) for path in templates if known.keys() >= set(_PLACE.findall(path)))


_OLD_ID = re.compile(r"[0-9]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PLACE = re.compile(r"\{(\w+)\}")


def _kind(
    name: str,
    title: str,
    icon: str,
    *paths: str,
    prefixes: str = "",
    resource: str = "",
    plural: str = "",
) -> Kind:
    return Kind(
        name=name,
        title=title,
        plural=plural or f"{title}s",
        icon=icon,
        paths=paths,
        prefixes=tuple(prefixes.split()),
        resource_kinds=tuple(resource.split()),
    )


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _kind("user", "User", "person", "/sca/users/{id}", "/users/{id}", prefixes="user_m_", resource="User"),
            _kind("payin", "Pay-in", "south_west", "/payins/{id}", prefixes="payin_m_ payin_wf_ wt_", resource="PayIn"),
            _kind(
                "transfer", "Transfer", "swap_horiz", "/transfers/{id}", prefixes="xfer_m_ xfer_c_", resource="Transfer"
            ),
            _kind(
                "payout",
                "Payout",
                "north_east",
                # The first tells the mode as well.
                "/payouts/bankwire/{id}",
                "/payouts/{id}",
                prefixes="po_m_ po_b_ po_",
                resource="PayOut",
            ),
            _kind("refund", "Refund", "undo", "/refunds/{id}", prefixes="refund_m_ xfer_refund_c_", resource="Refund"),
            _kind(
                "conversion",
                "Conversion",
                "currency_exchange",
                "/conversions/{id}",
                prefixes="cvr_",
                resource="Conversion",
            ),
            _kind("quote", "FX quote", "request_quote", "/conversions/quote/{id}", prefixes="cvrquote_"),
            _kind(
                "repudiation",
                "Repudiation",
                "assignment_return",
                "/repudiations/{id}",
                prefixes="repud_m_",
                resource="Repudiation",
            ),
            _kind(
                "settlement",
                "Settlement transfer",
                "handshake",
                "/settlements/{id}",
                prefixes="repudstl_m_",
                resource="SettlementTransfer",
            ),
            _kind(
                "preauthorization",
                "Preauthorisation",
                "lock_clock",
                "/preauthorizations/{id}",
                prefixes="preauth_m_",
                resource="Preauthorization",
            ),
            _kind(
                "deposit",
                "Deposit preauthorisation",
                "lock_clock",
                "/deposit-preauthorizations/{id}",
                "/extended-preauthorizations/{id}",
                prefixes="deposit_m_",
                resource="DepositPreauthorization",
            ),
            _kind(
                "extended-preauthorization",
                "Extended preauthorisation",
                "lock_clock",
                "/extended-preauthorizations/{id}",
                resource="ExtendedPreauthorization",
            ),
            _kind("wallet", "Wallet", "account_balance_wallet", "/wallets/{id}", prefixes="wlt_m_"),
            _kind(
                "client-wallet",
                "Platform wallet",
                "account_balance",
                "/clients/wallets/{funds}/{currency}",
                prefixes="FEES_ CREDIT_",
            ),
            _kind("card", "Card", "credit_card", "/cards/{id}", prefixes="card_m_"),
            _kind(
                "card-registration",
                "Card registration",
                "add_card",
                "/cardregistrations/{id}",
                prefixes="cardreg_m_ cardreg_wt_ cardreg_",
            ),
            _kind(
                "card-validation",
                "Card validation",
                "credit_score",
                "/cards/{parent}/validation/{id}",
                resource="CardValidation",
            ),
            _kind(
                "recipient", "Recipient", "assured_workload", "/recipients/{id}", prefixes="rec_", resource="Recipient"
            ),
            _kind(
                "bank-account",
                "Bank account",
                "assured_workload",
                "/users/{parent}/bankaccounts/{id}",
                "/recipients/{id}",
                prefixes="bankacc_m_",
            ),
            _kind(
                "banking-alias",
                "Banking alias",
                "numbers",
                "/wallets/{parent}/virtual-accounts/{id}",
                "/bankingaliases/{id}",
                prefixes="wltbank_m_ wltbank_",
                plural="Banking aliases",
                resource="VirtualAccount",
            ),
            _kind("mandate", "Mandate", "draw", "/mandates/{id}", prefixes="mdt_m_", resource="Mandate"),
            _kind(
                "recurring",
                "Recurring registration",
                "autorenew",
                "/recurringpayinregistrations/{id}",
                prefixes="recpayinreg_m_ recpayinreg_wt_ recpayinreg_",
                resource="RecurringPayInRegistration",
            ),
            _kind(
                "kyc-document", "KYC document", "badge", "/kyc/documents/{id}", prefixes="kyc_", resource="KycDocument"
            ),
            _kind(
                "ubo-declaration",
                "UBO declaration",
                "groups",
                "/kyc/ubodeclarations/{id}",
                prefixes="ubo_m_",
                resource="UboDeclaration",
            ),
            _kind(
                "identity-verification",
                "Identity verification",
                "how_to_reg",
                "/identity-verifications/{id}",
                prefixes="idnver_",
                resource="IdentityVerificationSession",
            ),
            _kind("dispute", "Dispute", "gavel", "/disputes/{id}", prefixes="dispute_m_", resource="Dispute"),
            _kind(
                "dispute-document",
                "Dispute document",
                "attach_file",
                "/dispute-documents/{id}",
                prefixes="dispdoc_m_",
                resource="DisputeDocument",
            ),
            _kind("hook", "Hook", "webhook", "/hooks/{id}", prefixes="hook_m_"),
            _kind("report", "Report", "summarize", "/reporting/reports/{id}", prefixes="report_", resource="Report"),
            _kind("legacy-report", "Report", "summarize", "/reports/{id}", prefixes="report_m_"),
            _kind(
                "intent",
                "Echo intent",
                "call_split",
                "/v3.0/{client}/payins/intents/{id}",
                prefixes="int_",
                resource="Intent",
            ),
            _kind(
                "intent-settlement",
                "Echo settlement",
                "call_split",
                "/v3.0/{client}/payins/intents/settlements/{id}",
                prefixes="int_stlmnt_",
                resource="Settlement",
            ),
        )
    }
)

# What is in an Echo intent has no page of its own.
_PARTS_OF_INTENTS = ("int_li_", "int_capture_", "int_refund_", "int_dispute_", "int_split_")
_BY_PREFIX: Mapping[str, Kind | None] = MappingProxyType(
    {prefix: kind for kind in KINDS.values() for prefix in kind.prefixes} | dict.fromkeys(_PARTS_OF_INTENTS)
)
# The longest first, so that `report_m_` is not taken for `report_`.
_PREFIXES = sorted(_BY_PREFIX, key=len, reverse=True)
_BY_RESOURCE = {resource: kind for kind in KINDS.values() for resource in kind.resource_kinds}


def kind_of_id(object_id: str) -> Kind | None:
    """Return the kind that an id's prefix tells; None for digits, UUIDs and what is no id."""
    prefix = next((prefix for prefix in _PREFIXES if object_id.startswith(prefix)), None)
    return _BY_PREFIX[prefix] if prefix is not None and object_id != prefix else None


def is_id(text: str) -> bool:
    """Whether it is an object's id, of today or older, which a ClientId is not: that is a word."""
    return kind_of_id(text) is not None or _OLD_ID.fullmatch(text) is not None


def kind_of_resource(resource_kind: str) -> Kind | None:
    """Return the kind of what an event type's resource id names (`EventType.resource_kind`)."""
    return _BY_RESOURCE.get(resource_kind)


def kind_of_transaction(type_: str | None, nature: str | None) -> Kind | None:
    """Return what a row of a transaction list is, by its Type and Nature; None for one that is not known.

    A refund of a pay-in is a PAYOUT, a payout that came back a PAYIN: only the nature tells them.
    """
    by_nature = {"REFUND": "refund", "REPUDIATION": "repudiation", "SETTLEMENT": "settlement"}
    by_type = {"PAYIN": "payin", "TRANSFER": "transfer", "PAYOUT": "payout", "CONVERSION": "conversion"}
    name = by_nature.get(nature or "") or by_type.get(type_ or "")
    return KINDS[name] if name else None


def href(kind: Kind | str, object_id: str, **query: str | None) -> str:
    """Return the address of an object's page in the dashboard. Users have a menu of their own."""
    name = kind if isinstance(kind, str) else kind.name
    path = "/users" if name == "user" else f"/objects/{name}"
    given = urlencode({key: value for key, value in query.items() if value})
    return f"{path}/{quote(object_id, safe='')}" + (f"?{given}" if given else "")
