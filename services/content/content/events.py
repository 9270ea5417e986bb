"""What content tells the others."""

from mtnet_contracts.events import ContentPublished

from content.domain import Page

ANNOUNCES = (ContentPublished,)
LISTENS_TO = ()


def content_published(page: Page) -> ContentPublished:
    return ContentPublished(
        page_id=page.page_id, kind=page.kind, slug=page.slug, published_at=page.published_at
    )
