"""SQL of files that are kept for an answer, and of those that the store is to forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.file_checks.rules import StoredFile


class KeptFileStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def lock(self, kept_by: str, ticket_id: UUID) -> None:
        """So that two requests of one caller do not both have the last space."""
        self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"kept_file/{kept_by}/{ticket_id}",)
        )

    def those_of(self, file_ids: Sequence[UUID]) -> dict[UUID, bool]:
        """Of these: which there are, and whether their bytes are stored."""
        rows = self._tx.execute(
            "SELECT file_id, stored FROM kept_file WHERE file_id = ANY(%s)", (list(file_ids),)
        ).fetchall()
        return dict(rows)

    def kept_since(self, kept_by: str, ticket_id: UUID, since: datetime) -> tuple[int, int]:
        """Files and bytes, sent or not."""
        row = self._tx.execute(
            "SELECT count(*), coalesce(sum(size), 0)::bigint FROM kept_file"
            " WHERE ticket_id = %s AND kept_by = %s AND kept_at > %s",
            (ticket_id, kept_by, since),
        ).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def add(self, kept_by: str, ticket_id: UUID, files: Sequence[StoredFile], now: datetime) -> None:
        """Without their bytes as yet."""
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO kept_file (file_id, ticket_id, kept_by, kept_at, file_key, filename, media_type,"
                " size, sha256, held_back) VALUES (%(file_id)s, %(ticket_id)s, %(kept_by)s, %(now)s, %(key)s,"
                " %(filename)s, %(media_type)s, %(size)s, %(sha256)s, %(held_back)s)"
                " ON CONFLICT (file_id) DO NOTHING",
                [vars(f) | {"ticket_id": ticket_id, "kept_by": kept_by, "now": now} for f in files],
            )

    def stored(self, file_ids: Sequence[UUID]) -> None:
        """Their bytes are there."""
        self._tx.execute("UPDATE kept_file SET stored = true WHERE file_id = ANY(%s)", (list(file_ids),))

    def use(self, kept_by: str, ticket_id: UUID, file_ids: Sequence[UUID], now: datetime) -> list[StoredFile]:
        """They belong to an answer from now on; those that this caller has kept here and not sent yet."""
        rows = self._tx.execute(
            "UPDATE kept_file SET used_at = %s WHERE file_id = ANY(%s) AND ticket_id = %s AND kept_by = %s"
            " AND stored AND used_at IS NULL"
            " RETURNING file_id, filename, media_type, size, sha256, file_key, held_back",
            (now, list(file_ids), ticket_id, kept_by),
        ).fetchall()
        return [StoredFile(*row) for row in rows]

    def files_to_delete(self, most: int) -> list[str]:
        """Keys of files whose rows are gone."""
        rows = self._tx.execute("SELECT file_key FROM file_to_delete LIMIT %s", (most,)).fetchall()
        return [row[0] for row in rows]

    def deleted(self, keys: Sequence[str]) -> None:
        self._tx.execute("DELETE FROM file_to_delete WHERE file_key = ANY(%s)", (list(keys),))
