"""What providers post to us: is it theirs, and what does it say? For every channel whose provider tells more later."""

import hashlib
import hmac
import json
from typing import Any

from notify.channels.rules import Webhook, WebhookForged, WebhookUnreadable

SIGNATURE = "x-signature"
PREFIX = "sha256="


def check_signature(webhook: Webhook, keys: str) -> None:
    """`X-Signature: sha256=<hex>`, an HMAC over the bytes of the body. Several keys, during a change, with commas.

    Raises WebhookForged.
    """
    given = webhook.headers.get(SIGNATURE, "").removeprefix(PREFIX).encode("utf-8", "replace")
    for key in filter(None, keys.split(",")):
        expected = hmac.new(key.encode(), webhook.body, hashlib.sha256).hexdigest()
        if hmac.compare_digest(given, expected.encode()):
            return
    raise WebhookForged


def check_token(webhook: Webhook, tokens: str) -> None:
    """`Authorization: Bearer <token>`. Raises WebhookForged."""
    given = webhook.headers.get("authorization", "").encode("utf-8", "replace")
    for token in filter(None, tokens.split(",")):
        if hmac.compare_digest(given, f"Bearer {token}".encode()):
            return
    raise WebhookForged


def read_object(webhook: Webhook) -> dict[str, Any]:
    """The body as a JSON object. Raises WebhookUnreadable."""
    try:
        content = json.loads(webhook.body)
    except (ValueError, RecursionError):
        raise WebhookUnreadable("no JSON") from None
    if not isinstance(content, dict):
        raise WebhookUnreadable("no JSON object")
    return content


def text_of(content: dict[str, Any], name: str, longest: int) -> str:
    """A text of the object, or nothing where it has none. Raises WebhookUnreadable."""
    value = content.get(name) or ""
    if not isinstance(value, str) or len(value) > longest:
        raise WebhookUnreadable(name)
    return value
