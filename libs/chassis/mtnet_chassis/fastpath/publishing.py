"""What the relay needs of pika that it does not offer: to write encoded frames, and to drop a connection at once."""

from __future__ import annotations

import contextlib
from typing import Any

from pika.exceptions import StreamLostError


def write(connection: Any, messages: list[bytes]) -> None:
    """Write messages, each already encoded (`frames`), in one piece."""
    connection._output_marshaled_frames([b"".join(messages)])


def hang_up(connection: Any, reason: str | None) -> None:
    """Drop the socket at once, whatever is in its buffers; the loop ends when that is done.

    `connection.close()` would first write what is there, after another relay may have begun.
    """
    if getattr(connection, "_transport", None) is None or connection.is_closed:
        connection.ioloop.stop()
    else:
        connection._error = StreamLostError(reason)
        connection._transport.abort()


def drop_socket(connection: Any) -> None:
    """After the loop ended by an exception: nobody may write to the connection any more."""
    with contextlib.suppress(Exception):
        connection._transport.abort()
    with contextlib.suppress(Exception):
        connection._transport._sock.close()
    with contextlib.suppress(Exception):
        connection.ioloop.close()
