"""The rules of the LINE platform: retry keys, rates, the month's quota, reply tokens, link tokens."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex, token_urlsafe
from typing import Any
from uuid import UUID, uuid4

from sandbox.line.users import User, Users

RETRY_KEY_SECONDS = 24 * 3600
LINK_TOKEN_SECONDS = 600
REPLY_TOKEN_SECONDS = 60
PER_SECOND = {"push": 2000, "multicast": 200}
MOST_RECIPIENTS = {"push": 1, "multicast": 500}
MOST_MESSAGES = 5
LONGEST_TEXT = 5000
# Of each; the oldest go.
MOST_KEPT = 500_000
MOST_CONTENTS = 30
BOT_ID = "U" + "b07" * 10 + "b0"

MONTHLY_LIMIT = "You have reached your monthly limit."
RATE_LIMIT = "The API rate limit has been exceeded. Try again later."
CONCURRENCY_LIMIT = "The number of concurrent operations has exceeded the limit."
FAILED = "Failed to send messages"


class Refused(Exception):
    """The platform answers this status, with this text as `message`."""

    def __init__(self, status: int, message: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.accepted_request_id = request_id


@dataclass
class Tried:
    """What became of the requests with one retry key."""

    first_at: float
    tries: int = 0
    request_id: str | None = None


class Platform:
    """`clock`: seconds; `show` is called with each message that a person sees."""

    def __init__(
        self,
        users: Users,
        show: Callable[[User, dict[str, Any]], None] = lambda user, content: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.users = users
        self._show = show
        self._clock = clock
        self.keys: OrderedDict[UUID, Tried] = OrderedDict()
        self._reply_tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._link_tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._window: dict[str, tuple[int, int]] = {}
        self.accepted: Counter[str] = Counter()
        self.quota: int | None = None
        self._used: Counter[str] = Counter()
        self._contents: OrderedDict[str, tuple[bytes, str]] = OrderedDict()

    def keep_content(self, content_id: str, content: bytes, media_type: str) -> None:
        """A picture that somebody sent; the oldest of too many goes."""
        self._contents[content_id] = (content, media_type)
        while len(self._contents) > MOST_CONTENTS:
            self._contents.popitem(last=False)

    def content(self, content_id: str) -> tuple[bytes, str]:
        """Bytes and media type. Raises Refused."""
        if content_id not in self._contents:
            raise Refused(404, "Not found")
        return self._contents[content_id]

    def send(self, endpoint: str, to: list[str], messages: Any, key: str | None) -> str:
        """A push or multicast. Returns the id of the request that is accepted. Raises Refused."""
        self._take_turn(endpoint)
        tried = self._tried(key)
        if tried is not None and tried.request_id is not None:
            raise Refused(409, "The retry key is already accepted", tried.request_id)
        contents = checked_messages(messages)
        if not 0 < len(to) <= MOST_RECIPIENTS[endpoint] or not all(isinstance(one, str) for one in to):
            raise Refused(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        found = [user for one in to if (user := self.users.get(one)) is not None]
        if endpoint == "push" and not found:
            raise Refused(400, FAILED)
        hearing = [user for user in found if user.hears]
        if self.quota is not None and self.used() + len(hearing) > self.quota:
            raise Refused(429, MONTHLY_LIMIT)
        request_id = str(uuid4())
        if tried is not None:
            tried.request_id = request_id
        self.accepted[endpoint] += 1
        self._used[_month()] += len(hearing)
        self._deliver(hearing, contents)
        return request_id

    def reply(self, reply_token: str, messages: Any) -> str:
        """Raises Refused."""
        contents = checked_messages(messages)
        user_id, until = self._reply_tokens.pop(reply_token, ("", 0.0))
        user = self.users.get(user_id)
        if user is None or self._clock() > until:
            raise Refused(400, "Invalid reply token")
        self.accepted["reply"] += 1
        if user.hears:
            self._deliver([user], contents)
        return str(uuid4())

    def empty(self) -> None:
        """As on the first day: nobody there, nothing sent."""
        self.users.empty()
        for kept in (
            self.keys,
            self._reply_tokens,
            self._link_tokens,
            self._window,
            self.accepted,
            self._used,
        ):
            kept.clear()
        self.quota = None

    def used(self) -> int:
        """Messages of this month."""
        return self._used[_month()]

    def new_reply_token(self, user: User) -> str:
        token = token_hex(16)
        _keep(self._reply_tokens, token, (user.user_id, self._clock() + REPLY_TOKEN_SECONDS))
        return token

    def last_reply_token(self, user_id: str) -> str | None:
        """The newest that works."""
        found = (token for token, (owner, _) in reversed(self._reply_tokens.items()) if owner == user_id)
        return next(found, None)

    def new_link_token(self, user_id: str) -> str:
        """Raises Refused."""
        user = self.users.get(user_id)
        if user is None or not user.hears:
            raise Refused(400, "The user is not a friend of the LINE Official Account")
        token = token_urlsafe(24)
        _keep(self._link_tokens, token, (user_id, self._clock() + LINK_TOKEN_SECONDS))
        return token

    def owner_of_link_token(self, token: str) -> User | None:
        user_id, until = self._link_tokens.get(token, ("", 0.0))
        return self.users.get(user_id) if self._clock() <= until else None

    def use_link_token(self, token: str) -> User | None:
        owner = self.owner_of_link_token(token)
        self._link_tokens.pop(token, None)
        return owner

    def _deliver(self, users: Iterable[User], contents: list[dict[str, Any]]) -> None:
        users = list(users)
        self.users.count((user.user_id for user in users), contents)
        for user in users:
            if user.person:
                for content in contents:
                    self.users.show(user, content)
                    self._show(user, content)

    def _take_turn(self, endpoint: str) -> None:
        second, count = self._window.get(endpoint, (0, 0))
        now = int(self._clock())
        count = count + 1 if second == now else 1
        self._window[endpoint] = (now, count)
        if count > PER_SECOND[endpoint]:
            raise Refused(429, RATE_LIMIT)

    def _tried(self, key: str | None) -> Tried | None:
        if key is None:
            return None
        try:
            name = UUID(key)
        except ValueError:
            raise Refused(400, "The value for the 'X-Line-Retry-Key' header is invalid") from None
        tried = self.keys.get(name)
        if tried is None or self._clock() - tried.first_at > RETRY_KEY_SECONDS:
            _keep(self.keys, name, tried := Tried(self._clock()))
        tried.tries += 1
        return tried


def checked_messages(messages: Any) -> list[dict[str, Any]]:
    """Raises Refused where one is no text or button as LINE takes them."""
    if not isinstance(messages, list) or not 0 < len(messages) <= MOST_MESSAGES:
        raise Refused(400, "The request body has 1 error(s): messages")
    for message in messages:
        if not isinstance(message, dict) or not _is_right(message):
            raise Refused(400, "The request body has 1 error(s): messages[].type or .text")
    return messages


def _is_right(message: dict[str, Any]) -> bool:
    match message:
        case {"type": "text", "text": str(text)}:
            return 0 < len(text.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST_TEXT
        case {
            "type": "template",
            "altText": str(instead),
            "template": {"type": "buttons", "text": str(text), "actions": [*actions]},
        }:
            return (
                0 < len(instead) <= 1500
                and 0 < len(text) <= 160
                and 0 < len(actions) <= 4
                and all(_is_link(one) for one in actions)
            )
    return False


def _is_link(action: Any) -> bool:
    match action:
        case {"type": "uri", "label": str(label), "uri": str(uri)}:
            return 0 < len(label) <= 20 and len(uri) <= 1000 and uri.startswith(("http://", "https://"))
    return False


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def _month() -> str:
    return datetime.now(UTC).strftime("%Y-%m")
