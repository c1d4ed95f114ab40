"""An object is read where Mangopay keeps it, in the actor's own environment, and tells the truth about what fails."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import httpx
import pytest

from models.environment import Environment
from models.notification import Notification
from models.objects.kinds import KINDS, Kind
from models.permissions import Role
from services.access.actors import SessionEnded
from services.mangopay.client import MangopayClient
from services.mangopay.errors import (
    Conflict,
    Forbidden,
    Invalid,
    MangopayError,
    NonsenseAnswer,
    NotAuthenticated,
    NotFound,
    RateLimited,
    ScaRequired,
    ServerError,
    Unreachable,
)
from services.mangopay.limits import WINDOW_MINUTES, RateLimit, Window
from services.objects.view import FoundObject, fetch_notified_object, view
from tests.actors import make_actor
from tests.services.objects.shop import ROOT, Shop, client_of

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
LATE = datetime(2100, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLIVIA = make_actor(environment=LOCAL)
USER, WALLET, ACCOUNT, PLATFORM_WALLET = KINDS["user"], KINDS["wallet"], KINDS["bank-account"], KINDS["client-wallet"]
Clients = Mapping[Environment, MangopayClient]


def told(event_type: str, resource_id: str) -> Notification:
    return Notification(
        environment=LOCAL, event_type=event_type, resource_id=resource_id, date=1, delivery_count=1,
        first_received_at=NOW, last_received_at=NOW,
    )  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def clients(shop: Shop) -> Clients:
    return {LOCAL: client_of(shop)}


async def test_an_object_comes_as_it_is_with_the_path_it_was_read_at(shop: Shop, clients: Clients) -> None:
    shop.says("/wallets/w", {"Id": "w", "New2027": {"Deep": [1]}})
    found = await view(OLIVIA, clients, WALLET, "w")
    assert found == FoundObject({"Id": "w", "New2027": {"Deep": [1]}}, f"{ROOT}/wallets/w")


async def test_the_first_path_that_knows_it_is_the_last_that_is_asked(shop: Shop, clients: Clients) -> None:
    shop.says("/sca/users/alice", {"Id": "alice"})
    shop.says("/users/alice", {"Id": "another"})
    assert (await view(OLIVIA, clients, USER, "alice")).path == f"{ROOT}/sca/users/alice"
    assert shop.paths == ["/sca/users/alice"]


async def test_what_one_path_does_not_know_the_next_may(shop: Shop, clients: Clients) -> None:
    shop.says("/users/alice", {"Id": "alice"})
    found = await view(OLIVIA, clients, USER, "alice")
    assert found == FoundObject({"Id": "alice"}, f"{ROOT}/users/alice")
    assert shop.paths == ["/sca/users/alice", "/users/alice"]


async def test_what_no_path_knows_is_not_found(shop: Shop, clients: Clients) -> None:
    with pytest.raises(NotFound):
        await view(OLIVIA, clients, USER, "alice")
    assert shop.paths == ["/sca/users/alice", "/users/alice"]


@pytest.mark.parametrize("path", ["/sca/users/alice", "/users/alice"])
async def test_what_may_not_be_read_at_one_path_may_be_at_another(shop: Shop, clients: Clients, path: str) -> None:
    """A platform whose key does not cover SCA, or the paths from before it, still sees its users."""
    for each in ("/sca/users/alice", "/users/alice"):
        shop.does(each, lambda _: _refuses(403))
    with pytest.raises(Forbidden):
        await view(OLIVIA, clients, USER, "alice")
    shop.says(path, {"Id": "alice"})
    assert (await view(OLIVIA, clients, USER, "alice")).path == f"{ROOT}{path}"


async def test_what_may_not_be_read_anywhere_is_not_said_to_be_missing(shop: Shop, clients: Clients) -> None:
    shop.does("/sca/users/alice", lambda _: _refuses(403))
    with pytest.raises(Forbidden):
        await view(OLIVIA, clients, USER, "alice")
    assert shop.paths == ["/sca/users/alice", "/users/alice"]


def _refuses(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_refuses(400), Invalid),
        (_refuses(401), NotAuthenticated),
        (_refuses(401, **{"WWW-Authenticate": "PendingUserAction RedirectUrl=https://sca.test/1"}), ScaRequired),
        (_refuses(409), Conflict),
        (_refuses(429), RateLimited),
        (_refuses(500), ServerError),
        (httpx.Response(200, text="<html>"), NonsenseAnswer),
        (httpx.Response(200, json=[{"Id": "alice"}]), NonsenseAnswer),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_any_other_error_is_told_at_once(
    shop: Shop, clients: Clients, answer: httpx.Response, error: type[MangopayError]
) -> None:
    shop.does("/sca/users/alice", lambda _: answer)
    shop.says("/users/alice", {"Id": "alice"})
    with pytest.raises(error):
        await view(OLIVIA, clients, USER, "alice")
    assert "/users/alice" not in shop.paths


async def test_a_line_that_breaks_is_told_at_once(shop: Shop, clients: Clients) -> None:
    def break_off(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    shop.does("/sca/users/alice", break_off)
    with pytest.raises(Unreachable):
        await view(OLIVIA, clients, USER, "alice")
    assert shop.paths == ["/sca/users/alice"]


@pytest.mark.parametrize("object_id", ["", ".", ".."])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_an_id_that_can_name_nothing_is_not_asked_for(
    shop: Shop, clients: Clients, kind: Kind, object_id: str
) -> None:
    with pytest.raises(NotFound):
        await view(OLIVIA, clients, kind, object_id)
    assert shop.asked == []


@pytest.mark.parametrize("parent", [None, "", ".", ".."])
async def test_what_lies_behind_an_object_that_can_be_none_is_not_asked_for(
    shop: Shop, clients: Clients, parent: str | None
) -> None:
    with pytest.raises(NotFound):
        await view(OLIVIA, clients, KINDS["card-validation"], "v", parent=parent)
    assert shop.asked == []


@pytest.mark.parametrize("object_id", ["FEES", "FEES_", "_EUR", "_", ".._..", "._EUR", "FEES_.."])
async def test_half_the_name_of_a_platform_wallet_names_none(shop: Shop, clients: Clients, object_id: str) -> None:
    with pytest.raises(NotFound):
        await view(OLIVIA, clients, PLATFORM_WALLET, object_id)
    assert shop.asked == []


async def test_a_platform_wallet_is_named_by_its_funds_and_currency(shop: Shop, clients: Clients) -> None:
    shop.says("/clients/wallets/FEES/EUR", {"Id": "FEES_EUR"})
    assert (await view(OLIVIA, clients, PLATFORM_WALLET, "FEES_EUR")).content == {"Id": "FEES_EUR"}


async def test_an_id_cannot_leave_its_place_in_the_path(shop: Shop, clients: Clients) -> None:
    with pytest.raises(NotFound):
        await view(OLIVIA, clients, WALLET, "../payins/x?y#z")
    assert shop.paths == ["/wallets/..%2Fpayins%2Fx%3Fy%23z"]


async def test_what_lies_behind_another_object_takes_that_ones_id(shop: Shop, clients: Clients) -> None:
    shop.says("/users/alice/bankaccounts/b", {"Id": "b"})
    assert (await view(OLIVIA, clients, ACCOUNT, "b", parent="alice")).content == {"Id": "b"}


async def test_only_a_fresh_look_asks_for_what_was_read_a_second_ago(shop: Shop) -> None:
    clients = {LOCAL: client_of(shop, remembers_s=60)}
    shop.says("/users/alice", {"Id": "alice"})
    for _ in range(2):
        await view(OLIVIA, clients, USER, "alice")
    # That a path knows nothing of it is no answer that is kept.
    assert shop.paths == ["/sca/users/alice", "/users/alice", "/sca/users/alice"]
    await view(OLIVIA, clients, USER, "alice", fresh=True)
    assert shop.paths[3:] == ["/sca/users/alice", "/users/alice"]
    shop.says("/sca/users/bob", {"Id": "bob"})
    for fresh in (False, False, True):
        await view(OLIVIA, clients, USER, "bob", fresh=fresh)
    assert shop.paths[5:] == ["/sca/users/bob", "/sca/users/bob"]


async def test_what_nobody_has_asked_for_yet_steps_back_sooner(shop: Shop, clients: Clients) -> None:
    governor = clients[LOCAL].governor
    governor.hear(RateLimit(tuple(Window(minutes, 90, 10, LATE) for minutes in WINDOW_MINUTES)))
    shop.says("/wallets/w", {"Id": "w"})
    with pytest.raises(RateLimited):
        await view(OLIVIA, clients, WALLET, "w", is_ahead=True)
    assert shop.asked == []
    assert (await view(OLIVIA, clients, WALLET, "w")).content == {"Id": "w"}


async def test_what_is_a_key_to_something_is_shown_to_nobody(shop: Shop, clients: Clients) -> None:
    hook = {"Id": "h", "Url": "https://olivia:pw@dashboard.example.com/hooks/sandbox/s3cret?key=s3cret"}
    shop.says("/hooks/h", hook)
    shop.says("/cardregistrations/c", {"Id": "c", "AccessKey": "s3cret", "CardId": "card_m_1"})
    found = await view(OLIVIA, clients, KINDS["hook"], "h")
    assert found.content == {"Id": "h", "Url": "https://dashboard.example.com/hooks/sandbox/…"}
    found = await view(OLIVIA, clients, KINDS["card-registration"], "c")
    assert found.content == {"Id": "c", "AccessKey": "…", "CardId": "card_m_1"}


async def test_everybody_reads_in_their_own_environment_alone() -> None:
    shops = {environment: Shop() for environment in (LOCAL, SANDBOX)}
    clients = {environment: client_of(shop, environment) for environment, shop in shops.items()}
    for environment, shop in shops.items():
        shop.says("/wallets/w", {"Id": f"of {environment}"})
    for environment in (LOCAL, SANDBOX):
        for role in Role:
            found = await view(make_actor(role, environment), clients, WALLET, "w")
            assert found.content == {"Id": f"of {environment}"}
    assert [len(shop.asked) for shop in shops.values()] == [len(Role)] * 2


async def test_whose_session_has_ended_reads_nothing(shop: Shop, clients: Clients) -> None:
    gone = make_actor(is_alive=lambda: False)
    with pytest.raises(SessionEnded):
        await view(gone, clients, WALLET, "w")
    with pytest.raises(SessionEnded):
        await fetch_notified_object(gone, clients, told("PAYIN_NORMAL_SUCCEEDED", "p"))
    assert shop.asked == []


async def test_what_a_notification_points_at_is_read(shop: Shop, clients: Clients) -> None:
    shop.says("/payins/p%2F1", {"Id": "p/1"})
    found = await fetch_notified_object(OLIVIA, clients, told("PAYIN_NORMAL_SUCCEEDED", "p/1"))
    assert found == FoundObject({"Id": "p/1"}, f"{ROOT}/payins/p%2F1")


@pytest.mark.parametrize(
    ("event_type", "resource_id"), [("PAYIN_NORMAL_SUCCEEDED", ""), ("PAYIN_NORMAL_SUCCEEDED", ".."), ("NEW_2027", "x")]
)
async def test_a_notification_that_points_nowhere_costs_no_call(
    shop: Shop, clients: Clients, event_type: str, resource_id: str
) -> None:
    assert await fetch_notified_object(OLIVIA, clients, told(event_type, resource_id)) is None
    assert shop.asked == []


async def test_whoever_wants_to_know_is_told_of_each_object_that_was_read_and_of_no_error(shop: Shop) -> None:
    heard: list[tuple[str, Sequence[Mapping[str, object]]]] = []
    clients = {LOCAL: client_of(shop, on_read=lambda path, objects: heard.append((path, objects)))}
    shop.says("/users/alice", {"Id": "alice"})
    await view(OLIVIA, clients, USER, "alice")
    assert heard == [(f"{ROOT}/users/alice", [{"Id": "alice"}])]
    for status in (404, 500):
        shop.says("/users/alice", status=status)
        with pytest.raises(MangopayError):
            await view(OLIVIA, clients, USER, "alice")
    shop.says("/users/alice", ["no object"])
    with pytest.raises(NonsenseAnswer):
        await view(OLIVIA, clients, USER, "alice")
    assert len(heard) == 1
