"""SQL of second factors."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import psycopg
from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from accounts.second_factors.rules import MOST_CHALLENGES, Factors, Passkey, PasskeyRefused, Totp

TOTP = "totp_id, secret, secret_key, created_at, confirmed_at, last_step"
PASSKEY = "passkey_id, account_id, credential_id, public_key, sign_count, label, created_at, last_used_at"


class FactorStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def factors_of(self, account_id: UUID) -> Factors:
        row = self._tx.execute(
            "SELECT (SELECT confirmed_at FROM totp WHERE account_id = %(id)s AND confirmed_at IS NOT NULL),"
            " (SELECT count(*) FROM recovery_code WHERE account_id = %(id)s AND used_at IS NULL)",
            {"id": account_id},
        ).fetchone()
        since, left = row or (None, 0)
        return Factors(since, tuple(self.passkeys_of(account_id)), left)

    # An authenticator app

    def totp_for_update(self, account_id: UUID, *, confirmed: bool) -> Totp | None:
        """The one in use, or the one that was begun, locked: two tries with one code come one after the other."""
        with self._tx.cursor(row_factory=class_row(Totp)) as cursor:
            return cursor.execute(
                f"SELECT {TOTP} FROM totp WHERE account_id = %s AND (confirmed_at IS NOT NULL) = %s FOR UPDATE",
                (account_id, confirmed),
            ).fetchone()

    def begin_totp(self, account_id: UUID, totp: Totp) -> None:
        """In place of another one that was begun."""
        self._tx.execute(
            "INSERT INTO totp (totp_id, account_id, secret, secret_key, created_at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (account_id) WHERE confirmed_at IS NULL DO UPDATE SET totp_id = excluded.totp_id,"
            " secret = excluded.secret, secret_key = excluded.secret_key, created_at = excluded.created_at",
            (totp.totp_id, account_id, totp.secret, totp.secret_key, totp.created_at),
        )

    def confirm_totp(self, account_id: UUID, totp_id: UUID, step: int, now: datetime) -> None:
        """It is in use from now on, in place of the one before."""
        self.remove_totp(account_id)
        self._tx.execute(
            "UPDATE totp SET confirmed_at = %s, last_step = %s WHERE totp_id = %s", (now, step, totp_id)
        )

    def accept_step(self, totp_id: UUID, step: int) -> None:
        self._tx.execute("UPDATE totp SET last_step = %s WHERE totp_id = %s", (step, totp_id))

    def remove_totp(self, account_id: UUID) -> bool:
        """Whether one was in use."""
        return bool(
            self._tx.execute(
                "DELETE FROM totp WHERE account_id = %s AND confirmed_at IS NOT NULL", (account_id,)
            ).rowcount
        )

    # Recovery codes

    def replace_recovery_codes(self, account_id: UUID, hashes: list[bytes], now: datetime) -> None:
        self._tx.execute("DELETE FROM recovery_code WHERE account_id = %s", (account_id,))
        self._tx.execute(
            "INSERT INTO recovery_code (account_id, code_hash, issued_at) SELECT %s, unnest(%s::bytea[]), %s",
            (account_id, hashes, now),
        )

    def use_recovery_code(self, account_id: UUID, code_hash: bytes, now: datetime) -> bool:
        """Whether it was one that had not been used."""
        return bool(
            self._tx.execute(
                "UPDATE recovery_code SET used_at = %s WHERE account_id = %s AND code_hash = %s AND used_at IS NULL",
                (now, account_id, code_hash),
            ).rowcount
        )

    # Passkeys

    def passkeys_of(self, account_id: UUID) -> list[Passkey]:
        with self._tx.cursor(row_factory=class_row(Passkey)) as cursor:
            return cursor.execute(
                f"SELECT {PASSKEY} FROM passkey WHERE account_id = %s ORDER BY created_at, passkey_id",
                (account_id,),
            ).fetchall()

    def add_passkey(self, passkey: Passkey) -> None:
        """Raises PasskeyRefused where it is known already."""
        try:
            self._tx.execute(
                f"INSERT INTO passkey ({PASSKEY}) VALUES (%(passkey_id)s, %(account_id)s, %(credential_id)s,"
                " %(public_key)s, %(sign_count)s, %(label)s, %(created_at)s, %(last_used_at)s)",
                vars(passkey),
            )
        except psycopg.errors.UniqueViolation as problem:
            raise PasskeyRefused from problem

    def passkey_used(self, passkey_id: UUID, sign_count: int, now: datetime) -> None:
        self._tx.execute(
            "UPDATE passkey SET sign_count = %s, last_used_at = %s WHERE passkey_id = %s",
            (sign_count, now, passkey_id),
        )

    def rename_passkey(self, account_id: UUID, passkey_id: UUID, label: str) -> bool:
        return bool(
            self._tx.execute(
                "UPDATE passkey SET label = %s WHERE account_id = %s AND passkey_id = %s",
                (label, account_id, passkey_id),
            ).rowcount
        )

    def remove_passkey(self, account_id: UUID, passkey_id: UUID) -> None:
        self._tx.execute(
            "DELETE FROM passkey WHERE account_id = %s AND passkey_id = %s", (account_id, passkey_id)
        )

    def add_challenge(
        self, account_id: UUID, purpose: str, challenge: bytes, *, expires_at: datetime
    ) -> None:
        self._tx.execute(
            "INSERT INTO passkey_challenge (challenge, account_id, purpose, expires_at) VALUES (%s, %s, %s, %s)",
            (challenge, account_id, purpose, expires_at),
        )
        self._tx.execute(
            "DELETE FROM passkey_challenge WHERE challenge IN (SELECT challenge FROM passkey_challenge"
            " WHERE account_id = %s ORDER BY expires_at DESC, challenge OFFSET %s)",
            (account_id, MOST_CHALLENGES),
        )

    def take_challenge(self, account_id: UUID, purpose: str, challenge: bytes, now: datetime) -> bool:
        """Whether this was asked of the account, for this purpose; it is good no more."""
        row = self._tx.execute(
            "DELETE FROM passkey_challenge WHERE challenge = %s AND account_id = %s AND purpose = %s"
            " RETURNING expires_at",
            (challenge, account_id, purpose),
        ).fetchone()
        return row is not None and now < row[0]

    # All of it

    def remove_all(self, account_id: UUID) -> None:
        """The owner has lost what they had: the next login asks for a new one."""
        for table in ("totp", "recovery_code", "passkey", "passkey_challenge"):
            self._tx.execute(f"DELETE FROM {table} WHERE account_id = %s", (account_id,))
