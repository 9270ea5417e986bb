"""Announce events: they are stored in the transaction of the change, and sent afterwards by the relay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextvars import ContextVar

import orjson
from mtnet_contracts.event import Event

from mtnet_chassis.data.database import Tx
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.fastpath.arrays import bigints, encoded_texts, texts, times, uuids

LARGEST_PAYLOAD_BYTES = 64 * 1024

# The W3C trace context of the call or event being handled; stored with what it announces.
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


class PayloadTooLarge(ValueError):
    """The event is larger than 64 KiB; put the bytes into the object store and announce their key."""


class Outbox:
    """Stores events in the transaction it is given."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def announce(self, event: Event) -> None:
        """Store one event. Raises PayloadTooLarge."""
        self.announce_many((event,))

    def announce_many(self, events: Iterable[Event]) -> None:
        """Store many events in one statement; those of one aggregate keep the given order.

        The statement first raises the sequence of every aggregate concerned, in sorted order. That also takes the
        locks that keep two transactions from interleaving events of one aggregate.
        Raises PayloadTooLarge.
        """
        events = list(events)
        if not events:
            return
        counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        of: list[tuple[str, str]] = []
        ordinals: list[int] = []
        payloads: list[bytes] = []
        for event in events:
            stream = (event.aggregate, event.aggregate_id)
            of.append(stream)
            counts[stream] += 1
            ordinals.append(counts[stream])
            payload = orjson.dumps(event.to_values())
            if len(payload) > LARGEST_PAYLOAD_BYTES:
                raise PayloadTooLarge(f"{event.event_name()} has {len(payload)} bytes")
            payloads.append(payload)
        streams = sorted(counts)
        self._tx.execute(
            """
            WITH raised AS (
                INSERT INTO aggregate_sequence AS kept (aggregate, subject, sequence)
                SELECT aggregate, subject, events
                FROM unnest(%(aggregates)s::text[], %(subjects)s::text[], %(counts)s::bigint[])
                    AS wanted (aggregate, subject, events)
                ON CONFLICT (aggregate, subject) DO UPDATE SET sequence = kept.sequence + excluded.sequence
                RETURNING aggregate, subject, sequence
            )
            INSERT INTO outbox (event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload)
            SELECT event.event_id, event.name, event.aggregate, event.subject,
                   raised.sequence - event.behind,
                   event.occurred_at, %(traceparent)s, event.payload
            FROM unnest(%(event_ids)s::uuid[], %(names)s::text[], %(event_aggregates)s::text[],
                        %(event_subjects)s::text[], %(behind)s::bigint[],
                        %(occurred)s::timestamptz[], %(payloads)s::text[])
                 WITH ORDINALITY
                 AS event (event_id, name, aggregate, subject, behind, occurred_at, payload, place)
            JOIN raised USING (aggregate, subject)
            ORDER BY event.place
            """,
            {
                "aggregates": texts([aggregate for aggregate, _ in streams]),
                "subjects": texts([subject for _, subject in streams]),
                "counts": bigints([counts[stream] for stream in streams]),
                "event_ids": uuids([event.event_id for event in events]),
                "names": texts([event.event_name() for event in events]),
                "event_aggregates": texts([aggregate for aggregate, _ in of]),
                "event_subjects": texts([subject for _, subject in of]),
                # How many events of its aggregate come after it.
                "behind": bigints(
                    [counts[stream] - ordinal for stream, ordinal in zip(of, ordinals, strict=True)]
                ),
                "occurred": times([event.occurred_at for event in events]),
                "payloads": encoded_texts(payloads),
                "traceparent": traceparent.get(),
            },
        )
        failpoint("outbox.after_insert")
