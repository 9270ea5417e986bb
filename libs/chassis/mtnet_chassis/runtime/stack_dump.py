"""Write the stack of every thread and green thread to the log, for a process that seems to hang: `kill -USR1 <pid>`."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import traceback
from types import FrameType
from typing import Any

from greenlet import greenlet

from mtnet_chassis.telemetry import logger

log = logger()

INNERMOST = 12


def dump_on_signal() -> None:
    """From now on SIGUSR1 writes the stacks to the log, one line for each thread; the process goes on."""
    signal.signal(signal.SIGUSR1, dump_stacks)


def dump_stacks(number: int = 0, frame: FrameType | None = None) -> None:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, current in sys._current_frames().items():
        _line(f"thread {names.get(ident, ident)}", current)
    for green in gc.get_objects():
        if isinstance(green, greenlet) and not green.dead and green.gr_frame is not None:
            _line("green thread", green.gr_frame)


def _line(what: str, frame: Any) -> None:
    # Frames only: variables may hold personal data.
    stack = [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in traceback.extract_stack(frame)]
    log.info("stack dump", thread=what, stack=stack[-INNERMOST:])
