"""Lists as people read them: what Mangopay is asked, whose list it is, what remains of a pay-in after its refunds."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime

import httpx
import pytest

from models.environment import Environment
from models.money import Money
from models.objects.kinds import KINDS, Kind
from models.objects.listings import LISTINGS
from models.permissions import Role
from models.refundable import Refundable
from services.access.actors import SessionEnded
from services.mangopay.client import MangopayClient
from services.mangopay.errors import MangopayError, NonsenseAnswer, NotFound, RateLimited, ScaRequired, ServerError
from services.mangopay.limits import WINDOW_MINUTES, RateLimit, Window
from services.objects.lists import Wanted, list_page, what_remains
from tests.actors import make_actor
from tests.services.objects.shop import ROOT, Row, Shop, client_of

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
OLIVIA = make_actor(environment=LOCAL)
USERS, KYC, EVENTS = LISTINGS["users"], LISTINGS["kyc-documents"], LISTINGS["events"]
WALLETS, RECIPIENTS = LISTINGS["user-wallets"], LISTINGS["user-recipients"]
PAYIN, TRANSFER, PAYOUT = KINDS["payin"], KINDS["transfer"], KINDS["payout"]
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)
Clients = Mapping[Environment, MangopayClient]


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.lists("/payins/p/disputes", [])
    return shop


@pytest.fixture
def clients(shop: Shop) -> Clients:
    return {LOCAL: client_of(shop)}


def rows(count: int) -> Sequence[Row]:
    return [{"Id": f"row {number}"} for number in range(count)]


async def test_a_page_has_its_rows_as_they_came_and_says_how_many_there_are(shop: Shop, clients: Clients) -> None:
    shop.lists("/users", rows(60))
    page = await list_page(OLIVIA, clients, USERS, wanted=Wanted(page=3))
    assert [row["Id"] for row in page.items] == [f"row {number}" for number in range(50, 60)]
    assert (page.number, page.per_page, page.total_items, page.total_pages, page.has_next) == (3, 25, 60, 3, False)


async def test_the_newest_come_first_unless_the_oldest_are_wanted(shop: Shop, clients: Clients) -> None:
    shop.lists("/users", [])
    await list_page(OLIVIA, clients, USERS, wanted=Wanted())
    assert shop.query == {"page": "1", "per_page": "25", "Sort": "CreationDate:DESC"}
    await list_page(OLIVIA, clients, USERS, wanted=Wanted(ascending=True))
    assert shop.query["Sort"] == "CreationDate:ASC"


async def test_events_are_in_order_of_their_date_and_platform_wallets_in_none(shop: Shop, clients: Clients) -> None:
    shop.lists("/events", [])
    shop.lists("/clients/wallets", [])
    await list_page(OLIVIA, clients, EVENTS, wanted=Wanted())
    assert shop.query["Sort"] == "Date:DESC"
    await list_page(OLIVIA, clients, LISTINGS["platform-wallets"], wanted=Wanted())
    assert "Sort" not in shop.query


async def test_no_page_is_longer_than_mangopay_gives(shop: Shop, clients: Clients) -> None:
    shop.lists("/users", rows(300))
    page = await list_page(OLIVIA, clients, USERS, wanted=Wanted(per_page=500))
    assert (shop.query["per_page"], len(page.items)) == ("100", 100)


async def test_filters_that_the_list_has_are_asked_for_and_no_others(shop: Shop, clients: Clients) -> None:
    shop.lists("/kyc/documents", [])
    filters = {"Status": "REFUSED", "Type": "", "page": "9", "Sort": "x", "Nature": "REFUND"}
    await list_page(OLIVIA, clients, KYC, wanted=Wanted(filters=filters, since=SINCE, until=UNTIL))
    assert shop.query == {
        "page": "1",
        "per_page": "25",
        "Sort": "CreationDate:DESC",
        "Status": "REFUSED",
        "AfterDate": "1793491200",
        "BeforeDate": "1795348800",
    }


async def test_dates_are_asked_for_where_the_list_takes_them(shop: Shop, clients: Clients) -> None:
    shop.lists("/users", [])
    await list_page(OLIVIA, clients, USERS, wanted=Wanted(since=SINCE, until=UNTIL))
    assert shop.query.keys() == {"page", "per_page", "Sort"}


async def test_what_must_always_be_asked_for_is(shop: Shop, clients: Clients) -> None:
    shop.lists("/users/alice/recipients", [])
    await list_page(OLIVIA, clients, RECIPIENTS, of="alice", wanted=Wanted())
    assert shop.query["RecipientScope"] == "ALL"


@pytest.mark.parametrize("of", ["", ".", ".."])
@pytest.mark.parametrize("name", [name for name, listing in LISTINGS.items() if "{" in listing.path])
async def test_a_list_of_what_can_be_nothing_is_not_asked_for(shop: Shop, clients: Clients, name: str, of: str) -> None:
    """It would climb out of the path: to the documents or disputes of everybody, shown as somebody's."""
    with pytest.raises(NotFound):
        await list_page(OLIVIA, clients, LISTINGS[name], of=of, wanted=Wanted())
    assert shop.asked == []


