"""Wallets: who owns one, what may be changed, and what is refused."""

import pytest

from tests.services.emulator.marketplace import Json, Marketplace, created, refused


async def test_a_new_wallet_is_empty_and_its_owners(market: Marketplace) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice, "GBP")
    assert wallet["Id"].startswith("wlt_m_")
    assert (wallet["Owners"], wallet["FundsType"], wallet["Tag"]) == ([alice["Id"]], "DEFAULT", None)
    assert wallet["Balance"] == {"Currency": "GBP", "Amount": 0}
    assert created(await market.get(f"/wallets/{wallet['Id']}")) == wallet


async def test_only_words_of_a_wallet_may_be_changed(market: Marketplace) -> None:
    alice, emma = await market.payer("Alice"), await market.payer("Emma")
    wallet = await market.wallet(alice)
    body = {"Description": "Savings", "Tag": "new", "Currency": "GBP", "Owners": [emma["Id"]]}
    changed = created(await market.put(f"/wallets/{wallet['Id']}", body))
    assert changed == wallet | {"Description": "Savings", "Tag": "new"}
    error = refused(await market.put(f"/wallets/{wallet['Id']}", {"Description": "x" * 256, "Tag": "newer"}))
    assert set(error["errors"]) == {"Description"}
    assert created(await market.get(f"/wallets/{wallet['Id']}")) == changed


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"Owners": []}, {"Owners": "The Owners field is required."}),
        ({"Owners": ["user_m_nobody"]}, {"Owners": "The value user_m_nobody is not valid"}),
        ({"Owners": ["a", "b"]}, {"Owners": "Owners doesn't support multiple values for the moment"}),
        ({"Currency": "AZN"}, {"Currency": "The currency AZN is not available"}),
        ({"Description": None}, {"Description": "The Description field is required."}),
        (
            {"Tag": "x" * 256},
            {"Tag": "The field Tag must be a string with a maximum length of 255."},
        ),
    ],
)
async def test_what_makes_no_wallet(market: Marketplace, wrong: Json, errors: Json) -> None:
    alice = await market.payer()
    body = {"Owners": [alice["Id"]], "Description": "A wallet", "Currency": "EUR"}
    assert refused(await market.post("/wallets", body | wrong))["errors"] == errors


async def test_the_platforms_own_wallets_are_not_described_like_those_of_users(market: Marketplace) -> None:
    before = created(await market.get("/clients/wallets/FEES/EUR"))
    error = refused(await market.put("/wallets/FEES_EUR", {"Description": "Mine", "Tag": "mine"}), 404)
    assert error["errors"] == {"RessourceNotFound": "Cannot found the ressource Wallet with the id=FEES_EUR"}
    assert created(await market.get("/clients/wallets/FEES/EUR")) == before


@pytest.mark.parametrize("tail", ["", "/transactions"])
async def test_an_unknown_wallet_is_404(market: Marketplace, tail: str) -> None:
    error = refused(await market.get(f"/wallets/wlt_m_nothing{tail}"), 404)
    assert error["errors"] == {"RessourceNotFound": "Cannot found the ressource Wallet with the id=wlt_m_nothing"}
