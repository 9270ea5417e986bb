"""What a page is, and when it is public."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from content.demo import demo_pages
from content.pages.rules import LOCALES, Page, Untranslated
from mtnet_contracts.calls.content.pages import FAQ_CATEGORIES

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def a_page(**changes) -> Page:
    return replace(
        Page(
            page_id=uuid4(),
            kind="announcement",
            slug="a-page",
            category=None,
            title={"zh-Hant": "標題", "en": "Title"},
            body={"zh-Hant": "內文", "en": "Body"},
            pinned=False,
            published_at=NOW,
        ),
        **changes,
    )


def test_a_page_is_public_from_its_first_instant_to_before_its_last():
    page = a_page(expires_at=NOW + SECOND)
    assert [page.is_public(NOW + n * SECOND) for n in (-1, 0, 1)] == [False, True, False]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("part", ["title", "body"])
def test_a_page_without_words_in_one_language_is_no_page(part, locale):
    words = {"zh-Hant": "字", "en": "words"} | {locale: " "}
    with pytest.raises(Untranslated, match=locale):
        a_page(**{part: words})


def test_the_same_words_are_no_new_version():
    page = a_page(version=3, announced_version=3)
    again = a_page(page_id=uuid4(), published_at=NOW + SECOND)
    assert page.revised_to(again) is page


def test_other_words_are_a_new_version_that_keeps_its_first_day():
    page = a_page(version=3, announced_version=3)
    revised = page.revised_to(a_page(body={"zh-Hant": "新", "en": "New"}, published_at=NOW + SECOND))
    assert (revised.page_id, revised.published_at, revised.version) == (page.page_id, NOW, 4)
    assert revised.is_to_announce(NOW)


def test_the_demo_has_pages_of_every_kind_and_most_categories():
    pages = demo_pages(NOW)
    kinds = [page.kind for page in pages]
    assert (kinds.count("announcement"), kinds.count("news")) == (4, 3)
    assert kinds.count("faq") >= 10
    assert len({(page.kind, page.slug) for page in pages}) == len(pages)
    categories = {page.category for page in pages if page.kind == "faq"}
    assert categories <= set(FAQ_CATEGORIES)
    assert len(categories) >= 8
    assert all(page.is_public(NOW) for page in pages)
