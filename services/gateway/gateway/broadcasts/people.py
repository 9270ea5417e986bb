"""Who is in a segment: asked of the services that know it, a page at a time, and handed on to notify."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mtnet_contracts.calls import accounts, review
from mtnet_contracts.calls.notify import broadcasts as calls

from gateway.calls import call
from gateway.rpc.time_budget import end_page

Part = tuple[str, list[str]]


def parts_of(segment: str, segment_of: str | None) -> Iterator[Part]:
    """Kinds of persons with their ids, at most some thousand at a time; at least one part."""
    after: str | None = None
    while True:
        if segment == "unit_cases":
            found = call(review.cases.UNIT_CASES, unit=segment_of, after=after)
            yield "application", found["application_ids"]
        else:
            found = call(accounts.segments.SEGMENT_ACCOUNTS, segment=segment, system=segment_of, after=after)
            yield "account", found["account_ids"]
        after = found["next_after"]
        if after is None:
            return


def parts_of_names(account_ids: list[str]) -> Iterator[Part]:
    for begin in range(0, max(len(account_ids), 1), calls.MOST_ADDED):
        yield "account", account_ids[begin : begin + calls.MOST_ADDED]


def add_all(broadcast_id: str, parts: Iterator[Part]) -> dict[str, Any]:
    """Add everybody anew, and count them. Returns the broadcast.

    A hundred thousand take some seconds: each call has its own limit of time, all together have none.
    """
    end_page()
    for number, (kind, ids) in enumerate(parts):
        call(
            calls.ADD_TO_BROADCAST,
            broadcast_id=broadcast_id,
            person_kind=kind,
            person_ids=ids,
            first=number == 0,
        )
    return call(calls.COUNT_BROADCAST, broadcast_id=broadcast_id)
