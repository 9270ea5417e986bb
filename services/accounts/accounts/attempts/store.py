"""SQL of failures that are counted, and of devices that are known."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.data.database import Tx

from accounts.attempts.rules import Tally

DEVICES_OF_ONE = 10


class GuessStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def tally_for_update(self, kind: str, key: bytes, *, now: datetime) -> Tally:
        """What is counted under a key, locked; a key that nobody tried gets its row now.

        Whoever locks several takes the kinds in one order, and one key of a kind.
        """
        row = self._tx.execute(
            "INSERT INTO failed_login (kind, key, failures, last_at) VALUES (%s, %s, 0, %s)"
            " ON CONFLICT (kind, key) DO UPDATE SET last_at = excluded.last_at"
            " RETURNING failures, since, locked_until, pending",
            (kind, key, now),
        ).fetchone()
        return Tally(row[0], row[1], row[2], tuple(row[3])) if row else Tally()

    def save_tally(self, kind: str, key: bytes, tally: Tally) -> None:
        self._tx.execute(
            "UPDATE failed_login SET failures = %s, since = %s, locked_until = %s, pending = %s::timestamptz[]"
            " WHERE kind = %s AND key = %s",
            (tally.failures, tally.since, tally.blocked_until, list(tally.pending), kind, key),
        )

    # Known devices

    def knows_device(self, subject: bytes, device_hash: bytes) -> bool:
        row = self._tx.execute(
            "SELECT 1 FROM known_device WHERE subject = %s AND device_hash = %s", (subject, device_hash)
        ).fetchone()
        return row is not None

    def rename_device(self, device_hash: bytes, new_hash: bytes) -> None:
        """A device gets a new secret; whose it is stays known."""
        self._tx.execute(
            "UPDATE known_device SET device_hash = %s WHERE device_hash = %s", (new_hash, device_hash)
        )

    def add_device(self, subject: bytes, device_hash: bytes, now: datetime) -> None:
        """The device is its owner's; of more than ten the one proved longest ago is forgotten."""
        self._tx.execute(
            "INSERT INTO known_device (subject, device_hash, proved_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (subject, device_hash) DO UPDATE SET proved_at = excluded.proved_at",
            (subject, device_hash, now),
        )
        self._tx.execute(
            "DELETE FROM known_device WHERE subject = %(subject)s AND device_hash IN"
            " (SELECT device_hash FROM known_device WHERE subject = %(subject)s"
            " ORDER BY proved_at DESC, device_hash OFFSET %(most)s)",
            {"subject": subject, "most": DEVICES_OF_ONE},
        )
