"""Deliveries, taken out of the broker's stream of bytes.

py-amqp reads the first seven bytes of a frame, its content and its last byte separately, three frames for a message.
Here one `recv` brings many messages. Every frame that belongs to none goes to py-amqp unchanged.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from amqp.exceptions import UnexpectedFrame

RECEIVE_BYTES = 256 * 1024

_FRAME = struct.Struct(">BHI")
_TAG = struct.Struct(">Q")
_METHOD, _PROPERTIES, _BODY, _END = 1, 2, 3, 0xCE
_DELIVER = b"\x00\x3c\x00\x3c"
# In a header frame: class and weight come before the size of the body, and then the properties.
_SIZE_AT = 4
PROPERTIES_AT = 12


Delivered = tuple[int, bool, str]
"""Delivery tag, whether it was delivered before, routing key."""


class DeliveryReader:
    """Reads an open py-amqp connection; nothing else may read it from now on.

    `receive(tag, redelivered, routing key, header frame, body)` is called for each message delivered on `channel`.
    """

    def __init__(
        self, connection: Any, channel: int, receive: Callable[[int, bool, str, bytes, bytes], None]
    ) -> None:
        self._connection = connection
        self._channel = channel
        self._receive = receive
        # py-amqp itself reads no more than one frame at a time, so that it has kept nothing back.
        self._receive_bytes = connection.sock.recv
        self._rest = b""
        self._delivered: Delivered | None = None
        self._header = b""
        self._missing = 0
        self._pieces: list[bytes] = []

    def read(self) -> None:
        """Wait for bytes and process the frames in them. Raises OSError at the end of the connection, and what py-amqp
        raises for its frames."""
        came = self._receive_bytes(RECEIVE_BYTES)
        if not came:
            raise ConnectionResetError("the broker closed the connection")
        data = self._rest + came if self._rest else came
        at, length = 0, len(data)
        while length - at > _FRAME.size:
            kind, channel, size = _FRAME.unpack_from(data, at)
            end = at + _FRAME.size + size
            if length <= end:
                break
            if data[end] != _END:
                raise UnexpectedFrame(f"a frame ends in {data[end]:#x}")
            content_at, at = at + _FRAME.size, end + 1
            if kind == _METHOD and channel == self._channel and data.startswith(_DELIVER, content_at):
                self._connection.bytes_recv += 1  # py-amqp counts frames, and takes silence for death
                delivered = _delivered(data[content_at:end])
                after = self._whole(data, at, length, delivered)
                if after:
                    at = after
                else:
                    self._delivered = delivered
            else:
                self._take(kind, channel, data[content_at:end])
        self._rest = data[at:]

    def _whole(self, data: bytes, at: int, length: int, delivered: Delivered) -> int:
        """Take the message if its two other frames are complete here, as those of nearly every message are. Returns
        where the next frame begins, or 0."""
        if length - at <= _FRAME.size:
            return 0
        kind, channel, size = _FRAME.unpack_from(data, at)
        header_at = at + _FRAME.size
        body_frame = header_at + size + 1
        if kind != _PROPERTIES or channel != self._channel or length - body_frame <= _FRAME.size:
            return 0
        kind, channel, body_size = _FRAME.unpack_from(data, body_frame)
        body_at = body_frame + _FRAME.size
        end: int = body_at + body_size
        if (
            kind != _BODY
            or channel != self._channel
            or length <= end
            or _TAG.unpack_from(data, header_at + _SIZE_AT)[0] != body_size
        ):
            return 0
        if data[body_frame - 1] != _END or data[end] != _END:
            raise UnexpectedFrame("a frame without its end")
        self._receive(*delivered, data[header_at : body_frame - 1], data[body_at:end])
        return end + 1

    def _take(self, kind: int, channel: int, content: bytes) -> None:
        if channel == self._channel and self._delivered is not None:
            self._continue(kind, content)
        else:
            self._connection.on_inbound_frame((kind, channel, content))

    def _continue(self, kind: int, content: bytes) -> None:
        if kind == _PROPERTIES:
            self._header = content
            self._missing = _TAG.unpack_from(content, _SIZE_AT)[0]
        elif kind == _BODY:
            self._pieces.append(content)
            self._missing -= len(content)
        else:
            raise UnexpectedFrame(f"a frame of type {kind} inside a message")
        if self._missing > 0 or self._delivered is None:
            return
        tag, redelivered, routing_key = self._delivered
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._delivered, self._pieces = None, []
        self._receive(tag, redelivered, routing_key, self._header, body)


def _delivered(content: bytes) -> Delivered:
    """Tag, redelivered and key of a Basic.Deliver: consumer tag, delivery tag, redelivered, exchange, key."""
    at = 5 + content[4]
    tag = _TAG.unpack_from(content, at)[0]
    redelivered = bool(content[at + 8] & 1)
    at += 9
    at += 1 + content[at]
    return tag, redelivered, content[at + 1 : at + 1 + content[at]].decode(errors="replace")
