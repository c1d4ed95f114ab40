"""The methods a payer is redirected for, as a table: what each asks for, what it answers, and how long it waits.

Source: https://docs.mangopay.com/guides/payment-methods
Chosen: a currency a method cannot take is not refused, because the reference leaves that to the platform's contract;
Giropay waits half an hour, Payconiq a quarter; Klarna need not add up its items, as PayPal must.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson

from services.emulator.engine.fields import EMAIL, Fields
from services.emulator.engine.store import Entity
from services.emulator.rules import line_items, payer

# What reads a field, and refuses what is wrong with it.
Rule = Callable[[Fields, str], object]

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
E164 = r"\+?[1-9]\d{4,14}"
BIC = r"[a-zA-Z]{6}\w{2}(\w{3})?"
CANCELLED = "101002"
OPEN_BANKING_COUNTRIES = (
    *("AT", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "IE", "IT", "LV", "LT", "NL", "NO", "PL", "PT"),
)
OPEN_BANKING_CULTURES = (
    *("DA", "CS", "DE", "EN", "ET", "ES", "FI", "FR", "IT", "LT", "LV", "NL", "NO", "PL", "PT", "SV"),
)
IDEAL_BANKS = {
    "RABONL2U": "Rabobank",
    "ABNANL2A": "ABN AMRO",
    "FVLBNL22": "Van Lanschot Bankiers",
    "TRIONL2U": "Triodos Bank",
    "INGBNL2A": "ING Bank",
    "SNSBNL2A": "SNS Bank",
    "ASNBNL21": "ASN",
    "RBRBNL21": "RegioBank",
    "KNABNL2H": "Knab",
    "BUNQNL2A": "Bunq",
    "REVOLT21": "Revolut",
    "BITSNL2A": "Yoursafe",
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of payment; `check` sees the whole body and may refuse, or complete, what the rules have read."""

    payment_type: str
    window_s: int
    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    # Members of the answer that lead to the page; those in `unset` stay as they are until somebody has paid.
    links: tuple[str, ...] = ("RedirectURL",)
    unset: Mapping[str, object] = field(default_factory=dict)
    needs_return_url: bool = True
    has_addresses: bool = False
    check: Callable[[Fields, Entity], None] = lambda _fields, _details: None
    # What a payer who turns away leaves behind.
    cancelled: str = CANCELLED


def read_details(fields: Fields, method: Method) -> Entity:
    """Return what a method adds to a pay-in, in the order it is sent; what is wrong with it is refused in `fields`."""
    details: Entity = {"PaymentType": method.payment_type, "ExecutionType": "WEB"}
    if method.needs_return_url:
        fields.require("ReturnURL")
    if "RedirectURL" in method.links:
        details["ReturnURL"] = fields.text("ReturnURL")
    details |= dict.fromkeys(method.links)
    details["StatementDescriptor"] = payer.statement_descriptor(fields, longest=10)
    fields.require(*method.required)
    details |= {name: rule(fields, name) for name, rule in (*method.required.items(), *method.optional.items())}
    details |= {name: list(value) if isinstance(value, list) else value for name, value in method.unset.items()}
    method.check(fields, details)
    return details


def refusal_at_creation(payin: Entity) -> str | None:
    """Return the result code of what a provider refuses at once, else None."""
    additional = payin.get("AdditionalData")
    if additional and not _is_json(additional):
        return "202001"
    return None


def up_to(longest: int) -> Rule:
    return lambda fields, name: fields.text(name, longest=longest)


def one_of(*allowed: str, default: str | None = None) -> Rule:
    return lambda fields, name: fields.choice(name, allowed) or default


def like(pattern: str) -> Rule:
    return lambda fields, name: fields.matching(name, pattern)


def _culture(fields: Fields, _name: str) -> str | None:
    return payer.culture(fields)


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def _adds_up(fields: Fields, details: Entity) -> None:
    """Refuse line items that do not cost what is debited, unless something is wrong with either already."""
    amount = fields.within("DebitedFunds").number("Amount")
    if not fields.refused and line_items.total(details["LineItems"]) != amount:
        fields.refuse("debitedAmount", "The debited amount must be equal to the total of the line items")


def _bank_name(_fields: Fields, details: Entity) -> None:
    details["BankName"] = IDEAL_BANKS.get(str(details["Bic"])[:8].upper())


