"""SQL of a key rotation: which rows are under which key, and a batch of them written under another."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg import sql

from accounts.key_rotation.rules import SealedColumn


@dataclass(frozen=True)
class SealedRow:
    row_id: UUID
    box: bytes
    key: str


class SealedStore:
    def __init__(self, tx: Tx, column: SealedColumn) -> None:
        self._tx = tx
        self._names = {
            name: sql.Identifier(getattr(column, name)) for name in ("table", "row_id", "box", "key")
        }

    def rows_by_key(self) -> dict[str, int]:
        """How many rows each key has."""
        query = "SELECT {key}, count(*) FROM {table} WHERE {key} IS NOT NULL GROUP BY 1"
        return dict(self._tx.execute(sql.SQL(query).format(**self._names)).fetchall())

    def rows_under_other_keys(self, current: str, *, after: UUID, limit: int) -> list[SealedRow]:
        """Rows behind `after` that are not under this key, locked. Skips rows that somebody else has locked."""
        query = (
            "SELECT {row_id}, {box}, {key} FROM {table} WHERE {key} <> %s AND {row_id} > %s"
            " ORDER BY {row_id} LIMIT %s FOR UPDATE SKIP LOCKED"
        )
        rows = self._tx.execute(sql.SQL(query).format(**self._names), (current, after, limit)).fetchall()
        return [SealedRow(row_id, bytes(box), key) for row_id, box, key in rows]

    def save(self, boxes: dict[UUID, bytes], key: str) -> None:
        query = (
            "UPDATE {table} SET {box} = new.box, {key} = %s FROM unnest(%s::uuid[], %s::bytea[]) AS new (row_id, box)"
            " WHERE {table}.{row_id} = new.row_id"
        )
        self._tx.execute(sql.SQL(query).format(**self._names), (key, list(boxes), list(boxes.values())))
