"""Ids that look like Mangopay's: a prefix that tells the kind, and a ULID."""

import secrets
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str) -> str:
    return prefix + ulid(int(time.time() * 1000), secrets.randbits(80))


def ulid(milliseconds: int, randomness: int) -> str:
    """Return 26 characters of Crockford's base 32: 48 bits of time, 80 bits of chance."""
    number = milliseconds << 80 | randomness
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
