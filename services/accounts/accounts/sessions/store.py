"""SQL of sessions: opaque tokens (stored as hashes), their use and end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.devices.rules import device_of
from accounts.sessions.rules import OwnSession, Session
from accounts.sources import known_address


class SessionStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add_session(
        self, session: Session, token_hash: bytes, *, ip: str | None, user_agent: str | None
    ) -> None:
        self._tx.execute(
            "INSERT INTO session (token_hash, session_id, account_id, started_at, touched_at,"
            " previous_login_at, ip, user_agent, confirmed_at, needs_consent)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                token_hash,
                session.session_id,
                session.account_id,
                session.started_at,
                session.touched_at,
                session.previous_login_at,
                known_address(ip),
                user_agent,
                session.confirmed_at,
                session.needs_consent,
            ),
        )

    def open_session(self, token_hash: bytes) -> Session | None:
        """A session that has not ended, of an account that may still log in; the rules say how long it lives."""
        row = self._tx.execute(
            "SELECT session_id, account_id, started_at, touched_at, previous_login_at, confirmed_at, needs_consent"
            " FROM session JOIN account USING (account_id)"
            " WHERE token_hash = %s AND ended_at IS NULL AND account.state = 'active'",
            (token_hash,),
        ).fetchone()
        return Session(*row) if row else None

    def touch(self, session_id: UUID, now: datetime) -> None:
        self._tx.execute("UPDATE session SET touched_at = %s WHERE session_id = %s", (now, session_id))

    def confirm(self, session: Session, new_token_hash: bytes) -> None:
        """Keep when it was used and confirmed, under a new token; the former token opens nothing any more."""
        self._tx.execute(
            "UPDATE session SET token_hash = %s, touched_at = %s, confirmed_at = %s WHERE session_id = %s",
            (new_token_hash, session.touched_at, session.confirmed_at, session.session_id),
        )

    def end(self, token_hash: bytes, now: datetime) -> None:
        self._tx.execute(
            "UPDATE session SET ended_at = %s WHERE token_hash = %s AND ended_at IS NULL", (now, token_hash)
        )

    def is_open(self, session_id: UUID) -> bool:
        row = self._tx.execute(
            "SELECT 1 FROM session JOIN account USING (account_id)"
            " WHERE session_id = %s AND ended_at IS NULL AND account.state = 'active'",
            (session_id,),
        ).fetchone()
        return row is not None

    def sessions_of(
        self, account_id: UUID, *, touched_after: datetime, started_after: datetime, first: UUID, most: int
    ) -> tuple[list[OwnSession], int]:
        """The open sessions of an account, `first` before all others, then the one used last; and their number."""
        rows = self._tx.execute(
            "SELECT session_id, started_at, touched_at, host(ip), user_agent, count(*) OVER () FROM session"
            " WHERE account_id = %s AND ended_at IS NULL AND touched_at > %s AND started_at > %s"
            " ORDER BY session_id <> %s, touched_at DESC LIMIT %s",
            (account_id, touched_after, started_after, first, most),
        ).fetchall()
        found = [
            OwnSession(session_id, started_at, used_at, ip, device_of(user_agent))
            for session_id, started_at, used_at, ip, user_agent, _ in rows
        ]
        return found, rows[0][5] if rows else 0

    def has_session(self, account_id: UUID, session_id: UUID) -> bool:
        row = self._tx.execute(
            "SELECT 1 FROM session WHERE account_id = %s AND session_id = %s", (account_id, session_id)
        ).fetchone()
        return row is not None

    def end_one(self, session_id: UUID, now: datetime) -> bool:
        """Whether it was open until now."""
        ended = self._tx.execute(
            "UPDATE session SET ended_at = %s WHERE session_id = %s AND ended_at IS NULL", (now, session_id)
        )
        return ended.rowcount == 1

    def need_consent_no_more(self, account_id: UUID) -> None:
        self._tx.execute(
            "UPDATE session SET needs_consent = false WHERE account_id = %s AND needs_consent AND ended_at IS NULL",
            (account_id,),
        )

    def decline_consent(self, session_id: UUID, now: datetime) -> bool:
        """Whether it was asked for, and not declined before."""
        declined = self._tx.execute(
            "UPDATE session SET consent_declined_at = %s"
            " WHERE session_id = %s AND needs_consent AND consent_declined_at IS NULL",
            (now, session_id),
        )
        return declined.rowcount == 1
