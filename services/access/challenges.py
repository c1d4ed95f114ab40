"""Between password and session: a code from the authenticator or, where one is required and missing, setting it up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Account, Challenge
from models.audit import Act, Outcome
from models.environment import Environment
from models.mail import MailKind
from services.access.actors import open_to_strangers
from services.access.audit import record
from services.access.door import Door
from services.access.errors import ChallengeEnded, TryLater, WrongCode
from services.access.post import order
from services.access.second_factor import Offer, accepted_secret, codes_left, keep_secret, offer_secret, use_code
from services.access.sessions import stored
from services.access.sign_in import Entry, before_pause, open_session
from services.access.throttle import Turn, forgive, start_try
from services.access.tokens import hash_token
from services.access.tries import code_tries
from services.access.visitors import Visitor

WHY_OPEN = "the challenge's token proves the password"


@dataclass(frozen=True, slots=True)
class Owed:
    """What somebody owes who gave the right password."""

    email: str
    environment: Environment
    # A code; else the second factor must be set up first.
    has_second_factor: bool


@open_to_strangers(WHY_OPEN)
async def find_challenge(door: Door, token: str, *, now: datetime) -> Owed | None:
    """Return what is owed, or None when the challenge has ended or never was."""
    async with door.database.session() as session:
        account = await _challenged(session, token, now)
    if account is None or account.environment not in door.environments:
        return None
    return Owed(account.email, account.environment, account.has_second_factor)


@open_to_strangers(WHY_OPEN)
async def answer_challenge(door: Door, token: str, *, code: str, visitor: Visitor, now: datetime) -> Entry:
    """Take a code and return a session's token. Raises ChallengeEnded, TryLater, WrongCode."""
    account, turn = await _throttled(door, token, visitor, now)
    async with door.database.session() as session:
        used = await use_code(session, door.seal, account, code, now=now)
        if used is None:
            _note_wrong_code(session, account, turn, visitor.address, now)
            await session.commit()
            raise WrongCode
        if used == "recovery code":
            left = await codes_left(session, stored(account.id))
            order(
                session, account.environment, MailKind.RECOVERY_CODE_USED, account.email, address=visitor.address,
                detail=str(left), now=now,
            )  # fmt: skip
        entry = await _finish(session, token, account, visitor, detail=f"password and {used}", now=now)
        await forgive(session, code_tries(account.environment, account.email, visitor.address))
        await session.commit()
    await door.sessions.hear(now=now)
    return entry


@open_to_strangers(WHY_OPEN)
async def offer_by_challenge(door: Door, token: str, *, sealed: str = "", now: datetime) -> Offer:
    """Return a new secret to set up, for an account that has none yet. Raises ChallengeEnded."""
    async with door.database.session() as session:
        account = await _challenged(session, token, now)
    if account is None or account.has_second_factor:
        raise ChallengeEnded
    return offer_secret(
        door.seal,
        account_id=stored(account.id),
        email=account.email,
        environment=account.environment,
        sealed=sealed,
        now=now,
    )


@open_to_strangers(WHY_OPEN)
async def set_up_by_challenge(
    door: Door, token: str, *, sealed: str, code: str, visitor: Visitor, now: datetime
) -> tuple[Entry, Sequence[str]]:
    """Make an offered secret the second factor; return a session's token and the recovery codes.

    Raises ChallengeEnded, TryLater, WrongCode.
    """
    account, turn = await _throttled(door, token, visitor, now)
    if account.has_second_factor:
        raise ChallengeEnded
    accepted = accepted_secret(door.seal, sealed, account_id=stored(account.id), code=code, now=now)
    if accepted is None:
        async with door.database.session() as session:
            _note_wrong_code(session, account, turn, visitor.address, now)
            await session.commit()
        raise WrongCode
    async with door.database.session() as session:
        entry = await _finish(session, token, account, visitor, detail="password and new second factor", now=now)
        codes = await keep_secret(session, door.seal, account, *accepted, now=now)
        record(
            session, environment=account.environment, act=Act.SET_UP_SECOND_FACTOR, who=account.email, now=now,
            address=visitor.address, about=account.email,
        )  # fmt: skip
        kind = MailKind.SECOND_FACTOR_SET_UP
        order(session, account.environment, kind, account.email, address=visitor.address, now=now)
        await forgive(session, code_tries(account.environment, account.email, visitor.address))
        await session.commit()
    await door.sessions.hear(now=now)
    return entry, codes


async def _throttled(door: Door, token: str, visitor: Visitor, now: datetime) -> tuple[Account, Turn]:
    async with door.database.session() as session:
        account = await _challenged(session, token, now)
    if account is None:
        raise ChallengeEnded
    tries = code_tries(account.environment, account.email, visitor.address)
    turn = await start_try(door.database, tries, now=now)
    if turn.wait:
        raise TryLater(turn.wait)
    return account, turn


def _note_wrong_code(session: AsyncSession, account: Account, turn: Turn, address: str, now: datetime) -> None:
    """Write it down; after the last one that counts, tell the owner: whoever guesses codes knows the password."""
    record(
        session, environment=account.environment, act=Act.SECOND_FACTOR, outcome=Outcome.REFUSED, who=account.email,
        now=now, address=address, about=account.email, detail="wrong code" + before_pause(turn),
    )  # fmt: skip
    if turn.is_last:
        order(session, account.environment, MailKind.WRONG_CODES, account.email, address=address, now=now)


async def _challenged(session: AsyncSession, token: str, now: datetime) -> Account | None:
    both = select(Challenge, Account).join(Account).where(Challenge.token_hash == hash_token(token))
    found = (await session.exec(both)).first()
    return found[1] if found and found[0].is_open(now) and found[1].suspended_at is None else None


async def _finish(
    session: AsyncSession, token: str, account: Account, visitor: Visitor, *, detail: str, now: datetime
) -> Entry:
    """End the challenge, once, and begin the session."""
    mine = update(Challenge).where(col(Challenge.token_hash) == hash_token(token), col(Challenge.ended_at).is_(None))
    if (await session.exec(mine.values(ended_at=now))).rowcount != 1:
        raise ChallengeEnded
    entry = await open_session(session, account, visitor, detail=detail, now=now)
    if entry is None:
        raise ChallengeEnded
    return entry
