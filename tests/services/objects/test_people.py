"""What Mangopay knows of a user beside the profile: where it is read, and what it means when it is not there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import httpx
import pytest

from models.environment import Environment
from models.objects.fields import Content
from models.permissions import Role
from services.access.actors import SessionEnded
from services.emulator import Emulator, EmulatorConfig
from services.mangopay.client import MangopayClient
from services.mangopay.errors import Forbidden, NotFound, ServerError
from services.objects.people import read_blocks, read_emoney, read_sca_status
from tests.actors import make_actor
from tests.services.emulator.marketplace import owner_body
from tests.services.objects.shop import Shop, client_of

LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
OLIVIA = make_actor(environment=LOCAL)
Clients = Mapping[Environment, MangopayClient]
Reads = Callable[..., Awaitable[Content | None]]
EACH = pytest.mark.parametrize(
    ("read", "path"),
    [
        (read_blocks, "/users/{}/regulatory"),
        (read_sca_status, "/sca/users/{}/sca-status"),
        (read_emoney, "/users/{}/emoney"),
    ],
    ids=["blocks", "sca", "emoney"],
)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def clients(shop: Shop) -> Clients:
    return {LOCAL: client_of(shop)}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    emulator = Emulator(EmulatorConfig("http://mangopay.test"))
    await emulator.start()
    yield emulator
    await emulator.stop()


@EACH
async def test_each_is_read_at_its_own_path_and_comes_as_it_is(
    shop: Shop, clients: Clients, read: Reads, path: str
) -> None:
    shop.says(path.format("alice"), {"New2027": [1]})
    assert await read(OLIVIA, clients, "alice") == {"New2027": [1]}
    assert shop.paths == [path.format("alice")]


@EACH
async def test_an_id_cannot_leave_its_place_in_the_path(shop: Shop, clients: Clients, read: Reads, path: str) -> None:
    shop.says(path.format("..%2Fx%3Fy"), {"Id": "strange"})
    assert await read(OLIVIA, clients, "../x?y") == {"Id": "strange"}


@pytest.mark.parametrize("user_id", ["", ".", ".."])
@EACH
async def test_an_id_that_can_name_nobody_is_not_asked_for(
    shop: Shop, clients: Clients, read: Reads, path: str, user_id: str
) -> None:
    if read is read_sca_status:
        assert await read(OLIVIA, clients, user_id) is None
    else:
        with pytest.raises(NotFound):
            await read(OLIVIA, clients, user_id)
    assert shop.asked == []


async def test_whose_strong_authentication_was_never_begun_has_none(shop: Shop, clients: Clients) -> None:
    assert await read_sca_status(OLIVIA, clients, "alice") is None
    assert len(shop.asked) == 1


@pytest.mark.parametrize("read", [read_blocks, read_emoney])
async def test_what_mangopay_does_not_know_is_said(clients: Clients, read: Reads) -> None:
    with pytest.raises(NotFound):
        await read(OLIVIA, clients, "alice")


@EACH
async def test_any_other_error_is_told(shop: Shop, clients: Clients, read: Reads, path: str) -> None:
    for status, error in {403: Forbidden, 500: ServerError}.items():
        shop.says(path.format("alice"), status=status)
        with pytest.raises(error):
            await read(OLIVIA, clients, "alice")


@EACH
async def test_everybody_reads_in_their_own_environment_alone(read: Reads, path: str) -> None:
    shops = {environment: Shop() for environment in (LOCAL, SANDBOX)}
    clients = {environment: client_of(shop, environment) for environment, shop in shops.items()}
    for environment, shop in shops.items():
        shop.says(path.format("alice"), {"Of": environment})
    for environment in (LOCAL, SANDBOX):
        assert await read(make_actor(Role.VIEWER, environment), clients, "alice") == {"Of": environment}
    assert [len(shop.asked) for shop in shops.values()] == [1, 1]


@EACH
async def test_whose_session_has_ended_reads_nothing(shop: Shop, clients: Clients, read: Reads, path: str) -> None:
    with pytest.raises(SessionEnded):
        await read(make_actor(is_alive=lambda: False), clients, "alice")
    assert shop.asked == []


async def test_a_user_of_the_emulator_has_them_all(emulator: Emulator) -> None:
    client = MangopayClient(
        LOCAL,
        base_url="http://mangopay.test",
        client_id="local",
        api_key="local-api-key",
        transport=httpx.ASGITransport(emulator),
    )
    made = await client.post_object("/v2.01/local/sca/users/natural", owner_body())
    assert made
    clients, user_id = {LOCAL: client}, str(made["Id"])
    assert "ScopeBlocked" in await read_blocks(OLIVIA, clients, user_id)
    assert (await read_emoney(OLIVIA, clients, user_id))["UserId"] == user_id
    sca = await read_sca_status(OLIVIA, clients, user_id)
    assert sca is None or "UserStatus" in sca
    assert await read_sca_status(OLIVIA, clients, "user_m_nobody") is None
    await client.aclose()


async def test_emoney_is_asked_for_in_one_currency_after_the_other(shop: Shop, clients: Clients) -> None:
    shop.says("/users/alice/emoney", {"UserId": "alice"})
    for currency in (None, "GBP", "JPY"):
        await read_emoney(OLIVIA, clients, "alice", currency=currency)
    assert [request.url.params.get("Currency") for request in shop.asked] == [None, "GBP", "JPY"]
