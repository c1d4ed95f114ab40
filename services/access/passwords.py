"""Passwords: hashed with argon2id, in a thread, because one hash takes longer than the event loop may be held."""

import asyncio
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

# The profile is named, so that every stored hash takes the same time as the one of nobody.
HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(HASHER.hash, _normal(password))


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the hashed one. Without a hash, say no, but take as long as for a wrong password."""
    return await asyncio.to_thread(_matches, password, password_hash)


def _matches(password: str, password_hash: str | None) -> bool:
    # Asked for in both cases: its first call, which makes it, must not tell them apart either.
    hash_of_nobody = _hash_of_nobody()
    try:
        HASHER.verify(password_hash or hash_of_nobody, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash("nobody has this password")


def _normal(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)
