"""Compares what was committed with what a subscriber applied: nothing lost, doubled, swapped or invented.

Only what both databases hold counts. A payment whose writer died before it heard of its commit is in the history
when its row is there, and not when it is not: an undetermined outcome cannot be wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Committed:
    """A change in the announcing service. `number` rises by one for each event of the aggregate."""

    event: Hashable
    aggregate: Hashable
    number: int


@dataclass(frozen=True)
class Applied:
    """An effect in the subscribing service; effects are listed in the order in which they happened."""

    event: Hashable
    aggregate: Hashable
    number: int


@dataclass(frozen=True)
class Verdict:
    """The events at fault, by kind. `swapped` is only looked for where order was promised."""

    lost: frozenset[Hashable] = frozenset()
    doubled: frozenset[Hashable] = frozenset()
    swapped: frozenset[Hashable] = frozenset()
    invented: frozenset[Hashable] = frozenset()
    events: int = field(default=0, compare=False)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.swapped or self.invented)

    def __str__(self) -> str:
        return (
            f"{self.events} events: {len(self.lost)} lost, {len(self.doubled)} doubled,"
            f" {len(self.swapped)} swapped, {len(self.invented)} invented"
        )


def check(committed: Iterable[Committed], applied: Sequence[Applied], *, ordered: bool) -> Verdict:
    """Judge one subscriber after everything has come to rest."""
    expected = {each.event: each for each in committed}
    times = Counter(each.event for each in applied)
    return Verdict(
        lost=frozenset(event for event in expected if not times[event]),
        doubled=frozenset(event for event, count in times.items() if count > 1 and event in expected),
        swapped=_swapped(applied, expected) if ordered else frozenset(),
        invented=frozenset(
            each.event
            for each in applied
            if each.event not in expected
            or (each.aggregate, each.number) != (expected[each.event].aggregate, expected[each.event].number)
        ),
        events=len(expected),
    )


def _swapped(applied: Sequence[Applied], expected: dict[Hashable, Committed]) -> frozenset[Hashable]:
    """Events that were applied for the first time after a later one of their aggregate."""
    highest: defaultdict[Hashable, int] = defaultdict(lambda: -1)
    seen: set[Hashable] = set()
    found = set()
    for each in applied:
        if each.event not in expected or each.event in seen:
            continue
        seen.add(each.event)
        if each.number < highest[each.aggregate]:
            found.add(each.event)
        highest[each.aggregate] = max(highest[each.aggregate], each.number)
    return frozenset(found)
