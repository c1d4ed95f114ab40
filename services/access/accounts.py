"""Accounts, inside a transaction of whoever asks."""

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Account
from models.environment import Environment
from models.permissions import Role


async def find_account(session: AsyncSession, environment: Environment, email: str) -> Account | None:
    same = select(Account).where(Account.environment == environment, Account.email == email)
    return (await session.exec(same)).first()


async def is_anybody_in(session: AsyncSession, environment: Environment) -> bool:
    """Whether somebody has an access to the environment, with a password; suspended or not."""
    anybody = select(Account.id).where(Account.environment == environment, col(Account.password_hash).is_not(None))
    return (await session.exec(anybody.limit(1))).first() is not None


def is_not_the_last_admin(environment: Environment) -> ColumnElement[bool]:
    """Whether the account is no admin that could sign in, or another one could."""
    other = aliased(Account)
    another = exists().where(
        col(other.environment) == environment,
        col(other.id) != col(Account.id),
        col(other.role) == Role.ADMIN,
        col(other.suspended_at).is_(None),
        col(other.password_hash).is_not(None),
    )
    return or_(
        col(Account.role) != Role.ADMIN,
        col(Account.suspended_at).is_not(None),
        col(Account.password_hash).is_(None),
        another,
    )
