"""Foreign exchange: rates, quotes that hold, conversions that conserve what each currency has."""

import asyncio
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.emulator import Emulator, EmulatorConfig
from services.emulator.engine.fields import CURRENCIES
from services.emulator.rules.exchange import PER_EURO, RATE_STEP, Terms, amounts
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, refused


def money(currency: str, amount: int | None = None) -> Json:
    return {"Currency": currency} if amount is None else {"Currency": currency, "Amount": amount}


async def set_rate(control: Controls, debited: str, credited: str, rate: object) -> None:
    await control.do("exchange.set_rate", "-", DebitedCurrency=debited, CreditedCurrency=credited, MarketRate=rate)


async def quote(market: Marketplace, **more: Any) -> Json:
    body: Json = {"DebitedFunds": money("GBP", 1_000), "CreditedFunds": money("EUR"), "Duration": 300}
    return created(await market.post("/conversions/quote", body | more))


async def traveller(market: Marketplace, amount: int = 10_000) -> tuple[Json, Json]:
    """Return two wallets of Alice, in pounds with so much in it, and in euros."""
    alice = await market.payer()
    return await market.funded(alice, amount, "GBP"), await market.wallet(alice, "EUR")


def order(pounds: Json, euros: Json, **more: Any) -> Json:
    ends = {"DebitedWalletId": pounds["Id"], "CreditedWalletId": euros["Id"]}
    return {"AuthorId": pounds["Owners"][0], **ends, **more}


def test_every_currency_has_a_rate() -> None:
    assert set(PER_EURO) == CURRENCIES


async def test_every_pair_of_currencies_has_a_rate(market: Marketplace) -> None:
    for debited in sorted(CURRENCIES):
        for credited in sorted(CURRENCIES - {debited}):
            rate = created(await market.get(f"/conversions/rate/{debited}/{credited}"))
            assert 0 < rate["ClientRate"] < rate["MarketRate"], (debited, credited)
    assert (rate["DebitedCurrency"], rate["CreditedCurrency"]) == ("ZAR", "USD")
    assert rate["MarketRateDate"] > 0
    for pair, named in (
        ("EUR/EUR", "CreditedCurrency"),
        ("EUR/XXX", "CreditedCurrency"),
        ("BTC/EUR", "DebitedCurrency"),
    ):
        assert list(refused(await market.get(f"/conversions/rate/{pair}"))["errors"]) == [named]


async def test_a_quote_answers_as_in_mangopay_s_own_example(market: Marketplace, control: Controls) -> None:
    await set_rate(control, "GBP", "EUR", 1.1471047)
    fees = {"Type": "PERCENTAGE", "Value": 700, "Currency": "GBP"}
    made = await quote(market, Fees=fees, UserMargin={"Type": "PERCENTAGE", "Value": 1.5}, Tag="spring")
    assert made["Id"].startswith("cvrquote_")
    assert made["ExpirationDate"] - made["CreationDate"] == made["Duration"] == 300
    assert {name: made[name] for name in made if name not in ("Id", "CreationDate", "ExpirationDate", "Duration")} == {
        "Status": "ACTIVE",
        "DebitedFunds": money("GBP", 1_000),
        "CreditedFunds": money("EUR", 1_067),
        "Fees": money("GBP", 70),
        "RequestedFees": fees,
        "ConversionRateResponse": {"ClientRate": 1.1356337, "MarketRate": 1.1471047, "FinalRate": 1.1185992},
        "MarginsResponse": {
            "Mangopay": {"Type": "PERCENTAGE", "Value": 1.0, "Amount": 11},
            "User": {"Type": "PERCENTAGE", "Value": 1.5, "Amount": 16},
        },
        "Tag": "spring",
    }
    assert created(await market.get(f"/conversions/quote/{made['Id']}")) == made
    assert (await market.get("/conversions/quote/cvrquote_nothing")).status_code == 404


