"""What one currency is worth in another, and what a conversion makes of an amount. Integers and decimals, never floats.

Source: https://docs.mangopay.com/guides/fx and https://docs.mangopay.com/api-reference/quotes/create-quote

Chosen: rates stand still until the control plane sets them, and the market is open day and night until it is closed;
Mangopay's markup is 1 %; PERCENTAGE fees count in hundredths of a percent, as in Mangopay's example (700 is 7 %), a
UserMargin in percent or pips; the amounts of both margins are told in the credited currency and move no money.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from services.emulator.engine.errors import ApiError, param_error
from services.emulator.engine.fields import CURRENCIES, Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

# The setting that holds the rates that were set, and whether the market is closed or the feature switched off.
EXCHANGE_SETTINGS = "exchange"
# What one euro buys.
PER_EURO = {
    "AED": Decimal("4.2913"),
    "AUD": Decimal("1.7874"),
    "CAD": Decimal("1.6342"),
    "CHF": Decimal("0.9318"),
    "CZK": Decimal("24.1870"),
    "DKK": Decimal("7.4682"),
    "EUR": Decimal(1),
    "GBP": Decimal("0.8554"),
    "HKD": Decimal("9.0895"),
    "JPY": Decimal("176.43"),
    "NOK": Decimal("11.7560"),
    "PLN": Decimal("4.2385"),
    "SEK": Decimal("10.9470"),
    "USD": Decimal("1.1686"),
    "ZAR": Decimal("20.1740"),
}
WITHOUT_MINOR_UNITS = frozenset(("JPY",))
MARKUP_PERCENT = Decimal(1)
PIP = Decimal("0.0001")
RATE_STEP = Decimal("0.0000001")
# Beyond this many minor units JSON readers begin to lose digits.
MOST = 2**53 - 1
HUNDRED, TEN_THOUSAND = Decimal(100), Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee as it was asked for: a fixed amount, or a share of what is debited."""

    currency: str
    kind: str
    value: Decimal

    def of(self, debited: int) -> int:
        return whole(debited * self.share) if self.kind == "PERCENTAGE" else whole(self.value)

    @property
    def share(self) -> Decimal:
        return self.value / TEN_THOUSAND


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be converted: one of the two amounts, the fee, and the platform's own margin."""

    debited_currency: str
    credited_currency: str
    debited: int | None
    credited: int | None
    fee: Fee | None
    requested_fees: Entity | None
    margin: Entity | None


def check_enabled(world: World) -> None:
    """Raise ApiError 403 if the control plane has switched foreign exchange off."""
    if (world.store.settings.get(EXCHANGE_SETTINGS) or {}).get("IsDisabled"):
        raise ApiError(403, "forbidden_ressource", "Forex module is not enabled for your account")


def is_closed(world: World) -> bool:
    return bool((world.store.settings.get(EXCHANGE_SETTINGS) or {}).get("IsClosed"))


def market_rate(world: World, debited: str, credited: str) -> Decimal:
    """Return how much of the credited currency one unit of the debited buys: what was set, or the table's."""
    rates = (world.store.settings.get(EXCHANGE_SETTINGS) or {}).get("Rates", {})
    if text := rates.get(f"{debited}/{credited}"):
        return Decimal(text)
    if text := rates.get(f"{credited}/{debited}"):
        return (1 / Decimal(text)).quantize(RATE_STEP, ROUND_HALF_UP)
    return (PER_EURO[credited] / PER_EURO[debited]).quantize(RATE_STEP, ROUND_HALF_UP)


def client_rate(rate: Decimal) -> Decimal:
    return (rate * (1 - MARKUP_PERCENT / HUNDRED)).quantize(RATE_STEP, ROUND_HALF_UP)


def read_terms(fields: Fields) -> Terms:
    """Return what a body asks for; raises ApiError 400."""
    fields.require("DebitedFunds", "CreditedFunds")
    debited, credited = fields.within("DebitedFunds"), fields.within("CreditedFunds")
    sold, bought = _currency(debited), _currency(credited)
    sold_amount, bought_amount = _amount(debited), _amount(credited)
    if sold and sold == bought:
        credited.refuse("Currency", "The currencies of the DebitedFunds and of the CreditedFunds must be different")
    is_empty = sold_amount is None and bought_amount is None
    if is_empty and fields.has("DebitedFunds") and fields.has("CreditedFunds"):
        debited.refuse("Amount", "The Amount of either the DebitedFunds or the CreditedFunds is required.")
    if sold_amount is not None and bought_amount is not None:
        credited.refuse("Amount", "Only one Amount is allowed, of the DebitedFunds or of the CreditedFunds")
    fee, requested = _fee(fields, sold)
    margin = _margin(fields)
    fields.check()
    return Terms(sold, bought, sold_amount, bought_amount, fee, requested, margin)


