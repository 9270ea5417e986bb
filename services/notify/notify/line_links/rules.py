"""What LINE tells us, whether it was LINE, and what links a person with a LINE user.

Source: LINE Developers, "Receive messages (webhook)", "Verify webhook signature", "User account linking".
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from notify.channels.line.rules import is_user_id
from notify.contact_points.rules import Person
from notify.line_content.rules import LONGEST_CONTENT_ID, LONGEST_FILENAME

# LINE's own link token lives as long.
NONCE_HOLDS = timedelta(minutes=10)
NONCE_BYTES = 32
# LINE does not say how long it sends an event again.
EVENTS_KEPT = timedelta(days=7)
# Who talks with the desk is not told each time that it has heard.
ANSWER_AGAIN_AFTER = timedelta(minutes=10)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_EVENT_ID = 64
LONGEST_REPLY_TOKEN = 200
LONGEST_NONCE = 255
LONGEST_KIND = 20
LONGEST_WORDS = 5_000
MOST_EVENTS = 500


class NotFromLine(Exception):
    """The signature is not that of our channel."""


class Unreadable(Exception):
    """The body is signed, and not what LINE sends."""


class What(StrEnum):
    """What happened; everything else that LINE tells is of no use here."""

    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    ACCOUNT_LINK = "accountLink"
    MESSAGE = "message"


class Answer(StrEnum):
    """What is said in the chat."""

    WELCOME = "welcome"
    WELCOME_BACK = "welcome_back"
    WHERE_TO_TURN = "where_to_turn"
    WHERE_TO_TURN_AND_LINK = "where_to_turn_and_link"
    LINKED = "linked"
    NOT_LINKED = "not_linked"


@dataclass(frozen=True)
class LineEvent:
    """One event of one user. `linked`: LINE's own word on an account link; `nonce`: ours.

    Of a message: `kind` is text, image, sticker and so on; `text` what was written; `content_id` by which LINE gives
    its content, where LINE has it; `filename` that of a file.
    """

    event_id: str
    what: What
    user_id: str
    at: datetime
    reply_token: str | None = None
    nonce: str = ""
    linked: bool = False
    kind: str = ""
    text: str = ""
    content_id: str = ""
    filename: str = ""


@dataclass(frozen=True)
class Intent:
    """A person who has agreed to be linked with this LINE user, and waits for LINE to ask its user.

    `label` is what the person is called in the chat: the account's name, or the case number.
    """

    person: Person
    user_id: str
    label: str


def is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether one of our channel's secrets signed these very bytes. Takes the same time whatever is wrong."""
    given = signature.encode("utf-8", "surrogatepass")
    wanted = [base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)) for secret in secrets]
    return any([hmac.compare_digest(given, each) for each in wanted])


def events_of(body: bytes) -> list[LineEvent]:
    """Those that matter here, of single users, the oldest first. Raises Unreadable."""
    try:
        told = json.loads(body)
        events = told["events"]
        if not isinstance(events, list) or len(events) > MOST_EVENTS:
            raise ValueError("no list of events")
        found = [event for each in events if (event := _event(each)) is not None]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as problem:
        raise Unreadable(type(problem).__name__) from problem
    return sorted(found, key=lambda event: event.at)


def _event(told: Mapping[str, Any]) -> LineEvent | None:
    source = told.get("source") or {}
    if told["type"] not in list(What) or source.get("type") != "user" or told.get("mode") == "standby":
        return None
    what, event_id, user_id = What(told["type"]), str(told["webhookEventId"]), str(source["userId"])
    if not is_user_id(user_id) or not 0 < len(event_id) <= LONGEST_EVENT_ID:
        raise ValueError("no user or event id")
    reply_token = told.get("replyToken")
    link = told["link"] if what is What.ACCOUNT_LINK else {}
    message = told.get("message") or {}
    return LineEvent(
        event_id=event_id,
        what=what,
        user_id=user_id,
        at=EPOCH + timedelta(milliseconds=int(told["timestamp"])),
        reply_token=reply_token
        if isinstance(reply_token, str) and len(reply_token) <= LONGEST_REPLY_TOKEN
        else None,
        nonce=str(link.get("nonce", ""))[:LONGEST_NONCE],
        linked=link.get("result") == "ok",
        kind=str(message.get("type", ""))[:LONGEST_KIND],
        text=_words(message.get("text", "")) if message.get("type") == "text" else "",
        content_id=_content_id(message),
        filename=_words(message.get("fileName", ""))[-LONGEST_FILENAME:],
    )


def _content_id(message: Mapping[str, Any]) -> str:
    """Empty where somebody else has the content (`external`): its address may lead anywhere."""
    found = str(message.get("id", ""))
    provider = message.get("contentProvider") or {"type": "line"}
    is_one = len(found) <= LONGEST_CONTENT_ID and found.isascii() and found.isalnum()
    return found if is_one and provider.get("type") == "line" else ""


def _words(text: object) -> str:
    """What was written, as PostgreSQL and JSON can hold it."""
    plain = str(text)[:LONGEST_WORDS].replace("\x00", "")
    return plain.encode("utf-8", "replace").decode("utf-8")


def digest_of(nonce: str) -> bytes:
    """What is kept of a nonce: who reads the table cannot use it."""
    return hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).digest()
