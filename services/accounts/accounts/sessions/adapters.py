"""Argon2id (OWASP's m=19456, t=2, p=1): hash, verify, and always take the same time."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from accounts.sessions.rules import is_normal, normalised
from accounts.threads import run_in_thread

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)


def hashed(password: str) -> str:
    """The hash of the password as every keyboard means it."""
    return run_in_thread(_hasher.hash, normalised(password))


def verified(stored: str | None, password: str) -> bool:
    """Whether it is the password. Without a stored hash the same work is done, for the same time.

    Hashes of before passwords were normalised fit what was typed then, and only that.
    """
    known = stored or _nobodys_hash()
    matches = run_in_thread(_verify, known, normalised(password))
    if not matches and not is_normal(password):
        matches = run_in_thread(_verify, known, password)
    return matches and stored is not None


def is_outdated(stored: str) -> bool:
    """Made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
