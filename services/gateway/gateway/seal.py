"""The seal on tokens that the gateway hands out: a session's, a device's, a form's."""

from __future__ import annotations

import base64
import hmac

LONGEST_TOKEN = 300
TAG_BYTES = 16


class Seal:
    """A tag behind each session token, made with a key that only gateways have.

    A token that was invented is known by it without asking anybody, so inventing tokens costs us nothing. The tag
    proves no more than that: whether the session lives, accounts decides.
    """

    def __init__(self, secret_key: str, purpose: bytes = b"session token") -> None:
        """What was sealed for one purpose is worth nothing for another."""
        self._key = hmac.digest(secret_key.encode(), purpose, "sha256")

    def sealed(self, token: str) -> str:
        return f"{token}.{self._tag(token)}"

    def opened(self, text: str | None) -> str | None:
        """The token, or None where the tag is not ours."""
        if not text or len(text) > LONGEST_TOKEN or not text.isascii():
            return None
        token, _, tag = text.rpartition(".")
        return token if token and hmac.compare_digest(tag, self._tag(token)) else None

    def _tag(self, token: str) -> str:
        tag = hmac.digest(self._key, token.encode(), "sha256")[:TAG_BYTES]
        return base64.urlsafe_b64encode(tag).rstrip(b"=").decode()
