"""Tokens, credentials, paths: how one gets in."""

import pytest

from services.emulator import Emulator
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Marketplace, created


async def test_an_api_key_is_exchanged_for_a_token_that_opens_every_door(market: Marketplace) -> None:
    answer = await market.http.post("/v2.01/oauth/token", data={"grant_type": "client_credentials"})
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("bearer", 1200)
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await market.browser.get("/v2.01/local/users", headers=bearer)).status_code == 200


async def test_mallorys_api_key_gets_no_token(market: Marketplace) -> None:
    answer = await market.http.post(
        "/v2.01/oauth/token", data={"grant_type": "client_credentials"}, auth=("local", "guessed")
    )
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize("header", ["Bearer made-up", "Basic bWFsbG9yeTprZXk=", "Basic ???", "", "Bearer"])
async def test_made_up_credentials_are_refused_in_mangopays_words(market: Marketplace, header: str) -> None:
    answer = await market.browser.get("/v2.01/local/users", headers={"Authorization": header})
    body = answer.json()
    assert answer.status_code == 401
    assert body.pop("Date") > 0
    assert body == {"Message": "The authorization credentials are not valid", "Type": "invalid_credentials"}


async def test_another_platforms_rooms_stay_closed(market: Marketplace) -> None:
    assert (await market.http.get("/v2.01/somebody-else/users")).status_code == 401


async def test_paths_match_in_any_letter_case_and_with_slashes_too_many(market: Marketplace) -> None:
    alice = await market.payer()
    for path in (f"/V2.01/local/Users/{alice['Id']}/Regulatory/", f"/v2.01/local//users/{alice['Id']}/KYC/documents"):
        assert (await market.http.get(path)).status_code == 200
    assert (await market.get(f"/users/{alice['Id'].lower()}")).status_code == 404


async def test_an_unknown_path_is_404_and_a_wrong_verb_405(market: Marketplace) -> None:
    assert (await market.get("/walletz")).status_code == 404
    answer = await market.http.delete("/v2.01/local/hooks")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


async def test_every_api_response_counts_towards_the_rate_limits(market: Marketplace) -> None:
    first, second = await market.get("/users"), await market.get("/walletz")
    assert first.headers["x-ratelimit"] == "1,1,1,1"
    assert second.headers["x-ratelimit"] == "2,2,2,2"
    assert second.headers["x-ratelimit-remaining"] == "2298,4498,8798,105598"
    assert len(second.headers["x-ratelimit-reset"].split(",")) == 4


@pytest.mark.parametrize("raw", [b"{", b"[1]", b"\xff"])
async def test_a_body_that_is_no_json_object_is_refused(market: Marketplace, raw: bytes) -> None:
    answer = await market.http.post("/v2.01/local/wallets", content=raw)
    assert (answer.status_code, answer.json()["Type"]) == (400, "param_error")


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b" {} "])
async def test_a_body_that_says_nothing_is_an_empty_one(market: Marketplace, raw: bytes) -> None:
    company = await market.company()
    answer = await market.http.post(f"/v2.01/local/users/{company['Id']}/kyc/ubodeclarations", content=raw)
    assert created(answer)["Status"] == "CREATED"


async def test_an_emulator_that_was_never_started_answers_all_the_same() -> None:
    from services.emulator import EmulatorConfig

    async with open_market(Emulator(EmulatorConfig("http://localhost"))) as market:
        assert (await market.payer())["UserStatus"] == "ACTIVE"


async def test_too_many_bad_tries_lock_the_key_for_a_while(market: Marketplace, control: Controls) -> None:
    async def status(key: str) -> tuple[int, str]:
        answer = await market.browser.post(
            "/v2.01/oauth/token", data={"grant_type": "client_credentials"}, auth=("local", key)
        )
        return answer.status_code, answer.json().get("error", "")

    assert {await status("wrong") for _ in range(9)} == {(401, "invalid_client")}
    assert await status("local-api-key") == (200, "")
    assert {await status("wrong") for _ in range(10)} == {(401, "invalid_client")}
    assert await status("local-api-key") == (400, "unauthorized_client")
    await control.advance(61)
    assert await status("local-api-key") == (200, "")
