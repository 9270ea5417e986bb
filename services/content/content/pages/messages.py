"""What pages announce."""

from mtnet_contracts.events import ContentPublished

from content.pages.rules import Page


def content_published(page: Page) -> ContentPublished:
    return ContentPublished(
        page_id=page.page_id, kind=page.kind, slug=page.slug, published_at=page.published_at
    )
