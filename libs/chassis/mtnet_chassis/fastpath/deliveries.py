"""Deliveries, taken out of the broker's stream of bytes.

py-amqp reads the first seven bytes of a frame, its content and its last byte separately, and decodes every property:
80 µs of processor time for one of our messages. Here one `recv` brings many messages, and only what is needed of each
is decoded (10 µs). Every other frame goes to py-amqp unchanged.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from amqp.exceptions import UnexpectedFrame
from amqp.serialization import decode_properties_basic

RECEIVE_BYTES = 256 * 1024

_FRAME = struct.Struct(">BHI")
_TAG = struct.Struct(">Q")
_LONG = struct.Struct(">I")
_SHORT = struct.Struct(">H")
_METHOD, _PROPERTIES, _BODY, _END = 1, 2, 3, 0xCE
_DELIVER = b"\x00\x3c\x00\x3c"
# In the header frame: class, weight and size of the body come before the flags.
_SIZE_AT, _FLAGS_AT = 4, 12
# Where the first header is: after our content type and the length of the headers.
HEADERS_AT = _FLAGS_AT + 2 + len(b"\x10application/json") + 4
_HAS_CONTENT_TYPE, _HAS_CONTENT_ENCODING, _HAS_HEADERS = 0x8000, 0x4000, 0x2000
_TEXT = ord("S")


def properties_in(header: bytes) -> dict[str, Any]:
    """The properties in a header frame without the headers, by py-amqp's names."""
    properties: dict[str, Any] = decode_properties_basic(header, _FLAGS_AT)[0]
    properties.pop("application_headers", None)
    return properties


def headers_in(header: bytes) -> dict[str, Any]:
    """The application headers in a header frame. Ours are all text; py-amqp reads any others."""
    flags = _SHORT.unpack_from(header, _FLAGS_AT)[0]
    if not flags & _HAS_HEADERS:
        return {}
    at = _FLAGS_AT + 2
    if flags & _HAS_CONTENT_TYPE:
        at += 1 + header[at]
    if flags & _HAS_CONTENT_ENCODING:
        at += 1 + header[at]
    end = at + 4 + _LONG.unpack_from(header, at)[0]
    at += 4
    headers: dict[str, Any] = {}
    while at < end:
        value_at = at + 1 + header[at]
        if header[value_at] != _TEXT:
            found: dict[str, Any] = decode_properties_basic(header, _FLAGS_AT)[0]["application_headers"]
            return found
        name = header[at + 1 : value_at].decode(errors="replace")
        at = value_at + 5 + _LONG.unpack_from(header, value_at + 1)[0]
        headers[name] = header[value_at + 5 : at].decode(errors="replace")
    return headers


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
        self._rest: bytes = connection._transport._read_buffer
        self._delivered: Delivered | None = None
        self._header = b""
        self._missing = 0
        self._pieces: list[bytes] = []

    def read(self) -> None:
        """Wait for bytes and process the frames in them. Raises OSError at the end of the connection, and what py-amqp
        raises for its frames."""
        came = self._connection._transport.sock.recv(RECEIVE_BYTES)
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
