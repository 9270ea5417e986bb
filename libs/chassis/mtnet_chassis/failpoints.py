"""Named places on the event path where tests make a process die or fail. Costs one comparison when unused.

`FAILPOINT=relay.after_publish:kill:25` kills the process (SIGKILL) the 25th time it comes there;
`…:raise:25` raises FailpointReached instead.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "outbox.after_insert",
    "outbox.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "relay.after_confirm",
    "relay.before_delete",
    "relay.after_delete",
    "inbox.before_effect",
    "inbox.after_effect",
    "inbox.after_commit",
    "inbox.after_ack",
    "ladder.after_publish",
    "stop.draining",
)


class FailpointReached(RuntimeError):
    """A test wanted this place to fail."""


def _read() -> tuple[str, str, int]:
    text = os.environ.get("FAILPOINT", "")
    if not text:
        return "", "", 0
    name, action, count = text.split(":")
    if name not in POINTS or action not in ("kill", "raise"):
        raise ValueError(f"FAILPOINT={text}: unknown point or action")
    return name, action, int(count)


_name, _action, _left = _read()


def failpoint(name: str) -> None:
    """Come to a named place. Does nothing unless FAILPOINT names it."""
    if name == _name:
        _reach()


def _reach() -> None:
    global _left
    _left -= 1
    if _left == 0:
        if _action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise FailpointReached(_name)