@pytest.mark.parametrize(
    ("funds", "rate", "fees", "expected"),
    [
        # The examples of Mangopay's own pages.
        ((money("GBP", 1_000), money("USD")), "1.29172", money("GBP", 100), (1_000, 100, 1_163)),
        ((money("EUR", 10_000), money("GBP")), "0.8554", money("EUR", 100), (10_000, 100, 8_468)),
        ((money("EUR", 5_000), money("USD")), "1.07987", None, (5_000, 0, 5_399)),
        # A yen has no cents.
        ((money("EUR", 10_000), money("JPY")), "160.5", None, (10_000, 0, 16_050)),
        ((money("JPY", 16_050), money("EUR")), "0.0062305", None, (16_050, 0, 10_000)),
        # What is to be received may be fixed instead, with a number that cannot be null on the other side.
        ((money("EUR", 0), money("USD", 5_399)), "1.07987", None, (5_000, 0, 5_399)),
        ((money("EUR"), money("USD", 5_399)), "1.07987", money("EUR", 100), (5_100, 100, 5_399)),
        (
            (money("EUR"), money("USD", 5_399)),
            "1.07987",
            {"Currency": "EUR", "Type": "PERCENTAGE", "Value": "1000"},
            (5_556, 556, 5_399),
        ),
    ],
)
async def test_what_a_conversion_comes_to(
    market: Marketplace, control: Controls, *, funds: tuple[Json, Json], rate: str, fees: Json | None, expected: object
) -> None:
    debited, credited = funds
    await set_rate(control, debited["Currency"], credited["Currency"], rate)
    made = await quote(market, DebitedFunds=debited, CreditedFunds=credited, Fees=fees)
    assert tuple(made[name]["Amount"] for name in ("DebitedFunds", "Fees", "CreditedFunds")) == expected


async def test_a_fee_by_amount_is_told_as_fixed_and_a_margin_may_be_in_pips(
    market: Marketplace, control: Controls
) -> None:
    await set_rate(control, "GBP", "EUR", "1.2")
    made = await quote(market, Fees=money("GBP", 100), UserMargin={"Type": "PIP", "Value": 50})
    assert made["RequestedFees"] == {"Currency": "GBP", "Type": "FIXED", "Value": 100}
    assert made["ConversionRateResponse"] == {"ClientRate": 1.188, "MarketRate": 1.2, "FinalRate": 1.183}
    assert (await quote(market))["MarginsResponse"]["User"] is None


async def test_an_instant_conversion_moves_money_between_currencies(market: Marketplace, control: Controls) -> None:
    await set_rate(control, "GBP", "EUR", "1.2")
    pounds, euros = await traveller(market)
    funds = {"DebitedFunds": money("GBP", 5_000), "CreditedFunds": money("EUR"), "Fees": money("GBP", 500)}
    done = created(await market.post("/conversions/instant-conversion", order(pounds, euros, **funds, Tag="trip")))
    assert done["Id"].startswith("cvr_")
    assert (done["Type"], done["Nature"], done["Status"], done["QuoteId"]) == (
        *("CONVERSION", "REGULAR", "SUCCEEDED", None),
    )
    assert (done["ResultCode"], done["CreditedFunds"], done["Tag"]) == ("000000", money("EUR", 5_400), "trip")
    assert (await market.balance(pounds), await market.balance(euros)) == (5_000, 5_400)
    assert created(await market.get("/clients/wallets/FEES/GBP"))["Balance"] == money("GBP", 500)
    assert created(await market.get(f"/conversions/{done['Id']}")) == done
    assert [row["Id"] for row in (await market.get(f"/wallets/{euros['Id']}/transactions")).json()] == [done["Id"]]
    assert (await market.events())[-2:] == [
        *(("INSTANT_CONVERSION_CREATED", done["Id"]), ("INSTANT_CONVERSION_SUCCEEDED", done["Id"])),
    ]
    assert (await market.get("/conversions/cvr_nothing")).status_code == 404


