"""What content can do: show what is public, publish, announce what became public."""

from datetime import datetime
from typing import Any

from mtnet_chassis.events.outbox import Outbox

from content import events
from content.domain import Page, PageNotFound
from content.store import Store

ANNOUNCED_AT_ONCE = 100


def published(
    store: Store, now: datetime, *, kind: str, category: str | None, page: int, page_size: int
) -> dict[str, Any]:
    pages, total = store.public_pages(kind, category, now, page_size, (page - 1) * page_size)
    return {"items": pages, "page": page, "page_size": page_size, "total": total}


def published_page(store: Store, now: datetime, *, kind: str, slug: str) -> Page:
    """Raises PageNotFound."""
    page = store.page(kind, slug)
    if page is None or not page.is_public(now):
        raise PageNotFound
    return page


def publish_page(store: Store, outbox: Outbox, page: Page, now: datetime) -> Page:
    """Publish a page, or a new version of it. The same words again change nothing and tell nobody."""
    known = store.page_for_update(page.kind, page.slug)
    page = known.revised_to(page) if known else page
    if page.is_to_announce(now):
        outbox.announce(events.content_published(page))
        page = page.announced()
    if page != known:
        store.save_page(page)
    return page


def announce_what_became_public(store: Store, outbox: Outbox, now: datetime) -> int:
    """Pages whose hour has come since they were written; says how many."""
    pages = store.pages_to_announce(now, ANNOUNCED_AT_ONCE)
    outbox.announce_many([events.content_published(page) for page in pages])
    for page in pages:
        store.save_page(page.announced())
    return len(pages)
