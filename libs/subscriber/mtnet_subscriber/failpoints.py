"""Named places where tests kill the process: `MTNET_SUBSCRIBER_FAILPOINT=committed:3` at the third time it is there."""

from __future__ import annotations

import os
import signal

POINTS = ("effect_made", "committed", "claimed", "retry_effect_made", "offset_saved", "read")

_name, _, _times = os.environ.get("MTNET_SUBSCRIBER_FAILPOINT", "").partition(":")
_left = int(_times or 1)


def failpoint(name: str) -> None:
    """Does nothing unless a test named this place."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
