"""Conversions: money of one owner from a wallet in one currency to a wallet in another, at once or by a quote.

Source: https://docs.mangopay.com/api-reference/conversions

Chosen: a conversion is final when it is answered; while the market is closed quoted conversions fail like instant ones.
"""

from dataclasses import dataclass

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, not_found, param_error
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.money import quotes
from services.emulator.rules import exchange
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import begin, client_wallet, conclude, covers

FUNDS_TYPES = ("FEES", "CREDIT")


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose money is converted, from which wallet into which."""

    author_id: str
    debited_wallet: Entity
    credited_wallet: Entity


def create_instant(world: World, call: Call) -> Response:
    exchange.check_enabled(world)
    fields = Fields(call.body)
    parties, tag = _read_parties(world, fields), fields.text("Tag")
    priced = exchange.price(world, exchange.read_terms(fields))
    _check_owner(parties)
    return Answer(wire(_convert(world, parties, priced, tag=tag)))


def create_quoted(world: World, call: Call) -> Response:
    exchange.check_enabled(world)
    fields = Fields(call.body)
    parties, tag = _read_parties(world, fields), fields.text("Tag")
    quote = quotes.find_usable(world, fields)
    _check_owner(parties)
    return Answer(wire(_convert(world, parties, _priced_by(quote), tag=tag, quote=quote)))


def create_instant_of_client(world: World, call: Call) -> Response:
    exchange.check_enabled(world)
    body = {name: value for name, value in call.body.items() if name not in ("Fees", "UserMargin")}
    fields = Fields(body)
    kinds, tag = _read_kinds(fields), fields.text("Tag")
    priced = exchange.price(world, exchange.read_terms(fields), is_own=True)
    return Answer(wire(_convert(world, _own_parties(world, kinds, priced), priced, tag=tag)))


def create_quoted_of_client(world: World, call: Call) -> Response:
    exchange.check_enabled(world)
    fields = Fields(call.body)
    kinds, tag = _read_kinds(fields), fields.text("Tag")
    quote = quotes.find_usable(world, fields)
    if quote["Fees"]["Amount"]:
        raise param_error({"Fees": "No fees allowed on client quoted conversion"})
    priced = _priced_by(quote)
    rates = priced["ConversionRateResponse"]
    priced["ConversionRateResponse"] = rates | {"FinalRate": rates["ClientRate"]}
    return Answer(wire(_convert(world, _own_parties(world, kinds, priced), priced, tag=tag, quote=quote)))


def view(world: World, call: Call) -> Response:
    conversion_id = call.params["ConversionId"]
    transaction = world.store.transactions.get(conversion_id)
    if transaction is None or transaction["Type"] != "CONVERSION":
        raise not_found("Conversion", conversion_id)
    return Answer(wire(transaction))


def _convert(world: World, parties: Parties, priced: Entity, *, tag: str | None, quote: Entity | None = None) -> Entity:
    """Make a conversion at a price, and settle it; raises ApiError 400 for wallets in other currencies."""
    _check_currencies(parties, priced)
    conversion = begin(
        world,
        "cvr_",
        "CONVERSION",
        author_id=parties.author_id,
        debited_funds=priced["DebitedFunds"],
        fees=priced["Fees"],
        debited_wallet=parties.debited_wallet,
        credited_wallet=parties.credited_wallet,
        credited_user_id=parties.author_id,
        tag=tag,
        details=priced | {"QuoteId": quote["Id"] if quote else None},
    )
    verdict = _verdict(world, parties, priced)
    if quote is not None and verdict == SUCCESS:
        quotes.consume(world, quote)
    return conclude(world, conversion, verdict)


def _verdict(world: World, parties: Parties, priced: Entity) -> str:
    if exchange.is_closed(world):
        return "004803"
    if priced["CreditedFunds"]["Amount"] < 1:
        return "001014"
    return SUCCESS if covers(parties.debited_wallet, priced["DebitedFunds"]) else "004801"


def _priced_by(quote: Entity) -> Entity:
    """Return a copy of what a quote promises, for a conversion to keep."""
    names = ("DebitedFunds", "CreditedFunds", "Fees", "RequestedFees", "ConversionRateResponse", "MarginsResponse")
    return {name: quote[name] and dict(quote[name]) for name in names}


def _read_parties(world: World, fields: Fields) -> Parties:
    author = fields.entity("AuthorId", world.store.users)
    debited = fields.entity("DebitedWalletId", world.store.wallets)
    credited = fields.entity("CreditedWalletId", world.store.wallets)
    return Parties(author.get("Id", ""), debited, credited)


def _check_owner(parties: Parties) -> None:
    for side, wallet in (("debited", parties.debited_wallet), ("credited", parties.credited_wallet)):
        if wallet["_OwnerId"] != parties.author_id:
            message = f"The author is not the {side} wallet owner"
            raise ApiError(400, f"author_is_not_{side}_wallet_owner", message, {"AuthorId": message})


def _check_currencies(parties: Parties, priced: Entity) -> None:
    wallets = (("Debited", parties.debited_wallet), ("Credited", parties.credited_wallet))
    for side, wallet in wallets:
        currency = priced[f"{side}Funds"]["Currency"]
        if wallet["Currency"] != currency:
            message = (
                f"The {side} Wallet's currency {wallet['Currency']} and the {side}Funds' currency {currency} "
                "must be the same"
            )
            raise ApiError(400, "currency_incompatibility", message, {"currency": message})


def _read_kinds(fields: Fields) -> tuple[str, str]:
    names = ("DebitedWalletType", "CreditedWalletType")
    fields.require(*names)
    debited, credited = (str(fields.choice(name, FUNDS_TYPES)) for name in names)
    return debited, credited


def _own_parties(world: World, kinds: tuple[str, str], priced: Entity) -> Parties:
    currencies = [priced[name]["Currency"] for name in ("DebitedFunds", "CreditedFunds")]
    wallets = [client_wallet(world, kind, currency) for kind, currency in zip(kinds, currencies, strict=True)]
    return Parties(world.config.client_id, *wallets)


ROUTES = (
    Route("POST", f"{API}/conversions/instant-conversion", create_instant),
    Route("POST", f"{API}/conversions/quoted-conversion", create_quoted),
    Route("POST", f"{API}/clients/conversions/instant-conversion", create_instant_of_client),
    Route("POST", f"{API}/clients/conversions/quoted-conversion", create_quoted_of_client),
    Route("GET", f"{API}/conversions/{{ConversionId}}", view),
)
