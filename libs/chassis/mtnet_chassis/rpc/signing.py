"""What one service signs and every other can read: values as JSON, and a signature that holds for one purpose."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

# Signed together with the values, and no JSON begins so: what was signed for one purpose is nothing to another.
SIGNED_ACTOR = b""
SIGNED_PASS = b"mtnet pass of an application\0"
SIGNED_STATEMENT = b"mtnet statement about an account\0"
SIGNED_CLIENT = b"mtnet pass of a client\0"


class NotSigned(Exception):
    """The token lacks a part, was altered, or was signed with another key or for another purpose."""


def signed(key: Ed25519PrivateKey, purpose: bytes, values: dict[str, Any]) -> str:
    body = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    return f"{_encode(body)}.{_encode(key.sign(purpose + body))}"


def read(key: Ed25519PublicKey, purpose: bytes, token: str) -> dict[str, Any]:
    """Raises NotSigned."""
    try:
        body_text, _, signature_text = token.partition(".")
        body = _decode(body_text)
        key.verify(_decode(signature_text), purpose + body)
        values: dict[str, Any] = json.loads(body)
    except (InvalidSignature, binascii.Error, ValueError) as problem:
        raise NotSigned from problem
    return values


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
