"""SQL of sessions: opaque tokens (stored as hashes), their use and end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.sessions.rules import Session
from accounts.sources import known_address


class SessionStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add_session(
        self, session: Session, token_hash: bytes, *, ip: str | None, user_agent: str | None
    ) -> None:
        self._tx.execute(
            "INSERT INTO session (token_hash, session_id, account_id, started_at, touched_at,"
            " previous_login_at, ip, user_agent, confirmed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
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
            ),
        )

    def open_session(self, token_hash: bytes) -> Session | None:
        """A session that has not ended, of an account that may still log in; the rules say how long it lives."""
        row = self._tx.execute(
            "SELECT session_id, account_id, started_at, touched_at, previous_login_at, confirmed_at FROM session"
            " JOIN account USING (account_id)"
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
