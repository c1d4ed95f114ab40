"""The client's calls: where they go, what is repeated, how lists are walked through."""

from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
import respx

from models.environment import Environment
from services.mangopay.client import MangopayClient, TransactionFilter
from services.mangopay.connection import RetrySchedule
from services.mangopay.errors import MangopayError, NonsenseAnswer, NotFound, RateLimited, ServerError, Unreachable
from services.mangopay.paging import pages

ALICE = "/v2.01/shop/sca/users/alice"
HOOKS = "/v2.01/shop/hooks"
ALICE_JSON = {"Id": "alice"}
FOUND = httpx.Response(200, json=ALICE_JSON)


def limit_headers(*, remaining: int, reset_at: datetime) -> dict[str, str]:
    reset = int(reset_at.timestamp())
    return {
        "X-RateLimit": "10,20,30,40",
        "X-RateLimit-Remaining": f"{remaining},4480,8770,105560",
        "X-RateLimit-Reset": f"{reset},{reset},{reset},{reset}",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get_user", "/sca/users/x"),
        ("get_wallet", "/wallets/x"),
        ("get_card", "/cards/x"),
        ("get_payin", "/payins/x"),
        ("get_transfer", "/transfers/x"),
        ("get_payout", "/payouts/x"),
        ("get_refund", "/refunds/x"),
        ("get_kyc_document", "/kyc/documents/x"),
        ("get_hook", "/hooks/x"),
    ],
)
async def test_each_view_reads_its_path(api: respx.MockRouter, client: MangopayClient, method: str, path: str) -> None:
    api.get(f"/v2.01/shop{path}").respond(json={"Id": "x"})
    assert (await getattr(client, method)("x")).id == "x"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("list_user_wallets", "/users/x/wallets"),
        ("list_user_cards", "/users/x/cards"),
        ("list_user_transactions", "/users/x/transactions"),
        ("list_wallet_transactions", "/wallets/x/transactions"),
    ],
)
async def test_each_list_asks_for_the_newest_first(
    api: respx.MockRouter, client: MangopayClient, method: str, path: str
) -> None:
    route = api.get(f"/v2.01/shop{path}").respond(json=[{"Id": "y"}])
    page = await getattr(client, method)("x", page=2, per_page=10)
    assert [row.id for row in page.items] == ["y"]
    assert dict(route.calls.last.request.url.params) == {"page": "2", "per_page": "10", "Sort": "CreationDate:DESC"}


async def test_users_and_events_are_listed(api: respx.MockRouter, client: MangopayClient) -> None:
    api.get("/v2.01/shop/users", params={"Sort": "CreationDate:ASC"}).respond(json=[ALICE_JSON])
    events = api.get("/v2.01/shop/events").respond(
        json=[{"ResourceId": "payin_m_1", "EventType": "PAYIN_NORMAL_CREATED", "Date": 5}]
    )
    assert (await client.list_users(sort="CreationDate:ASC")).items[0].id == "alice"
    after = datetime(2026, 11, 1, tzinfo=UTC)
    page = await client.list_events(event_type="PAYIN_NORMAL_CREATED", after=after)
    assert page.items[0].resource_id == "payin_m_1"
    query = dict(events.calls.last.request.url.params)
    assert query["EventType"] == "PAYIN_NORMAL_CREATED"
    assert query["AfterDate"] == str(int(after.timestamp()))
    assert query["Sort"] == "Date:DESC"
    assert "BeforeDate" not in query


async def test_transactions_are_filtered(api: respx.MockRouter, client: MangopayClient) -> None:
    route = api.get("/v2.01/shop/wallets/w/transactions").respond(json=[])
    where = TransactionFilter(statuses=("CREATED", "FAILED"), types=("PAYIN",), natures=("REFUND",))
    await client.list_wallet_transactions("w", where=where)
    query = dict(route.calls.last.request.url.params)
    assert (query["Status"], query["Type"], query["Nature"]) == ("CREATED,FAILED", "PAYIN", "REFUND")
    assert "ResultCode" not in query


async def test_an_object_is_returned_as_it_came(api: respx.MockRouter, client: MangopayClient) -> None:
    body = {"Id": "payin_m_1", "New2027": {"Deep": [1]}}
    api.get("/v2.01/shop/payins/a%2Fb").respond(json=body)
    assert await client.get_object("/v2.01/shop/payins/a%2Fb") == body


async def test_a_list_is_no_object(api: respx.MockRouter, client: MangopayClient) -> None:
    api.get("/v2.01/shop/users").respond(json=[])
    with pytest.raises(NonsenseAnswer):
        await client.get_object("/v2.01/shop/users")


