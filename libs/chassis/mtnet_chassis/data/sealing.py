"""Seal a short secret so that one service alone can open it: X25519, HKDF-SHA256, AES-256-GCM."""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):
    """Not sealed for this key or this context, or altered on the way."""


def seal(public_key: str, text: str, context: str) -> str:
    """Seal `text` for the holder of the private key; opening it takes the same `context` (e.g. the challenge id).

    `public_key` is base64 of 32 raw bytes; the result is base64 of ephemeral key, nonce and ciphertext.
    """
    ephemeral = X25519PrivateKey.generate()
    sender = ephemeral.public_key().public_bytes_raw()
    recipient = base64.b64decode(public_key)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    nonce = os.urandom(12)
    box = AESGCM(_key(shared, sender, recipient)).encrypt(nonce, text.encode(), context.encode())
    return base64.b64encode(sender + nonce + box).decode()


def unseal(private_key: str, sealed: str, context: str) -> str:
    """Raises SealBroken."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        sender, nonce, box = raw[:32], raw[32:44], raw[44:]
        own = X25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
        shared = own.exchange(X25519PublicKey.from_public_bytes(sender))
        key = _key(shared, sender, own.public_key().public_bytes_raw())
        return AESGCM(key).decrypt(nonce, box, context.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError) as problem:
        raise SealBroken("cannot be opened with this key and context") from problem


def _key(shared: bytes, sender: bytes, recipient: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=sender + recipient, info=b"mtnet-seal-1").derive(shared)
