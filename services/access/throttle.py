"""How often something may be tried within 15 minutes: by one account, and from one address.

Counted in the database, so that a restart forgets nothing and every process counts alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Attempt
from models.environment import Environment
from services.database import Database

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tries count until the next one must wait."""

    per_account: int
    per_address: int


SIGN_IN = Limits(per_account=5, per_address=20)
# Six digits, three of which are good at a time: five tries in fifteen minutes are one chance in 66,000.
CODE = Limits(per_account=5, per_address=20)
# Wishes for mail; somebody else's mailbox is not to be filled.
MAIL = Limits(per_account=3, per_address=10)


@dataclass(frozen=True, slots=True)
class Tries:
    """What is counted together: tries of one kind at one account, and of that kind from one network."""

    kind: str
    limits: Limits
    environment: Environment
    account: str
    address: str

    @property
    def account_key(self) -> str:
        return _key(self.kind, self.environment, self.account)

    @property
    def address_key(self) -> str:
        return _key(self.kind, "from", _network(self.address))

    @property
    def counted(self) -> Sequence[tuple[str, int]]:
        return (self.account_key, self.limits.per_account), (self.address_key, self.limits.per_address)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a try may be made now, and whether it is the last one before a pause."""

    wait: timedelta
    is_last: bool = False


async def start_try(database: Database, tries: Tries, *, now: datetime) -> Turn:
    """Count a try, or say how long it must wait, which counts nothing.

    It counts as failed from its start, so that a hundred at once are no way around the limit.
    """
    async with database.session() as session:
        # A crowd that must wait anyway is turned away by reading alone: the lock is for those who write.
        if wait := max([wait for wait, _ in await _stands(session, tries, now)]):
            return Turn(wait)
        # This statement writes, so from here on no other process counts in between.
        await session.exec(delete(Attempt).where(col(Attempt.at) <= now - WINDOW))
        stands = await _stands(session, tries, now)
        wait = max(wait for wait, _ in stands)
        if not wait:
            session.add_all(Attempt(key=key, at=now) for key, _ in tries.counted)
        await session.commit()
    return Turn(wait, is_last=not wait and any(left == 1 for _, left in stands))


async def forgive(session: AsyncSession, tries: Tries) -> None:
    """Forget the failures of an account; of its address only the newest: others may share it."""
    newest = (
        select(Attempt.id)
        .where(Attempt.key == tries.address_key)
        .order_by(col(Attempt.at).desc(), col(Attempt.id).desc())
        .limit(1)
    )
    await session.exec(delete(Attempt).where(col(Attempt.key) == tries.account_key))
    await session.exec(delete(Attempt).where(col(Attempt.id).in_(newest)))


async def _stands(session: AsyncSession, tries: Tries, now: datetime) -> Sequence[tuple[timedelta, int]]:
    """Return, for the account and for the address, how long to wait and how many tries are left."""
    stands = []
    for key, limit in tries.counted:
        counted = select(Attempt.at).where(Attempt.key == key, col(Attempt.at) > now - WINDOW)
        newest = (await session.exec(counted.order_by(col(Attempt.at).desc()).limit(limit))).all()
        left = limit - len(newest)
        stands.append((timedelta(0) if left else newest[-1] + WINDOW - now, left))
    return stands


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """An IPv6 customer has a whole /64 to come from, so that counts as one address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped) if ip.ipv4_mapped else ip.exploded[:19]
    return str(ip)
