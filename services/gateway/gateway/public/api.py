"""What is published, as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls import content
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "published", "GET", "/pages", content.pages.PUBLISHED, N_("List announcements, news and questions")
    ),
    Operation(
        "search_pages",
        "GET",
        "/pages/search",
        content.searching.SEARCH_PAGES,
        N_("Find questions, announcements or news by words, parts of words, codes, and nearly"),
    ),
    Operation(
        "published_page",
        "GET",
        "/pages/<any(announcement, news, faq):kind>/<string(maxlength=100):slug>",
        content.pages.PUBLISHED_PAGE,
        N_("Get one announcement, news item or question"),
    ),
)
