"""What is published, as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls import content

from gateway.api.operation import Operation

OPERATIONS = (
    Operation("published", "GET", "/pages", content.pages.PUBLISHED, "Announcements, news, questions"),
    Operation(
        "published_page",
        "GET",
        "/pages/<any(announcement, news, faq):kind>/<string(maxlength=100):slug>",
        content.pages.PUBLISHED_PAGE,
        "One page",
    ),
)
