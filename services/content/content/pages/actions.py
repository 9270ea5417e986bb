"""What can be done with pages: show what is public, publish, announce what has become public."""

from datetime import datetime
from typing import Any

from mtnet_chassis.events.outbox import Outbox

from content.pages import messages
from content.pages.rules import Page, PageNotFound
from content.pages.store import PageStore

BATCH = 100


def published(
    store: PageStore, now: datetime, *, kind: str, category: str | None, page: int, page_size: int
) -> dict[str, Any]:
    pages, total = store.public_pages(kind, category, now, page_size, (page - 1) * page_size)
    return {"items": pages, "page": page, "page_size": page_size, "total": total}


def published_page(store: PageStore, now: datetime, *, kind: str, slug: str) -> Page:
    """Raises PageNotFound."""
    page = store.page(kind, slug)
    if page is None or not page.is_public(now):
        raise PageNotFound
    return page


def publish_page(store: PageStore, outbox: Outbox, page: Page, now: datetime) -> Page:
    """Publish a page, or a new version of it. An unchanged page is neither saved nor announced."""
    known = store.page_for_update(page.kind, page.slug)
    page = known.revised_to(page) if known else page
    if page.is_to_announce(now):
        outbox.announce(messages.content_published(page))
        page = page.announced()
    if page != known:
        store.save_page(page)
    return page


def announce_due_pages(store: PageStore, outbox: Outbox, now: datetime) -> int:
    """Announce pages whose publication time has come. Returns how many."""
    pages = store.pages_to_announce(now, BATCH)
    outbox.announce_many([messages.content_published(page) for page in pages])
    for page in pages:
        store.save_page(page.announced())
    return len(pages)
