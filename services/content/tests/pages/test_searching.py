"""Search in what is public: each page once, in the language that fits, only while it is public."""

from dataclasses import replace
from uuid import uuid4

import pytest
from content.pages import actions
from content.pages.indexing import PageSource, plain
from content.pages.store import PageStore
from mtnet_search.following import Follower
from mtnet_search.tantivy_index import TantivyIndex

from .test_pages import NOW, SECOND, a_page

SERVICES = ("content",)


@pytest.fixture
def found(transactions, tmp_path):
    index = TantivyIndex(tmp_path)
    follower = Follower(
        index, PageSource(), transactions.transaction, apart=lambda work, *given: work(*given)
    )

    def found(text, now=NOW, kind="faq", locale=None):
        follower.catch_up()
        with transactions.transaction() as tx:
            hits = actions.search(PageStore(tx), index, now, text=text, kind=kind, limit=5, locale=locale)
        return [(hit["slug"], hit["locale"], hit["near"]) for hit in hits]

    yield found
    index.close()


@pytest.fixture
def save(transactions):
    def save(slug, title_zh, title_en, **changes):
        page = a_page(
            page_id=uuid4(), kind="faq", slug=slug, title={"zh-Hant": title_zh, "en": title_en}, **changes
        )
        with transactions.transaction() as tx:
            PageStore(tx).save_page(page)
        return page

    return save


def test_a_question_is_found_by_two_characters_a_wrong_one_and_in_english(found, save, transactions):
    page = save("forgotten-password", "忘記密碼怎麼辦", "What if I forget my password?")
    save("a-news-item", "忘記密碼的新聞", "News of the password")
    assert ("forgotten-password", "zh-Hant", False) in found("密碼")
    assert ("forgotten-password", "zh-Hant", True) in found("忘記密馬")
    assert ("forgotten-password", "en", False) in found("forget password")
    with transactions.transaction() as tx:
        PageStore(tx).save_page(replace(page, title={"zh-Hant": "帳號遭鎖定", "en": "Locked"}))
    assert ("forgotten-password", "zh-Hant", False) in found("遭鎖定")
    assert "forgotten-password" not in [slug for slug, _, near in found("忘記密碼") if not near]


def test_what_fits_in_both_languages_is_shown_in_the_reader_s(found, save):
    save("by-code", "表單 ZQ-77 的填法", "How to fill in ZQ-77")
    for locale in ("zh-Hant", "en"):
        assert found("ZQ-77", locale=locale) == [("by-code", locale, False)]
    # What fits in one language alone is shown in that one.
    assert found("fill in ZQ-77", locale="zh-Hant")[0] == ("by-code", "en", False)


def test_what_is_not_public_yet_or_no_more_is_not_found(found, save):
    save("tomorrow", "港區通行證明天", "Tomorrow", published_at=NOW + SECOND)
    save("yesterday", "港區通行證昨天", "Yesterday", published_at=NOW - 9 * SECOND, expires_at=NOW)
    assert found("港區通行證") == []
    assert found("港區通行證", NOW + SECOND) == [("tomorrow", "zh-Hant", False)]
    assert found("港區通行證", NOW + SECOND, kind="news") == []


def test_marks_of_markdown_are_no_text():
    assert plain("## 步驟\n- 點選 **登入**，見 [說明](/questions/a)\n\n| a | b |\n| --- | --- |") == (
        "步驟\n點選 登入，見 說明\n a  b "
    )
