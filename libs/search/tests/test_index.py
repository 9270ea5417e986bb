"""The index finds what was written, marks it, and nearly finds what was mistyped."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mtnet_search.folding import fold
from mtnet_search.interface import (
    LONGEST_QUERY,
    MOST_HITS,
    Changes,
    Cursor,
    Document,
    NotReady,
    Part,
    TooManyDocuments,
)
from mtnet_search.nearness import about, nearness
from mtnet_search.tantivy_index import TantivyIndex
from mtnet_search.words import pieces

from .questions import QUESTIONS


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    made = []

    def opened(documents=(), root=None):
        index = TantivyIndex(root or tmp_path_factory.mktemp("index"))
        made.append(index)
        index.rebuild(documents, Cursor("db", 1))
        return index

    yield opened
    for index in made:
        index.close()


@pytest.fixture(scope="module")
def faq(opened):
    return opened(
        [Document(str(n), title, body, ("published",)) for n, (title, body) in enumerate(QUESTIONS)]
    )


def keys(hits):
    return [hit.key for hit in hits]


def first(index, text):
    return QUESTIONS[int(index.search(text)[0].key)][0]


def exact(index, text, **options):
    return [hit.key for hit in index.search(text, **options) if not hit.near]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("密碼", "忘記密碼怎麼辦"),
        ("平台", "平臺服務時間"),
        ("AA-01", "船舶進港預報期限"),
        ("ＡＡ－０１", "船舶進港預報期限"),
        ("aa01", "船舶進港預報期限"),
        ("0800-022-120", "商港服務費繳納證明"),
        ("0800022120", "商港服務費繳納證明"),
        ("022-120", "商港服務費繳納證明"),
        ("hicos", "自然人憑證無法登入"),
        ("Hic", "自然人憑證無法登入"),
        ("自然人憑証", "自然人憑證無法登入"),
        ("拖", "拖船調度查詢"),
        ("繳納 證明", "商港服務費繳納證明"),
        ("ptapply936", "如何查詢審核進度"),
        ("TGHU1234567", "貨櫃動態追蹤"),
    ],
)
def test_what_is_written_is_found_first_in_any_spelling(faq, typed, title):
    assert first(faq, typed) == title
    assert not faq.search(typed)[0].near


def test_one_wrong_character_is_found_among_the_first_three(faq):
    """Each title of four characters and more, with each character in turn replaced by one of another title."""
    chance = random.Random(5)
    others = sorted({c for title, _ in QUESTIONS for c in title})
    tried, found = 0, 0
    for number, (title, _) in enumerate(QUESTIONS):
        for place in range(len(title)):
            wrong = chance.choice([c for c in others if c != title[place]])
            hits = faq.search(title[:place] + wrong + title[place + 1 :], 3)
            tried += 1
            found += str(number) in keys(hits)
    assert tried > 200
    assert found / tried >= 0.95


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("忘記密馬", "忘記密碼怎麼辦"),
        ("帳號凍洁", "帳號被凍結如何恢復"),
        ("驗正碼", "驗證碼收不到"),
        ("託船", "拖船調度查詢"),
        ("hicso", "自然人憑證無法登入"),
        ("hiccos", "自然人憑證無法登入"),
        ("chrom", "瀏覽器支援版本"),
        ("退件了要怎麼補正", "案件被退件如何補正"),
    ],
)
def test_what_was_mistyped_is_among_the_first_three(faq, typed, title):
    assert title in [QUESTIONS[int(key)][0] for key in keys(faq.search(typed, 3))]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # A word of two characters is what it is, and draws in nothing that has one of them.
        ("停用", {"帳號停用後如何復用"}),
        ("凍結", {"帳號被凍結如何恢復"}),
        ("補正", {"案件被退件如何補正"}),
        ("發票", {"電子發票開立"}),
        ("平台", {"平臺服務時間"}),
        # With a wrong character, the other one stands in its place.
        ("停權", {"帳號停用後如何復用"}),
        ("託船", {"拖船調度查詢"}),
        ("驗正碼", {"驗證碼收不到"}),
        ("忘記密馬", {"忘記密碼怎麼辦"}),
        ("憑証綁定", {"工商憑證綁定失敗"}),
        # Sentences are about something, and are not answered for the words that they are asked with.
        ("帳號停用怎麼辦", {"帳號停用後如何復用"}),
        ("請問如何停用帳號", {"帳號停用後如何復用"}),
        ("公司電話怎麼改", {"變更公司聯絡電話"}),
        ("退件了要怎麼補正", {"案件被退件如何補正"}),
        ("請問發票可以開立嗎", {"電子發票開立"}),
        ("今天天氣如何", set()),
        ("怎麼辦", {"忘記密碼怎麼辦"}),
        ("外星人", set()),
        ("chrome 版本", {"瀏覽器支援版本"}),
        ("hicos driver", {"自然人憑證無法登入"}),
    ],
)
def test_what_has_little_to_do_with_it_is_not_found(faq, typed, found):
    assert {QUESTIONS[int(hit.key)][0] for hit in faq.search(typed)} == found


@given(st.text("帳號停用忘記密碼怎麼辦", max_size=12), st.text("帳號停用忘記密碼", max_size=20))
def test_nearness_is_a_share_and_whole_where_all_of_it_stands_there(typed, title):
    asked = list(pieces(fold(typed)))
    assert 0 <= nearness(asked, fold(title), "") <= 1
    if asked:
        assert nearness(asked, fold(f"{title}{typed}"), "") == 1
        assert about(asked)


def test_near_results_say_so_and_come_after_what_was_asked_for(faq):
    hits = faq.search("繳納證明", 10)
    assert [hit.near for hit in hits] == sorted(hit.near for hit in hits)
    assert faq.search("忘記密馬")[0].near
    assert len(set(keys(hits))) == len(hits)


def test_enough_hits_need_no_near_ones(faq):
    assert all(not hit.near for hit in faq.search("申請"))


def test_a_code_with_another_number_is_not_nearly_it(faq):
    assert exact(faq, "AA-03") == []


def test_what_stands_between_two_words_is_no_part_of_them(opened):
    index = opened([Document("1", "帳號。號碼", "")])
    assert exact(index, "帳號碼") == []
    assert exact(index, "號號") == []
    assert exact(index, "帳號") == ["1"]


@pytest.mark.parametrize("nothing", ["", "   ", "，。！", "\u200b", "---", "\ud800"])
def test_nothing_to_look_for_finds_nothing(faq, nothing):
    assert faq.search(nothing) == []


def test_tags_narrow(opened):
    index = opened([Document("1", "帳號", "", ("draft", "a")), Document("2", "帳號", "", ("published", "a"))])
    assert exact(index, "帳號", tags=["published"]) == ["2"]
    assert exact(index, "帳號", tags=["published", "a"]) == ["2"]
    assert keys(index.search("帳好", tags=["published"])) == ["2"]
    assert exact(index, "帳號", tags=["other"]) == []


def test_the_title_counts_more_than_the_body(opened):
    index = opened([Document("body", "其他", "凍結 " * 5), Document("title", "凍結", "其他")])
    assert keys(index.search("凍結"))[0] == "title"


def test_marks_stand_at_what_was_found_in_the_spelling_of_the_text(opened):
    index = opened([Document("1", "服務平臺 ＨｉＣＯＳ", "<b>電話</b> 0800-022-120")])
    (hit,) = index.search("平台 hicos 0800022120")
    assert hit.title == (Part("服務", False), Part("平臺", True), Part(" ", False), Part("ＨｉＣＯＳ", True))
    assert hit.snippet == (Part("<b>電話</b> ", False), Part("0800-022-120", True))


def test_the_snippet_of_a_long_text_is_where_the_marks_are(opened):
    index = opened([Document("1", "說明", "前言" * 300 + "帳號凍結" + "後記" * 300)])
    (hit,) = index.search("帳號凍結")
    assert (hit.snippet[0].text, hit.snippet[-1].text) == ("…", "…")
    assert Part("帳號凍結", True) in hit.snippet
    assert len("".join(part.text for part in hit.snippet)) <= 100


def test_long_queries_and_many_hits_are_bounded(opened):
    index = opened([Document(str(n), "帳號", "內容") for n in range(MOST_HITS + 5)])
    assert len(index.search("帳號", 10_000)) == MOST_HITS
    assert index.search(" " * LONGEST_QUERY + "帳號") == []
    assert index.search("帳號 " + "內容" * 10_000)


def test_a_document_that_is_too_long_is_refused():
    for long in ({"key": "k" * 65}, {"title": "t" * 501}, {"tags": ("t",) * 17}, {"key": ""}):
        with pytest.raises(ValueError, match="document"):
            Document(**({"key": "k", "title": "t", "body": "b"} | long))


def test_too_many_documents_are_refused_and_the_old_index_stays(opened, monkeypatch):
    index = opened([Document("1", "帳號", "")])
    monkeypatch.setattr("mtnet_search.tantivy_index.MOST_DOCUMENTS", 2)
    with pytest.raises(TooManyDocuments):
        index.rebuild([Document(str(n), "新", "") for n in range(3)], Cursor("db", 2))
    assert exact(index, "帳號") == ["1"]
    assert index.cursor() == Cursor("db", 1)


def test_changes_are_found_by_the_next_search_with_their_cursor(opened):
    index = opened([Document("1", "帳號", ""), Document("2", "密碼", "")])
    index.apply(Changes((Document("1", "憑證", ""), Document("3", "帳號", "")), ("2",), Cursor("db", 9)))
    assert (exact(index, "帳號"), exact(index, "憑證"), exact(index, "密碼")) == (["3"], ["1"], [])
    assert index.cursor() == Cursor("db", 9)


def test_an_index_that_was_never_filled_says_so(tmp_path):
    index = TantivyIndex(tmp_path)
    assert index.cursor() is None
    with pytest.raises(NotReady):
        index.search("帳號")
    with pytest.raises(NotReady):
        index.apply(Changes((), (), Cursor("db", 1)))
    index.close()


TEXTS = st.text("帳號密碼船ab1-，台臺 ", max_size=14)


@pytest.mark.slow  # tries for seconds
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=5), TEXTS)
def test_a_search_finds_exactly_the_documents_that_a_plain_comparison_finds(opened_once, texts, asked):
    """Of Chinese: all runs asked for stand in the text, each whole inside one run of it."""
    asked = "".join(c for c in asked if c not in "ab1-")
    opened_once.rebuild([Document(str(n), text, "") for n, text in enumerate(texts)], Cursor("db", 1))
    wanted = [piece.text for piece in pieces(fold(asked))]
    expected = [
        str(n)
        for n, text in enumerate(texts)
        if wanted and all(any(w in run.text for run in pieces(fold(text)) if run.unspaced) for w in wanted)
    ]
    assert sorted(exact(opened_once, asked)) == expected


@pytest.fixture
def opened_once(tmp_path):
    index = TantivyIndex(tmp_path)
    yield index
    index.close()
