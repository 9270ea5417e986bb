"""Lists as parameters of set-based statements, each packed in one step.

`unnest(%s)` gives the same rows for `texts([...])` as for the plain list. psycopg handles every element of a plain list
by itself and searches text for characters to escape; for batches of hundreds that took a third of a consumer's time.
`database` registers these types with psycopg.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

_HEADER = struct.Struct(">iiIii")
_LENGTH = struct.Struct(">i")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2000, 1, 1).toordinal()


class Array:
    """One dimension, no nulls, in PostgreSQL's binary form (`array_recv`)."""

    element_oid: int
    oid: int

    def __init__(self, count: int, content: bytes) -> None:
        sizes = (
            _HEADER.pack(1, 0, self.element_oid, count, 1)
            if count
            else struct.pack(">iiI", 0, 0, self.element_oid)
        )
        self.packed = sizes + content


class _Bigints(Array):
    element_oid, oid = 20, 1016


class _Texts(Array):
    element_oid, oid = 25, 1009


class _Uuids(Array):
    element_oid, oid = 2950, 2951


class _Dates(Array):
    element_oid, oid = 1082, 1182


class _Times(Array):
    element_oid, oid = 1184, 1185


def bigints(values: Iterable[int]) -> Array:
    """bigint[]. Raises struct.error for a number beyond 64 bits."""
    pairs = [part for value in values for part in (8, value)]
    return _Bigints(len(pairs) // 2, struct.pack(">" + "iq" * (len(pairs) // 2), *pairs))


def texts(values: Iterable[str]) -> Array:
    """text[]. PostgreSQL refuses a text with a NUL in it (psycopg.DataError)."""
    return encoded_texts([value.encode() for value in values])


def encoded_texts(encoded: list[bytes]) -> Array:
    """text[], from texts that are already UTF-8."""
    pack = _LENGTH.pack
    return _Texts(len(encoded), b"".join([part for value in encoded for part in (pack(len(value)), value)]))


def uuids(values: Iterable[UUID]) -> Array:
    """uuid[]."""
    # `value.bytes` would do the same through a property.
    found = [value.int.to_bytes(16) for value in values]
    size = b"\x00\x00\x00\x10"
    return _Uuids(len(found), size + size.join(found) if found else b"")


def dates(values: Iterable[date]) -> Array:
    """date[]."""
    pairs = [part for value in values for part in (4, value.toordinal() - _FIRST_DAY)]
    return _Dates(len(pairs) // 2, struct.pack(f">{len(pairs)}i", *pairs))


def times(values: Iterable[datetime]) -> Array:
    """timestamptz[], from times with a time zone. Raises TypeError for others."""
    numbers: list[int] = []
    for value in values:
        since = value - _EPOCH
        numbers += (8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
    return _Times(len(numbers) // 2, struct.pack(">" + "iq" * (len(numbers) // 2), *numbers))


KINDS = (_Bigints, _Texts, _Uuids, _Dates, _Times)
