"""Passwords: hashed with argon2id, in threads, because one hash takes longer than the event loop may be held."""

import asyncio
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from models.password import unmet_requirements

R = TypeVar("R")

# The profile is named, so that every stored hash takes the same time as the one of nobody.
HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# Each hash takes 64 MB while it runs: a crowd at the door waits in line, and takes no more than this.
HASHES_AT_ONCE = 2
_THREADS = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="password")


async def hash_password(password: str) -> str:
    return await _in_line(partial(HASHER.hash, _normal(password)))


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the hashed one. Without a hash, say no, but take as long as for a wrong password."""
    return await _in_line(partial(_matches, password, password_hash))


async def unmet_by(password: str, *, about: Sequence[str]) -> Sequence[str]:
    """Return the requirements a new password does not meet. To judge one may take as long as to hash it."""
    return await _in_line(partial(unmet_requirements, password, about=about))


async def _in_line(work: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


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
