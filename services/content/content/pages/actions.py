"""What can be done with pages: show what is public, publish, announce what has become public."""

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_search.interface import SearchIndex

from content.pages import messages
from content.pages.indexing import page_of
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


def search(
    store: PageStore,
    index: SearchIndex,
    now: datetime,
    *,
    text: str,
    kind: str,
    limit: int,
    locale: str | None = None,
) -> list[dict[str, Any]]:
    """What is public, the best first, each page once: in the language in which it fits better, or in `locale` where it
    fits in both. Raises NotReady.
    """
    best: dict[UUID, tuple[str, Any]] = {}
    for hit in index.search(text, 2 * limit, (kind,)):
        page_id, found_in = page_of(hit.key)
        _, first = best.setdefault(page_id, (found_in, hit))
        if found_in == locale and hit.near == first.near:
            best[page_id] = found_in, hit
    public = store.public_among(best, now)
    found = [
        {
            "slug": public[page_id].slug,
            "category": public[page_id].category,
            "locale": found_in,
            "title": [part._asdict() for part in hit.title],
            "text": [part._asdict() for part in hit.snippet],
            "near": hit.near,
        }
        for page_id, (found_in, hit) in best.items()
        if page_id in public
    ]
    return found[:limit]


def publish(tx: Tx, outbox: Outbox, page: Page, now: datetime) -> Page:
    """What other topics publish. An unchanged page is neither saved nor announced."""
    return publish_page(PageStore(tx), outbox, page, now)


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


def take_down(tx: Tx, kind: str, slug: str, now: datetime) -> None:
    """From now on nobody sees it; a page that is not public, or not there, stays as it is."""
    store = PageStore(tx)
    page = store.page_for_update(kind, slug)
    if page is not None and page.is_public(now):
        store.save_page(page.taken_down(now))


def announce_due_pages(store: PageStore, outbox: Outbox, now: datetime) -> int:
    """Announce pages whose publication time has come. Returns how many."""
    pages = store.pages_to_announce(now, BATCH)
    outbox.announce_many([messages.content_published(page) for page in pages])
    for page in pages:
        store.save_page(page.announced())
    return len(pages)
