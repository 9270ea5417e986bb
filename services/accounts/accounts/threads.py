"""Run slow native work on a real thread, so that no green thread waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from eventlet import tpool

P = ParamSpec("P")
R = TypeVar("R")


def off_the_hub(work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Hashing, rendering and parsing take tens of milliseconds and more; the others go on meanwhile."""
    result: R = tpool.execute(work, *arguments, **named)
    return result