async def test_the_token_never_goes_to_another_host(client: MangopayClient) -> None:
    with pytest.raises(ValueError, match="slash"):
        await client.get_object("https://mallory.test/v2.01/shop/payins/1")


async def test_an_address_with_two_slashes_stays_on_the_host(api: respx.MockRouter, client: MangopayClient) -> None:
    api.route(host="api.mangopay.test").respond(404)
    with pytest.raises(NotFound):
        await client.get_object("//mallory.test/v2.01/shop/payins/1")


@pytest.mark.parametrize("user_id", ["", ".", ".."])
async def test_an_id_that_names_nothing_is_not_asked_for(
    api: respx.MockRouter, client: MangopayClient, user_id: str
) -> None:
    with pytest.raises(NotFound):
        await client.get_user(user_id)
    assert not api.calls.called


async def test_an_id_cannot_leave_its_place_in_the_path(api: respx.MockRouter, client: MangopayClient) -> None:
    api.route(host="api.mangopay.test", method="GET").respond(404)
    with pytest.raises(NotFound):
        await client.get_user("../wallets/x?y#z")
    assert api.calls.last.request.url.raw_path == b"/v2.01/shop/sca/users/..%2Fwallets%2Fx%3Fy%23z"


async def test_a_base_url_may_have_a_path() -> None:
    with respx.mock(base_url="http://127.0.0.1:8080/emulator") as emulator:
        emulator.post("/v2.01/oauth/token").respond(json={"access_token": "t", "expires_in": 1200})
        emulator.get("/v2.01/local/wallets/w").respond(json={"Id": "w"})
        client = MangopayClient(
            Environment.LOCAL, base_url="http://127.0.0.1:8080/emulator/", client_id="local", api_key="k"
        )
        assert (await client.get_wallet("w")).id == "w"
        await client.aclose()


@pytest.mark.parametrize("trouble", [httpx.Response(500), httpx.Response(503), httpx.ConnectError, httpx.ReadTimeout])
async def test_a_get_is_tried_again(
    api: respx.MockRouter, client: MangopayClient, trouble: httpx.Response | type[Exception]
) -> None:
    route = api.get(ALICE).mock(side_effect=[trouble, trouble, FOUND])
    assert (await client.get_user("alice")).id == "alice"
    assert route.call_count == 3


async def test_a_get_is_not_tried_for_ever(api: respx.MockRouter, client: MangopayClient) -> None:
    route = api.get(ALICE).respond(500)
    with pytest.raises(ServerError):
        await client.get_user("alice")
    assert route.call_count == 3


@pytest.mark.parametrize("status", [400, 403, 404, 409])
async def test_a_clear_no_is_not_asked_twice(api: respx.MockRouter, client: MangopayClient, status: int) -> None:
    route = api.get(ALICE).respond(status)
    with pytest.raises(MangopayError):
        await client.get_user("alice")
    assert route.call_count == 1


@pytest.mark.parametrize(
    "trouble",
    [httpx.Response(500), httpx.Response(429), httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError],
)
async def test_a_post_and_a_put_leave_once(
    api: respx.MockRouter, client: MangopayClient, trouble: httpx.Response | type[Exception]
) -> None:
    post = api.post(HOOKS).mock(side_effect=[trouble])
    put = api.put(f"{HOOKS}/h").mock(side_effect=[trouble])
    with pytest.raises(MangopayError):
        await client.create_hook("PAYIN_NORMAL_CREATED", "https://bob.test/h", idempotency_key="0123456789abcdef")
    with pytest.raises(MangopayError):
        await client.update_hook("h", status="DISABLED")
    assert (post.call_count, put.call_count) == (1, 1)


async def test_a_limit_that_frees_soon_is_waited_for(api: respx.MockRouter, client: MangopayClient) -> None:
    limited = httpx.Response(429, headers=limit_headers(remaining=0, reset_at=datetime.now(UTC) - timedelta(seconds=1)))
    api.get(ALICE).mock(side_effect=[limited, FOUND])
    assert (await client.get_user("alice")).id == "alice"


@pytest.mark.parametrize("headers", [{}, limit_headers(remaining=0, reset_at=datetime(2100, 1, 1, tzinfo=UTC))])
async def test_a_limit_that_frees_late_or_who_knows_when_is_not_waited_for(
    api: respx.MockRouter, client: MangopayClient, headers: dict[str, str]
) -> None:
    route = api.get(ALICE).respond(429, headers=headers)
    with pytest.raises(RateLimited):
        await client.get_user("alice")
    assert route.call_count == 1


