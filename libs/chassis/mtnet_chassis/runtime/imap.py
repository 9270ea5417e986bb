"""A mailbox over IMAP (RFC 3501, and IDLE of RFC 2177 where the server has it): what is new, marked once it is safe."""

from __future__ import annotations

import imaplib
import select
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20
# A server without IDLE is asked again after so long.
ASK_AGAIN_SECONDS = 15.0
# Of the one command that the library does not know; its own begin with other letters or numbers.
OWN_TAG = b"WAIT1"
# Mails that are not marked as read but put away are kept here, for a person to look at.
UNREAD = "unread"


class MailboxAway(Exception):
    """The server is away, does not let us in, or says what makes no sense. The text holds none of its words."""


class ImapMailbox:
    """One connection to one mailbox, opened again as needed. Every method raises MailboxAway.

    `imaps://user:password@host/INBOX`, `imap://…?starttls=1`, or `imap://host:143` inside a machine. A mail is named by
    its UID, which holds for as long as the connection. Of a mail `largest_bytes` are read. `variable` is where the
    address stands, for whoever has to mend it.
    """

    def __init__(self, url: str, variable: str, largest_bytes: int) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise ValueError(
                f"{variable} is an address such as imaps://user:password@mail.example.com/INBOX."
            )
        self._largest_bytes = largest_bytes
        self._host = parts.hostname
        self._encrypted = parts.scheme == "imaps"
        self._starttls = "starttls=1" in parts.query
        self._port = parts.port or (993 if self._encrypted else 143)
        self._user, self._password = unquote(parts.username), unquote(parts.password or "")
        self._folder = unquote(parts.path.strip("/")) or "INBOX"
        self._connection: imaplib.IMAP4 | None = None
        self._uid_validity: bytes | None = None

    def new_mails(self, most: int) -> list[str]:
        """The first so many that nobody has marked as read."""
        self._ask("noop")  # a server tells of new mails between commands
        (found,) = self._uid("SEARCH", "UNSEEN UNDELETED")[:1] or [b""]
        return (found or b"").decode("ascii", "replace").split()[:most]

    def content(self, uid: str) -> bytes:
        """The beginning of a mail, which stays unread. Empty when it is gone."""
        for part in self._uid("FETCH", uid, f"(BODY.PEEK[]<0.{self._largest_bytes}>)"):
            if isinstance(part, tuple) and len(part) > 1:
                return bytes(part[1])
        return b""

    def mark_read(self, uids: Sequence[str]) -> None:
        if uids:
            self._uid("STORE", ",".join(uids), "+FLAGS.SILENT (\\Seen)")

    def set_aside(self, uids: Sequence[str]) -> None:
        """Move mails to the folder for what nobody could make sense of."""
        if not uids:
            return
        self._ask("create", UNREAD, may_fail=True)
        self._uid("COPY", ",".join(uids), UNREAD)
        self._uid("STORE", ",".join(uids), "+FLAGS.SILENT (\\Seen \\Deleted)")
        self._ask("expunge")

    def remove_read_before(self, day: date) -> int:
        """Mails that were read, by the day they came. Returns how many went."""
        return self._remove(f"SEEN BEFORE {_imap_day(day)}")

    def keep_newest_aside(self, most: int, before: date) -> int:
        """Of what was set aside, keep so many and none from before a day. Returns how many went."""
        try:
            if self._ask("select", f'"{UNREAD}"', may_fail=True) is None:
                return 0
            (found,) = self._uid("SEARCH", "UNDELETED")[:1] or [b""]
            uids = (found or b"").split()
            gone = self._delete([uid.decode() for uid in uids[: max(0, len(uids) - most)]])
            return gone + self._remove(f"BEFORE {_imap_day(before)}")
        finally:
            self._connected(select_again=True)

    def wait(self, seconds: float) -> None:
        """Until something new may have come, or so long. `interrupt` ends it."""
        connection = self._connected()
        try:
            if "IDLE" not in connection.capabilities:
                self._readable(connection, min(seconds, ASK_AGAIN_SECONDS))
                connection.noop()
                return
            connection.send(OWN_TAG + b" IDLE\r\n")
            if not connection.readline().startswith(b"+"):
                raise imaplib.IMAP4.abort("IDLE")
            self._readable(connection, seconds)
            connection.send(b"DONE\r\n")
            while not connection.readline().startswith(OWN_TAG):
                pass
        except (imaplib.IMAP4.error, OSError, ValueError) as problem:
            self.close()
            raise MailboxAway(type(problem).__name__) from problem

    def interrupt(self) -> None:
        """End a wait of another thread: it is time to stop."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(imaplib.IMAP4.error, OSError, ValueError):
                connection.logout()
            with suppress(OSError, ValueError):
                connection.shutdown()

    @staticmethod
    def _readable(connection: imaplib.IMAP4, seconds: float) -> None:
        if not (isinstance(connection.sock, ssl.SSLSocket) and connection.sock.pending()):
            select.select([connection.sock], [], [], seconds)

    def _remove(self, which: str) -> int:
        (found,) = self._uid("SEARCH", which)[:1] or [b""]
        return self._delete([uid.decode() for uid in (found or b"").split()])

    def _delete(self, uids: Sequence[str]) -> int:
        for start in range(0, len(uids), 500):
            self._uid("STORE", ",".join(uids[start : start + 500]), "+FLAGS.SILENT (\\Deleted)")
        if uids:
            self._ask("expunge")
        return len(uids)

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        return self._ask("uid", command, *arguments) or []

    def _ask(self, method: str, *arguments: str, may_fail: bool = False) -> list[Any] | None:
        """The server's answer; None when it says no and may."""
        connection = self._connected()
        try:
            answer, data = getattr(connection, method)(*arguments)
        except (imaplib.IMAP4.error, OSError, ValueError) as problem:
            self.close()
            raise MailboxAway(type(problem).__name__) from problem
        if answer != "OK":
            if may_fail:
                return None
            self.close()
            raise MailboxAway(
                f"{method} {arguments[0] if method == 'uid' else ''}: {answer}".replace(" :", ":")
            )
        return list(data)

    def _connected(self, *, select_again: bool = False) -> imaplib.IMAP4:
        if self._connection is not None and not select_again:
            return self._connection
        try:
            if self._connection is None:
                self._connection = self._opened()
            answer, _ = self._connection.select(f'"{self._folder}"')
            validity = self._connection.response("UIDVALIDITY")[1][0]
        except (imaplib.IMAP4.error, OSError, ValueError) as problem:
            self.close()
            raise MailboxAway(type(problem).__name__) from problem
        if answer != "OK":
            self.close()
            raise MailboxAway(f"select: {answer}")
        if validity != (known := self._uid_validity):
            self._uid_validity = validity
            if known is not None:
                # The mailbox was made anew while we were away: what we know by number is another mail now.
                self.close()
                raise MailboxAway("UIDVALIDITY")
        return self._connection

    def _opened(self) -> imaplib.IMAP4:
        secure = ssl.create_default_context()
        if self._encrypted:
            connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                self._host, self._port, ssl_context=secure, timeout=TIMEOUT_SECONDS
            )
        else:
            connection = imaplib.IMAP4(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            if self._starttls:
                connection.starttls(secure)
            connection.login(self._user, self._password)
        except BaseException:
            with suppress(OSError):
                connection.shutdown()
            raise
        return connection


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _imap_day(day: date) -> str:
    return f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year}"
