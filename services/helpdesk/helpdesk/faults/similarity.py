"""Which tickets read alike: pairs of neighbouring characters, which needs no words and so no language."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

# From how much in common on two texts may be about one fault: of the pairs of both, the share that both have.
ALIKE = 0.3
# A group of fewer is no incident.
SMALLEST_GROUP = 2
LONGEST_COMPARED = 160
# What people write whatever it is about.
COURTESY = (
    "您好",
    "你好",
    "請問",
    "謝謝",
    "麻煩",
    "協助",
    "請協助",
    "承辦人",
    "hello",
    "please",
    "thanks",
    "thank you",
)


@dataclass(frozen=True)
class Report:
    """A ticket as it is compared: its subject, and how its first message begins."""

    ticket_id: UUID
    text: str


def pairs_of(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters and digits: wide forms as narrow ones, small letters, 臺 as 台."""
    plain = unicodedata.normalize("NFKC", text[: 2 * LONGEST_COMPARED]).casefold().replace("臺", "台")
    for phrase in COURTESY:
        plain = plain.replace(phrase, " ")
    kept = "".join(c if c.isalnum() else " " for c in plain)[:LONGEST_COMPARED]
    return frozenset(word[i : i + 2] for word in kept.split() for i in range(len(word) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0, nothing in common, to 1, the same (Dice)."""
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0


def groups_of(reports: Sequence[Report]) -> list[list[UUID]]:
    """Reports that read alike, each in one group at most: the largest group first, in the order given inside.

    A report belongs to a group when it reads like the first of it: chains of small likenesses make no group.
    """
    pairs = [pairs_of(each.text) for each in reports]
    like = [{position} for position in range(len(pairs))]
    for one, other in combinations(range(len(pairs)), 2):
        if likeness(pairs[one], pairs[other]) >= ALIKE:
            like[one].add(other)
            like[other].add(one)
    left, groups = set(range(len(pairs))), []
    while left:
        # The one that most others are like stands for its group.
        best = max(left, key=lambda position: (len(like[position] & left), -position))
        members = like[best] & left
        if len(members) < SMALLEST_GROUP:
            break
        groups.append([reports[position].ticket_id for position in sorted(members)])
        left -= members
    return groups


def likest(text: str, reports: Sequence[Report]) -> list[UUID]:
    """Those that read like this text, likest first."""
    wanted = pairs_of(text)
    found = [(likeness(wanted, pairs_of(each.text)), each.ticket_id) for each in reports]
    alike = sorted((each for each in found if each[0] >= ALIKE), key=lambda each: -each[0])
    return [ticket_id for _, ticket_id in alike]
