"""The kept messages: SQLite, bounded, surviving a restart when it has a file."""

import json
import sqlite3
from datetime import datetime

from sandbox.messages import Attachment, Message

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, recipient TEXT NOT NULL,
    sender TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL,
    headers TEXT NOT NULL, received_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS message_recipient ON message (recipient);
CREATE TABLE IF NOT EXISTS attachment (
    message_id INTEGER NOT NULL REFERENCES message ON DELETE CASCADE, position INTEGER NOT NULL,
    name TEXT NOT NULL, content_type TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (message_id, position)
);
CREATE TABLE IF NOT EXISTS sms_reference (reference TEXT PRIMARY KEY, message_id INTEGER NOT NULL);
"""
COLUMNS = "id, channel, recipient, sender, subject, text, html, headers, received_at"


class Inbox:
    """Every message that a person would have received; the oldest go when there are more than `keep`."""

    def __init__(self, path: str = ":memory:", keep: int = 5000) -> None:
        self._keep = keep
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA foreign_keys = ON")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        self._database.close()

    def add(self, messages: list[Message], reference: str | None = None) -> int:
        """Keeps the messages together and returns the last one's id; one to a gateway with its sender's reference."""
        number = 0
        self._database.execute("BEGIN")
        for message in messages:
            number = self._insert(message)
        if reference is not None:
            self._database.execute("INSERT INTO sms_reference VALUES (?, ?)", (reference, number))
        self._database.execute("DELETE FROM message WHERE id <= ?", (number - self._keep,))
        self._database.execute("DELETE FROM sms_reference WHERE message_id <= ?", (number - self._keep,))
        self._database.execute("COMMIT")
        return number

    def _insert(self, message: Message) -> int:
        number = self._database.execute(
            "INSERT INTO message (channel, recipient, sender, subject, text, html, headers, received_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message.channel,
                message.to,
                message.sender,
                message.subject,
                message.text,
                message.html,
                json.dumps(message.headers, ensure_ascii=False),
                message.received_at.isoformat(),
            ),
        ).lastrowid
        assert number is not None  # noqa: S101 - an INSERT has one
        for position, each in enumerate(message.attachments):
            self._database.execute(
                "INSERT INTO attachment VALUES (?, ?, ?, ?, ?)",
                (number, position, each.name, each.content_type, each.content),
            )
        return number

    def sent_before(self, reference: str) -> int | None:
        """The id of the message that a gateway accepted under this reference."""
        row = self._database.execute(
            "SELECT message_id FROM sms_reference WHERE reference = ?", (reference,)
        ).fetchone()
        return None if row is None else int(row[0])

    def newest_first(
        self, *, to: str = "", channel: str = "", after: int = 0, containing: str = "", limit: int = 500
    ) -> list[Message]:
        """Messages with a larger id than `after`; `to` in full, `containing` a part of an address."""
        rows = self._database.execute(
            f"SELECT {COLUMNS} FROM message WHERE id > ? AND (? = '' OR recipient = ?) "
            "AND (? = '' OR channel = ?) AND instr(lower(recipient), lower(?)) > 0 ORDER BY id DESC LIMIT ?",
            (after, to, to, channel, channel, containing, limit),
        ).fetchall()
        return [self._message(row) for row in rows]

    def message(self, number: int) -> Message | None:
        row = self._database.execute(f"SELECT {COLUMNS} FROM message WHERE id = ?", (number,)).fetchone()
        return None if row is None else self._message(row)

    def recipients(self) -> list[str]:
        rows = self._database.execute(
            "SELECT recipient FROM message GROUP BY recipient ORDER BY max(id) DESC LIMIT 200"
        ).fetchall()
        return [str(row[0]) for row in rows]

    def empty(self) -> None:
        """Forgets the messages; what was accepted under a reference stays accepted."""
        self._database.execute("DELETE FROM message")

    def _message(self, row: tuple[int, str, str, str, str, str, str, str, str]) -> Message:
        number, channel, recipient, sender, subject, text, html, headers, received_at = row
        attachments = self._database.execute(
            "SELECT name, content_type, content FROM attachment WHERE message_id = ? ORDER BY position",
            (number,),
        ).fetchall()
        return Message(
            channel=channel,
            to=recipient,
            sender=sender,
            subject=subject,
            text=text,
            html=html,
            headers=json.loads(headers),
            attachments=tuple(Attachment(*each) for each in attachments),
            received_at=datetime.fromisoformat(received_at),
            id=number,
        )
