"""The token: one for all, renewed in time, and not thrown away for a user who must authenticate."""

import asyncio
import base64

import httpx
import pytest
import respx

from services.mangopay.auth import MangopayAuth
from services.mangopay.client import MangopayClient
from services.mangopay.errors import NonsenseAnswer, NotAuthenticated, ScaRequired, ServerError, Unreachable

ALICE = "/v2.01/shop/sca/users/alice"
BOB = "/v2.01/shop/sca/users/bob"
ALICE_JSON = {"Id": "alice"}


def bearer(call: respx.models.Call) -> str:
    return call.request.headers["Authorization"]


async def test_the_token_call_shows_the_key_and_every_other_call_the_token(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient
) -> None:
    user = api.get(ALICE).respond(json=ALICE_JSON)
    await client.get_user("alice")
    assert bearer(token.calls.last) == "Basic " + base64.b64encode(b"shop:s3cret-key").decode()
    assert token.calls.last.request.content == b"grant_type=client_credentials"
    assert bearer(user.calls.last) == "Bearer token-1"


async def test_the_token_is_kept(api: respx.MockRouter, token: respx.Route, client: MangopayClient) -> None:
    api.get(ALICE).respond(json=ALICE_JSON)
    await client.get_user("alice")
    await client.get_user("alice")
    assert token.call_count == 1


async def test_many_calls_at_once_fetch_one_token(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient
) -> None:
    user = api.get(ALICE).respond(json=ALICE_JSON)
    await asyncio.gather(*(client.get_user("alice") for _ in range(20)))
    assert token.call_count == 1
    assert {bearer(call) for call in user.calls} == {"Bearer token-1"}


async def test_the_token_is_renewed_half_a_minute_before_it_ends(api: respx.MockRouter, token: respx.Route) -> None:
    user = api.get("/anything").respond(200)
    now = 0.0
    auth = MangopayAuth(base_url="https://api.mangopay.test", client_id="shop", api_key="k", clock=lambda: now)
    async with httpx.AsyncClient(base_url="https://api.mangopay.test", auth=auth) as http:
        for now, count in ((0.0, 1), (1169.0, 1), (1170.0, 2)):  # noqa: B007  (the clock reads it)
            await http.get("/anything")
            assert token.call_count == count
    assert bearer(user.calls.last) == "Bearer token-2"


async def test_a_dead_token_is_renewed_once_and_the_call_repeated(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient
) -> None:
    user = api.get(ALICE).mock(side_effect=[httpx.Response(401), httpx.Response(200, json=ALICE_JSON)])
    assert (await client.get_user("alice")).id == "alice"
    assert [bearer(call) for call in user.calls] == ["Bearer token-1", "Bearer token-2"]


async def test_a_dead_token_seen_by_many_is_renewed_once(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient
) -> None:
    def only_the_second_is_good(request: httpx.Request) -> httpx.Response:
        good = request.headers["Authorization"] == "Bearer token-2"
        return httpx.Response(200, json=ALICE_JSON) if good else httpx.Response(401)

    api.get(ALICE).mock(side_effect=only_the_second_is_good)
    await asyncio.gather(*(client.get_user("alice") for _ in range(20)))
    assert token.call_count == 2


async def test_a_late_word_about_the_old_token_does_not_cost_the_new_one(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient
) -> None:
    asked, told = asyncio.Event(), asyncio.Event()

    async def refuse_the_first_token(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] != "Bearer token-1":
            return httpx.Response(200, json={"Id": "x"})
        if request.url.path == ALICE:
            asked.set()
            await told.wait()
        return httpx.Response(401)

    api.route(method="GET").mock(side_effect=refuse_the_first_token)
    late = asyncio.create_task(client.get_user("alice"))
    await asked.wait()
    await client.get_user("bob")
    told.set()
    await late
    assert token.call_count == 2