@pytest.mark.parametrize("of", ["FEES", "FEES_", "_EUR", "_", ".._..", "FEES_.."])
async def test_half_the_name_of_a_platform_wallet_names_none(shop: Shop, clients: Clients, of: str) -> None:
    with pytest.raises(NotFound):
        await list_page(OLIVIA, clients, LISTINGS["platform-wallet-transactions"], of=of, wanted=Wanted())
    assert shop.asked == []


async def test_an_id_cannot_leave_its_place_in_the_path(shop: Shop, clients: Clients) -> None:
    with pytest.raises(NotFound):
        await list_page(OLIVIA, clients, WALLETS, of="../kyc?x#y", wanted=Wanted())
    assert shop.paths == ["/users/..%2Fkyc%3Fx%23y/wallets"]


async def test_a_page_that_nobody_has_turned_to_yet_steps_back_sooner(shop: Shop, clients: Clients) -> None:
    late = datetime(2100, 1, 1, tzinfo=UTC)
    governor = clients[LOCAL].governor
    governor.hear(RateLimit(tuple(Window(minutes, 90, 10, late) for minutes in WINDOW_MINUTES)))
    shop.lists("/users", rows(60))
    with pytest.raises(RateLimited):
        await list_page(OLIVIA, clients, USERS, wanted=Wanted(page=2), is_ahead=True)
    assert shop.asked == []
    assert len((await list_page(OLIVIA, clients, USERS, wanted=Wanted(page=2))).items) == 25


async def test_everybody_reads_in_their_own_environment_alone() -> None:
    shops = {environment: Shop() for environment in (LOCAL, SANDBOX)}
    clients = {environment: client_of(shop, environment) for environment, shop in shops.items()}
    for environment, shop in shops.items():
        shop.lists("/users/alice/wallets", [{"Id": f"of {environment}"}])
    for environment in (LOCAL, SANDBOX):
        page = await list_page(make_actor(Role.VIEWER, environment), clients, WALLETS, of="alice", wanted=Wanted())
        assert [row["Id"] for row in page.items] == [f"of {environment}"]
    assert [len(shop.asked) for shop in shops.values()] == [1, 1]


async def test_whose_session_has_ended_reads_nothing(shop: Shop, clients: Clients) -> None:
    gone = make_actor(is_alive=lambda: False)
    with pytest.raises(SessionEnded):
        await list_page(gone, clients, USERS, wanted=Wanted())
    with pytest.raises(SessionEnded):
        await what_remains(gone, clients, PAYIN, {"Id": "p"})
    assert shop.asked == []


async def test_only_a_fresh_look_asks_for_what_was_read_a_second_ago(shop: Shop) -> None:
    clients = {LOCAL: client_of(shop, remembers_s=60)}
    shop.lists("/users", rows(1))
    for fresh in (False, False, True):
        await list_page(OLIVIA, clients, USERS, wanted=Wanted(), fresh=fresh)
    assert len(shop.asked) == 2


