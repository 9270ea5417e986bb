"""The token in the link of a chat: which LINE user it was written to, signed by us.

LINE's own link token lives ten minutes. This one is in the chat's button for a day, and LINE's is asked for when its
holder goes on, so that nobody has to hurry, and the page can name both sides before anything is linked.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta

from notify.channels.line.rules import is_user_id

HOLDS = timedelta(days=1)
TAG_BYTES = 16
USER_BYTES, TIME_BYTES = 16, 5
PURPOSE = b"mtnet line link"


class LinkTokenNotValid(Exception):
    """It is not ours, was altered, or is too old."""


def link_token(secret: str, user_id: str, now: datetime) -> str:
    """For this user's chat, until a day from now. 50 characters that a URL takes as they are."""
    if not is_user_id(user_id):
        raise ValueError("no LINE user id")
    until = int((now + HOLDS).timestamp())
    said = bytes.fromhex(user_id[1:]) + until.to_bytes(TIME_BYTES, "big")
    return base64.urlsafe_b64encode(said + _tag(secret, said)).rstrip(b"=").decode()


def user_of_link_token(secrets: tuple[str, ...], token: str, now: datetime) -> str:
    """Raises LinkTokenNotValid. `secrets`: those that sign, the present one first."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as problem:
        raise LinkTokenNotValid from problem
    said, tag = raw[: USER_BYTES + TIME_BYTES], raw[USER_BYTES + TIME_BYTES :]
    if not any(hmac.compare_digest(tag, _tag(secret, said)) for secret in secrets):
        raise LinkTokenNotValid
    if now > datetime.fromtimestamp(int.from_bytes(said[USER_BYTES:], "big"), UTC):
        raise LinkTokenNotValid
    return f"U{said[:USER_BYTES].hex()}"


def _tag(secret: str, said: bytes) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + said, "sha256")[:TAG_BYTES]
