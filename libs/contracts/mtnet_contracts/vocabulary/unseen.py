"""Characters that nobody sees: pasted along with an address or a number, they would make it another one."""

from __future__ import annotations

import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point and category Cf, the blank Braille pattern, and code points that are no
# characters (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point). Variation selectors are among them.
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
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0x10000, 0x110000, 0x10000)),
)
_UNSEEN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES) + "]")
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

_JOINERS = "\u200c\u200d"
_VIRAMA = 9
# Which shape of an ideograph is meant: a part of some names.
_IDEOGRAPHS = (
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def without_unseen(text: str) -> str:
    """For what is compared or sent: addresses, numbers, codes. Nothing unseen is a part of those."""
    return _UNSEEN.sub("", text)


def name_without_unseen(text: str) -> str:
    """For names and prose: what says which shape of a letter is meant stays, where it says that.

    These are the variation selectors after an ideograph, and the joiners that Indic and Arabic scripts are written
    with (the contexts of RFC 5892, appendix A.1 and A.2, without the tables of joining types). Elsewhere they go too.
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
    if text[at] in _JOINERS:
        after = text[at + 1 : at + 2]
        return unicodedata.combining(before) == _VIRAMA or (_is_arabic(before) and _is_arabic(after))
    return False


def _is_arabic(character: str) -> bool:
    """A letter of a script whose letters join, or a mark on one."""
    return bool(character) and (
        0x0620 <= ord(character) <= 0x08FF and unicodedata.category(character) in ("Lo", "Lm", "Mn")
    )
