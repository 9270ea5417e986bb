"""Characters that nobody sees: pasted along with an address or a number, they would make it another one."""

from __future__ import annotations

import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point and category Cf, the blank Braille pattern, a note without a head, and code
# points that are no characters (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point). Variation
# selectors are among them.
_RANGES = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),  # Hangul fillers, also U+3164 and U+FFA0
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFC),  # U+FFFC stands for a picture that was not copied along
    (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D159, 0x1D159),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0x10000, 0x110000, 0x10000)),
)
_UNSEEN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES) + "]")
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

_JOINS_EMOJI = "\u200d"
_JOINERS = "\u200c\u200d"
_VIRAMA = 9
# Which shape of an ideograph is meant: a part of some names.
_IDEOGRAPHS = (
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


# Unicode's Extended_Pictographic, as far as the blocks that hold emoji go, and what makes one of letters or digits
# (https://www.unicode.org/reports/tr51/#def_emoji_sequence).
_EMOJI = (
    (0x203C, 0x203C),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2190, 0x21FF),
    (0x2300, 0x23FF),
    (0x24C2, 0x24C2),
    (0x25A0, 0x27BF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
    (0x3030, 0x3030),
    (0x303D, 0x303D),
    (0x3297, 0x3299),
    (0x1F000, 0x1F1E5),
    (0x1F200, 0x1FAFF),
)
_AS_PICTURE = "\ufe0f"
_KEYCAP = "\u20e3"
_SKINS = (0x1F3FB, 0x1F3FF)


def without_unseen(text: str) -> str:
    """For what is compared or sent: addresses, numbers, codes. Nothing unseen is a part of those."""
    return _UNSEEN.sub("", text)


def without_lonely_marks(text: str) -> str:
    """Without accents and the like that stand on no letter: they would be drawn on whatever stands before the text."""
    if text.isascii():
        return text
    kept: list[str] = []
    for character in text:
        if not (unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me")) or (
            kept and not kept[-1].isspace()
        ):
            kept.append(character)
    return "".join(kept)


def name_without_unseen(text: str) -> str:
    """For names and prose: what says which shape of a letter is meant stays, where it says that.

    These are the variation selectors after an ideograph, the joiners that Indic and Arabic scripts are written with
    (the contexts of RFC 5892, appendix A.1 and A.2, without the tables of joining types), and what joins emoji to one
    picture: a family, a rainbow flag. Elsewhere they go too.
    """
    return _UNSEEN.sub(lambda found: found[0] if _is_meant(text, found.start()) else "", text)


def has_half_of_a_pair(text: str) -> bool:
    """JSON can spell half of a surrogate pair; it is no character and cannot be stored or sent."""
    return _HALF_OF_A_PAIR.search(text) is not None


def _is_meant(text: str, at: int) -> bool:
    character = ord(text[at])
    before = text[at - 1] if at else ""
    if not before:
        return False
    if 0xFE00 <= character <= 0xFE02 or 0xE0100 <= character <= 0xE01EF:
        return any(first <= ord(before) <= last for first, last in _IDEOGRAPHS)
    if text[at] == _AS_PICTURE:
        return _is_emoji(before) or (before in "#*0123456789" and text[at + 1 : at + 2] == _KEYCAP)
    if text[at] == _JOINS_EMOJI and _joins_emoji(text, at):
        return True
    if text[at] in _JOINERS:
        after = text[at + 1 : at + 2]
        return unicodedata.combining(before) == _VIRAMA or (_is_arabic(before) and _is_arabic(after))
    return False


def _joins_emoji(text: str, at: int) -> bool:
    """Between two emoji; the one before may say that it is meant as a picture, or what its skin is."""
    before = at - 1
    if text[before] == _AS_PICTURE:
        before -= 1
    if before > 0 and _SKINS[0] <= ord(text[before]) <= _SKINS[1]:
        before -= 1
    return before >= 0 and _is_emoji(text[before]) and _is_emoji(text[at + 1 : at + 2])


def _is_emoji(character: str) -> bool:
    return bool(character) and any(first <= ord(character) <= last for first, last in _EMOJI)


def _is_arabic(character: str) -> bool:
    """A letter of a script whose letters join, or a mark on one."""
    return bool(character) and (
        0x0620 <= ord(character) <= 0x08FF and unicodedata.category(character) in ("Lo", "Lm", "Mn")
    )
