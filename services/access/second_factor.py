"""The second factor: time-based codes (RFC 6238) from an authenticator, and recovery codes for when it is lost."""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import segno
from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Account, RecoveryCode
from models.environment import Environment
from services.access.errors import ChangedMeanwhile
from services.access.seal import Broken, Seal
from services.access.sessions import as_checked, stored
from services.access.tokens import hash_token, new_token

STEP_S = 30
# A code is good for its own half minute and the one before and after: clocks differ, and people type.
DRIFT = (0, -1, 1)
RECOVERY_CODES = 10
# Without what is easily misread. 16 of 31 letters are 79 bits; each code is hashed with a salt of its own.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ2345678"
OFFER_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Offer:
    """A new secret, to be proved by a first code. `sealed` travels in the form, `qr_svg` is drawn here."""

    secret: str
    # What the QR code says, for an authenticator app on the same device.
    uri: str
    sealed: str
    qr_svg: str


def offer_secret(
    seal: Seal, *, account_id: int, email: str, environment: Environment, sealed: str, now: datetime
) -> Offer:
    """Return a new secret or, for whoever mistyped the first code, the one that was offered and scanned already."""
    secret = _offered(seal, sealed, account_id, now) or pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=f"Mangopay Dashboard {environment.label}")
    qr_svg = segno.make(uri, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff")
    return Offer(secret, uri, seal.close(secret, purpose=_offer_to(account_id), now=now), qr_svg)


def accepted_secret(seal: Seal, sealed: str, *, account_id: int, code: str, now: datetime) -> tuple[str, int] | None:
    """Return the secret of an offer and the step of the code that proves it; None when offer or code are not good."""
    secret = _offered(seal, sealed, account_id, now)
    step = matching_step(secret, code, now=now) if secret else None
    return (secret, step) if secret and step is not None else None


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the half minute since 1970 whose code this is, near now; None for none."""
    digits = re.sub(r"\s", "", code)
    step = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    for drift in DRIFT:
        if hmac.compare_digest(totp.generate_otp(step + drift).encode(), digits.encode("utf-8", "replace")):
            return step + drift
    return None


async def keep_secret(
    session: AsyncSession, seal: Seal, account: Account, secret: str, step: int, *, now: datetime
) -> Sequence[str]:
    """Make a proved secret the account's second factor, and return its new recovery codes, shown once.

    Raises ChangedMeanwhile when the account has another password by now, or is suspended.
    """
    sealed = seal.close(secret, purpose=_of(stored(account.id)), now=now)
    mine = update(Account).where(*as_checked(account))
    if (await session.exec(mine.values(totp_secret=sealed, totp_step=step))).rowcount != 1:
        raise ChangedMeanwhile
    return await renew_codes(session, stored(account.id))


async def renew_codes(session: AsyncSession, account_id: int) -> Sequence[str]:
    """Replace all recovery codes; of the new ones only hashes are stored."""
    await drop_codes(session, account_id)
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        salt = new_token()
        session.add(RecoveryCode(account_id=account_id, salt=salt, code_hash=_hash(salt, code)))
    return codes


async def drop_codes(session: AsyncSession, account_id: int) -> None:
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


async def codes_left(session: AsyncSession, account_id: int) -> int:
    unused = select(func.count()).where(col(RecoveryCode.account_id) == account_id, col(RecoveryCode.used_at).is_(None))
    return (await session.exec(unused)).one()


async def use_code(session: AsyncSession, seal: Seal, account: Account, code: str, *, now: datetime) -> str | None:
    """Use a code up and return what it was, "authenticator" or "recovery code"; None if it is not good.

    Of two who use the same code at once, one succeeds.
    """
    if account.totp_secret is not None and await _use_step(session, seal, account, code, now):
        return "authenticator"
    return "recovery code" if await _use_recovery_code(session, stored(account.id), code, now) else None


async def _use_recovery_code(session: AsyncSession, account_id: int, code: str, now: datetime) -> bool:
    unused = select(RecoveryCode).where(RecoveryCode.account_id == account_id, col(RecoveryCode.used_at).is_(None))
    for row in (await session.exec(unused)).all():
        if hmac.compare_digest(row.code_hash, _hash(row.salt, code)):
            mine = update(RecoveryCode).where(col(RecoveryCode.id) == row.id, col(RecoveryCode.used_at).is_(None))
            return (await session.exec(mine.values(used_at=now))).rowcount == 1
    return False


async def _use_step(session: AsyncSession, seal: Seal, account: Account, code: str, now: datetime) -> bool:
    try:
        secret = seal.open(account.totp_secret or "", purpose=_of(stored(account.id)), now=now)
    except Broken:
        # Sealed with another DASHBOARD_SECRET: recovery codes still work, and an admin can reset it.
        return False
    step = matching_step(secret, code, now=now)
    if step is None:
        return False
    newer = update(Account).where(col(Account.id) == account.id, col(Account.totp_step) < step)
    return (await session.exec(newer.values(totp_step=step))).rowcount == 1


def _offered(seal: Seal, sealed: str, account_id: int, now: datetime) -> str | None:
    try:
        return seal.open(sealed, purpose=_offer_to(account_id), within=OFFER_LIFETIME, now=now)
    except Broken:
        return None


def _new_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _hash(salt: str, code: str) -> str:
    return hash_token(salt + _bare(code))


def _bare(code: str) -> str:
    return re.sub(r"[\s-]", "", code).upper()


def _of(account_id: int) -> str:
    return f"second factor of {account_id}"


def _offer_to(account_id: int) -> str:
    return f"offer of a second factor to {account_id}"
