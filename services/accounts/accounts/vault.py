"""Keep ID numbers and shared secrets encrypted, find numbers by a keyed index, and hash tokens and codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.key_file import KeyFile, keys_from
from accounts.settings import Settings


@dataclass(frozen=True)
class SealedNumber:
    """An ID number as stored: ciphertext, the id of its key, and the keyed index to find it by."""

    ciphertext: bytes
    key_id: str
    index: bytes


class Vault:
    """`keys` by id, the first being the current one; `index_key` makes equal numbers findable."""

    def __init__(self, keys: dict[str, bytes], index_key: bytes) -> None:
        self._keys = keys
        self._current = next(iter(keys))
        self._index_key = index_key

    def seal(self, number: str, application_id: UUID) -> SealedNumber:
        """Bound to its application: a ciphertext moved to another row does not open."""
        nonce = os.urandom(12)
        box = AESGCM(self._keys[self._current]).encrypt(nonce, number.encode(), application_id.bytes)
        return SealedNumber(nonce + box, self._current, self.index(number))

    def open(self, sealed: SealedNumber, application_id: UUID) -> str:
        nonce, box = sealed.ciphertext[:12], sealed.ciphertext[12:]
        return AESGCM(self._keys[sealed.key_id]).decrypt(nonce, box, application_id.bytes).decode()

    @property
    def current_key(self) -> str:
        """The id of the key that is written with."""
        return self._current

    @property
    def key_ids(self) -> frozenset[str]:
        return frozenset(self._keys)

    def resealed(self, ciphertext: bytes, key_id: str, bound_to: UUID) -> bytes:
        """The same text under the current key. Raises InvalidTag where it was altered or belongs to another row."""
        opened = AESGCM(self._keys[key_id]).decrypt(ciphertext[:12], ciphertext[12:], bound_to.bytes)
        nonce = os.urandom(12)
        return nonce + AESGCM(self._keys[self._current]).encrypt(nonce, opened, bound_to.bytes)

    def seal_secret(self, secret: str, context: UUID) -> tuple[bytes, str]:
        """The ciphertext of a secret that is bound to its row, and the id of its key."""
        nonce = os.urandom(12)
        box = AESGCM(self._keys[self._current]).encrypt(nonce, secret.encode(), context.bytes)
        return nonce + box, self._current

    def open_secret(self, ciphertext: bytes, key_id: str, context: UUID) -> str:
        return AESGCM(self._keys[key_id]).decrypt(ciphertext[:12], ciphertext[12:], context.bytes).decode()

    def index(self, number: str) -> bytes:
        return hmac.digest(self._index_key, b"id-number:" + number.encode(), "sha256")

    def person_key(self, index: bytes) -> str:
        """The fingerprint that other services see: of no use for finding the number in our tables."""
        return (
            base64.urlsafe_b64encode(hmac.digest(self._index_key, b"person-key:" + index, "sha256")[:16])
            .decode()
            .rstrip("=")
        )

    def name_index(self, account_name: str) -> bytes:
        """To count wrong passwords under a name without keeping what was typed."""
        return hmac.digest(self._index_key, b"name:" + account_name.lower().encode(), "sha256")

    def subject_index(self, kind: str, value: str) -> bytes:
        """To recognise an account, mailbox, source or device without storing it: they are only counted or compared."""
        return hmac.digest(self._index_key, f"{kind}:".encode() + value.encode(), "sha256")

    def question_index(self, asked: str) -> bytes:
        """To count questions about a case without keeping what was asked."""
        return hmac.digest(self._index_key, b"question:" + asked.encode(), "sha256")

    def code_hash(self, challenge_id: UUID, code: str) -> bytes:
        """A million codes are soon tried: without the key the hash is no help."""
        return hmac.digest(self._index_key, b"code:" + challenge_id.bytes + code.encode(), "sha256")


@cache
def _key_file(path: str) -> KeyFile:
    return KeyFile(Path(path))


def key_file_of(settings: Settings) -> KeyFile | None:
    """The file that the keys are in; None where they are in the environment."""
    return _key_file(settings.id_number_keys_file) if settings.id_number_keys_file else None


def vault_of(settings: Settings) -> Vault:
    """The vault with the keys there are now. Raises KeysUnreadable, OSError."""
    file = key_file_of(settings)
    return Vault(file.keys() if file else keys_from(settings.id_number_keys), settings.blind_index_key)


def new_token() -> str:
    """256 bits of chance, safe in a URL."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Tokens are long enough that a plain hash keeps them safe."""
    return hashlib.sha256(token.encode()).digest()


def new_code(digits: int) -> str:
    return f"{secrets.randbelow(10**digits):0{digits}d}"
