from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.access import Account, OneTimeLink
from models.audit import AuditEntry
from models.environment import Environment
from models.mail import Mail, MailKind
from models.permissions import Role
from services.access.errors import MailNotSetUp, TryLater
from services.access.requests import ask_for_access, ask_for_new_link, ask_for_password
from tests.services.access.world import (
    LOCAL,
    MALLORY,
    OLIVIA,
    SANDBOX,
    VICTOR,
    World,
    another_process,
    make_door,
    statements_of,
    token_in,
)


async def test_a_wish_for_an_access_orders_mail_and_decides_nothing_yet(world: World) -> None:
    await _ask_for_access(world, MALLORY, client_id="guessed")
    assert await world.ordered() == [(MailKind.ASKED_FOR_ACCESS, MALLORY)]
    assert await world.is_empty(Account, OneTimeLink, AuditEntry)


async def test_a_wish_for_a_password_orders_mail(world: World) -> None:
    await _ask_for_password(world, OLIVIA)
    assert await world.ordered() == [(MailKind.FORGOTTEN_PASSWORD, OLIVIA)]


async def test_a_known_and_an_unknown_email_cost_the_very_same_statements(world: World) -> None:
    await world.add_account()

    async def cost_of(email: str, client_id: str) -> Sequence[str]:
        with statements_of(world.door.database) as statements:
            await _ask_for_access(world, email, client_id=client_id)
            await _ask_for_password(world, email)
        return statements

    await cost_of(VICTOR, "acme")  # The first of all makes connections.
    assert await cost_of(OLIVIA, "acme") == await cost_of(MALLORY, "guessed") != []


async def test_a_lapsed_link_asks_for_another_one_for_the_same_access(world: World) -> None:
    token = await world.link(await world.add_account())
    world.wait(days=3)
    await _ask_for_new_link(world, token)
    assert await world.ordered() == [(MailKind.FORGOTTEN_PASSWORD, OLIVIA)]


async def test_a_forged_link_and_a_first_one_ask_for_nothing(world: World) -> None:
    for token in ("mallory-made-this-up", await world.link(None)):
        await _ask_for_new_link(world, token)
    assert await world.ordered() == []


async def test_a_first_link_that_was_sent_to_somebody_asks_for_another_one_for_them(world: World) -> None:
    await _ask_for_access(world, OLIVIA, client_id="local", environment=LOCAL)
    [letter] = await world.deliver()
    world.wait(minutes=30)
    await _ask_for_new_link(world, token_in(letter))
    assert await world.ordered() == [(MailKind.ASKED_FOR_ACCESS, OLIVIA)]
    [again] = await world.deliver()
    assert again.to == OLIVIA


async def test_a_link_of_an_environment_that_was_switched_off_asks_for_nothing(world: World) -> None:
    token = await world.link(await world.add_account())
    world.door = replace(world.door, environments=(LOCAL,))
    await _ask_for_new_link(world, token)
    assert await world.ordered() == []


async def test_without_a_mail_server_nothing_can_be_asked_for(world: World) -> None:
    world.door = make_door(world.door.database, sends_mail=[LOCAL])
    token = await world.link(await world.add_account())
    for wish in (_ask_for_access(world, OLIVIA), _ask_for_password(world, OLIVIA), _ask_for_new_link(world, token)):
        with pytest.raises(MailNotSetUp):
            await wish
    assert await world.ordered() == []
    await _ask_for_password(world, OLIVIA, environment=LOCAL)
    assert await world.ordered() == [(MailKind.FORGOTTEN_PASSWORD, OLIVIA)]


async def test_nobodys_mailbox_is_filled_with_links_whatever_address_the_wishes_come_from(world: World) -> None:
    token = await world.link(await world.add_account())
    await _ask_for_password(world, OLIVIA, address="192.0.2.1")
    async with another_process(world) as elsewhere:
        await _ask_for_password(elsewhere, OLIVIA, address="192.0.2.2")
        await _ask_for_new_link(elsewhere, token)
        for wish in (_ask_for_password(elsewhere, OLIVIA, address="192.0.2.4"), _ask_for_new_link(world, token)):
            with pytest.raises(TryLater):
                await wish
    assert len(await world.ordered()) == 3
    world.wait(minutes=15)
    await _ask_for_password(world, OLIVIA)
    assert len(await world.ordered()) == 4


async def test_wishes_for_an_access_use_up_none_for_a_password(world: World) -> None:
    for _ in range(3):
        await _ask_for_access(world, OLIVIA)
    with pytest.raises(TryLater):
        await _ask_for_access(world, OLIVIA)
    await _ask_for_password(world, OLIVIA)


async def test_one_address_asks_for_ten_mails_at_most(world: World) -> None:
    for number in range(10):
        await _ask_for_access(world, f"guess{number}@example.com")
    with pytest.raises(TryLater):
        await _ask_for_access(world, "guess10@example.com")
    await _ask_for_access(world, "guess10@example.com", address="198.51.100.7")


async def test_a_client_id_of_any_length_fits(world: World) -> None:
    await world.add_account(role=Role.VIEWER)
    await _ask_for_access(world, OLIVIA, client_id="acme" * 25_000)
    assert [mail.client_id for mail in await world.rows(Mail)] == ["acme" * 25]
    assert await world.deliver() == []


async def _ask_for_access(
    world: World,
    email: str,
    *,
    client_id: str = "acme",
    environment: Environment = SANDBOX,
    address: str = "192.0.2.1",
) -> None:
    await ask_for_access(world.door, environment, client_id=client_id, email=email, address=address, now=world.now)


async def _ask_for_password(
    world: World, email: str, *, environment: Environment = SANDBOX, address: str = "192.0.2.1"
) -> None:
    await ask_for_password(world.door, environment, email=email, address=address, now=world.now)


async def _ask_for_new_link(world: World, token: str) -> None:
    await ask_for_new_link(world.door, token, address="192.0.2.3", now=world.now)
