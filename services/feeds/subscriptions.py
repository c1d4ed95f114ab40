"""Mail about Mangopay's status, for those who want it: once per change, ordered in the transaction that stores it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.access import Account, AccountState
from models.environment import Environment
from models.feed import Feed, FeedEntry, StatusSubscription
from models.incidents import IncidentUpdate, Phase, Told, read_incident
from models.mail import MailKind
from models.permissions import Permission
from models.plain_text import plain_text
from services.access.actors import Actor, needs
from services.access.post import order
from services.database import Database


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry of a status feed as it was, None for a new one, and as it is."""

    before: FeedEntry | None
    now: FeedEntry


@needs(Permission.SEE)
async def gets_status_mail(actor: Actor, database: Database) -> bool:
    async with database.session() as session:
        return await session.get(StatusSubscription, actor.account_id) is not None


@needs(Permission.SEE)
async def choose_status_mail(actor: Actor, database: Database, *, wants_it: bool, now: datetime) -> None:
    """Begin or end to send somebody mail about Mangopay's status; saying it twice changes nothing."""
    async with database.session() as session:
        if wants_it:
            new = insert(StatusSubscription).values(account_id=actor.account_id, since=now)
            await session.exec(new.on_conflict_do_nothing())
        else:
            mine = col(StatusSubscription.account_id) == actor.account_id
            await session.exec(delete(StatusSubscription).where(mine))
        await session.commit()


async def wants_status_mail(session: AsyncSession, environment: Environment, email: str, *, now: datetime) -> bool:
    """Tell whether an address still belongs to somebody with access who wants such mail."""
    mine = _subscribed(environment).where(Account.email == email)
    return any(account.state(now) is AccountState.ACTIVE for account in (await session.exec(mine)).all())


async def tell_subscribers(
    session: AsyncSession, environment: Environment, seen: Sequence[Seen], *, now: datetime
) -> None:
    """Order mail about what these entries newly say; nothing is sent unless the session is committed."""
    letters = [
        letter
        for one in seen
        if (letter := _letter(environment, one)) and not await _is_told_elsewhere(session, environment, one.now)
    ]
    if not letters:
        return
    for account in (await session.exec(_subscribed(environment))).all():
        if account.state(now) is AccountState.ACTIVE:
            for letter in letters:
                order(session, environment, MailKind.STATUS, account.email, now=now, detail=letter)


def _subscribed(environment: Environment) -> SelectOfScalar[Account]:
    mine = col(StatusSubscription.account_id) == col(Account.id)
    return select(Account).join(StatusSubscription, mine).where(Account.environment == environment)


def _letter(environment: Environment, seen: Seen) -> str | None:
    """Return what is to be told, its first line being the subject; None where nothing is new."""
    told = _told(seen.now)
    if told.phase is None or not told.concerns(environment):
        return None
    before = _told(seen.before) if seen.before else None
    if before is None and told.phase.is_over:
        # It was written down afterwards; nobody has to do anything about it.
        return None
    if before is not None and before.phase is not None and before.phase.is_over and told.phase.is_over:
        # Its postmortem, or a word that was mended.
        return None
    new = _new_updates(before, told)
    if not new and _plan(before) == _plan(told):
        return None
    parts = [f"{told.phase.label}: {told.title}", *(_in_words(update) for update in new)]
    if told.phase.is_maintenance and told.starts_at is not None:
        parts.append(f"Planned: {_span(told.starts_at, told.ends_at)}")
    if told.environments:
        parts.append(f"Concerns: {', '.join(sorted(environment.label for environment in told.environments))}")
    if told.components:
        parts.append(f"Affected: {', '.join(told.components)}")
    if seen.now.link:
        parts.append(f"Mangopay's own page of it:\n{seen.now.link}")
    return "\n\n".join(parts)


def _told(entry: FeedEntry) -> Told:
    return read_incident(entry.title, entry.summary, entry.published_at)


def _new_updates(before: Told | None, told: Told) -> Sequence[IncidentUpdate]:
    """Return what has been added, newest first; of a new one all. Mended words and moments are nothing new."""
    return told.updates[: max(0, len(told.updates) - (len(before.updates) if before else 0))]


def _plan(told: Told | None) -> tuple[Phase | None, datetime | None, datetime | None]:
    """Return how far it is and, of planned work, from when until when: what is told if it changes."""
    if told is None or told.phase is None:
        return None, None, None
    return (told.phase, told.starts_at, told.ends_at) if told.phase.is_maintenance else (told.phase, None, None)


async def _is_told_elsewhere(session: AsyncSession, environment: Environment, entry: FeedEntry) -> bool:
    """Tell whether another feed has said the same about the same incident: a status page has its history twice."""
    if not entry.link:
        return False
    twins = (
        select(FeedEntry)
        .join(Feed, col(Feed.id) == col(FeedEntry.feed_id))
        .where(Feed.environment == environment, Feed.id != entry.feed_id, FeedEntry.link == entry.link)
    )
    told = _told(entry)
    return any(
        _plan(_told(twin)) == _plan(told) and len(_told(twin).updates) >= len(told.updates)
        for twin in await session.exec(twins)
    )


def _in_words(update: IncidentUpdate) -> str:
    """Return an update as plain text: nothing in a letter can be disguised."""
    return f"{update.label}, {_moment(update.at) if update.at else update.written}\n{plain_text(update.text)}"


def _span(begin: datetime, end: datetime | None) -> str:
    return f"{_moment(begin)} to {_moment(end)}" if end else f"from {_moment(begin)}"


def _moment(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"