async def test_the_rate_limit_of_the_last_answer_is_remembered(api: respx.MockRouter, client: MangopayClient) -> None:
    reset_at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    api.get(ALICE).mock(
        side_effect=[httpx.Response(404, headers=limit_headers(remaining=90, reset_at=reset_at)), httpx.Response(404)]
    )
    assert client.governor.heard is None
    for _ in range(2):  # the second answer tells nothing, so the first is still the last word
        with pytest.raises(NotFound):
            await client.get_user("alice")
    assert client.governor.heard is not None
    first, *_, last = client.governor.heard.windows
    assert (first.minutes, first.used, first.remaining, first.reset_at) == (15, 10, 90, reset_at)
    assert (last.minutes, last.used, last.remaining) == (1440, 40, 105560)
    assert client.governor.heard.retry_at is None


@pytest.mark.parametrize("used", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1;2;3;4"])
async def test_rate_limit_headers_that_make_no_sense_are_passed_over(
    api: respx.MockRouter, client: MangopayClient, used: str
) -> None:
    headers = limit_headers(remaining=1, reset_at=datetime(2026, 11, 22, tzinfo=UTC)) | {"X-RateLimit": used}
    api.get(ALICE).respond(json=ALICE_JSON, headers=headers)
    await client.get_user("alice")
    assert client.governor.heard is None


async def test_a_list_is_walked_through_to_the_last_page_that_is_counted(
    api: respx.MockRouter, client: MangopayClient
) -> None:
    headers = {"X-Number-Of-Pages": "2", "X-Number-Of-Items": "4"}
    api.get(HOOKS, params={"page": "1"}).respond(json=[{"Id": "1"}, {"Id": "2"}], headers=headers)
    api.get(HOOKS, params={"page": "2"}).respond(json=[{"Id": "3"}, {"Id": "4"}], headers=headers)
    walked = [page async for page in pages(client.list_hooks, per_page=2)]
    assert [hook.id for page in walked for hook in page.items] == ["1", "2", "3", "4"]
    assert [(page.number, page.total_items, page.total_pages) for page in walked] == [(1, 4, 2), (2, 4, 2)]


@pytest.mark.parametrize("last", [[{"Id": "3"}], []])
async def test_without_counts_a_short_page_is_the_last(
    api: respx.MockRouter, client: MangopayClient, last: list[dict[str, str]]
) -> None:
    api.get("/v2.01/shop/users/alice/wallets", params={"page": "1"}).respond(json=[{"Id": "1"}, {"Id": "2"}])
    api.get("/v2.01/shop/users/alice/wallets", params={"page": "2"}).respond(json=last)
    wallets = partial(client.list_user_wallets, "alice")
    walked = [wallet.id async for page in pages(wallets, per_page=2) for wallet in page.items]
    assert walked == ["1", "2", *(row["Id"] for row in last)]


async def test_a_hook_is_created_with_its_key(api: respx.MockRouter, client: MangopayClient) -> None:
    route = api.post(HOOKS).respond(
        json={"Id": "hook_m_1", "Url": "https://bob.test/h", "Status": "ENABLED", "Validity": "VALID"}
    )
    hook = await client.create_hook(
        "PAYIN_NORMAL_CREATED", "https://bob.test/h", email="olivia@shop.test", idempotency_key="0123456789abcdef"
    )
    request = route.calls.last.request
    assert hook.is_delivering
    assert request.headers["Idempotency-Key"] == "0123456789abcdef"
    assert (
        request.content == b'{"EventType":"PAYIN_NORMAL_CREATED","Url":"https://bob.test/h","Email":"olivia@shop.test"}'
    )


async def test_a_hook_is_changed_only_where_asked(api: respx.MockRouter, client: MangopayClient) -> None:
    route = api.put(f"{HOOKS}/hook_m_1").respond(json={"Id": "hook_m_1", "Status": "ENABLED"})
    await client.update_hook("hook_m_1", status="ENABLED", validity="VALID")
    assert route.calls.last.request.content == b'{"Status":"ENABLED","Validity":"VALID"}'


async def test_a_call_waits_two_seconds_for_a_connection_and_ten_for_an_answer(
    api: respx.MockRouter, token: respx.Route, client: MangopayClient
) -> None:
    route = api.get(ALICE).respond(json=ALICE_JSON)
    await client.get_user("alice")
    for call in (token.calls.last, route.calls.last):
        assert call.request.extensions["timeout"]["connect"] == 2.0
        assert call.request.extensions["timeout"]["read"] == 10.0


async def test_a_mangopay_nobody_listens_for_is_unreachable() -> None:
    client = MangopayClient(
        Environment.LOCAL,
        base_url="http://127.0.0.1:9",
        client_id="local",
        api_key="k",
        schedule=RetrySchedule(attempts=1),
    )
    with pytest.raises(Unreachable):
        await client.get_user("alice")
    await client.aclose()
