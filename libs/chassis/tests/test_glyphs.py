"""What can be printed by the fonts that are installed, and what is shown for the rest."""

import pytest
from mtnet_chassis import glyphs

pytestmark = pytest.mark.slow

PRINTED = "王小明 Müller 堃犇䲜𠮷𣪋𪃎\U0002b820\U0002ebe0，、·（）"
NOT_PRINTED = [
    "\ue000",
    "\uf8ff",
    "\U000f0001",
    "\U00100000",
    "\U000e0fff",
    "\uffff",
    "\U0001fffe",
    "\u0378",
    "\ud800",
]


def test_ranges_are_read_as_fontconfig_writes_them():
    coverage = glyphs.coverage_told("20-7e a0 3000-303f\n7f 20000-2a6df\n")
    for character in " ~\x7f\xa0\u3000\u303f\U00020000\U0002a6df":
        assert character in coverage
    for character in "\x1f\x80\x9f\xa1\u2fff\u3040\U0001ffff\U0002a6e0":
        assert character not in coverage


@pytest.mark.parametrize("character", sorted(set(PRINTED)), ids=glyphs.code_point)
def test_the_installed_fonts_have_the_rare_characters_of_names(character):
    assert glyphs.installed() is not None
    assert glyphs.is_printable(character)


@pytest.mark.parametrize("character", NOT_PRINTED, ids=glyphs.code_point)
def test_what_is_no_character_for_everybody_is_never_printed(character, monkeypatch):
    assert not glyphs.is_printable(character)
    monkeypatch.setattr(glyphs, "installed", lambda: glyphs.Coverage([(0, 0x10FFFF)]))
    assert not glyphs.is_printable(character)
    monkeypatch.setattr(glyphs, "installed", lambda: None)
    assert not glyphs.is_printable(character)


@pytest.mark.parametrize(
    "character", ["\n", "\t", "\u200b", "\ufe0f", "\U000e0100", "\u180b"], ids=glyphs.code_point
)
def test_what_is_not_drawn_is_no_box(character, monkeypatch):
    monkeypatch.setattr(glyphs, "installed", lambda: glyphs.Coverage([]))
    assert glyphs.is_printable(character)


def test_a_character_that_no_font_has_is_found(monkeypatch):
    monkeypatch.setattr(glyphs, "installed", lambda: glyphs.coverage_told("20-7e 738b"))
    assert glyphs.unprintable("王小明 Li 小") == ["小", "明"]
    assert glyphs.with_code_points("王小") == "王〔U+5C0F〕"


def test_fonts_that_cannot_be_asked_for_hinder_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    glyphs.installed.cache_clear()
    try:
        assert glyphs.installed() is None
        assert glyphs.unprintable("王\ue000") == ["\ue000"]
    finally:
        glyphs.installed.cache_clear()


def test_some_fonts_alone_can_be_asked_about():
    few = glyphs.coverage_told("20-7e 738b")
    assert glyphs.unprintable("王小", few) == ["小"]
    assert glyphs.with_code_points("王小\u200b", few) == "王〔U+5C0F〕\u200b"


@pytest.mark.parametrize(
    ("character", "drawn"), [("王", True), ("\u202e", False), ("\n", False), ("\ufe0f", False)]
)
def test_what_leaves_no_ink_is_known(character, drawn):
    assert glyphs.is_drawn(character) is drawn
