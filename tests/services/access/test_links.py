import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from models.access import Account, LinkState, OneTimeLink, Role
from models.environment import Environment
from services.access.links import (
    LinkRefused,
    NotAnEmail,
    WeakPassword,
    find_link,
    first_link_needed,
    issue_link,
    redeem_link,
)
from services.access.sessions import SessionRegistry, sign_in
from services.database import Database

OLIVIA, VICTOR, MALLORY = "olivia@example.com", "victor@example.com", "mallory@example.com"
PASSWORD, OTHER_PASSWORD = "Olivia-keeps-7-wallets", "Olivia-keeps-8-wallets"


async def open_link(database: Database, token: str, *, now: datetime) -> LinkState:
    link = await find_link(database, token)
    return LinkState.UNKNOWN if link is None else link.state(now)


async def test_a_link_creates_an_access_with_its_role(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=" Olivia@Example.com ", role=Role.OPERATOR)
    account = await redeem_link(database, token, email="", password=PASSWORD, now=now)
    assert (account.email, account.role, account.environment) == (OLIVIA, Role.OPERATOR, Environment.SANDBOX)
    assert await _sign_in(database, now, PASSWORD)


async def test_a_link_works_once(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=OLIVIA)
    await redeem_link(database, token, email="", password=PASSWORD, now=now)
    assert await open_link(database, token, now=now) is LinkState.USED
    with pytest.raises(LinkRefused) as refused:
        await redeem_link(database, token, email="", password=OTHER_PASSWORD, now=now)
    assert refused.value.state is LinkState.USED
    assert await _sign_in(database, now, PASSWORD)


async def test_looking_at_a_link_does_not_use_it_up(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=OLIVIA)
    assert [await open_link(database, token, now=now) for _ in range(2)] == [LinkState.VALID] * 2


async def test_a_link_ends_after_30_minutes(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=OLIVIA)
    last_moment = now + timedelta(minutes=30) - timedelta(milliseconds=1)
    assert await open_link(database, token, now=last_moment) is LinkState.VALID
    late = now + timedelta(minutes=30)
    assert await open_link(database, token, now=late) is LinkState.EXPIRED
    with pytest.raises(LinkRefused):
        await redeem_link(database, token, email="", password=PASSWORD, now=late)
    assert await first_link_needed(database, Environment.SANDBOX)


async def test_a_forged_link_is_unknown(database: Database, now: datetime) -> None:
    assert await open_link(database, "mallory-made-this-up", now=now) is LinkState.UNKNOWN
    with pytest.raises(LinkRefused):
        await redeem_link(database, "mallory-made-this-up", email=MALLORY, password=PASSWORD, now=now)


async def test_of_two_who_redeem_a_link_at_once_one_succeeds(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=None)
    outcomes = await asyncio.gather(
        *(redeem_link(database, token, email=email, password=PASSWORD, now=now) for email in (OLIVIA, MALLORY)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {Account, LinkRefused}
    async with database.session() as session:
        assert len((await session.exec(select(Account))).all()) == 1


async def test_only_the_hash_of_a_link_is_stored(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=OLIVIA)
    async with database.session() as session:
        link = (await session.exec(select(OneTimeLink))).one()
    assert token not in str(link.model_dump())


async def test_a_link_for_an_address_keeps_to_it(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=VICTOR, role=Role.VIEWER)
    account = await redeem_link(database, token, email=MALLORY, password=PASSWORD, now=now)
    assert account.email == VICTOR


async def test_a_weak_password_leaves_the_link_usable(database: Database, now: datetime) -> None:
    token = await _link(database, now, email=OLIVIA)
    with pytest.raises(WeakPassword) as weak:
        await redeem_link(database, token, email="", password="Olivia-7", now=now)
    assert weak.value.unmet == ["12 to 128 characters"]
    assert await open_link(database, token, now=now) is LinkState.VALID


@pytest.mark.parametrize("email", ["", "olivia", "olivia@", "@example.com", "oli via@example.com", "a\0b@example.com"])
async def test_what_is_not_an_email_leaves_the_link_usable(database: Database, now: datetime, email: str) -> None:
    token = await _link(database, now, email=None)
    with pytest.raises(NotAnEmail):
        await redeem_link(database, token, email=email, password=PASSWORD, now=now)
    assert await open_link(database, token, now=now) is LinkState.VALID


async def test_the_first_link_is_needed_until_somebody_has_an_access_there(database: Database, now: datetime) -> None:
    assert await first_link_needed(database, Environment.SANDBOX)
    token = await _link(database, now, email=None)
    await redeem_link(database, token, email=OLIVIA, password=PASSWORD, now=now)
    assert not await first_link_needed(database, Environment.SANDBOX)
    assert await first_link_needed(database, Environment.LOCAL)


async def test_first_links_of_earlier_starts_end_with_the_first_access(database: Database, now: datetime) -> None:
    earlier, latest = [await _link(database, now, email=None) for _ in range(2)]
    await redeem_link(database, latest, email=OLIVIA, password=PASSWORD, now=now)
    assert await open_link(database, earlier, now=now) is LinkState.USED


async def test_links_of_other_people_and_environments_stay_good(database: Database, now: datetime) -> None:
    victors = await _link(database, now, email=VICTOR)
    elsewhere = await _link(database, now, email=None, environment=Environment.LOCAL)
    await redeem_link(database, await _link(database, now, email=None), email=OLIVIA, password=PASSWORD, now=now)
    assert await open_link(database, victors, now=now) is LinkState.VALID
    assert await open_link(database, elsewhere, now=now) is LinkState.VALID


async def test_a_link_for_an_access_that_exists_sets_its_password_and_ends_its_sessions(
    database: Database, now: datetime
) -> None:
    await redeem_link(database, await _link(database, now, email=OLIVIA), email="", password=PASSWORD, now=now)
    session = await _sign_in(database, now, PASSWORD)
    registry = SessionRegistry(database, environments=(Environment.SANDBOX,))
    assert session
    assert await registry.lookup(session, now=now)

    again = await _link(database, now, email=OLIVIA, role=Role.DEVELOPER)
    account = await redeem_link(database, again, email="", password=OTHER_PASSWORD, now=now)

    assert account.role is Role.DEVELOPER
    assert await _sign_in(database, now, PASSWORD) is None
    assert await _sign_in(database, now, OTHER_PASSWORD)
    await registry.poll_revoked(now=now)
    assert await registry.lookup(session, now=now) is None


async def _link(
    database: Database,
    now: datetime,
    *,
    email: str | None,
    role: Role = Role.ADMIN,
    environment: Environment = Environment.SANDBOX,
) -> str:
    return await issue_link(database, environment=environment, role=role, email=email, now=now)


async def _sign_in(database: Database, now: datetime, password: str) -> str | None:
    return await sign_in(database, environment=Environment.SANDBOX, email=OLIVIA, password=password, now=now)
