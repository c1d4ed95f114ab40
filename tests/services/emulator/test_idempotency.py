"""Idempotency keys: nothing happens twice, and the first answer can be looked up."""

import json

import pytest

from tests.services.emulator.marketplace import Marketplace, created, refused

KEY = {"Idempotency-Key": "2f8ac1d0-4e7b-4a1c"}


async def test_a_used_key_is_refused_and_leads_to_the_first_answer(market: Marketplace) -> None:
    alice = await market.payer()
    body = {"Owners": [alice["Id"]], "Description": "A wallet", "Currency": "EUR"}
    first = await market.post("/wallets", body, KEY)
    conflict = refused(await market.post("/wallets", body | {"Currency": "GBP"}, KEY), 409)
    assert conflict["Type"] == "idempotent_creation_conflict"
    assert conflict["errors"] is None
    assert len((await market.get(f"/users/{alice['Id']}/wallets")).json()) == 1
    kept = created(await market.get(f"/responses/{KEY['Idempotency-Key']}"))
    assert (kept["StatusCode"], kept["Resource"]) == ("200", created(first))
    assert kept["ContentLength"] == str(len(first.content))
    assert kept["RequestURL"] == "http://localhost:8080/emulator/v2.01/local/wallets"
    assert kept["Date"].endswith(" GMT")


async def test_a_failure_uses_up_its_key_too(market: Marketplace) -> None:
    refused(await market.post("/wallets", {}, KEY))
    refused(await market.post("/wallets", {}, KEY), 409)
    kept = created(await market.get(f"/responses/{KEY['Idempotency-Key']}"))
    assert (kept["StatusCode"], kept["Resource"]["Type"]) == ("400", "param_error")


@pytest.mark.parametrize("key", ["too-short", "x" * 37, "with spaces and more"])
async def test_a_key_has_sixteen_to_thirty_six_letters_digits_or_dashes(market: Marketplace, key: str) -> None:
    error = refused(await market.post("/wallets", {}, {"Idempotency-Key": key}))
    assert list(error["errors"]) == ["Idempotency-Key"]


async def test_an_unknown_key_is_404(market: Marketplace) -> None:
    refused(await market.get("/responses/0123456789abcdef"), 404)


async def test_an_unauthorised_call_uses_up_no_key(market: Marketplace) -> None:
    answer = await market.browser.post("/v2.01/local/wallets", content=json.dumps({}), headers=KEY)
    assert answer.status_code == 401
    refused(await market.get(f"/responses/{KEY['Idempotency-Key']}"), 404)
