"""The keys that statements are signed with: one for each quarter of a year, made of the private key of actors.

The key of the next quarter is published a quarter before it signs, that of the last one a quarter after. So nobody has
to rotate them, no process needs to be told, and there is no further secret to keep.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"mtnet account statements "


def quarter_of(now: datetime) -> int:
    """Counted from the year 0; `now` is a UTC instant."""
    return now.year * 4 + (now.month - 1) // 3


def signing_key(private_key: bytes, quarter: int) -> Ed25519PrivateKey:
    """`private_key`: 32 bytes that only accounts has."""
    derived = HKDF(SHA256(), 32, salt=None, info=PURPOSE + str(quarter).encode()).derive(private_key)
    return Ed25519PrivateKey.from_private_bytes(derived)


def key_id(key: Ed25519PrivateKey) -> str:
    """The thumbprint of its public part (RFC 7638, RFC 8037 appendix A.3)."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": _public(key)}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return _encoded(hashlib.sha256(text.encode()).digest())


def public_keys(private_key: bytes, now: datetime) -> list[dict[str, str]]:
    """As JWK: the key that signs now first, then the next one, then the one before."""
    quarter = quarter_of(now)
    keys = [signing_key(private_key, each) for each in (quarter, quarter + 1, quarter - 1)]
    return [
        {
            "kid": key_id(key),
            "kty": "OKP",
            "crv": "Ed25519",
            "x": _public(key),
            "use": "sig",
            "alg": "EdDSA",
        }
        for key in keys
    ]


def _public(key: Ed25519PrivateKey) -> str:
    return _encoded(key.public_key().public_bytes_raw())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
