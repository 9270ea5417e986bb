"""What the secret link of a ticket is known by."""

from __future__ import annotations

import secrets
from base64 import b32encode

LINK_BYTES = 20


def new_link_token() -> str:
    """160 bits in base32: also the part after the plus of an address, which servers may write in capitals."""
    return b32encode(secrets.token_bytes(LINK_BYTES)).decode().lower()
