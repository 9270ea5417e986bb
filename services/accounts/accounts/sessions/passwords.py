"""What a password must be (handout, 修改密碼; 資通系統防護基準)."""

from __future__ import annotations

import re
import unicodedata

SHORTEST = 8
LONGEST = 128
# Words that say where the password is used; a password that is little else is guessed first.
CONTEXT_WORDS = ("mtnet", "motcmpb", "taiwanport", "航港")
SHORTEST_NAME = 4


def normalised(password: str) -> str:
    """NFKC (NIST SP 800-63B-4, 3.1.1.2): full-width letters of an input method and both forms of `é` are one."""
    return unicodedata.normalize("NFKC", password)


def is_normal(password: str) -> bool:
    return unicodedata.is_normalized("NFKC", password)


def faults(
    password: str, *, account_name: str, id_number_tail: str, blocklist: frozenset[str]
) -> tuple[str, ...]:
    """Every rule the password breaks, as codes, so that all can be mended at once.

    Judged is what is hashed, the normal form. `id_number_tail` is the digits of the ID number, or empty; `blocklist`
    holds lower-case passwords.
    """
    found = []
    password = normalised(password)
    if len(password) < SHORTEST:
        found.append("PASSWORD_TOO_SHORT")
    if len(password) > LONGEST:
        found.append("TOO_LONG")
    if not re.search(r"[A-Z]", password):
        found.append("PASSWORD_NEEDS_UPPER")
    if not re.search(r"[a-z]", password):
        found.append("PASSWORD_NEEDS_LOWER")
    if not re.search(r"[0-9]", password):
        found.append("PASSWORD_NEEDS_DIGIT")
    if not re.search(r"[^A-Za-z0-9\s]", password):
        found.append("PASSWORD_NEEDS_SPECIAL")
    plain = password.lower()
    if len(account_name) >= SHORTEST_NAME and account_name.lower() in plain:
        found.append("PASSWORD_CONTAINS_ACCOUNT")
    if len(id_number_tail) >= SHORTEST_NAME and id_number_tail.lower() in plain:
        found.append("PASSWORD_CONTAINS_ID_NUMBER")
    if plain in blocklist or _little_else(plain):
        found.append("PASSWORD_TOO_COMMON")
    return tuple(found)


def _little_else(plain: str) -> bool:
    return any(word in plain and len(plain.replace(word, "")) < SHORTEST_NAME for word in CONTEXT_WORDS)
