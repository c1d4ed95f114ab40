"""Mangopay's own client changes money: rates, quotes, conversions of users and of the platform."""

from typing import Any

import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    ClientWallet,
    ClientWalletsInstantConversion,
    ClientWalletsQuotedConversion,
    Conversion,
    ConversionQuote,
    ConversionRate,
    InstantConversion,
    QuotedConversion,
    Wallet,
)
from mangopay.utils import CustomFees, Money, UserMargin

from tests.conformance.people import euros, paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

POUNDS = Money(currency="GBP")


def traveller() -> tuple[Any, Any, Any]:
    """Return Alice with 10,000 in euros and an empty wallet in pounds."""
    alice = payer()
    purse = wallet_of(alice)
    paid(alice, purse, 10_000)
    return alice, purse, wallet_of(alice, "GBP")


def quoted(**more: Any) -> Any:
    quote = ConversionQuote(credited_funds=POUNDS, debited_funds=euros(1_000), duration=300, **more)
    return quote.create_conversion_quote()


def test_a_rate_is_read() -> None:
    rate = ConversionRate(debited_currency="EUR", credited_currency="GBP").get_conversion_rate().data[0]
    assert (rate.debited_currency, rate.credited_currency) == ("EUR", "GBP")
    assert 0 < rate.client_rate < rate.market_rate


def test_a_quote_is_created_and_viewed() -> None:
    made = quoted(
        fees=CustomFees(currency="EUR", type="PERCENTAGE", value=700),
        user_margin=UserMargin(type="PERCENTAGE", value=1.5),
    )
    assert (made["status"], made["debited_funds"]) == ("ACTIVE", euros(1_000))
    assert (made["fees"].amount, made["requested_fees"].value) == (70, 700)
    assert made["margins_response"].user["Value"] == 1.5
    seen = ConversionQuote.get_conversion_quote(made["id"]).data[0]
    assert seen.credited_funds == made["credited_funds"]
    assert seen.conversion_rate.market_rate == made["conversion_rate"].market_rate


def test_an_instant_conversion_is_made_and_viewed() -> None:
    alice, purse, pounds = traveller()
    done = InstantConversion(
        author=alice,
        debited_wallet=purse,
        credited_wallet=pounds,
        debited_funds=euros(1_000),
        credited_funds=POUNDS,
        fees=CustomFees(currency="EUR", amount=9),
        tag="trip",
    ).save()
    assert (done["type"], done["status"], done["fees"]) == ("CONVERSION", "SUCCEEDED", euros(9))
    seen = Conversion.get_conversion(done["id"]).data[0]
    assert (seen.debited_wallet_id, seen.credited_wallet_id) == (purse.id, pounds.id)
    assert Wallet.get(pounds.id).balance == seen.credited_funds
    assert Wallet.get(purse.id).balance == euros(9_000)
    assert [row.type for row in pounds.transactions.all()] == ["CONVERSION"]


def test_a_quote_is_converted_once() -> None:
    alice, purse, pounds = traveller()
    quote = quoted()

    def convert() -> Any:
        return QuotedConversion(
            author=alice, debited_wallet=purse, credited_wallet=pounds, quote=ConversionQuote(id=quote["id"])
        ).save()

    assert (convert()["status"], Wallet.get(pounds.id).balance) == ("SUCCEEDED", quote["credited_funds"])
    with pytest.raises(APIError) as caught:
        convert()
    assert caught.value.content["errors"] == {"QuoteId": "The quote is already consumed"}


def test_what_cannot_be_debited_fails() -> None:
    alice, purse, pounds = traveller()
    done = InstantConversion(
        author=alice, debited_wallet=purse, credited_wallet=pounds, debited_funds=euros(10_001), credited_funds=POUNDS
    ).save()
    assert (done["status"], done["result_code"]) == ("FAILED", "004801")


def test_the_platform_converts_its_fees() -> None:
    alice = payer()
    paid(alice, wallet_of(alice), 5_000, fees=3_000)
    before = ClientWallet.get("FEES", "EUR").balance
    done = ClientWalletsInstantConversion(
        debited_wallet_type="FEES", credited_wallet_type="FEES", debited_funds=euros(1_000), credited_funds=POUNDS
    ).save()
    assert (done["status"], done["author_id"]) == ("SUCCEEDED", "local")
    done = ClientWalletsQuotedConversion(
        debited_wallet_type="FEES", credited_wallet_type="CREDIT", quote=ConversionQuote(id=quoted()["id"])
    ).save()
    assert (done["status"], done["credited_wallet_id"]) == ("SUCCEEDED", "CREDIT_GBP")
    assert before - ClientWallet.get("FEES", "EUR").balance == euros(2_000)


def test_durations_are_fixed() -> None:
    with pytest.raises(APIError) as caught:
        ConversionQuote(credited_funds=POUNDS, debited_funds=euros(1_000), duration=90).create_conversion_quote()
    assert caught.value.content["Message"] == "Duration 90 is not in the allowed list: 300, 3600"
