"""What looks like something of a person, and what becomes of a proposal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from mtnet_contracts.vocabulary.ticket_numbers import WRITTEN

MOST_PASSAGES = 50
SHORTEST_NAME = 2
# Whole first: a part of it would be another kind.
ADDRESS = re.compile(r"[\w.+-]+[@＠][\w-]+(?:[.．][\w-]+)+|\bU[0-9a-f]{32}\b")
# Days are no numbers of somebody: 2026-11-26, 114/02/19.
DAY = re.compile(r"(?<!\d)\d{2,4}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?!\d)")
# Identity and resident numbers, cases and tickets, and whatever is as long as a telephone number.
NUMBER = re.compile(
    r"\b[A-Za-z][1289A-Da-d]\d{8}\b|\bPTAPPLY[0-9A-Fa-f]{6,}|"
    + WRITTEN
    + r"|[+＋]?\d(?:[ ().#-]{0,2}\d){6,18}"
)
NAME = re.compile(
    r"[\u4e00-\u9fff]{1,4}(?:先生|女士|小姐|太太)|\b(?:Mr|Mrs|Ms|Miss|Dr|Capt)\b\.? ?[A-Z][\w'-]+(?: [A-Z][\w'-]+)?"
)
# Where somebody says who they are, or who somebody is, the name follows. In Chinese it begins with one of the surnames
# that nine of ten people in Taiwan have; "船員何時" names nobody, so that a title needs a sign or a verb behind it.
SURNAMES = (
    "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏"
    "孫戴范方宋鄧杜傅侯曹薛丁卓馬董唐藍馮石蔣田歐連紀尤姜"
)
NAMED = re.compile(
    r"(?:(?:我是|我叫|姓名)(?:是|為)?[ :：]{0,2}"
    r"|(?:承辦人|聯絡人|經辦|申請人|負責人|船長|船員|代理人)(?:[ :：]{1,2}|是|為))"
    rf"(?!高級)([{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    r"|(?i:\bmy name is|\bname:|\bcontact:|\bcaptain|\bmaster) ?([A-Z][\w'-]+(?: [A-Z][\w'-]+){1,2})"
)
# The portal's own, which everybody may know.
OWN_NUMBERS = frozenset({"0800022120", "0281927019", "886281927019"})
OWN_ADDRESSES = frozenset({"service@mtnet.gov.tw"})


class NotAnsweredYet(Exception):
    """There is no answer that others could need."""


class ProposedAlready(Exception):
    """The editors have not decided about the one before."""


class State(StrEnum):
    PROPOSED = "proposed"
    PUBLISHED = "published"
    DECLINED = "declined"


@dataclass(frozen=True)
class Passage:
    """`field`: where it stands; `kind`: number, address or name."""

    field: str
    kind: str
    text: str


class PersonalData(Exception):
    """It may hold something of a person, and nobody has said that it does not."""

    def __init__(self, passages: list[Passage]) -> None:
        super().__init__(f"{len(passages)} passages")
        self.passages = passages


@dataclass(frozen=True)
class Proposal:
    """`question` is a text by locale."""

    draft_id: UUID
    ticket_id: UUID
    state: State
    question: Mapping[str, str]
    proposed_by: UUID
    proposed_by_name: str
    proposed_at: datetime
    decided_at: datetime | None = None
    reason: str = ""
    slug: str | None = None


def passages(texts: Mapping[str, str], known: Iterable[str] = ()) -> list[Passage]:
    """What looks like a number, an address or a name of somebody; `known`: the person's own names and addresses.

    In the order of the texts, each passage once.
    """
    own = [each for each in (name.strip() for name in known) if len(each) >= SHORTEST_NAME]
    found: dict[Passage, None] = {}
    for field, text in texts.items():
        for kind, passage in _in(text, own):
            found.setdefault(Passage(field, kind, passage))
    return list(found)[:MOST_PASSAGES]


def _in(text: str, known: list[str]) -> list[tuple[str, str]]:
    found = []
    for each in ADDRESS.findall(text):
        text = text.replace(each, "\n")
        if each.lower() not in OWN_ADDRESSES:
            found.append(("address", each))
    for each in NUMBER.findall(DAY.sub("\n", text)):
        if "".join(c for c in each if c.isdigit()) not in OWN_NUMBERS:
            found.append(("number", each.strip()))
    found += [("name", each) for each in NAME.findall(text)]
    found += [("name", zh or en) for zh, en in NAMED.findall(text)]
    found += [("name", each) for each in known if each.casefold() in text.casefold()]
    return found