def price(world: World, terms: Terms, *, is_own: bool = False) -> Entity:
    """Return the amounts, rates and margins of a conversion under these terms at the rate of now.

    The platform's own conversions know no margin. Raises ApiError 400 for amounts out of reach.
    """
    rate = market_rate(world, terms.debited_currency, terms.credited_currency)
    debited, fees, credited = amounts(terms, rate)
    if max(debited, credited) > MOST or debited < 1:
        raise param_error({"DebitedFunds.Amount": f"The field Amount must be between 1 and {MOST}."})
    clients = client_rate(rate)
    final = clients if is_own else _final_rate(clients, terms.margin)
    return {
        "DebitedFunds": {"Currency": terms.debited_currency, "Amount": debited},
        "CreditedFunds": {"Currency": terms.credited_currency, "Amount": credited},
        "Fees": {"Currency": terms.debited_currency, "Amount": fees},
        "RequestedFees": terms.requested_fees,
        "ConversionRateResponse": {
            "ClientRate": float(clients),
            "MarketRate": float(rate),
            "FinalRate": float(final),
        },
        "MarginsResponse": {
            "Mangopay": {
                "Type": "PERCENTAGE",
                "Value": float(MARKUP_PERCENT),
                "Amount": whole(credited * (rate - clients) / rate),
            },
            "User": terms.margin and terms.margin | {"Amount": whole(credited * (clients - final) / rate)},
        },
    }


def amounts(terms: Terms, rate: Decimal) -> tuple[int, int, int]:
    """Return what is debited, the fees out of it, and what is credited, all in minor units."""
    per_unit = rate * Decimal(10) ** (_decimals(terms.credited_currency) - _decimals(terms.debited_currency))
    if terms.debited is not None:
        fees = terms.fee.of(terms.debited) if terms.fee else 0
        return terms.debited, fees, whole((terms.debited - fees) * per_unit)
    credited = terms.credited or 0
    net = whole(credited / per_unit)
    if terms.fee is None:
        return net, 0, credited
    debited = whole(net / (1 - terms.fee.share)) if terms.fee.kind == "PERCENTAGE" else net + whole(terms.fee.value)
    return debited, debited - net, credited


def whole(amount: Decimal) -> int:
    """Round to minor units, halves away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def decimal(fields: Fields, name: str, *, most: int) -> Decimal | None:
    """Return a number of 0 up to `most`, however it was written; refuses anything else."""
    value = fields.body.get(name)
    if value is None:
        return None
    number = _parsed(value)
    if number is None or not 0 <= number <= most:
        fields.refuse(name, f"The value {value} is not valid")
        return None
    return number


def _parsed(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 30:
        return None
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _final_rate(rate: Decimal, margin: Entity | None) -> Decimal:
    if margin is None:
        return rate
    value = Decimal(str(margin["Value"]))
    final = rate * (1 - value / HUNDRED) if margin["Type"] == "PERCENTAGE" else rate - value * PIP
    return max(final, Decimal(0)).quantize(RATE_STEP, ROUND_HALF_UP)


def _currency(money: Fields) -> str:
    money.require("Currency")
    return money.currency("Currency") or ""


def _amount(money: Fields) -> int | None:
    """Return the amount, None for none: clients whose numbers cannot be null send 0."""
    amount = money.number("Amount")
    if amount is not None and not 0 <= amount <= MOST:
        money.refuse("Amount", f"The field Amount must be between 1 and {MOST}.")
    return amount or None


def _fee(fields: Fields, currency: str) -> tuple[Fee | None, Entity | None]:
    """Return the fee and what is told of it: by Type and Value, or by Amount as before February 2026."""
    fee = fields.within("Fees")
    if not any(fee.has(name) for name in ("Amount", "Value")):
        return None, None
    kind = fee.choice("Type", ("PERCENTAGE", "FIXED")) or "FIXED"
    name = "Value" if fee.has("Value") else "Amount"
    value = decimal(fee, name, most=9_999 if kind == "PERCENTAGE" else MOST) or Decimal(0)
    fee.currency("Currency")
    if fee.has("Currency") and currency and fee.body["Currency"] != currency:
        fee.refuse("Currency", "The currency of the Fees must be the currency of the DebitedFunds")
    return Fee(currency, kind, value), {"Currency": currency, "Type": kind, "Value": _number(value)}


def _margin(fields: Fields) -> Entity | None:
    margin = fields.within("UserMargin")
    if not margin.has("Value"):
        return None
    kind = margin.choice("Type", ("PERCENTAGE", "PIP")) or "PERCENTAGE"
    value = decimal(margin, "Value", most=100 if kind == "PERCENTAGE" else 1_000_000) or Decimal(0)
    return {"Type": kind, "Value": _number(value)}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _decimals(currency: str) -> int:
    return 0 if currency in WITHOUT_MINOR_UNITS else 2


def check_pair(debited: str, credited: str) -> None:
    """Raise ApiError 400 for a pair that has no rate."""
    errors = {
        name: f"The currency {currency} is not available"
        for name, currency in (("DebitedCurrency", debited), ("CreditedCurrency", credited))
        if currency not in CURRENCIES
    }
    if not errors and debited == credited:
        errors = {"CreditedCurrency": "The debited currency and the credited currency must be different"}
    if errors:
        raise param_error(errors)
