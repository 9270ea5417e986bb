"""SQL of templates: texts of operators, which one is in use, and what is being written."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from notify.templates.rules import Draft, Kind, OperatorsText, Version

VERSION = "version, kind, locale, release_version, parts, restored_from, reason, author, published_at"
DRAFT = "kind, locale, revision, parts, author, saved_at"


class TemplateStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def texts(self, versions: Collection[int]) -> list[OperatorsText]:
        """What messages are written with, tests too."""
        rows = self._tx.execute(
            "SELECT version, kind, locale, release_version, parts, is_test FROM template_version"
            " WHERE version = ANY(%s)",
            (list(versions),),
        ).fetchall()
        known = {kind.value for kind in Kind}
        return [OperatorsText(row[0], Kind(row[1]), *row[2:]) for row in rows if row[1] in known]

    def version_for(self, kind: str, locale: str, release_version: int) -> int:
        """What a new message is written with."""
        row = self._tx.execute(
            "SELECT template_version_for(%s, %s, %s)", (kind, locale, release_version)
        ).fetchone()
        return int(row[0]) if row else release_version

    def versions_in_use(self, kind: str | None = None, locale: str | None = None) -> list[Version]:
        return self._versions(
            "JOIN template_in_use USING (kind, locale, version, release_version)"
            " WHERE kind = coalesce(%(kind)s, kind) AND locale = coalesce(%(locale)s, locale)",
            {"kind": kind, "locale": locale},
        )

    def version(self, kind: str, locale: str, version: int) -> Version | None:
        found = self._versions(
            "WHERE version = %(version)s AND kind = %(kind)s AND locale = %(locale)s AND NOT is_test",
            {"kind": kind, "locale": locale, "version": version},
        )
        return found[0] if found else None

    def versions_of(self, kind: str, locale: str, before: int | None, limit: int) -> list[Version]:
        """Newest first."""
        return self._versions(
            "WHERE kind = %(kind)s AND locale = %(locale)s AND NOT is_test"
            " AND (%(before)s::integer IS NULL OR version < %(before)s) ORDER BY version DESC LIMIT %(limit)s",
            {"kind": kind, "locale": locale, "before": before, "limit": limit},
        )

    def latest_versions(self) -> list[Version]:
        """The last thing that was published of each kind and language."""
        return self._versions(
            "WHERE version IN (SELECT max(version) FROM template_version WHERE NOT is_test"
            " GROUP BY kind, locale)",
            {},
        )

    def drafts(self) -> list[Draft]:
        with self._tx.cursor(row_factory=class_row(Draft)) as cursor:
            return cursor.execute(f"SELECT {DRAFT} FROM template_draft WHERE parts IS NOT NULL").fetchall()

    def draft(self, kind: str, locale: str) -> Draft | None:
        with self._tx.cursor(row_factory=class_row(Draft)) as cursor:
            return cursor.execute(
                f"SELECT {DRAFT} FROM template_draft WHERE kind = %s AND locale = %s", (kind, locale)
            ).fetchone()

    def next_revision(
        self,
        kind: str,
        locale: str,
        seen: int,
        parts: Mapping[str, str] | None,
        author: str,
        at: datetime,
    ) -> int | None:
        """The revision after the one that was seen, with these parts as what is being written; None when somebody else
        was faster. The row is locked until commit.
        """
        row = self._tx.execute(
            "INSERT INTO template_draft AS d (kind, locale, revision, parts, author, saved_at)"
            " VALUES (%(kind)s, %(locale)s, %(seen)s + 1, %(parts)s, %(author)s, %(at)s)"
            " ON CONFLICT (kind, locale) DO UPDATE SET revision = EXCLUDED.revision, parts = EXCLUDED.parts,"
            " author = EXCLUDED.author, saved_at = EXCLUDED.saved_at WHERE d.revision = %(seen)s"
            " RETURNING revision, xmax = 0",
            {
                "kind": kind,
                "locale": locale,
                "seen": seen,
                "parts": Jsonb(dict(parts)) if parts is not None else None,
                "author": author,
                "at": at,
            },
        ).fetchone()
        # Whoever saw a later revision of a row that is not there yet made it up.
        return None if row is None or (row[1] and seen != 0) else int(row[0])

    def add_version(
        self,
        kind: Kind,
        locale: str,
        release_version: int,
        parts: Mapping[str, str],
        *,
        reason: str,
        author_id: UUID,
        author: str,
        at: datetime,
        restored_from: int | None = None,
        is_test: bool = False,
    ) -> int:
        row: Any = self._tx.execute(
            "INSERT INTO template_version (kind, locale, release_version, parts, is_test, restored_from, reason,"
            " author_id, author, published_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING version",
            (
                *(kind, locale, release_version, Jsonb(dict(parts)), is_test, restored_from),
                *(reason, author_id, author, at),
            ),
        ).fetchone()
        return int(row[0])

    def use(self, kind: Kind, locale: str, version: int, release_version: int) -> None:
        self._tx.execute(
            "INSERT INTO template_in_use (kind, locale, version, release_version) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (kind, locale) DO UPDATE"
            " SET version = EXCLUDED.version, release_version = EXCLUDED.release_version",
            (kind, locale, version, release_version),
        )

    def use_release(self, kind: Kind, locale: str) -> None:
        self._tx.execute("DELETE FROM template_in_use WHERE kind = %s AND locale = %s", (kind, locale))

    def tests_since(self, author_id: UUID, since: datetime) -> int:
        """Held by a lock until commit, so that two at once are counted one after the other."""
        self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('template test ' || %s::text, 0))", (author_id,)
        )
        row: Any = self._tx.execute(
            "SELECT count(*) FROM template_version WHERE is_test AND author_id = %s AND published_at > %s",
            (author_id, since),
        ).fetchone()
        return int(row[0])

    def _versions(self, rest: str, values: Mapping[str, Any]) -> list[Version]:
        with self._tx.cursor(row_factory=class_row(Version)) as cursor:
            return cursor.execute(f"SELECT {VERSION} FROM template_version {rest}", values).fetchall()
