"""Run slow native work in a thread of the operating system, so that green threads go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from eventlet import tpool

P = ParamSpec("P")
R = TypeVar("R")


def run_in_thread(work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """For hashing, rendering, parsing and files: they take tens of milliseconds and more."""
    result: R = tpool.execute(work, *arguments, **named)
    return result
