"""SQL of devices as their owner sees them, and of links "this was not me"."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.devices.rules import KnownDevice, LoginNotice


class DeviceStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def devices_of(self, subject: bytes) -> list[KnownDevice]:
        """Ten at most, the one used last first."""
        rows = self._tx.execute(
            "SELECT device_id, label, proved_at FROM known_device WHERE subject = %s"
            " ORDER BY proved_at DESC, device_id",
            (subject,),
        ).fetchall()
        return [KnownDevice(*row) for row in rows]

    def name_device(self, subject: bytes, device_hash: bytes, label: str) -> None:
        self._tx.execute(
            "UPDATE known_device SET label = %s WHERE subject = %s AND device_hash = %s",
            (label, subject, device_hash),
        )

    def forget_device(self, subject: bytes, device_id: UUID) -> bool:
        """Whether there was such a device."""
        return bool(
            self._tx.execute(
                "DELETE FROM known_device WHERE subject = %s AND device_id = %s", (subject, device_id)
            ).rowcount
        )

    def forget_all(self, subject: bytes) -> None:
        self._tx.execute("DELETE FROM known_device WHERE subject = %s", (subject,))

    def add_notice(self, token_hash: bytes, notice: LoginNotice) -> None:
        self._tx.execute(
            "INSERT INTO login_notice (token_hash, account_id, device, logged_in_at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            (token_hash, notice.account_id, notice.device, notice.logged_in_at, notice.expires_at),
        )

    def notice_for_update(self, token_hash: bytes) -> LoginNotice | None:
        row = self._tx.execute(
            "SELECT account_id, device, logged_in_at, expires_at, used_at FROM login_notice"
            " WHERE token_hash = %s FOR UPDATE",
            (token_hash,),
        ).fetchone()
        return LoginNotice(*row) if row else None

    def use_notice(self, token_hash: bytes, now: datetime) -> None:
        self._tx.execute("UPDATE login_notice SET used_at = %s WHERE token_hash = %s", (now, token_hash))