@pytest.mark.parametrize("content", [{"Id": "no list"}, {}, 5, None, [1], ["x"], [{"Id": "x"}, None], [[]]])
async def test_rows_that_are_none_make_no_sense(shop: Shop, content: object) -> None:
    heard: list[object] = []
    clients = {LOCAL: client_of(shop, on_read=lambda *read: heard.append(read))}
    shop.says("/users", content)
    with pytest.raises(NonsenseAnswer):
        await list_page(OLIVIA, clients, USERS, wanted=Wanted())
    assert heard == []


async def test_whoever_wants_to_know_is_told_of_each_page_that_was_read_and_of_no_error(shop: Shop) -> None:
    heard: list[tuple[str, Sequence[Mapping[str, object]]]] = []
    clients = {LOCAL: client_of(shop, on_read=lambda path, objects: heard.append((path, objects)))}
    shop.lists("/users", rows(2))
    await list_page(OLIVIA, clients, USERS, wanted=Wanted())
    shop.says("/users", status=500)
    with pytest.raises(ServerError):
        await list_page(OLIVIA, clients, USERS, wanted=Wanted())
    assert heard == [(f"{ROOT}/users", tuple(rows(2)))]


# Source: https://docs.mangopay.com/guides/users/sca
ASKING_FOR_SCA = {"/wallets/x", "/users/x/wallets", "/users/x/transactions", "/wallets/x/transactions"}


async def test_the_sca_context_goes_to_the_four_reads_that_ask_for_it_and_nowhere_else(shop: Shop) -> None:
    client = client_of(shop, sca_context="USER_NOT_PRESENT")
    for kind in KINDS.values():
        for path in kind.api_paths("x", client_id="shop", parent="x") or kind.api_paths("x_y", client_id="shop"):
            await _try(client.get_object(path))
    for listing in LISTINGS.values():
        await _try(client.list_objects(listing.api_path("x", client_id="shop")))
    for wallet in (client.get_wallet, client.list_user_wallets, client.list_user_transactions):
        await _try(wallet("x"))
    await _try(client.list_wallet_transactions("x"))
    await _try(client.post_object(f"{ROOT}/wallets/x", {}))
    await _try(client.put_object(f"{ROOT}/wallets/x", {}))
    with_it = {path for path, request in zip(shop.paths, shop.asked, strict=True) if "ScaContext" in str(request.url)}
    assert with_it == ASKING_FOR_SCA
    without_it = {
        path
        for path, request in zip(shop.paths, shop.asked, strict=True)
        if request.url.params.get("ScaContext") != "USER_NOT_PRESENT" and request.method == "GET"
    }
    assert not with_it & without_it
    assert len(without_it) > 40
    assert all("ScaContext" not in str(request.url) for request in shop.asked if request.method != "GET")


async def test_without_a_setting_no_sca_context_is_sent(shop: Shop) -> None:
    client = client_of(shop)
    for path in ASKING_FOR_SCA:
        await _try(client.get_object(ROOT + path))
    assert [request.url.query for request in shop.asked] == [b""] * 4


async def test_what_asks_for_the_users_authentication_says_where(shop: Shop, clients: Clients) -> None:
    ask = {"WWW-Authenticate": "PendingUserAction RedirectUrl=https://sca.test/1"}
    shop.does("/users/alice/wallets", lambda _: httpx.Response(401, headers=ask))
    with pytest.raises(ScaRequired) as asked:
        await list_page(OLIVIA, clients, WALLETS, of="alice", wanted=Wanted())
    assert asked.value.redirect_url == "https://sca.test/1"


async def _try(call: Awaitable[object]) -> None:
    with pytest.raises(MangopayError):
        await call


def payment(amount: int = 10_000, status: str = "SUCCEEDED", object_id: str = "p") -> Row:
    euros = {"Amount": amount, "Currency": "EUR"}
    return {"Id": object_id, "Status": status, "DebitedFunds": euros, "CreditedFunds": euros}


