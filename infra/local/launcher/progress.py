"""One line a step, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints when a step is done; safe from several threads, since each line is one write."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        if not self._quiet:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"  ✓ {title:<46} {time.monotonic() - began:6.1f} s")

    def seconds(self) -> float:
        return time.monotonic() - self._began
