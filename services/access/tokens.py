"""Opaque tokens of links and sessions: 256 random bits with the person, their SHA-256 with us."""

import secrets
from hashlib import sha256


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token. A plain hash is enough: nobody guesses 256 random bits."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
