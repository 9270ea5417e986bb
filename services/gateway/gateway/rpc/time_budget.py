"""How long a page may wait for services: all its calls share one budget."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

# All calls of one page together, however many they are.
PAGE_SECONDS = 10.0


class TimeBudget:
    """How many seconds a page may still wait for services."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds


_budget: ContextVar[TimeBudget | None] = ContextVar("time_budget", default=None)


def begin_page() -> None:
    """From now on, in this thread: what is spent on one call is missing for the next."""
    _budget.set(TimeBudget(PAGE_SECONDS))


def end_page() -> None:
    """What this thread does next is no part of the page."""
    _budget.set(None)


def seconds_left() -> float:
    """Seconds; PAGE_SECONDS outside a page."""
    found = _budget.get()
    return PAGE_SECONDS if found is None else max(0.0, found.left)


def spend(seconds: float) -> None:
    found = _budget.get()
    if found is not None:
        found.left -= seconds


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """For a call whose answer the page can do without: it waits no longer than this."""
    whole = seconds_left()
    given = TimeBudget(min(seconds, whole))
    begun = given.left
    token = _budget.set(given)
    try:
        yield
    finally:
        _budget.reset(token)
        spend(begun - given.left)
