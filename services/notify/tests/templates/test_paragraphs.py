"""What an operator typed is text, whatever it holds; only an address that says where it leads becomes a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.templates.actions import render_mail, render_text
from notify.templates.paragraphs import LinkNotAllowed, as_html, check_links, paragraphs
from notify.templates.rules import Kind

from ..builders import LINKS

PORTAL = "http://127.0.0.1:8080"


def details(words):
    return {"name": "王小明", "title": "系統維護", "words": words}


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("one\n\n\n two\nthree", "<p>one</p>\n<p>two<br>three</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
        ("See https://a.example/x?y=1&z=2.", '<p>See <a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>.</p>'),
        ("請見 https://a.example/公告。謝謝", '<p>請見 <a href="https://a.example/公告">https://a.example/公告</a>。謝謝</p>'),
        (f"({PORTAL}/news)", f'<p>(<a href="{PORTAL}/news">{PORTAL}/news</a>)</p>'),
        ("javascript://x", "<p>javascript://x</p>"),
        ("http://a.example", "<p>http://a.example</p>"),
        ('https://a.example/"onclick=x', '<p><a href="https://a.example/">https://a.example/</a>&#34;onclick=x</p>'),
    ],
)  # fmt: skip
def test_what_was_typed_becomes_paragraphs_and_links(words, html):
    assert as_html(words, PORTAL) == html


@pytest.mark.parametrize(
    "words",
    [
        "http://a.example",
        "x javascript://%0aalert(1)",
        "ftp://a.example",
        "https://mtnet.example@evil.example/",
        "https://[::1",
        f"{PORTAL}1/news",
    ],
)
def test_an_address_that_may_not_be_linked_is_refused(words):
    with pytest.raises(LinkNotAllowed):
        check_links(words, PORTAL)


def test_an_address_that_may_be_linked_is_taken():
    check_links(f"{PORTAL}/news and https://a.example/x, also 臺北/基隆 and a/b", PORTAL)


@given(st.text())
def test_nothing_that_is_typed_becomes_an_element(words):
    html = str(as_html(words, PORTAL)).replace("<p>", "").replace("</p>", "").replace("<br>", "")
    without_links = html.replace('<a href="', "").replace('">', "").replace("</a>", "")
    assert "<" not in without_links


@given(st.text())
def test_no_paragraph_is_empty(words):
    assert all(each.strip() for each in paragraphs(words))


@pytest.mark.parametrize("locale", ["zh-Hant", "en"])
def test_a_broadcast_is_a_mail_whose_text_part_says_an_address_once(locale):
    mail = render_mail(LINKS, Kind.BROADCAST, 1, locale, details("維護\n\nhttps://a.example/x"))
    assert mail.subject == "系統維護"
    assert mail.text.count("https://a.example/x") == 1
    assert 'href="https://a.example/x">https://a.example/x</a>' in mail.html
    assert "<p style=" in mail.html


def test_a_broadcast_is_one_text_for_all_who_get_it_by_line():
    assert (
        render_text(LINKS, Kind.BROADCAST, 1, "zh-Hant", details("第一段\n\n第二段"), "line")
        == "系統維護\n\n第一段\n\n第二段"
    )
