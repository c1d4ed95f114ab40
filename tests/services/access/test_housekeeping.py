from dataclasses import replace
from datetime import timedelta

from sqlmodel import SQLModel

from models.access import Account, Attempt, Challenge, OneTimeLink, Session
from models.audit import AuditEntry
from models.mail import Mail
from services.access.housekeeping import tidy
from tests.services.access.world import BROWSER, OLIVIA, World

MOMENT = timedelta(milliseconds=1)
GOES_AFTER: dict[type[SQLModel], timedelta] = {
    Attempt: timedelta(minutes=15),
    Challenge: timedelta(days=1),
    OneTimeLink: timedelta(days=30, minutes=30),
    Session: timedelta(days=90),
}


async def test_each_thing_goes_once_nobody_can_use_it_any_more_and_not_before(world: World) -> None:
    account = await world.add_account()
    await world.start_session(account)
    await world.give_second_factor(account)
    await world.link(account)
    await world.sign_in()
    begin = world.now
    async with world.door.database.session() as session:
        session.add(Attempt(key="somebody", at=begin))
        await session.commit()
    for table, age in GOES_AFTER.items():
        await tidy(world.door.database, now=begin + age - MOMENT)
        assert await world.rows(table), f"{table.__name__} went too early"
        await tidy(world.door.database, now=begin + age)
        assert not await world.rows(table), f"{table.__name__} stayed too long"


async def test_a_session_that_is_used_stays_however_old_it_is(world: World) -> None:
    actor = await world.actor(await world.add_account())
    begin = world.now
    world.wait(minutes=2)
    world.door.sessions.touch(actor.session_id, now=world.now)
    await world.door.sessions.poll(now=world.now)
    await tidy(world.door.database, now=begin + timedelta(days=90))
    assert len(await world.rows(Session)) == 1


async def test_people_their_mail_and_the_log_stay(world: World) -> None:
    await world.add_account()
    await world.sign_in()
    await world.sign_in(visitor=replace(BROWSER, device="Opera on Plan 9"))
    await tidy(world.door.database, now=world.now + timedelta(days=9999))
    assert [account.email for account in await world.rows(Account)] == [OLIVIA]
    assert len(await world.rows(Mail)) == 1
    assert len(await world.rows(AuditEntry)) == 2
