"""Whether a telephone number that was typed is one, and how it is stored: as E.164."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from mtnet_contracts.vocabulary.written_telephones import SHORT_NUMBERS
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

HOME = "TW"
REACHED_BY_SMS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
# #12, *12, 分機12, 轉 12, 轉分機12, 內線：12, ext. 12, ext=12, x12
EXTENSION = re.compile(
    r"[\s,，;；(]*(?:(?:[#*]|ext(?:ension|n)?|x|分機|內線|內綫|内线|轉|转)[\s.:：=]*){1,2}(?P<extension>\d{1,6})\)?\s*\Z",
    re.I,
)
# What stands before a number on a card, in a signature or in a link, and is copied along.
LABEL = re.compile(
    r"(?:tel(?:ephone)?|phone|mobile|fax|市話|行動電話|聯絡電話|電話|手機|傳真)[\s.:：]*(?=[+(\d])|[☎📞📱]\s*",
    re.I,
)
SEPARATORS = re.compile(r"[\s()./\-‐‑‒–—―−－~_·‧・•ー]+")
# Seven or eight digits, or nine with a landline's area code that lacks its 0.
LOCAL = re.compile(r"[1-8]\d{5,8}|9\d{5,7}", re.ASCII)
MOBILE_WITHOUT_0 = re.compile(r"9\d{8}", re.ASCII)
SHORT = re.compile(rf"(?:{'|'.join(SHORT_NUMBERS)})\d{{4}}", re.ASCII)


class PhoneInvalid(Exception):
    """Not a number of Taiwan's plan (or of the country whose code it has), or no mobile where one is needed."""


class AreaCodeMissing(PhoneInvalid):
    """A number within an area: the same digits are somebody else's telephone in the next."""


def e164(text: str, *, mobile: bool) -> str:
    """What is dialled: `+886912345678`, with an extension after `#` (`+886233436767#12`).

    `mobile` wants a number that SMS reach. Raises AreaCodeMissing, PhoneInvalid.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    typed = typed[label.end() :] if (label := LABEL.match(typed)) else typed
    found = EXTENSION.search(typed)
    extension = found["extension"] if found else ""
    digits = SEPARATORS.sub("", typed[: found.start()] if found else typed)
    if not re.fullmatch(r"\+?\d{3,20}", digits, re.ASCII):
        raise PhoneInvalid(text)
    if SHORT.fullmatch(digits):
        digits = f"+8862{digits}"
    elif LOCAL.fullmatch(digits):
        # libphonenumber would take the first digit for an area code: Taipei's 33436767 for Taoyuan's 03-3436767.
        raise PhoneInvalid(text) if mobile else AreaCodeMissing(text)
    elif digits.startswith("00886"):
        digits = f"+{digits[2:]}"
    number = _valid(digits)
    if number is None and digits.startswith("00"):
        number = _valid(f"+{digits[2:]}")
    if number is None:
        raise PhoneInvalid(text)
    if mobile and (extension or phonenumbers.number_type(number) not in REACHED_BY_SMS):
        raise PhoneInvalid(text)
    plain: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{plain}#{extension}" if extension else plain


def _valid(digits: str) -> phonenumbers.PhoneNumber | None:
    """The number, dialled in Taiwan, or None. Without + and 0 only mobiles, and what begins with Taiwan's own code."""
    if not digits.startswith(("+", "0", "886")) and not MOBILE_WITHOUT_0.fullmatch(digits):
        return None
    try:
        number = phonenumbers.parse(digits, HOME)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
