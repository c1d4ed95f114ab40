"""Delivers ordered mail: claims an order, decides whether anybody is to get it, makes its link, sends it.

A crash between sending and forgetting sends it twice; before, it is sent after the restart. Nothing is sent to an
address that is not known here.
"""

import asyncio
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Account, AccountState
from models.audit import Act, Outcome
from models.environment import Environment
from models.mail import Mail, MailKind, next_try_at
from models.permissions import Role
from services.access import letters
from services.access.accounts import find_account, is_anybody_in
from services.access.audit import DASHBOARD, record
from services.access.door import Door
from services.access.links import add_link
from services.feeds.subscriptions import wants_status_mail
from services.mail.mailers import Letter, Mailer, NotSent

log = logging.getLogger(__name__)

# Whoever claimed an order has so long to deliver it; then another process may.
CLAIM = timedelta(minutes=2)
AT_ONCE = 100
HANDS = 4
LINK_ACTS = {
    MailKind.ASKED_FOR_ACCESS: Act.ASK_FOR_ACCESS,
    MailKind.FORGOTTEN_PASSWORD: Act.FORGOTTEN_PASSWORD,
    MailKind.INVITATION: Act.SEND_MAIL,
}


class Postman:
    """One per process."""

    def __init__(self, door: Door, mailers: Mapping[Environment, Mailer]) -> None:
        self._door = door
        self._mailers = mailers
        # A slow mail server keeps so many hands busy and no more; the database has other guests.
        self._hands = asyncio.Semaphore(HANDS)

    async def turn(self, *, now: datetime) -> None:
        """Deliver what is due; to be called every second or so."""
        await asyncio.gather(*(self._in_turn(mail, now) for mail in await self._claim_due(now)))

    async def _in_turn(self, mail: Mail, now: datetime) -> None:
        async with self._hands:
            await self._deliver(mail, now)

    async def _claim_due(self, now: datetime) -> list[Mail]:
        due = (
            select(Mail)
            .where(col(Mail.next_try_at) <= now, col(Mail.environment).in_(self._door.environments))
            .order_by(col(Mail.next_try_at))
            .limit(AT_ONCE)
        )
        async with self._door.database.session() as session:
            found = (await session.exec(due)).all()
            if not found:
                return []
            claimed = []
            for mail in found:
                mine = update(Mail).where(col(Mail.id) == mail.id, col(Mail.next_try_at) == mail.next_try_at)
                if (await session.exec(mine.values(next_try_at=now + CLAIM))).rowcount == 1:
                    claimed.append(mail)
            await session.commit()
        return claimed

    async def _deliver(self, mail: Mail, now: datetime) -> None:
        mailer = self._mailers.get(mail.environment)
        try:
            letter = await self._letter(mail, now) if mailer else None
            if mailer is not None and letter is not None:
                await mailer.send(letter, now=now)
        except NotSent as error:
            await self._try_again(mail, str(error), now)
        except Exception:
            # Whatever it is, it must not come back every two minutes for ever, nor keep others from their mail.
            log.exception("a mail could not be made mail=%s", mail.id)
            await self._try_again(mail, "The mail could not be made; the log of the dashboard says why.", now)
        else:
            await self._forget(mail)

    async def _letter(self, mail: Mail, now: datetime) -> Letter | None:
        """Decide who gets what; with a link, the token is made now and is nowhere but in the letter."""
        url = self._door.urls[mail.environment]
        if mail.kind is MailKind.STATUS:
            async with self._door.database.session() as session:
                # They may have thought better of it since it was ordered, or left.
                is_wanted = await wants_status_mail(session, mail.environment, mail.email, now=now)
            return letters.status(mail, url=url) if is_wanted else None
        if mail.kind not in LINK_ACTS:
            return letters.notice(mail, url=url)
        async with self._door.database.session() as session:
            # Writes what is there already, for the lock: one who asks twice at once is decided about one by one.
            same = update(Mail).where(col(Mail.id) == mail.id).values(last_error=mail.last_error)
            await session.exec(same)
            account = await self._addressee(session, mail, now)
            is_first = account is None and await self._may_be_first(session, mail)
            if account is None and not is_first:
                self._note(session, mail, Outcome.REFUSED, now, "nobody of that address may have a link")
                await session.commit()
                return None
            await session.flush()
            account_id = account.id if account else None
            token = add_link(session, mail.environment, account_id, email=mail.email if is_first else None, now=now)
            if mail.failures == 0:
                self._note(session, mail, Outcome.DONE, now, "a link is on its way")
            await session.commit()
        return _with_link(mail, account, f"{url}/link/{token}")

    async def _addressee(self, session: AsyncSession, mail: Mail, now: datetime) -> Account | None:
        """Return whose access a link may be for; one that a setting allows is made here."""
        if mail.kind is MailKind.ASKED_FOR_ACCESS and not self._knows_client_id(mail):
            return None
        account = await find_account(session, mail.environment, mail.email)
        state = account.state(now) if account else None
        if state in (AccountState.ACTIVE, AccountState.INVITED):
            return account
        role = self._door.allowed.get(mail.environment, {}).get(mail.email)
        if role is None or state is AccountState.SUSPENDED or mail.kind is not MailKind.ASKED_FOR_ACCESS:
            return None
        account = account or Account(environment=mail.environment, email=mail.email, role=role, created_at=now)
        account.role, account.invited_at = role, now
        session.add(account)
        return account

    async def _may_be_first(self, session: AsyncSession, mail: Mail) -> bool:
        """Whether a link may go to somebody unknown: in Local, while nobody is in, it makes the first access."""
        is_asked = mail.kind is MailKind.ASKED_FOR_ACCESS and self._knows_client_id(mail)
        is_local = mail.environment is Environment.LOCAL
        return is_asked and is_local and not await is_anybody_in(session, mail.environment)

    def _knows_client_id(self, mail: Mail) -> bool:
        known = self._door.client_ids[mail.environment].encode()
        return hmac.compare_digest(known, (mail.client_id or "").strip().encode("utf-8", "replace"))

    def _note(self, session: AsyncSession, mail: Mail, outcome: Outcome, now: datetime, detail: str) -> None:
        who = DASHBOARD if mail.kind is MailKind.INVITATION else mail.email
        record(
            session, environment=mail.environment, act=LINK_ACTS[mail.kind], outcome=outcome, who=who, now=now,
            address=mail.address, about=mail.email, detail=detail,
        )  # fmt: skip

    async def _forget(self, mail: Mail) -> None:
        async with self._door.database.session() as session:
            await session.exec(delete(Mail).where(col(Mail.id) == mail.id))
            await session.commit()

    async def _try_again(self, mail: Mail, error: str, now: datetime) -> None:
        failures = mail.failures + 1
        again_at = next_try_at(failures, now=now)
        log.warning(
            "mail not sent mail=%s environment=%s failures=%d again_at=%s: %s",
            mail.id, mail.environment, failures, again_at or "never", error,
        )  # fmt: skip
        async with self._door.database.session() as session:
            if again_at is None:
                record(
                    session, environment=mail.environment, act=Act.SEND_MAIL, outcome=Outcome.FAILED, who=DASHBOARD,
                    now=now, about=mail.email, detail=f"{mail.kind}: {error}",
                )  # fmt: skip
                await session.exec(delete(Mail).where(col(Mail.id) == mail.id))
            else:
                later = update(Mail).where(col(Mail.id) == mail.id)
                await session.exec(later.values(failures=failures, next_try_at=again_at, last_error=error))
            await session.commit()


def _with_link(mail: Mail, account: Account | None, link: str) -> Letter:
    role = account.role if account else Role.ADMIN
    if mail.kind is MailKind.INVITATION:
        return letters.invitation(mail.environment, mail.email, role=role, url=link, by=mail.detail)
    if account is not None and account.password_hash is not None:
        return letters.password_link(mail.environment, mail.email, url=link, address=mail.address)
    return letters.access_link(mail.environment, mail.email, role=role, url=link, address=mail.address)
