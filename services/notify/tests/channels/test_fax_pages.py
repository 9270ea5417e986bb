"""A message as fax pages: what they say, what a fax machine gets, and what cannot be printed."""

import subprocess
from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from notify.channels.fax import fonts, pages
from notify.channels.fax.layout import Paragraph
from notify.channels.fax.notice import fax_of
from notify.templates.rules import Kind
from PIL import Image

from ..builders import LINKS, NOW, an_outgoing

pytestmark = pytest.mark.slow

NOTE = "申請表未蓋公司章，請於用印後重新掃描上傳（解析度至少 200 dpi，檔案大小不超過 10 MB）。"


def a_fax(kind=Kind.APPLICATION_RETURNED, locale="zh-Hant", **details):
    return fax_of(replace(an_outgoing(kind, locale, **details), recipient="+886281927019"), LINKS, NOW)


def text_of(fax):
    return "\n".join([*(fact.value for fact in fax.facts), *(each.text for each in fax.paragraphs)])


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        (
            "zh-Hant",
            ["02-8192-7019", "PTAPPLY936EC90162340", "115-11-23 17:25", "帳號申請表：未用印", "如非本傳真之收件人"],
        ),
        (
            "en",
            ["02-8192-7019", "PTAPPLY936EC90162340", "2026-11-23 17:25 (Taipei)", "form: Not stamped"],
        ),
    ],
)  # fmt: skip
def test_it_says_to_whom_about_which_case_and_what_to_do(locale, expected):
    fax = a_fax(locale=locale)
    for part in expected:
        assert part in text_of(fax)
    assert "PTAPPLY936EC90162340" in fax.cover_line
    assert fax.page_number % {"page": 2, "pages": 3} == (
        "第 2 頁，共 3 頁" if locale == "zh-Hant" else "Page 2 of 3"
    )


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("locale", ["zh-Hant", "en"])
def test_every_message_can_be_faxed(kind, locale):
    assert 1 <= len(pages.drawn(a_fax(kind, locale))) <= 2


def test_the_qr_code_on_the_page_leads_to_the_case():
    (page,) = pages.drawn(a_fax())
    (code,) = zxingcpp.read_barcodes(page.convert("L"))
    assert code.text == "https://mtnet.example/case?number=PTAPPLY936EC90162340"


def test_a_fax_without_a_case_has_no_code():
    (page,) = pages.drawn(a_fax(Kind.VERIFICATION_CODE))
    assert zxingcpp.read_barcodes(page.convert("L")) == []


def test_the_tiff_is_what_fax_programs_expect():
    drawn = pages.drawn(a_fax(note="\n".join([NOTE] * 20)))
    assert len(drawn) > 1
    tiff = Image.open(BytesIO(pages.as_tiff(drawn)))
    assert tiff.n_frames == len(drawn)
    for number, page in enumerate(drawn):
        tiff.seek(number)
        tags = tiff.tag_v2
        assert (tiff.size, tags[258], tags[259], tags[262]) == ((1728, 2200), (1,), 4, 0), (
            "two colours, Group 4, white is 0"
        )
        assert (tags[282], tags[283], len(tags[273])) == (204, 196, 1), "fine resolution, one strip"
        assert tiff.convert("L").tobytes() == page.convert("L").tobytes()


def test_the_pdf_has_the_same_pages_in_black_and_white(tmp_path):
    drawn = pages.drawn(a_fax(note="\n".join([NOTE] * 20)))
    document = tmp_path / "fax.pdf"
    document.write_bytes(pages.as_pdf(drawn))
    told = subprocess.run(
        ["pdfimages", "-list", str(document)], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in told.splitlines()[2:]]
    assert [(row[3], row[4], row[7], row[8]) for row in rows] == [("1728", "2200", "1", "ccitt")] * len(drawn)


def test_a_long_note_takes_pages_and_the_number_of_pages_is_bounded():
    fax = a_fax()
    longer = replace(fax, paragraphs=[*fax.paragraphs, *[Paragraph(NOTE)] * 30])
    assert 2 < len(pages.drawn(longer)) < 10
    assert len(pages.drawn(a_fax(note=NOTE * 10_000))) == 10


def test_a_text_that_is_cut_short_says_where_the_rest_is(monkeypatch):
    fax = replace(a_fax(), paragraphs=[Paragraph(NOTE)] * 400)
    assert len(pages.drawn(fax)) == 10
    shown = []
    monkeypatch.setattr(
        pages, "_draw_lines", lambda page, lines, top: shown.append([line.text for line in lines])
    )
    pages.drawn(fax)
    assert "https://mtnet.example/case?number=PTAPPLY936EC90162340" in "".join(shown[-1])
    assert fax.cut_short not in "".join(shown[-2])


def test_what_no_font_has_is_printed_as_its_code_point(monkeypatch):
    shown = []
    monkeypatch.setattr(
        pages, "_draw_lines", lambda page, lines, top: shown.extend(line.text for line in lines)
    )
    pages.drawn(a_fax(name="王𪃎\ue000", note="\u202e堃\u0627"))
    assert "王𪃎〔U+E000〕 您好：" in shown
    assert any("堃〔U+0627〕" in line for line in shown)


@pytest.mark.parametrize("character", "王堃犇䲜𠮷𣪋𪃎Müé，、·（）〔")
def test_the_fonts_have_the_characters_of_names(character):
    assert character in fonts.coverage()
    letter = fonts.Typeface(44).letter(character)
    assert letter.bitmap is not None
    assert letter.bitmap.histogram()[255] > 0, "it leaves ink"


def test_letters_that_leave_no_ink_take_no_room():
    for character in "\u202e\u200b\ufe0f\n":
        assert fonts.Typeface(44).letter(character) == fonts.Letter(None, 0, 0, 0.0)
    assert fonts.Typeface(44).letter(" ").advance > 0


def test_a_machine_without_the_fonts_says_so(monkeypatch):
    fonts.font_files.cache_clear()
    monkeypatch.setattr(fonts, "told_by_fontconfig", lambda form: "DejaVu Sans|Book|0|/x.ttf|20-7e\n")
    try:
        with pytest.raises(fonts.FontsMissing):
            fonts.font_files()
    finally:
        fonts.font_files.cache_clear()
