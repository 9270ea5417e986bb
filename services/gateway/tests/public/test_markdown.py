"""Published texts: what editors write is shown as they mean it, and nothing in it runs."""

import re
from html.parser import HTMLParser

import pytest
from bs4 import BeautifulSoup
from gateway.markdown import ALLOWED, html_of
from hypothesis import given
from hypothesis import strategies as st


def page(text, label="表格"):
    return BeautifulSoup(str(html_of(text, table_label=label)), "html.parser")


TABLE = "| 未登入時間 | 處理方式 |\n| --- | :-: |\n| 90 天 | 帳號**凍結** |\n"


def test_a_table_is_a_table_that_scrolls_by_itself():
    shown = page(TABLE)
    assert [cell.get_text() for cell in shown.select("thead th[scope=col]")] == ["未登入時間", "處理方式"]
    assert [cell.get_text() for cell in shown.select("tbody td")] == ["90 天", "帳號凍結"]
    frame = shown.select_one("div.portal-scroll")
    assert (frame["tabindex"], frame["role"], frame["aria-label"]) == ("0", "region", "表格")
    assert "---" not in shown.get_text()
    assert "style" not in str(shown)


def test_a_label_cannot_break_out_of_its_attribute():
    assert page(TABLE, label='"><b>').select_one("div")["aria-label"] == '"><b>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *thin* and ~~gone~~", "<strong>bold</strong> and <em>thin</em> and <s>gone</s>"),
        ("- a\n- b", '<ul class="govuk-list govuk-list--bullet">\n<li>a</li>\n<li>b</li>\n</ul>'),
        ("3. a\n4. b", '<ol start="3" class="govuk-list govuk-list--number">'),
        ("> quoted", '<blockquote class="govuk-inset-text">'),
        ("`PTAPPLY`", "<code>PTAPPLY</code>"),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("one\n\ntwo", '<p class="govuk-body">one</p>\n<p class="govuk-body">two</p>'),
        ("---", "<hr "),
        ("one  \ntwo", "one<br>\ntwo"),
    ],
)
def test_markdown_is_shown_as_what_it_means(text, html):
    assert html in str(html_of(text))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**注意：**請於 7 日內補正", "<strong>注意：</strong>請於"),
        ("請先**「確認資料」**再送出", "請先<strong>「確認資料」</strong>再送出"),
        ("**甲。**乙**丙。**丁", "<strong>甲。</strong>乙<strong>丙。</strong>丁"),
        ("請洽**（02）8192-7111**。", "請洽<strong>（02）8192-7111</strong>。"),
        ("按**Enter!**後", "按<strong>Enter!</strong>後"),
        ("*備註：*無", "<em>備註：</em>無"),
        ("***重要！***請看", "<em><strong>重要！</strong></em>請看"),
        ("~~舊制。~~新制", "<s>舊制。</s>新制"),
        ("**粗體**文字 **「粗體」** 文字", "<strong>粗體</strong>文字 <strong>「粗體」</strong> 文字"),
    ],
)
def test_bold_ends_beside_chinese_punctuation_too(text, html):
    assert html in str(html_of(text))


@pytest.mark.parametrize(
    "text",
    [
        "甲 * 乙 * 丙",
        "2 * 3 ** 4",
        "** 注意 **",
        "檔名_一_二",
        "a_b_c",
        "★**",
        "**\u3000甲\u3000**",
        "\\*\\*甲。\\*\\*乙",
    ],
)
def test_stars_that_mean_nothing_stay(text):
    shown = page(text)
    assert not shown.find(["strong", "em"])
    assert shown.get_text().strip() == text.replace("\\", "")


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a", ["h2"]),
        ("## a\n### b\n## c", ["h2", "h3", "h2"]),
        ("# a\n#### b\n## c", ["h2", "h3", "h3"]),
        ("### a\n# b\n## c", ["h2", "h2", "h3"]),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", ["h2", "h3", "h4", "h5", "h6", "h6"]),
        ("a\n===\nb\n---", ["h2", "h3"]),
    ],
)
def test_headings_stand_under_the_pages_own_without_a_gap(text, levels):
    assert [tag.name for tag in page(text).find_all(re.compile("^h[1-6]$"))] == levels


def test_lines_of_chinese_are_joined_without_a_space():
    assert page("請於期限內\n補正。").get_text().strip() == "請於期限內補正。"
    assert page("please\ncorrect").get_text().split() == ["please", "correct"]


