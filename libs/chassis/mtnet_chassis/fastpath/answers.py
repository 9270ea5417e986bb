"""Wait for py-amqp's answers without reading: another green thread does that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def on_answer(channel: Any, method: tuple[int, int], receive: Callable[..., None]) -> None:
    """Call `receive(method, *arguments)` once, when the channel's next `method` has been read.

    py-amqp's own `wait` reads the socket until the answer has come.
    """
    channel._pending[method] = receive
