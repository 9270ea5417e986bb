"""How the text of a fax is broken into lines and pages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.channels.fax.layout import (
    BEGINS_NO_LINE,
    ENDS_NO_LINE,
    Line,
    Paragraph,
    Style,
    broken,
    paged,
    paragraphs_of,
)

# Han, Latin, punctuation of both, addresses: what notes are made of.
NOTES = st.text(st.sampled_from("海港申請表王，。；（）「」abcXYZ 0189-/?&=.,()"), max_size=300)


def advance(character):
    """A Latin letter is half as wide as a Chinese one."""
    return 2.0 if character >= "\u2e80" else 1.0


def width(text):
    return sum(map(advance, text))


@given(NOTES, st.integers(10, 60))
def test_no_line_is_wider_than_the_page_and_no_character_is_lost(text, space):
    lines = broken(text, space, advance)
    assert all(width(line) <= space for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(
    st.lists(
        st.sampled_from(["海港", "申請表", "，", "。", "（公司", "）", "「章", "」", "PTAPPLY1 ", "10 MB "]),
        max_size=60,
    )
)
def test_punctuation_begins_or_ends_no_line_where_it_must_not(words):
    # At most two signs in a row: a row of them as long as a line has to be broken somewhere.
    words = [
        word
        for before, word in zip(["", *words], words, strict=False)
        if before[-1:] not in BEGINS_NO_LINE or word[-1] not in BEGINS_NO_LINE
    ]
    for line in broken("海" + "".join(words), 40, advance)[1:]:
        assert line[:1] not in BEGINS_NO_LINE
    for line in broken("海" + "".join(words), 40, advance)[:-1]:
        assert line[-1:] not in ENDS_NO_LINE


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("申請表未蓋章", ["申請表未", "蓋章"]),
        ("申請表未。蓋章", ["申請表", "未。蓋章"]),
        ("two words", ["two", "words"]),
        ("a\nb", ["a", "b"]),
        ("https://a.example/b", ["https://", "a.exampl", "e/b"]),
    ],
)
def test_lines_are_broken_as_a_typesetter_would(text, lines):
    assert broken(text, 8, advance) == lines


def test_a_mail_s_text_becomes_paragraphs_and_items():
    text = "您好：\n\n請補正：\n\n- 電話：有誤\n- 申請表：未用印\n\n重新送件：\nhttps://a.example\n\n"
    assert paragraphs_of(text) == [
        Paragraph("您好："),
        Paragraph("請補正："),
        Paragraph("電話：有誤", Style.ITEM),
        Paragraph("申請表：未用印", Style.ITEM),
        Paragraph("重新送件：\nhttps://a.example"),
    ]


LINES = st.lists(st.integers(1, 6), max_size=30).map(
    lambda lengths: [
        Line(f"{n}.{m}", Style.TEXT, m == 0) for n, length in enumerate(lengths) for m in range(length)
    ]
)


@given(LINES, st.integers(40, 200), st.integers(60, 200))
def test_pages_hold_every_line_once_and_in_order(lines, first, others):
    def height(line):
        return 15 if line.first else 10

    pages = paged(lines, height, first, others)
    assert [line for page in pages for line in page] == lines
    for space, page in zip([first, *[others] * len(pages)], pages, strict=False):
        assert sum(map(height, page)) <= space


@given(LINES)
def test_no_line_of_a_paragraph_stands_alone_on_its_page(lines):
    pages = paged(lines, lambda line: 10, 100, 100)
    for before, after in pairwise(pages):
        goes_on = not after[0].first
        assert not (goes_on and before[-1].first), "its first line stays with the second"
        ends_at_once = len(after) == 1 or after[1].first
        begun = next(n for n, line in enumerate(reversed(before)) if line.first)
        assert not (goes_on and ends_at_once and begun > 1), "its last line takes one with it"
