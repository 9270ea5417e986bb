"""SQL of pages."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from content.pages.rules import Page

COLUMNS = (
    "page_id, kind, slug, category, title, body, pinned, published_at, expires_at, version, announced_version"
)
CHANNEL = "pages"
PUBLIC = "published_at <= %(now)s AND (expires_at IS NULL OR expires_at > %(now)s)"


class PageStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def public_pages(
        self, kind: str, category: str | None, now: datetime, limit: int, offset: int
    ) -> tuple[list[Page], int]:
        """One page of the list, pinned first, then newest; and how many there are in all."""
        where = f"kind = %(kind)s AND {PUBLIC}"
        if category:
            where += " AND category = %(category)s"
        values = {"kind": kind, "category": category, "now": now, "limit": limit, "offset": offset}
        with self._tx.cursor(row_factory=class_row(Page)) as cursor:
            pages = cursor.execute(
                f"SELECT {COLUMNS} FROM page WHERE {where}"
                " ORDER BY pinned DESC, published_at DESC, page_id LIMIT %(limit)s OFFSET %(offset)s",
                values,
            ).fetchall()
        counted = self._tx.execute(f"SELECT count(*) FROM page WHERE {where}", values).fetchone()
        return pages, counted[0] if counted else 0

    def page(self, kind: str, slug: str) -> Page | None:
        """Public or not."""
        return self._page(kind, slug, "")

    def page_for_update(self, kind: str, slug: str) -> Page | None:
        return self._page(kind, slug, " FOR UPDATE")

    def _page(self, kind: str, slug: str, lock: str) -> Page | None:
        with self._tx.cursor(row_factory=class_row(Page)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM page WHERE kind = %s AND slug = %s{lock}", (kind, slug)
            ).fetchone()

    def pages_to_announce(self, now: datetime, limit: int) -> list[Page]:
        """Public now, and not announced in this version yet; locked. Skips rows that others have locked."""
        with self._tx.cursor(row_factory=class_row(Page)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM page WHERE announced_version < version AND {PUBLIC}"
                " ORDER BY published_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
                {"now": now, "limit": limit},
            ).fetchall()

    def save_page(self, page: Page) -> None:
        """Changes are numbered one transaction at a time, so that no number is visible before a smaller one; whoever
        follows them is woken by the commit."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (CHANNEL,))
        values = {column: getattr(page, column) for column in COLUMNS.split(", ")}
        values |= {"title": Jsonb(page.title), "body": Jsonb(page.body)}
        self._tx.execute(
            f"INSERT INTO page ({COLUMNS}, change)"
            f" VALUES ({', '.join(f'%({c})s' for c in values)}, nextval('page_change'))"
            f" ON CONFLICT (page_id) DO UPDATE SET {', '.join(f'{c} = EXCLUDED.{c}' for c in values)},"
            " change = EXCLUDED.change",
            values,
        )
        self._tx.execute("SELECT pg_notify(%s, '')", (CHANNEL,))

    # What the search index follows.

    def public_among(self, page_ids: Collection[UUID], now: datetime) -> dict[UUID, Page]:
        with self._tx.cursor(row_factory=class_row(Page)) as cursor:
            found = cursor.execute(
                f"SELECT {COLUMNS} FROM page WHERE page_id = ANY(%(ids)s) AND {PUBLIC}",
                {"ids": list(page_ids), "now": now},
            ).fetchall()
        return {page.page_id: page for page in found}

    def source_id(self) -> str:
        """Which database this is."""
        row = self._tx.execute("SELECT source_id::text FROM page_source").fetchone()
        return str(row[0]) if row else ""

    def newest_change(self) -> int:
        row = self._tx.execute("SELECT coalesce(max(change), 0) FROM page").fetchone()
        return int(row[0]) if row else 0

    def changes_after(
        self, change: int, limit: int | None
    ) -> list[tuple[UUID, str, str | None, dict[str, str], dict[str, str], int]]:
        """What is indexed of pages that were changed since, in the order of their changes."""
        rows: list[tuple[UUID, str, str | None, dict[str, str], dict[str, str], int]] = self._tx.execute(
            "SELECT page_id, kind, category, title, body, change FROM page WHERE change > %s"
            " ORDER BY change LIMIT %s",
            (change, limit),
        ).fetchall()
        return rows
