"""One line a step, with its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """One write a line, so that several threads may speak."""
    print(f"{text}\n", end="", flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"  ✓ {title:<46} {time.monotonic() - began:6.1f} s")