async def test_a_quote_keeps_its_rate_and_serves_once(market: Marketplace, control: Controls) -> None:
    await set_rate(control, "GBP", "EUR", "1.2")
    pounds, euros = await traveller(market)
    promised = await quote(market)
    await set_rate(control, "GBP", "EUR", "0.5")
    body = order(pounds, euros, QuoteId=promised["Id"])
    done = created(await market.post("/conversions/quoted-conversion", body))
    assert (done["Status"], done["QuoteId"], done["CreditedFunds"]) == (
        *("SUCCEEDED", promised["Id"], money("EUR", 1_200)),
    )
    assert (await market.balance(pounds), await market.balance(euros)) == (9_000, 1_200)
    assert (await market.events())[-1] == ("QUOTED_CONVERSION_SUCCEEDED", done["Id"])
    again = refused(await market.post("/conversions/quoted-conversion", body))
    assert again["errors"] == {"QuoteId": "The quote is already consumed"}


async def test_a_quote_expires(market: Marketplace, control: Controls) -> None:
    pounds, euros = await traveller(market)
    promised = await quote(market)
    await control.advance(240)
    assert created(await market.get(f"/conversions/quote/{promised['Id']}"))["Status"] == "ACTIVE"
    await control.advance(61)
    assert created(await market.get(f"/conversions/quote/{promised['Id']}"))["Status"] == "EXPIRED"
    path = "/conversions/quoted-conversion"
    error = refused(await market.post(path, order(pounds, euros, QuoteId=promised["Id"])))
    assert error["errors"] == {"QuoteId": "The quote is expired"}
    error = refused(await market.post(path, order(pounds, euros, QuoteId="cvrquote_x")))
    assert error["errors"] == {"QuoteId": "Quote not found"}


async def test_what_makes_no_quote(market: Marketplace) -> None:
    error = refused(
        await market.post(
            "/conversions/quote",
            {"DebitedFunds": money("GBP", 1), "CreditedFunds": money("EUR"), "Duration": 90},
        ),
        403,
    )
    assert error["Message"] == "Duration 90 is not in the allowed list: 300, 3600"
    good: Json = {"DebitedFunds": money("GBP", 1_000), "CreditedFunds": money("EUR"), "Duration": 3600}
    for wrong, named in (
        ({"Duration": None}, "Duration"),
        ({"DebitedFunds": money("GBP")}, "DebitedFunds.Amount"),
        ({"CreditedFunds": money("EUR", 5)}, "CreditedFunds.Amount"),
        ({"CreditedFunds": money("GBP")}, "CreditedFunds.Currency"),
        ({"CreditedFunds": money("AZN")}, "CreditedFunds.Currency"),
        ({"DebitedFunds": None}, "DebitedFunds"),
        ({"DebitedFunds": money("GBP", -1)}, "DebitedFunds.Amount"),
        ({"DebitedFunds": money("GBP", 2**62)}, "DebitedFunds.Amount"),
        ({"Fees": {"Type": "PERCENTAGE", "Value": 10_001}}, "Fees.Value"),
        ({"Fees": {"Type": "FIXED", "Value": []}}, "Fees.Value"),
        ({"Fees": {"Type": "FIXED", "Value": "NaN"}}, "Fees.Value"),
        ({"Fees": money("EUR", 5)}, "Fees.Currency"),
        ({"Fees": money("GBP", 1_000)}, "Fees"),
        ({"UserMargin": {"Type": "GUESS", "Value": 1}}, "UserMargin.Type"),
        ({"UserMargin": "1 %"}, "UserMargin"),
    ):
        assert named in refused(await market.post("/conversions/quote", good | wrong))["errors"], wrong