@pytest.mark.parametrize(
    "url",
    ["https://www.motcmpb.gov.tw/a?b=1", "mailto:service@mtnet.gov.tw", "tel:0800022120", "/news", "#top"],
)
def test_links_lead_where_they_say(url):
    link = page(f"[go]({url})").a
    assert (link["href"], link["class"], link["rel"]) == (url, ["govuk-link"], ["noopener", "noreferrer"])


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>b</b>",
        "<iframe src=//evil.example></iframe>",
        "<svg/onload=alert(1)>",
        "[go](javascript:alert(1))",
        "[go](JaVaScRiPt:alert(1))",
        "[go](java\tscript:alert(1))",
        "[go](&#106;avascript:alert(1))",
        "[go](data:text/html;base64,PHNjcmlwdD4=)",
        "[go](vbscript:x)",
        "[go](//evil.example/)",
        "[go](/\\evil.example)",
        "[go](\\\\evil.example)",
        "[go](http:)",
        "[go](relative/path)",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "![x](https://evil.example/pixel.png)",
        '[go](/news "onmouseover=alert(1)")',
        '[a](https://x.example/"onmouseover="alert(1))',
        "[x]: javascript:alert(1)\n\n[x]",
        "`` `<script>` ``",
        "```<script>\nx\n```",
        "| <script> |\n| --- |\n| <img src=x onerror=y> |",
    ],
)
def test_nothing_in_a_text_runs(text):
    assert_harmless(str(html_of(text)))


@pytest.mark.parametrize("text", ["<b>bold</b>", "a < b > c", "&amp; & &lt;", "<!-- note -->", "<?php x ?>"])
def test_html_is_shown_as_it_is_written(text):
    shown = page(text).get_text().strip()
    assert shown == (text if "&" not in text else "& & <")


def test_a_picture_is_its_description():
    assert page("![港區地圖](https://x.example/map.png)").get_text().strip() == "港區地圖"


@pytest.mark.parametrize(
    "text",
    ["> " * 5000 + "x", "[" * 5000, "*a " * 5000, "- " * 3000 + "x", "`" * 5000, "![" * 3000, "|a" * 3000],
)
def test_a_text_made_to_be_slow_or_deep_is_shown_all_the_same(text):
    assert_harmless(str(html_of(text)))


@given(st.text(alphabet=st.sampled_from("<>\"'&;:/\\()[]!#*`|-\n javscript=on海"), max_size=120))
def test_whatever_is_written_only_allowed_elements_come_out(text):
    assert_harmless(str(html_of(text)))


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def assert_harmless(html):
    parser = Elements()
    parser.feed(html)
    for tag, attributes in parser.found:
        assert tag in ALLOWED
        assert set(attributes) <= ALLOWED[tag] | {"rel"}
        if "href" in attributes:
            assert re.match(r"(https?:|mailto:|tel:|/(?![/\\])|#)", attributes["href"], re.IGNORECASE), html


@pytest.mark.parametrize("name", ["announcements", "news", "questions"])
@pytest.mark.parametrize(("locale", "label"), [("zh-Hant", "表格"), ("en", "Table")])
def test_a_published_page_shows_its_text_and_not_its_markdown(browser, everything, name, locale, label):
    everything.answers["content.published_page"] |= {"body": {"zh-Hant": TABLE, "en": TABLE}}
    browser.get(f"/{name}/a-page?lang={locale}")
    shown = browser.page.select_one("article")
    assert shown.select_one("[role=region]")["aria-label"] == label
    assert [cell.get_text() for cell in shown.select("td")] == ["90 天", "帳號凍結"]
    assert "**" not in shown.get_text()


@pytest.mark.parametrize(("columns", "rows"), [(1000, 2000), (100, 2000), (20, 4000)])
def test_a_short_text_is_no_endless_table(columns, rows):
    text = "|" + "a|" * columns + "\n|" + "-|" * columns + "\n" + "|\n" * rows
    assert html_of(text).count("<td") <= 1_000 + columns


def test_rows_that_lack_some_cells_get_them():
    html = html_of("| a | b | c |\n|---|---|---|\n" + "| 1 |\n" * 300)
    assert (html.count("<tr"), html.count("<td")) == (301, 900)
