"""Fax numbers as people write them."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from notify.fax_codes.rules import NumberInvalid

# What costs its owner or us more than a call, or has no fax machine.
LINES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.TOLL_FREE,
    }
)
HOME, COUNTRY = "TW", 886
SEPARATORS = re.compile(r"[\s().\-]+")
LOCAL = re.compile(r"[2-8]\d{5,7}", re.ASCII)


def fax_number(typed: str) -> str:
    """`02-3343-6768` as `+886233436768`. Raises NumberInvalid.

    In Taiwan only: what is typed here is dialled before anybody has proved anything.
    """
    digits = SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    if LOCAL.fullmatch(digits):
        raise NumberInvalid("PHONE_NEEDS_AREA_CODE")
    if not re.fullmatch(r"(\+|00)?\d{8,15}", digits, re.ASCII):
        raise NumberInvalid
    try:
        number = phonenumbers.parse(re.sub(r"^00(?=886)", "+", digits), HOME)
    except NumberParseException as problem:
        raise NumberInvalid from problem
    if (
        number.country_code != COUNTRY
        or not phonenumbers.is_valid_number(number)
        or phonenumbers.number_type(number) not in LINES
    ):
        raise NumberInvalid
    written: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return written
