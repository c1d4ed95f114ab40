"""Rates and quotes: what a conversion would give now, and a promise of it for five minutes or an hour.

Source: https://docs.mangopay.com/api-reference/quotes and https://docs.mangopay.com/api-reference/conversion-rates

Chosen: a quote is consumed by the conversion that succeeds with it; one that fails leaves it to be tried again.
"""

from decimal import Decimal

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, param_error
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import exchange

DURATIONS = (300, 3600)


def rate(world: World, call: Call) -> Response:
    exchange.check_enabled(world)
    debited, credited = call.params["DebitedCurrency"].upper(), call.params["CreditedCurrency"].upper()
    exchange.check_pair(debited, credited)
    market = exchange.market_rate(world, debited, credited)
    return Answer(
        {
            "DebitedCurrency": debited,
            "CreditedCurrency": credited,
            "ClientRate": float(exchange.client_rate(market)),
            "MarketRate": float(market),
            "MarketRateDate": world.clock.now(),
        }
    )


def create(world: World, call: Call) -> Response:
    exchange.check_enabled(world)
    fields = Fields(call.body)
    fields.require("Duration")
    duration, tag = fields.number("Duration"), fields.text("Tag")
    terms = exchange.read_terms(fields)
    if duration not in DURATIONS:
        message = f"Duration {duration} is not in the allowed list: 300, 3600"
        raise ApiError(403, "forbidden_ressource", message, {"Duration": message})
    priced = exchange.price(world, terms)
    if priced["CreditedFunds"]["Amount"] < 1:
        raise param_error({"Fees": "CreditedFunds must be more than 0 (DebitedFunds can not equal Fees)"})
    now = world.clock.now()
    quote = {
        "Id": new_id("cvrquote_"),
        "CreationDate": now,
        "ExpirationDate": now + duration,
        "Duration": duration,
        "Status": "ACTIVE",
        **priced,
        "Tag": tag,
        "_Margin": terms.margin,
    }
    return Answer(_shown(world, world.store.quotes.save(quote)))


def view(world: World, call: Call) -> Response:
    return Answer(_shown(world, world.find(world.store.quotes, call.params["QuoteId"], "Quote")))


def find_usable(world: World, fields: Fields) -> Entity:
    """Return the quote that a conversion names; raises ApiError 400 if it can be used no more."""
    fields.require("QuoteId")
    quote_id = fields.text("QuoteId")
    fields.check()
    quote = world.store.quotes.get(quote_id)
    if quote is None:
        raise param_error({"QuoteId": "Quote not found"})
    if quote.get("_IsConsumed"):
        raise param_error({"QuoteId": "The quote is already consumed"})
    if _is_expired(world, quote):
        raise param_error({"QuoteId": "The quote is expired"})
    return quote


def consume(world: World, quote: Entity) -> None:
    quote["_IsConsumed"] = True
    world.store.quotes.save(quote)


def set_rate(world: World, _: str, fields: Fields) -> Entity:
    """Let the market move: one pair, both ways."""
    fields.require("DebitedCurrency", "CreditedCurrency", "MarketRate")
    debited, credited = str(fields.text("DebitedCurrency")), str(fields.text("CreditedCurrency"))
    market = exchange.decimal(fields, "MarketRate", most=1_000_000)
    if market is not None and market < exchange.RATE_STEP:
        fields.refuse("MarketRate", f"The value {market} is not valid")
    fields.check()
    exchange.check_pair(debited, credited)
    rates = (_settings(world).get("Rates") or {}) | {f"{debited}/{credited}": str(market or Decimal(1))}
    rates.pop(f"{credited}/{debited}", None)
    return world.store.settings.save(_settings(world) | {"Rates": rates})


def close_market(world: World, _: str, fields: Fields) -> Entity:
    """Close the market, or open it again: conversions fail with 004803 meanwhile."""
    is_closed = fields.flag("Closed")
    fields.check()
    return world.store.settings.save(_settings(world) | {"IsClosed": is_closed is not False})


def enable(world: World, _: str, fields: Fields) -> Entity:
    """Switch foreign exchange on or off for the platform, which Mangopay does by contract."""
    is_enabled = fields.flag("Enabled")
    fields.check()
    return world.store.settings.save(_settings(world) | {"IsDisabled": is_enabled is False})


def _settings(world: World) -> Entity:
    return world.store.settings.get(exchange.EXCHANGE_SETTINGS) or {"Id": exchange.EXCHANGE_SETTINGS}


def _shown(world: World, quote: Entity) -> Entity:
    return wire(quote) | {"Status": "EXPIRED" if _is_expired(world, quote) else "ACTIVE"}


def _is_expired(world: World, quote: Entity) -> bool:
    return bool(world.clock.now() >= quote["ExpirationDate"])


ROUTES = (
    Route("GET", f"{API}/conversions/rate/{{DebitedCurrency}}/{{CreditedCurrency}}", rate),
    Route("POST", f"{API}/conversions/quote", create),
    Route("GET", f"{API}/conversions/quote/{{QuoteId}}", view),
)

CONTROLS = {"exchange.set_rate": set_rate, "exchange.enable": enable, "market.close": close_market}
