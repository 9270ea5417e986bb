"""Phone numbers by libphonenumber: what people type becomes what can be dialled."""

from __future__ import annotations

import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

HOME = "TW"
REACHED_BY_SMS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class PhoneInvalid(Exception):
    """No number of Taiwan's plan (or of the country whose code it has), or no mobile number where one is needed."""


def e164(text: str, *, mobile: bool) -> str:
    """What is dialled: `+886912345678`, with an extension after `#` (`+886233436767#12`).

    `mobile` wants a number that SMS reach. Raises PhoneInvalid.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), HOME)
    except NumberParseException as problem:
        raise PhoneInvalid(text) from problem
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalid(text)
    if mobile and (number.extension or phonenumbers.number_type(number) not in REACHED_BY_SMS):
        raise PhoneInvalid(text)
    plain: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{plain}#{number.extension}" if number.extension else plain


def masked_phone(number: str) -> str:
    """`+886912345678` as `+886 9•• ••• 678`: enough for its owner to know it."""
    return f"{number[:4]} {number[4:5]}•• ••• {number[-3:]}"


def masked_email(address: str) -> str:
    """`clerk@example.com` as `c•••@example.com`."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
