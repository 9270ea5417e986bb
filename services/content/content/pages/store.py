"""SQL of pages."""

from datetime import datetime

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from content.pages.rules import Page

COLUMNS = (
    "page_id, kind, slug, category, title, body, pinned, published_at, expires_at, version, announced_version"
)
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
        values = {column: getattr(page, column) for column in COLUMNS.split(", ")}
        values |= {"title": Jsonb(page.title), "body": Jsonb(page.body)}
        self._tx.execute(
            f"INSERT INTO page ({COLUMNS}) VALUES ({', '.join(f'%({c})s' for c in values)})"
            f" ON CONFLICT (page_id) DO UPDATE SET {', '.join(f'{c} = EXCLUDED.{c}' for c in values)}",
            values,
        )
