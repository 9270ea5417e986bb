"""The users of the LINE stand-in and what they see: people survive a restart, crowds for measurements do not."""

import json
import sqlite3
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS line_user (
    user_id TEXT PRIMARY KEY, name TEXT NOT NULL, friend INTEGER NOT NULL, blocked INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS line_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, own INTEGER NOT NULL, content TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS line_message_user ON line_message (user_id, id);
"""
LONGEST_NAME = 20
LONGEST_WORDS = 500
MOST_PEOPLE = 200
MOST_MESSAGES = 200
MOST_TEXTS = 1000
MOST_CROWD = 200_000


@dataclass(frozen=True)
class ChatMessage:
    """One message in a chat; `own` was written by the user. `content` is a message object of the Messaging API."""

    id: int
    own: bool
    content: dict[str, Any]
    at: datetime


@dataclass
class User:
    """Somebody with LINE. `person`: has a chat page; a crowd is only counted."""

    user_id: str
    name: str
    person: bool
    friend: bool = False
    blocked: bool = False
    messages: deque[ChatMessage] = field(default_factory=lambda: deque(maxlen=MOST_MESSAGES))

    @property
    def hears(self) -> bool:
        return self.friend and not self.blocked


class Users:
    def __init__(self, path: str = ":memory:") -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(SCHEMA)
        self._users: dict[str, User] = {}
        self._last_id = 0
        # By text, how often each user got it: a message that came twice shows here, whatever key it had.
        self._received: dict[str, Counter[str]] = {}
        self._load()

    def _load(self) -> None:
        for user_id, name, friend, blocked in self._database.execute(
            "SELECT user_id, name, friend, blocked FROM line_user"
        ):
            self._users[user_id] = User(user_id, name, True, bool(friend), bool(blocked))
        for number, user_id, own, content, at in self._database.execute(
            "SELECT id, user_id, own, content, at FROM line_message ORDER BY id"
        ):
            self._last_id = max(self._last_id, number)
            message = ChatMessage(number, bool(own), json.loads(content), datetime.fromisoformat(at))
            if user_id in self._users:
                self._users[user_id].messages.append(message)

    def close(self) -> None:
        self._database.close()

    def get(self, user_id: str) -> User | None:
        return self._users.get(user_id)

    def people(self) -> list[User]:
        return [user for user in self._users.values() if user.person]

    def new_person(self, name: str) -> User:
        """The first of too many people has to go."""
        if len(people := self.people()) >= MOST_PEOPLE:
            self._forget(people[0])
        user = User(f"U{token_hex(16)}", name[:LONGEST_NAME], person=True)
        self._users[user.user_id] = user
        self.save(user)
        return user

    def new_crowd(self, count: int) -> list[str]:
        """So many friends without a chat page."""
        crowd = [f"U{token_hex(16)}" for _ in range(min(count, MOST_CROWD))]
        self._users |= {one: User(one, "-", person=False, friend=True) for one in crowd}
        return crowd

    def save(self, user: User) -> None:
        if user.person:
            self._database.execute(
                "INSERT INTO line_user VALUES (?, ?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET"
                " name = excluded.name, friend = excluded.friend, blocked = excluded.blocked",
                (user.user_id, user.name, user.friend, user.blocked),
            )

    def show(self, user: User, content: dict[str, Any], *, own: bool = False) -> ChatMessage:
        """Into the person's chat; the oldest of too many messages goes."""
        self._last_id += 1
        message = ChatMessage(self._last_id, own, content, datetime.now(UTC))
        user.messages.append(message)
        self._database.execute(
            "INSERT INTO line_message VALUES (?, ?, ?, ?, ?)",
            (message.id, user.user_id, own, json.dumps(content, ensure_ascii=False), message.at.isoformat()),
        )
        self._database.execute(
            "DELETE FROM line_message WHERE user_id = ? AND id < ?", (user.user_id, user.messages[0].id)
        )
        return message

    def count(self, recipients: Iterable[str], contents: list[dict[str, Any]]) -> None:
        """That each of them got this."""
        text = sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
        if text not in self._received and len(self._received) >= MOST_TEXTS:
            del self._received[next(iter(self._received))]
        self._received.setdefault(text, Counter()).update(recipients)

    def received(self, user_id: str) -> int:
        return sum(counter[user_id] for counter in self._received.values())

    def doubled(self) -> int:
        """How many messages somebody got once more than once."""
        return sum(
            times - 1 for counter in self._received.values() for times in counter.values() if times > 1
        )

    def reached(self) -> int:
        return sum(counter.total() for counter in self._received.values())

    def empty(self) -> None:
        """Nobody is there any more, and nothing was received."""
        self._users.clear()
        self._received.clear()
        self._database.execute("DELETE FROM line_message")
        self._database.execute("DELETE FROM line_user")

    def _forget(self, user: User) -> None:
        del self._users[user.user_id]
        self._database.execute("DELETE FROM line_message WHERE user_id = ?", (user.user_id,))
        self._database.execute("DELETE FROM line_user WHERE user_id = ?", (user.user_id,))