def _code_or_page(fields: Fields, details: Entity) -> None:
    """Let a BLIK code be confirmed in the bank's app, from a browser that is told; without one there is a page."""
    has_code = fields.has("Code")
    details["IpAddress"] = payer.ip_address(fields, is_required=has_code)
    details["BrowserInfo"] = payer.browser(fields, is_required=has_code)
    details["_IsPageless"] = has_code
    if not has_code:
        fields.require("ReturnURL")


def _phone_or_page(fields: Fields, details: Entity) -> None:
    """Need no way back from a Bizum payer who confirms in the app; the sandbox has a page for them all the same."""
    if fields.has("Phone"):
        details["ReturnURL"] = None
    else:
        fields.require("ReturnURL")


def _billed_at_home(fields: Fields, _details: Entity) -> None:
    fields.require("Billing")
    country = fields.within("Billing").within("Address").body.get("Country")
    if country and fields.has("Country") and country != fields.body["Country"]:
        fields.refuse("Country", "The Country must be the country of the Billing address")


FLOW = one_of("WEB", "APP", default="WEB")
PAYPAL = Method(
    "PAYPAL",
    3 * HOUR_S,
    {"LineItems": line_items.read},
    {
        "Shipping": payer.address_block,
        "Culture": _culture,
        "ShippingPreference": one_of("SET_PROVIDED_ADDRESS", "GET_FROM_FILE", "NO_SHIPPING"),
        "Reference": up_to(127),
        "CancelURL": up_to(255),
    },
    unset={
        **dict.fromkeys(("PaypalPayerID", "PaypalOrderID", "PaypalBuyerAccountEmail")),
        **dict.fromkeys(("BuyerCountry", "BuyerFirstname", "BuyerLastname", "BuyerPhone")),
        "Trackings": [],
    },
    check=_adds_up,
    cancelled="201004",
)
IDEAL = Method("IDEAL", 30 * MINUTE_S, {}, {"Bic": like(BIC)}, check=_bank_name)
PAYCONIQ = Method(
    "PAYCONIQ", 15 * MINUTE_S, {}, {"Country": Fields.country}, ("RedirectURL", "DeepLinkURL", "QRCodeURL")
)

# By the last part of their path.
METHODS: Mapping[str, Method] = {
    "paypal": PAYPAL,
    "ideal": IDEAL,
    "bancontact": Method(
        "BCMC",
        HOUR_S,
        {},
        {"Recurring": lambda fields, name: bool(fields.flag(name)), "Culture": _culture, "PaymentFlow": FLOW},
        ("RedirectURL", "DeepLinkURL"),
    ),
    "blik": Method("BLIK", 55, {}, {"Code": like(r"\d{6}")}, needs_return_url=False, check=_code_or_page),
    "satispay": Method("SATISPAY", 30 * MINUTE_S, {"Country": Fields.country}),
    "klarna": Method(
        "KLARNA",
        3 * HOUR_S,
        {"Country": Fields.country, "Email": like(EMAIL), "LineItems": line_items.read, "Reference": up_to(255)},
        {"Phone": up_to(30), "AdditionalData": up_to(100_000), "Culture": _culture},
        unset={"PaymentMethod": None},
        has_addresses=True,
        check=_billed_at_home,
    ),
    "mbway": Method("MBWAY", 4 * MINUTE_S, {"Phone": like(r"\d{1,5}#\d{4,11}")}, links=(), needs_return_url=False),
    "multibanco": Method("MULTIBANCO", 7 * DAY_S),
    "swish": Method("SWISH", 3 * MINUTE_S, {}, {"PaymentFlow": FLOW}, ("RedirectURL", "DeepLinkURL", "QRCodeURL")),
    "twint": Method("TWINT", 15 * MINUTE_S),
    "bizum": Method("BIZUM", 5 * MINUTE_S, {}, {"Phone": like(E164)}, needs_return_url=False, check=_phone_or_page),
    "giropay": Method("GIROPAY", 30 * MINUTE_S),
    "payconiq": PAYCONIQ,
    "openbanking": Method(
        "PAY_BY_BANK",
        9 * MINUTE_S,
        {"Country": one_of(*OPEN_BANKING_COUNTRIES)},
        {
            "IBAN": up_to(34),
            "BIC": like(BIC),
            "BankName": up_to(255),
            "Scheme": up_to(255),
            "Culture": one_of(*OPEN_BANKING_CULTURES, default="EN"),
            "PaymentFlow": FLOW,
        },
        unset={"ProcessingStatus": None},
        cancelled="206109",
    ),
}
BY_PAYMENT_TYPE: Mapping[str, Method] = {method.payment_type: method for method in METHODS.values()}
