"""Taiwan's numbers of persons and organisations: which are well-formed, and how they are masked."""

from __future__ import annotations

import re
import unicodedata

CASE_PREFIX = "PTAPPLY"
# The position of a letter gives its two-digit code minus ten (A 10, B 11, … I 34, O 35).
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_ID_NUMBER = re.compile(r"[A-Z](?:[1289]|[A-D])\d{8}", re.ASCII)
_ID_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
# Eight noughts pass the check, and are nobody's.
_UNIFIED_BUSINESS_NUMBER = re.compile(r"(?!0{8})\d{8}", re.ASCII)
_CASE_NUMBER = re.compile(rf"{CASE_PREFIX}[0-9A-F]{{13}}")
_UBN_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)


def normalised_number(text: str) -> str:
    """NFKC, upper case, without spaces and hyphens of any width: what people type becomes what is compared."""
    return re.sub(r"[\s\-‐-―−]", "", unicodedata.normalize("NFKC", text)).upper()


def id_number_is_valid(number: str) -> bool:
    """National ID, new resident number (since 2021) or old resident number (accepted until 2031).

    The number must be normalised. The letter's two digits and the nine that follow are weighted
    1,9,8,7,6,5,4,3,2,1,1 and must sum to a multiple of ten; an old resident number's second letter counts
    as the last digit of its code.
    """
    if not _ID_NUMBER.fullmatch(number):
        return False
    first = _LETTERS.index(number[0]) + 10
    second = str((_LETTERS.index(number[1]) + 10) % 10) if number[1].isalpha() else number[1]
    digits = [first // 10, first % 10, int(second), *map(int, number[2:])]
    return sum(w * d for w, d in zip(_ID_WEIGHTS, digits, strict=True)) % 10 == 0


def unified_business_number_is_valid(number: str) -> bool:
    """統一編號: weighted digit sums; divisible by 5 since April 2023 (by 10 before, which 5 contains)."""
    if not _UNIFIED_BUSINESS_NUMBER.fullmatch(number):
        return False
    products = [w * int(d) for w, d in zip(_UBN_WEIGHTS, number, strict=True)]
    total = sum(p // 10 + p % 10 for p in products)
    return total % 5 == 0 or (number[6] == "7" and (total + 1) % 5 == 0)


def unified_business_number_is_formed(number: str) -> bool:
    """Eight digits: some numbers that were given out have no valid check digit, and stand so on the registration."""
    return _UNIFIED_BUSINESS_NUMBER.fullmatch(number) is not None


def is_case_number(text: str) -> bool:
    """Whether it can be one; it must be normalised."""
    return _CASE_NUMBER.fullmatch(text) is not None
