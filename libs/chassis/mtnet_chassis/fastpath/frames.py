"""The AMQP 0-9-1 frames of one publish, encoded by hand.

A client library spends most of a publish on encoding properties one by one (15 µs of CPU). All messages of a relay have
the same properties, so what is constant is encoded once and the rest is inserted (3 µs). `test_frames.py` decodes the
result with pika and compares it.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from functools import lru_cache

CHANNEL = 1
_FRAME = struct.Struct(">BHI")
_HEADER = struct.Struct(">HHQH")
_LONG = struct.Struct(">I")
_LONG_LONG = struct.Struct(">Q")
_METHOD, _PROPERTIES, _BODY, _END = 1, 2, 3, b"\xce"
_BASIC, _PUBLISH = 60, 40
# content_type, headers, delivery_mode, message_id, timestamp, type, app_id; in this order in the frame.
_FLAGS = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7 | 1 << 6 | 1 << 5 | 1 << 3
_PERSISTENT = b"\x02"
# The broker's frame_max is 128 KiB unless an operator made it smaller; bodies are at most 64 KiB.
SMALLEST_FRAME_MAX = 64 * 1024 + 8


class NotSendable(ValueError):
    """The row can never be put into a frame; the text says why."""


class Frames:
    """Encodes rows of one service."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._app_id = _short(service)
        self._constants = _entry("cloudEvents_specversion", "1.0") + _entry(
            "cloudEvents_source", f"/mtnet/{service}"
        )
        self._of_name = lru_cache(maxsize=1024)(self._name_parts)

    def publish(
        self,
        event_id: str,
        name: str,
        aggregate: str,
        subject: str,
        sequence: int,
        occurred_at: datetime,
        traceparent: str | None,
        payload: str,
    ) -> bytes:
        """Method, header and body frame of the message. Raises NotSendable."""
        method, type_entry, type_property = self._of_name(name)
        try:
            body = payload.encode()
            identity = event_id.encode()
            subject_bytes, aggregate_bytes = subject.encode(), aggregate.encode()
        except UnicodeEncodeError as problem:
            raise NotSendable(f"text is not UTF-8: {problem.reason}") from problem
        if len(body) > SMALLEST_FRAME_MAX - 8:
            raise NotSendable(f"payload has {len(body)} bytes")
        key = aggregate_bytes + b"/" + subject_bytes
        time_text = occurred_at.astimezone(UTC).isoformat().encode()
        table = b"".join(
            (
                self._constants,
                type_entry,
                b"\x0ecloudEvents_idS",
                _LONG.pack(len(identity)),
                identity,
                b"\x10cloudEvents_timeS",
                _LONG.pack(len(time_text)),
                time_text,
                b"\x13cloudEvents_subjectS",
                _LONG.pack(len(subject_bytes)),
                subject_bytes,
                b"\x18cloudEvents_partitionkeyS",
                _LONG.pack(len(key)),
                key,
                # Zero-padded because CloudEvents compares sequences as text.
                b"\x14cloudEvents_sequenceS\x00\x00\x00\x14%020d" % sequence,
                _entry("traceparent", traceparent) if traceparent else b"",
            )
        )
        header = b"".join(
            (
                _HEADER.pack(_BASIC, 0, len(body), _FLAGS),
                b"\x10application/json",
                _LONG.pack(len(table)),
                table,
                _PERSISTENT,
                bytes((len(identity),)),
                identity,
                _LONG_LONG.pack(int(occurred_at.timestamp())),
                type_property,
                self._app_id,
            )
        )
        return b"".join(
            (
                method,
                _FRAME.pack(_PROPERTIES, CHANNEL, len(header)),
                header,
                _END,
                _FRAME.pack(_BODY, CHANNEL, len(body)),
                body,
                _END,
            )
        )

    def _name_parts(self, name: str) -> tuple[bytes, bytes, bytes]:
        """What only depends on the event's name. Not mandatory: alternate exchanges take the unroutable."""
        arguments = b"\x00\x00" + _short(f"{self._service}.announced") + _short(name) + b"\x00"
        method = struct.pack(">HH", _BASIC, _PUBLISH) + arguments
        return (
            _FRAME.pack(_METHOD, CHANNEL, len(method)) + method + _END,
            _entry("cloudEvents_type", f"{self._service}.{name}"),
            _short(name),
        )


def _short(text: str) -> bytes:
    value = text.encode()
    if len(value) > 255:
        raise NotSendable(f"{text[:40]}… has {len(value)} bytes, more than 255")
    return bytes((len(value),)) + value


def _entry(key: str, text: str) -> bytes:
    value = text.encode()
    return _short(key) + b"S" + _LONG.pack(len(value)) + value