@pytest.mark.parametrize(("kind", "path"), [(PAYIN, "/payins/p/refunds"), (TRANSFER, "/transfers/p/refunds")])
async def test_all_pages_of_the_refunds_are_read(shop: Shop, clients: Clients, kind: Kind, path: str) -> None:
    shop.lists(path, [payment(30, object_id=f"r{number}") for number in range(101)])
    left = await what_remains(OLIVIA, clients, kind, payment())
    assert left == Refundable(given_back=Money(3_030, "EUR"), remains=Money(6_970, "EUR"))
    assert shop.paths[:2] == [path, path]
    assert [request.url.params["page"] for request in shop.asked[:2]] == ["1", "2"]


@pytest.mark.parametrize(
    ("dispute", "is_disputed"),
    [
        ({"Status": "PENDING_CLIENT_ACTION", "ResultCode": ""}, True),
        ({"Status": "CLOSED", "ResultCode": "LOST"}, True),
        ({"Status": "CLOSED", "ResultCode": "WON"}, False),
        ({"Status": "CLOSED", "ResultCode": "VOID"}, False),
    ],
)
async def test_a_disputed_payin_cannot_be_refunded(
    shop: Shop, clients: Clients, dispute: Mapping[str, object], is_disputed: bool
) -> None:
    shop.lists("/payins/p/refunds", [])
    shop.lists("/payins/p/disputes", [{"Id": "d", **dispute}])
    left = await what_remains(OLIVIA, clients, PAYIN, payment())
    assert left
    assert left.is_disputed is is_disputed
    assert left.is_possible is not is_disputed


@pytest.mark.parametrize("method", ["BANK_WIRE", "PAY_BY_BANK"])
async def test_what_is_paid_back_by_a_payout_is_not_said_to_be_refundable(
    shop: Shop, clients: Clients, method: str
) -> None:
    assert await what_remains(OLIVIA, clients, PAYIN, {**payment(), "PaymentType": method}) is None
    assert shop.paths == []


async def test_a_refund_under_way_counts_and_a_failed_one_does_not(shop: Shop, clients: Clients) -> None:
    shop.lists("/payins/p/refunds", [payment(100), payment(20, "CREATED"), payment(3, "FAILED")])
    left = await what_remains(OLIVIA, clients, PAYIN, payment())
    assert left == Refundable(given_back=Money(120, "EUR"), remains=Money(9_880, "EUR"))


async def test_of_what_was_given_back_whole_nothing_remains(shop: Shop, clients: Clients) -> None:
    shop.lists("/payins/p/refunds", [payment(9_000), payment(1_000)])
    left = await what_remains(OLIVIA, clients, PAYIN, payment())
    assert left
    assert left.remains == Money(0, "EUR")


async def test_without_refunds_all_of_it_remains(shop: Shop, clients: Clients) -> None:
    shop.lists("/payins/p/refunds", [])
    left = await what_remains(OLIVIA, clients, PAYIN, payment())
    assert left == Refundable(given_back=Money(0, "EUR"), remains=Money(10_000, "EUR"))


@pytest.mark.parametrize(
    ("kind", "content"),
    [(PAYIN, payment(status="CREATED")), (PAYIN, payment(status="FAILED")), (PAYOUT, payment())],
    ids=["created", "failed", "payout"],
)
async def test_what_cannot_be_given_back_costs_no_call(shop: Shop, clients: Clients, kind: Kind, content: Row) -> None:
    assert await what_remains(OLIVIA, clients, kind, content) is None
    assert shop.asked == []


async def test_half_of_the_refunds_make_no_sum(shop: Shop, clients: Clients) -> None:
    refunds = [payment(30, object_id=f"r{number}") for number in range(101)]

    def break_down(request: httpx.Request) -> httpx.Response:
        if request.url.params["page"] == "2":
            return httpx.Response(500)
        return httpx.Response(200, json=refunds[:100], headers={"X-Number-Of-Pages": "2"})

    shop.does("/payins/p/refunds", break_down)
    with pytest.raises(ServerError):
        await what_remains(OLIVIA, clients, PAYIN, payment())