async def test_whose_wallets_and_which_currencies(market: Marketplace) -> None:
    pounds, euros = await traveller(market)
    mallory = await market.payer("Mallory")
    hers = await market.wallet(mallory, "EUR")
    funds = {"DebitedFunds": money("GBP", 100), "CreditedFunds": money("EUR")}
    path = "/conversions/instant-conversion"
    error = refused(await market.post(path, order(pounds, euros, **funds) | {"AuthorId": mallory["Id"]}))
    assert error["Type"] == "author_is_not_debited_wallet_owner"
    error = refused(await market.post(path, order(pounds, hers, **funds)))
    assert error["Type"] == "author_is_not_credited_wallet_owner"
    error = refused(await market.post(path, order(pounds, euros, **funds | {"CreditedFunds": money("USD")})))
    assert error["Type"] == "currency_incompatibility"


async def test_conversions_that_fail(market: Marketplace, control: Controls) -> None:
    pounds, euros = await traveller(market, 1_000)
    path = "/conversions/instant-conversion"

    async def code(amount: int, **more: Any) -> str:
        funds = {"DebitedFunds": money("GBP", amount), "CreditedFunds": money("EUR")} | more
        done = created(await market.post(path, order(pounds, euros, **funds)))
        assert done["Status"] == "FAILED"
        assert (await market.events())[-1] == ("INSTANT_CONVERSION_FAILED", done["Id"])
        return str(done["ResultCode"])

    assert await code(1_001) == "004801"
    assert await code(100, Fees=money("GBP", 100)) == "001014"
    await control.do("market.close", "-")
    assert await code(100) == "004803"
    assert (await market.balance(pounds), await market.balance(euros)) == (1_000, 0)


async def test_a_failed_conversion_leaves_its_quote(market: Marketplace, control: Controls) -> None:
    pounds, euros = await traveller(market)
    body = order(pounds, euros, QuoteId=(await quote(market))["Id"])
    await control.do("market.close", "-")
    assert created(await market.post("/conversions/quoted-conversion", body))["ResultCode"] == "004803"
    await control.do("market.close", "-", Closed=False)
    assert created(await market.post("/conversions/quoted-conversion", body))["Status"] == "SUCCEEDED"


async def test_without_the_feature_there_is_no_rate(market: Marketplace, control: Controls) -> None:
    await control.do("exchange.enable", "-", Enabled=False)
    error = refused(await market.get("/conversions/rate/EUR/USD"), 403)
    assert error["Type"] == "forbidden_ressource"
    await control.do("exchange.enable", "-", Enabled=True)
    created(await market.get("/conversions/rate/EUR/USD"))


async def test_the_platform_converts_what_it_has_earned(market: Marketplace, control: Controls) -> None:
    await set_rate(control, "EUR", "USD", "1.1")
    alice = await market.payer()
    created(await market.pay_in(await market.card(alice), await market.wallet(alice), 2_000, fees=1_000))
    body: Json = {"DebitedWalletType": "FEES", "CreditedWalletType": "CREDIT"}
    funds = {"DebitedFunds": money("EUR", 400), "CreditedFunds": money("USD")}
    done = created(await market.post("/clients/conversions/instant-conversion", body | funds))
    assert (done["AuthorId"], done["DebitedWalletId"], done["CreditedWalletId"]) == ("local", "FEES_EUR", "CREDIT_USD")
    assert created(await market.get("/clients/wallets/CREDIT/USD"))["Balance"] == money("USD", 440)
    free, priced = await quote(market, **funds), await quote(market, **funds, Fees=money("EUR", 1))
    path = "/clients/conversions/quoted-conversion"
    quoted = created(await market.post(path, body | {"QuoteId": free["Id"]}))
    rates = quoted["ConversionRateResponse"]
    assert (quoted["Status"], rates["FinalRate"]) == ("SUCCEEDED", rates["ClientRate"])
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"] == money("EUR", 200)
    error = refused(await market.post(path, body | {"QuoteId": priced["Id"]}))
    assert error["errors"] == {"Fees": "No fees allowed on client quoted conversion"}
    error = refused(await market.post(path, {"QuoteId": free["Id"], "DebitedWalletType": "DEFAULT"}))
    assert set(error["errors"]) == {"DebitedWalletType", "CreditedWalletType"}
    assert [row["Id"] for row in (await market.get("/clients/transactions", Type="CONVERSION")).json()] == [
        *(done["Id"], quoted["Id"]),
    ]


