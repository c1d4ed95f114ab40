"""The banks that a payer may choose from for Pay by Bank. Its pay-ins are in methods.py.

Source: https://docs.mangopay.com/api-reference/pay-by-bank

Chosen: three demo banks for each country.
"""

import math

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import param_error
from services.emulator.engine.listing import DEFAULT_PER_PAGE, MAX_PER_PAGE
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.payment_methods import OPEN_BANKING_COUNTRIES

INSTANT, ORDINARY = "SEPA_INSTANT_CREDIT_TRANSFER", "SEPA_CREDIT_TRANSFER"
SCHEMES = {
    "GB": ["FASTER_PAYMENTS"],
    "DK": ["DANISH_DOMESTIC_CREDIT_TRANSFER_INTRADAY", "DANISH_DOMESTIC_CREDIT_TRANSFER"],
    "NO": ["NORWEGIAN_DOMESTIC_CREDIT_TRANSFER"],
    "PL": ["ELIXIR_EXPRESS", "ELIXIR"],
}
DEMO_BANKS = {
    "demobank-open-banking-embedded": "Demo Bank (embedded)",
    "demobank-open-banking-embedded-templates": "Demo Bank (embedded templates)",
    "demobank-open-banking-redirect": "Demo Bank (redirect)",
}


def list_banks(_world: World, call: Call) -> Response:
    """Answer with one page of banks; a page counts banks, whatever countries they are of."""
    banks = [(country, bank) for country in _countries(call) for bank in _banks_of(country)]
    size = min(_number(call, "per_page", DEFAULT_PER_PAGE), MAX_PER_PAGE)
    start = (_number(call, "page", 1) - 1) * size
    by_country: dict[str, list[Entity]] = {}
    for country, bank in banks[start : start + size]:
        by_country.setdefault(country, []).append(bank)
    countries = [{"Banks": found, "Country": country} for country, found in by_country.items()]
    headers = {"x-number-of-pages": str(math.ceil(len(banks) / size)), "x-number-of-items": str(len(banks))}
    return Answer({"SupportedBanks": {"Countries": countries}}, headers=headers)


def _countries(call: Call) -> tuple[str, ...]:
    text = call.query.get("CountryCodes") or call.query.get("countryCodes")
    wanted = tuple(code.strip().upper() for code in text.split(",")) if text else OPEN_BANKING_COUNTRIES
    unknown = next((code for code in wanted if code not in OPEN_BANKING_COUNTRIES), None)
    if unknown is not None:
        raise param_error({"CountryCodes": f"The requested value '{unknown}' was not found."})
    return wanted


def _banks_of(country: str) -> list[Entity]:
    schemes = SCHEMES.get(country, [INSTANT, ORDINARY])
    return [
        {"BankName": f"{country.lower()}-{name}", "Scheme": schemes, "Name": label}
        for name, label in DEMO_BANKS.items()
    ]


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name) or str(default)
    if not text.isdecimal() or len(text) > 9:
        raise param_error({name: f"The value {text} is not valid"})
    return max(1, int(text))


ROUTES = (Route("GET", f"{API}/payment-methods/openbanking/metadata/supported-banks", list_banks),)
