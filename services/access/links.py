"""One-time links: whoever opens one within 30 minutes creates an access with it, or sets its password anew."""

from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import LINK_LIFETIME, Account, LinkState, OneTimeLink, Role, Session, read_email
from models.environment import Environment
from models.password import unmet_requirements
from services.access.passwords import hash_password
from services.access.tokens import hash_token, new_token
from services.database import Database


class AccessError(Exception):
    """An access was not created; the subclass says why."""


class LinkRefused(AccessError):
    """The link has expired, was used, or was never issued."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(f"The link is {state}.")
        self.state = state


class NotAnEmail(AccessError):
    """What was given as an e-mail address is not one."""


class WeakPassword(AccessError):
    """The password does not meet the rule."""

    def __init__(self, unmet: list[str]) -> None:
        super().__init__(f"The password needs: {'; '.join(unmet)}.")
        self.unmet = unmet


async def first_link_needed(database: Database, environment: Environment) -> bool:
    """Whether nobody has an access to the environment yet."""
    async with database.session() as session:
        anybody = select(Account.id).where(Account.environment == environment).limit(1)
        return (await session.exec(anybody)).first() is None


async def issue_link(
    database: Database, *, environment: Environment, role: Role, email: str | None, now: datetime
) -> str:
    """Store a link and return its token, which exists nowhere else.

    Without an e-mail it is the first link of an environment: whoever opens it names theirs.
    Raises NotAnEmail.
    """
    token = new_token()
    link = OneTimeLink(
        token_hash=hash_token(token),
        environment=environment,
        email=None if email is None else _valid_email(email),
        role=role,
        created_at=now,
        expires_at=now + LINK_LIFETIME,
    )
    async with database.session() as session:
        session.add(link)
        await session.commit()
    return token


async def find_link(database: Database, token: str) -> OneTimeLink | None:
    """Return the link of a token, in whatever state it is. Looking uses nothing up: mail scanners look too."""
    async with database.session() as session:
        return (await session.exec(select(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token)))).first()


async def redeem_link(database: Database, token: str, *, email: str, password: str, now: datetime) -> Account:
    """Use a link up and return the access it made, or the one whose password it set anew.

    A link issued for an e-mail address keeps to it, whatever is given here. An access that was there already takes on
    the link's role, and whoever was signed in with it is signed out. Of two who redeem at once, one succeeds.
    Raises LinkRefused, NotAnEmail, WeakPassword.
    """
    link = await find_link(database, token)
    state = LinkState.UNKNOWN if link is None else link.state(now)
    if link is None or state is not LinkState.VALID:
        raise LinkRefused(state)
    if unmet := unmet_requirements(password):
        raise WeakPassword(unmet)
    address = link.email or _valid_email(email)
    password_hash = await hash_password(password)
    async with database.session() as session:
        await _use_up(session, link, address, now)
        account = await _set_password(session, link, address, password_hash, now)
        await session.commit()
    return account


async def _use_up(session: AsyncSession, link: OneTimeLink, email: str, now: datetime) -> None:
    """Mark the link as used, and with it every other that could make or change the same access."""
    unused = update(OneTimeLink).where(col(OneTimeLink.used_at).is_(None)).values(used_at=now)
    mine = await session.exec(unused.where(col(OneTimeLink.id) == link.id))
    if mine.rowcount != 1:
        raise LinkRefused(LinkState.USED)
    for_same_access = or_(col(OneTimeLink.email) == email, col(OneTimeLink.email).is_(None))
    await session.exec(unused.where(col(OneTimeLink.environment) == link.environment, for_same_access))


async def _set_password(
    session: AsyncSession, link: OneTimeLink, email: str, password_hash: str, now: datetime
) -> Account:
    same = select(Account).where(Account.environment == link.environment, Account.email == email)
    account = (await session.exec(same)).first()
    if account is None:
        account = Account(
            environment=link.environment, email=email, role=link.role, password_hash=password_hash, created_at=now
        )
    else:
        account.password_hash = password_hash
        account.role = link.role
        still_open = update(Session).where(col(Session.account_id) == account.id, col(Session.revoked_at).is_(None))
        await session.exec(still_open.values(revoked_at=now))
    session.add(account)
    return account


def _valid_email(text: str) -> str:
    email = read_email(text)
    if email is None:
        raise NotAnEmail(f"{text!r} is not an e-mail address.")
    return email
