"""What operators see of broadcasts: the list, one of them with its progress, what became of each person."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notify.broadcast_chunks.rules import PersonLine
from notify.broadcasts.rules import Broadcast, State, outcome_name
from notify.broadcasts.shapes import line_view, whole_view
from notify.broadcasts.store import Stores
from notify.many_deliveries import actions as bulk

# Receipts and bounces come after the end; what they change is gathered when somebody looks, but not at every look.
LATE_NEWS_WITHIN = timedelta(days=30)
LOOK_AGAIN_AFTER = timedelta(seconds=30)


def lines(stores: Stores, *, page: int, page_size: int) -> dict[str, Any]:
    found, total = stores.broadcasts.broadcasts(limit=page_size, offset=(page - 1) * page_size)
    return {
        "items": [line_view(each) for each in found],
        "page": page,
        "page_size": page_size,
        "total": total,
    }


def whole(stores: Stores, now: datetime, broadcast_id: UUID) -> dict[str, Any]:
    """With progress and outcomes. Raises BroadcastNotFound."""
    broadcast = stores.broadcasts.broadcast(broadcast_id)
    _gather_late_news(stores, broadcast, now)
    return whole_view(
        broadcast,
        stores.chunks.counts(broadcast_id) or broadcast.outcomes,
        stores.chunks.on_their_way(broadcast_id),
        stores.chunks.last_detail(broadcast_id),
        stores.broadcasts.steps(broadcast_id),
    )


def _gather_late_news(stores: Stores, broadcast: Broadcast, now: datetime) -> None:
    if broadcast.ended_at is None or now - broadcast.ended_at > LATE_NEWS_WITHIN:
        return
    looked_at = stores.chunks.closed_apart(broadcast.broadcast_id, now - LOOK_AGAIN_AFTER, now)
    for chunk in looked_at:
        outcomes = bulk.outcomes_of(stores.tx, chunk.channel, chunk.message_ids)
        counts = {outcome_name(*name): number for name, number in outcomes.items()}
        stores.chunks.save_counts(broadcast.broadcast_id, chunk.chunk, counts)
    if looked_at:
        stores.broadcasts.save_outcomes(broadcast.broadcast_id, stores.chunks.counts(broadcast.broadcast_id))


def people(stores: Stores, *, broadcast_id: UUID, after: int, limit: int) -> dict[str, Any]:
    """What became of each, a page at a time. Raises BroadcastNotFound."""
    broadcast = stores.broadcasts.broadcast(broadcast_id)
    found = stores.chunks.people(broadcast_id, after, limit)
    last = after + limit
    return {
        "items": [_person(line, broadcast.state) for line in found],
        "next_after": last if last < broadcast.people else None,
    }


def _person(line: PersonLine, state: State) -> dict[str, Any]:
    outcome, reason = _outcome(line, state)
    return {
        "position": line.position,
        "person_kind": line.person_kind,
        "person_id": line.person_id,
        "channel": line.channel,
        "outcome": outcome,
        "reason": reason,
        "at": line.at,
    }


def _outcome(line: PersonLine, state: State) -> tuple[str, str]:
    if line.chunk_state is None:
        return ("cancelled" if state is State.CANCELLED else "waiting"), ""
    if line.channel is None:
        return "unreached", line.reason or ""
    if line.delivery_state is not None:
        return line.delivery_state, line.failure or ""
    # People who were written to together have one outcome.
    for name in line.counts or {}:
        _, outcome, *failure = name.split(":", 2)
        return outcome, "".join(failure)
    return "waiting", ""