@given(st.sampled_from(sorted(CURRENCIES)), st.sampled_from(sorted(CURRENCIES)), st.integers(1, 10**9))
def test_there_and_back_never_earns_more_than_a_rounding(debited: str, credited: str, amount: int) -> None:
    there = (PER_EURO[credited] / PER_EURO[debited]).quantize(RATE_STEP)
    _, _, received = amounts(Terms(debited, credited, amount, None, None, None, None), there)
    needed, _, same = amounts(Terms(debited, credited, None, received, None, None, None), there)
    per_unit = there * Decimal(100) if debited == "JPY" != credited else there
    per_unit = per_unit / 100 if credited == "JPY" != debited else per_unit
    # Half a minor unit of what is received, in what is paid, and the rounding of that.
    assert abs(needed - amount) <= Decimal("0.5") / per_unit + 1
    assert same == received


STEP = st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 3_000), st.integers(0, 300))


@settings(max_examples=20, deadline=None)
@given(st.lists(STEP, max_size=8))
def test_each_currency_keeps_its_books(steps: list[tuple[int, int, int, int]]) -> None:
    asyncio.run(_keep_books(steps))


async def _keep_books(steps: list[tuple[int, int, int, int]]) -> None:
    """Convert and pay out at random: what there is of a currency is what came in or was bought."""
    emulator = Emulator(EmulatorConfig(BASE_URL))
    async with open_market(emulator) as market:
        bob = await market.owner()
        await market.document(bob)
        account = await market.account(bob)
        wallets = [await market.funded(bob, 5_000, currency) for currency in ("EUR", "GBP", "JPY")]
        pairs = list(permutations(wallets, 2))
        for kind, pick, amount, fees in steps:
            source, target = pairs[pick]
            funds = {
                "DebitedFunds": money(source["Currency"], amount),
                "CreditedFunds": money(target["Currency"]),
                "Fees": money(source["Currency"], fees),
            }
            if kind == 0:
                await market.post("/conversions/instant-conversion", order(source, target, **funds))
            elif kind == 1:
                made = (await market.post("/conversions/quote", funds | {"Duration": 300})).json()
                await market.post("/conversions/quoted-conversion", order(source, target, QuoteId=made["Id"]))
            elif kind == 2:
                await market.pay_out(source, account, amount, Fees=money(source["Currency"], fees))
            else:
                body = {"DebitedWalletType": "FEES", "CreditedWalletType": "FEES"} | funds
                await market.post("/clients/conversions/instant-conversion", body)
        await _check_books(market, bob, wallets)


async def _check_books(market: Marketplace, bob: Json, wallets: list[Json]) -> None:
    owns = (await market.get(f"/users/{bob['Id']}/transactions", Status="SUCCEEDED", per_page="100")).json()
    own = (await market.get("/clients/transactions", Status="SUCCEEDED", Type="CONVERSION", per_page="100")).json()
    rows = {row["Id"]: row for row in [*owns, *own]}.values()
    for wallet in wallets:
        currency = wallet["Currency"]
        fees = created(await market.get(f"/clients/wallets/FEES/{currency}"))["Balance"]["Amount"]
        balance = await market.balance(wallet)
        expected = 0
        for row in rows:
            debited, credited, fee = (row[name] for name in ("DebitedFunds", "CreditedFunds", "Fees"))
            if row["Type"] in ("PAYOUT", "CONVERSION") and debited["Currency"] == currency:
                expected -= debited["Amount"] - fee["Amount"]
            if row["Type"] in ("PAYIN", "CONVERSION") and credited["Currency"] == currency:
                expected += credited["Amount"] + (fee["Amount"] if row["Type"] == "PAYIN" else 0)
        assert balance + fees == expected
        assert min(balance, fees) >= 0
