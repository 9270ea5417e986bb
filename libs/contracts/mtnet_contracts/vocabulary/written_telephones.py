"""How a telephone number is written where people read it. In calls and events it is as it is dialled from anywhere
(E.164), with an extension after `#`."""

from __future__ import annotations

import re

HOME = "+886"
# None, or what may be somebody's number, however it is written, also within an area or a house: three digits or more,
# what stands between them, and an extension.
LIKELY_OR_NONE = re.compile(
    r"\Z|(?=(?:\D*\d){3})\+?[\d\s()./~\-\u2010-\u2015\u2212]+"
    r"(?:[\s,;:(]*(?:[#*x]|ext(?:ension|n)?|分機|內線|轉)[\s.:=]*\d{1,6}\)?)?\Z",
    re.IGNORECASE,
)
# National Communications Commission, 公眾電信網路號碼計畫: area codes of more than two digits, 0 included.
LONG_AREA_CODES = ("0836", "0826", "037", "049", "082", "089")
# Reached as they stand from every landline; a mobile dials 02 before them, and so does the number from abroad.
SHORT_NUMBERS = ("412", "449")


def written(number: str) -> str:
    """`+886233436767#12` as `02-3343-6767 #12`, `+886912345678` as `0912-345-678`; others as they are."""
    plain, extension = parts(number)
    if not plain.startswith(HOME) or not plain.removeprefix(HOME).isdigit():
        return number
    local = _local("0" + plain.removeprefix(HOME))
    return f"{local} #{extension}" if extension else local


def parts(number: str) -> tuple[str, str]:
    """The number and its extension, which may be empty."""
    plain, _, extension = number.partition("#")
    return plain, extension


def _local(digits: str) -> str:
    """With the hyphens of a business card."""
    if digits.startswith("070"):
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    # Mobile, toll-free, premium and personal numbers: four, three, three.
    if len(digits) == 10 and digits.startswith(("09", "080", "020", "050")):
        return f"{digits[:4]}-{digits[4:7]}-{digits[7:]}"
    area = next((code for code in LONG_AREA_CODES if digits.startswith(code)), digits[:2])
    rest = digits.removeprefix(area)
    if area == "02" and len(rest) == 7 and rest.startswith(SHORT_NUMBERS):
        return f"{rest[:3]}-{rest[3:]}"
    if len(rest) < 6:
        return f"{area}-{rest}"
    head = len(rest) - (3 if len(rest) == 6 else 4)
    return f"{area}-{rest[:head]}-{rest[head:]}"