async def test_a_token_refused_twice_is_the_end(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient
) -> None:
    user = api.get(ALICE).respond(
        401, json={"Message": "The authorization credentials are not valid", "Type": "invalid_credentials", "Date": 1.0}
    )
    with pytest.raises(NotAuthenticated) as caught:
        await client.get_user("alice")
    assert caught.value.type == "invalid_credentials"
    assert (user.call_count, token.call_count) == (2, 2)


@pytest.mark.parametrize("spelling", ["redirectUrl", "RedirectUrl", "redirecturl"])
async def test_a_user_who_must_authenticate_costs_no_token(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient, spelling: str
) -> None:
    page = "https://sca.sandbox.mangopay.test/?token=sca_0123"
    api.get("/v2.01/shop/wallets/w").respond(401, headers={"WWW-Authenticate": f"PendingUserAction {spelling}={page}"})
    api.get(ALICE).respond(json=ALICE_JSON)
    with pytest.raises(ScaRequired) as caught:
        await client.get_wallet("w")
    assert caught.value.redirect_url == page
    await client.get_user("alice")
    assert token.call_count == 1


async def test_a_redirect_that_is_no_web_page_is_dropped(api: respx.MockRouter, client: MangopayClient) -> None:
    header = {"WWW-Authenticate": "PendingUserAction redirectUrl=javascript:alert(1)"}
    api.get("/v2.01/shop/wallets/w").respond(401, headers=header)
    with pytest.raises(ScaRequired) as caught:
        await client.get_wallet("w")
    assert caught.value.redirect_url is None


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_wrong_key_is_said_as_such(api: respx.MockRouter, client: MangopayClient, status: int) -> None:
    refusal = {"error": "unauthorized_client", "error_description": "temporarily locked"}
    api.post("/v2.01/oauth/token").respond(status, json=refusal)
    with pytest.raises(NotAuthenticated) as caught:
        await client.get_user("alice")
    assert (caught.value.type, caught.value.message) == ("unauthorized_client", "temporarily locked")


async def test_a_token_call_that_breaks_leaves_no_doubt_about_the_post_behind_it(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    api.post("/v2.01/oauth/token").mock(side_effect=httpx.ReadTimeout)
    hooks = api.post("/v2.01/shop/hooks")
    with pytest.raises(Unreachable) as caught:
        await client.create_hook("PAYIN_NORMAL_CREATED", "https://bob.test/h", idempotency_key="0123456789abcdef")
    assert not caught.value.outcome_is_unknown
    assert not hooks.called


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"access_token": 7, "expires_in": 1200}', b'{"access_token": "x"}']
)
async def test_a_token_that_is_none_is_nonsense(api: respx.MockRouter, client: MangopayClient, body: bytes) -> None:
    api.post("/v2.01/oauth/token").respond(200, content=body)
    with pytest.raises(NonsenseAnswer):
        await client.get_user("alice")


async def test_a_waiting_call_fetches_the_token_itself_when_the_first_gives_up(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    asked = asyncio.Event()

    async def never_the_first_time(_: httpx.Request) -> httpx.Response:
        if not asked.is_set():
            asked.set()
            await asyncio.Event().wait()
        return httpx.Response(200, json={"access_token": "t", "expires_in": 1200})

    api.post("/v2.01/oauth/token").mock(side_effect=never_the_first_time)
    api.get(ALICE).respond(json=ALICE_JSON)
    api.get(BOB).respond(json={"Id": "bob"})
    first = asyncio.create_task(client.get_user("alice"))
    await asked.wait()
    second = asyncio.create_task(client.get_user("bob"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).id == "bob"
    assert first.cancelled()


async def test_a_token_service_in_trouble_is_tried_again(api: respx.MockRouter, client: MangopayClient) -> None:
    good = httpx.Response(200, json={"access_token": "t", "expires_in": 1200})
    token = api.post("/v2.01/oauth/token").mock(side_effect=[httpx.Response(503), good])
    api.get(ALICE).respond(json=ALICE_JSON)
    await client.get_user("alice")
    assert token.call_count == 2


async def test_a_token_service_that_stays_in_trouble_is_a_server_error(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    api.post("/v2.01/oauth/token").respond(500)
    with pytest.raises(ServerError):
        await client.get_user("alice")
