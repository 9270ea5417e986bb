"""Bytes that strangers wrote, as text: by the character set that they declare, unless the bytes say otherwise.

Mail programs in Taiwan write UTF-8 and Big5, those across the strait GB18030, those in Japan ISO-2022-JP; many declare
another one than they use, or none. Names and aliases: WHATWG Encoding Standard.
"""

import re

# What is declared → Python's codecs, to be tried in this order. Others are not (`base64` is a codec, too).
BIG5, GB18030, JAPANESE, LATIN = (
    ("cp950", "big5hkscs"),
    ("gb18030",),
    ("iso2022_jp_ext", "iso2022_jp"),
    ("cp1252",),
)
CODECS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), ("utf-8",)),
    **dict.fromkeys(("big5", "big-5", "big5-hkscs", "x-x-big5", "cn-big5", "cp950", "windows-950", "ms950"), BIG5),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "windows-936", "gb18030", "hz-gb-2312"), GB18030),
    **dict.fromkeys(("iso-2022-jp", "csiso2022jp", "iso-2022-jp-1", "iso-2022-jp-3"), JAPANESE),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932"), ("cp932",)),
    **dict.fromkeys(("euc-jp", "x-euc-jp"), ("euc_jp",)),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "cp949"), ("cp949",)),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252", "iso-8859-15"), LATIN),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), ("utf-16",)),
    "windows-1251": ("cp1251",), "koi8-r": ("koi8_r",), "windows-1258": ("cp1258",), "windows-874": ("cp874",),
    "tis-620": ("cp874",),
}  # fmt: skip
# Lead bytes of the characters that are in everyday use, by codec; the others are rare.
EVERYDAY = {"cp950": (0xA4, 0xC6), "big5hkscs": (0xA4, 0xC6), "gb18030": (0xB0, 0xD7)}
EVERYDAY_SHARE = 0.75
LOOKED_AT = 20_000
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# European text has no four letters in a row that are all outside ASCII.
MANY_HIGH_BYTES = re.compile(rb"[\x80-\xff]{4}")
ESCAPE = re.compile(rb"\x1b[$(]")


def decoded(content: bytes, declared: str) -> tuple[str, bool]:
    """The text, and whether every byte had a meaning."""
    for mark, codec in BOMS:
        if content.startswith(mark):
            return _forced(content, codec)
    name = declared.strip().strip("'\"").lower().replace("_", "-") if declared else ""
    codecs = CODECS.get(name) or CODECS.get(declared.strip().lower(), ())
    if ESCAPE.search(content) and not MANY_HIGH_BYTES.search(content) and "utf-8" not in codecs:
        codecs = codecs or JAPANESE
    if codecs == LATIN and max(content[:LOOKED_AT], default=0) >= 0x80:
        # The usual lie: programs declare what they always declare.
        codecs = () if MANY_HIGH_BYTES.search(content) or _strict(content, "utf-8") is not None else LATIN
    for codec in codecs:
        text = _strict(content, codec)
        if text is not None and everyday_share(text, codec) >= EVERYDAY_SHARE:
            return text, True
    return _guessed(content, codecs)


def _guessed(content: bytes, codecs: tuple[str, ...]) -> tuple[str, bool]:
    if (text := _strict(content, "utf-8")) is not None:
        return text, True
    found = [
        (everyday_share(text, codec), -place, text)
        for place, codec in enumerate((*codecs, *BIG5, *GB18030))
        if (text := _strict(content, codec)) is not None
    ]
    if found:
        return max(found)[2], True
    if codecs:
        return _forced(content, codecs[0])
    # Cut off in the middle of a character, perhaps: the one that leaves the fewest holes.
    tried = [content.decode(codec, "replace") for codec in ("utf-8", *BIG5, *GB18030, *LATIN)]
    return min(tried, key=lambda text: text.count("\ufffd")), False


def everyday_share(text: str, codec: str) -> float:
    """How many of the ideographs are of everyday use, 0 to 1. 1 where the codec does not tell."""
    if codec not in EVERYDAY:
        return 1.0
    first, last = EVERYDAY[codec]
    leads = [
        code[0]
        for each in text[:LOOKED_AT]
        if each > "\u2e7f" and not "\uff00" <= each <= "\uffef" and not "\u3000" <= each <= "\u303f"
        for code in (each.encode(codec, "replace"),)
    ]
    return sum(first <= lead <= last for lead in leads) / len(leads) if leads else 1.0


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return None


def _forced(content: bytes, codec: str) -> tuple[str, bool]:
    text = content.decode(codec, "replace")
    return text, "\ufffd" not in text
