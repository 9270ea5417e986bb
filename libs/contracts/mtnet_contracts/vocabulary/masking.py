"""How what is personal is shown to those who need not know it: enough to recognise it by, too little to use."""

from __future__ import annotations

import re

BULLETS = "•••"
# However long the name of a LINE user is.
MOST_BULLETS = 6
# With seven digits to be seen, three at least are hidden.
SHORTEST_NUMBER = 11
SHORTEST_ID = 10


def masked_id_number(number: str) -> str:
    """`A123***`: what anybody but the owner sees first (handout, BS08-01-01)."""
    return f"{number[:4]}***"


def masked_email(address: str) -> str:
    """`clerk@example.com` as `c•••@example.com`."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def masked_contact(contact: str) -> str:
    """A mail address, a telephone number or the id of a LINE user, for its owner and for operators alike: the same
    contact looks the same wherever it stands.

    `c•••@example.com`; `+886 9•• ••• 678`, also where it is written as `0912-345-678`; `U4af••••••2dd`. What is too
    short to hide a part of it is hidden altogether.
    """
    if "@" in contact:
        return masked_email(contact)
    if number := _international(contact):
        return f"{number[:4]} {number[4]}•• ••• {number[-3:]}" if len(number) >= SHORTEST_NUMBER else BULLETS
    if len(contact) < SHORTEST_ID:
        return BULLETS
    return f"{contact[:4]}{'•' * min(len(contact) - 7, MOST_BULLETS)}{contact[-3:]}"


def _international(text: str) -> str:
    """A number as `+886912345678`; empty for what is none."""
    digits = re.sub(r"[\s().\-]", "", text)
    if not re.fullmatch(r"\+?[0-9]+", digits):
        return ""
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+886{digits[1:]}" if digits.startswith("0") else digits
