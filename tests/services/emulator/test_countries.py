"""What is allowed country by country."""

import httpx

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace, created, refused


async def fetch(market: Marketplace, code: str) -> httpx.Response:
    return await market.http.get(f"/v2.01/countries/{code}/authorizations")


async def authorization(market: Marketplace, code: str) -> Json:
    allowed: Json = created(await fetch(market, code))["Authorization"]
    return allowed


async def test_a_country_says_what_is_blocked(market: Marketplace) -> None:
    france = created(await fetch(market, "FR"))
    assert france == {
        "CountryCode": "FR",
        "CountryName": "France",
        "Authorization": {"BlockUserCreation": False, "BlockBankAccountCreation": False, "BlockPayout": False},
        "LastUpdate": france["LastUpdate"],
    }
    assert set((await authorization(market, "IR")).values()) == {True}
    assert await authorization(market, "UA") == {
        "BlockUserCreation": False,
        "BlockBankAccountCreation": True,
        "BlockPayout": True,
    }


async def test_all_countries_are_listed_by_page(market: Marketplace) -> None:
    response = await market.http.get("/v2.01/countries/authorizations", params={"per_page": "100", "page": "2"})
    assert (response.headers["x-number-of-pages"], len(response.json())) == ("3", 100)
    first = (await market.http.get("/v2.01/countries/authorizations")).json()
    assert [row["CountryCode"] for row in first][:3] == ["AD", "AE", "AF"]


async def test_an_unknown_country_does_not_exist(market: Marketplace) -> None:
    refused(await fetch(market, "XX"), 404)


async def test_mangopay_changes_its_mind(market: Marketplace, control: Controls) -> None:
    await control.do("country.update", "UA", BlockPayout=False)
    assert (await authorization(market, "UA"))["BlockPayout"] is False
    assert (await market.events())[-1] == ("COUNTRY_AUTHORIZATION_UPDATED", "UA")


async def test_whoever_has_no_credentials_learns_nothing(market: Marketplace) -> None:
    refused(await market.browser.get("/v2.01/countries/FR/authorizations"), 401)
