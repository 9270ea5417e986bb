"""The address to which a mail's bounces go: one for each delivery (VERP), signed, so that nobody can forge a bounce.

`bounces+<26 bytes in base32>@example.com`: the delivery's id and ten bytes of an HMAC. Base32, since servers on the way
may change the case of a local part; within the 64 characters of RFC 5321, section 4.5.3.1.
"""

import binascii
import hmac
import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from uuid import UUID

PURPOSE = b"return path"
TAG_BYTES = 10
ID_BYTES = 16
TOKEN_LENGTH = 42
SEPARATOR = "+"
# With the separator and the token 64 characters before the @.
ADDRESS = re.compile(r"[A-Za-z0-9_.-]{1,21}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True)
class ReturnPaths:
    """Makes and reads return paths below one address. `key` is secret; without it no address can be made.

    Raises ValueError for an address that cannot be one.
    """

    address: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not ADDRESS.fullmatch(self.address):
            raise ValueError(
                "NOTIFY_RETURN_PATH is an address with at most 21 letters, digits, dots and hyphens before the @."
            )

    def of(self, delivery_id: UUID) -> str:
        name, _, domain = self.address.rpartition("@")
        token = b32encode(delivery_id.bytes + self._tag(delivery_id.bytes)).decode().rstrip("=").lower()
        return f"{name}{SEPARATOR}{token}@{domain}"

    def delivery_of(self, address: str) -> UUID | None:
        """The delivery whose return path this is; None when it is not one that we made."""
        name, _, domain = address.rpartition("@")
        ours, _, our_domain = self.address.rpartition("@")
        before, separator, token = name.rpartition(SEPARATOR)
        if (before.lower(), separator, domain.lower()) != (ours.lower(), SEPARATOR, our_domain.lower()):
            return None
        if len(token) != TOKEN_LENGTH or not token.isascii():
            return None
        try:
            raw = b32decode(token.upper() + "=" * (-TOKEN_LENGTH % 8))
        except binascii.Error:
            return None
        delivery_id, tag = raw[:ID_BYTES], raw[ID_BYTES:]
        return UUID(bytes=delivery_id) if hmac.compare_digest(tag, self._tag(delivery_id)) else None

    def _tag(self, delivery_id: bytes) -> bytes:
        return hmac.digest(self.key, PURPOSE + b"\0" + delivery_id, "sha256")[:TAG_BYTES]
