"""Orders mail in the transaction of what it tells of; whoever delivers it claims the order, and tries again."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from models.environment import Environment
from models.mail import Mail, MailKind


def order(
    session: AsyncSession,
    environment: Environment,
    kind: MailKind,
    email: str,
    *,
    now: datetime,
    address: str = "",
    detail: str = "",
    client_id: str | None = None,
) -> None:
    """Add a mail to be sent as soon as the transaction is committed."""
    session.add(
        Mail(
            environment=environment, kind=kind, email=email, client_id=client_id, address=address, detail=detail,
            created_at=now, next_try_at=now,
        )
    )  # fmt: skip
