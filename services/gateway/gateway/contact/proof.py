"""Whether a form was sent by a person, judged without pictures and without JavaScript.

A form carries when it was shown and its key, both sealed. So a program has to fetch each form and wait, and one form
that is sent again and again is asked about. What looks as if a program sent it is not refused: a sum in words is asked
for, which people do at a glance.
"""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from mtnet_contracts.vocabulary.texts import P_

from gateway.seal import Seal

# Nobody reads, writes and sends in less; a page that was open longer is asked about.
LEAST_SECONDS = 3
LONGEST_SECONDS = 24 * 3600
# People send one address or two to look at; advertising sends many.
MOST_LINKS = 3
LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
NUMBERS = (
    P_("number", "one"), P_("number", "two"), P_("number", "three"), P_("number", "four"), P_("number", "five"),
    P_("number", "six"), P_("number", "seven"), P_("number", "eight"), P_("number", "nine"),
)  # fmt: skip
FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


class Shown(NamedTuple):
    """A form as it was handed out: seconds since 1970, and the key that makes it one ticket."""

    at: int
    key: str


class Question(NamedTuple):
    """A sum of two numbers from 1 to 9."""

    first: int
    second: int

    @property
    def answer(self) -> int:
        return self.first + self.second


def handed_out(seal: Seal, shown: Shown) -> str:
    return seal.sealed(f"form.{shown.at}.{shown.key}")


def taken_back(seal: Seal, token: str) -> Shown | None:
    """The form that a token belongs to; None where it is not ours."""
    kind, _, rest = (seal.opened(token) or "").partition(".")
    at, _, key = rest.partition(".")
    return Shown(int(at), key) if kind == "form" and at.isdigit() and key else None


def signs_of_a_program(shown: Shown | None, now: float, *, trap: str, text: str, often: bool) -> list[str]:
    """What speaks for a program, by name; nothing of it where a person wrote.

    `trap` is a field that people do not see; `often`: this source has sent many forms lately.
    """
    age = now - shown.at if shown else 0
    found = {
        "unknown_form": shown is None,
        "too_fast": shown is not None and age < LEAST_SECONDS,
        "too_old": shown is not None and age > LONGEST_SECONDS,
        "trap": bool(trap),
        "many_links": len(LINK.findall(text)) > MOST_LINKS,
        "often": often,
    }
    return [name for name, holds in found.items() if holds]


def a_question() -> Question:
    return Question(1 + secrets.randbelow(9), 1 + secrets.randbelow(9))


def asked(seal: Seal, question: Question, shown: Shown) -> str:
    """The question as a form carries it, for this form alone: an answer that was found once opens no other."""
    return seal.sealed(f"sum.{shown.key}.{question.first}.{question.second}")


def answered(seal: Seal, token: str, typed: str, shown: Shown | None) -> bool:
    parts = (seal.opened(token) or "").split(".")
    if shown is None or len(parts) != 4 or parts[0] != "sum" or parts[1] != shown.key:
        return False
    return typed.translate(FULL_WIDTH).strip() == str(int(parts[2]) + int(parts[3]))
