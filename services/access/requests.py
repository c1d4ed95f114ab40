"""Wishes for a link: create an access, forgotten password, a new link for one that lapsed.

Whether a wish is granted is decided when its mail is made, in the background. The answer to whoever asked is the same
either way, and takes the same time, because by then nobody has looked.
"""

from datetime import datetime

from sqlmodel import select

from models.access import Account, OneTimeLink
from models.environment import Environment
from models.mail import MailKind
from services.access.actors import open_to_strangers
from services.access.door import Door
from services.access.errors import MailNotSetUp, TryLater
from services.access.post import order
from services.access.throttle import start_try
from services.access.tokens import hash_token
from services.access.tries import mail_tries

LONGEST_CLIENT_ID = 100
WHY_OPEN = "it only writes down a wish, which is granted by mail or not at all; it tells nothing, and is throttled"


@open_to_strangers(WHY_OPEN)
async def ask_for_access(
    door: Door, environment: Environment, *, client_id: str, email: str, address: str, now: datetime
) -> None:
    """Order a link for an e-mail address that may have an access. Raises MailNotSetUp, TryLater."""
    kind = MailKind.ASKED_FOR_ACCESS
    await _ask(door, environment, kind, email, client_id=client_id[:LONGEST_CLIENT_ID], address=address, now=now)


@open_to_strangers(WHY_OPEN)
async def ask_for_password(door: Door, environment: Environment, *, email: str, address: str, now: datetime) -> None:
    """Order a link for the password of an access. Raises MailNotSetUp, TryLater."""
    await _ask(door, environment, MailKind.FORGOTTEN_PASSWORD, email, client_id=None, address=address, now=now)


@open_to_strangers(WHY_OPEN)
async def ask_for_new_link(door: Door, token: str, *, address: str, now: datetime) -> None:
    """Order another link for the access of one that lapsed. Raises MailNotSetUp, TryLater."""
    async with door.database.session() as session:
        link = (await session.exec(select(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token)))).first()
        account = await session.get(Account, link.account_id) if link and link.account_id is not None else None
    if link is None or link.environment not in door.environments:
        return
    if account is not None:
        await ask_for_password(door, link.environment, email=account.email, address=address, now=now)
    elif link.email is not None:
        # The first link of an environment has no account yet, and was sent to somebody who knew the ClientId.
        known = door.client_ids[link.environment]
        await ask_for_access(door, link.environment, client_id=known, email=link.email, address=address, now=now)


async def _ask(
    door: Door,
    environment: Environment,
    kind: MailKind,
    email: str,
    *,
    client_id: str | None,
    address: str,
    now: datetime,
) -> None:
    if environment not in door.sends_mail:
        raise MailNotSetUp
    turn = await start_try(door.database, mail_tries(kind, environment, email, address), now=now)
    if turn.wait:
        raise TryLater(turn.wait)
    async with door.database.session() as session:
        order(session, environment, kind, email, client_id=client_id, address=address, now=now)
        await session.commit()
