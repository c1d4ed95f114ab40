"""The secret in each environment's receiver URL: made at first start, kept in the database, rotated with an overlap."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import or_, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select

from models.audit import Act
from models.environment import Environment
from models.notification import ReceiverToken
from services.access.audit import COMMAND_LINE, record
from services.database import Database

# Mangopay repeats a notification for three days and an hour: until then the old URL must keep answering.
OVERLAP = timedelta(days=4)
LONGEST_HOOK_URL = 254


async def current_token(database: Database, environment: Environment, *, now: datetime) -> str:
    """Return the environment's one token without an end; the first call makes it, whoever else calls first too."""
    first = insert(ReceiverToken).values(environment=environment, token=secrets.token_urlsafe(32), created_at=now)
    current = select(ReceiverToken.token).where(
        ReceiverToken.environment == environment, col(ReceiverToken.expires_at).is_(None)
    )
    async with database.session() as session:
        token = (await session.exec(current)).first()
        if token is None:
            await session.exec(first.on_conflict_do_nothing())
            await session.commit()
            token = (await session.exec(current)).one()
        return token


async def rotate_token(database: Database, environment: Environment, *, now: datetime) -> str:
    """Make a new token; the ones before it stay good for four days."""
    async with database.session() as session:
        old = update(ReceiverToken).where(
            col(ReceiverToken.environment) == environment, col(ReceiverToken.expires_at).is_(None)
        )
        await session.exec(old.values(expires_at=now + OVERLAP))
        token = ReceiverToken(environment=environment, token=secrets.token_urlsafe(32), created_at=now)
        session.add(token)
        record(session, environment=environment, act=Act.ROTATE_RECEIVER_URL, who=COMMAND_LINE, now=now)
        await session.commit()
        return token.token


def hook_url(base_url: str, environment: Environment, token: str) -> str:
    """Return the whole receiver URL. Raises ValueError when it is longer than Mangopay takes."""
    url = f"{base_url}/hooks/{environment}/{token}"
    if len(url) > LONGEST_HOOK_URL:
        raise ValueError(f"The receiver's URL would have {len(url)} characters; Mangopay takes {LONGEST_HOOK_URL}.")
    return url


class TokenBook:
    """The tokens in force, in memory, so that a hit costs no query; `reload` keeps them fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokens: Mapping[str, Sequence[bytes]] = {}

    async def reload(self, *, now: datetime) -> None:
        async with self._database.session() as session:
            in_force = or_(col(ReceiverToken.expires_at).is_(None), col(ReceiverToken.expires_at) > now)
            rows = (await session.exec(select(ReceiverToken).where(in_force))).all()
        tokens: dict[str, list[bytes]] = {}
        for row in rows:
            tokens.setdefault(row.environment.value, []).append(row.token.encode())
        self._tokens = tokens

    def accepts(self, environment: str, token: str) -> bool:
        """Compare with every token in force, in constant time."""
        given = token.encode("utf-8", "surrogatepass")
        found = False
        for known in self._tokens.get(environment, ()):
            found |= hmac.compare_digest(known, given)
        return found

    def leads_here(self, environment: Environment, url: str) -> bool:
        """Whether a hook's URL ends in a receiver path of this dashboard; the token makes the host unimportant."""
        parts = urlsplit(url).path.split("/")
        return len(parts) >= 4 and parts[-3:-1] == ["hooks", environment.value] and self.accepts(environment, parts[-1])
