"""What can be done with the suppression list: ask it, add to it, take off it, search it."""

from collections.abc import Collection
from datetime import datetime

from mtnet_chassis.data.database import Tx

from notify.contact_points.actions import mark_reachable
from notify.suppressions.rules import (
    By,
    LiftedAlready,
    NewSuppression,
    Reason,
    SuppressedAlready,
    Suppression,
    SuppressionNotFound,
    checked_address,
    comparable,
    wanted,
)
from notify.suppressions.store import SuppressionStore


def suppressed(tx: Tx, addresses: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Of these pairs of channel and address, those that nothing is sent to."""
    if not addresses:
        return frozenset()
    compared = {(channel, comparable(address)) for channel, address in addresses}
    channels, spelled = zip(*compared, strict=True)
    listed = SuppressionStore(tx).active_among(channels, spelled)
    return frozenset(pair for pair in addresses if (pair[0], comparable(pair[1])) in listed)


def suppress(
    tx: Tx, channel: str, addresses: Collection[tuple[str, str]], reason: Reason, now: datetime
) -> list[Suppression]:
    """Put addresses on the list, each with the code of its bounce. Returns those that were not there."""
    new = [NewSuppression(channel, comparable(address), reason, code) for address, code in addresses]
    return SuppressionStore(tx).add(new, now) if new else []


def suppress_by_operator(tx: Tx, channel: str, address: str, note: str, by: By, now: datetime) -> Suppression:
    """Raises NoAddress, SuppressedAlready."""
    new = NewSuppression(channel, checked_address(channel, address), Reason.OPERATOR, note=note, by=by)
    added = SuppressionStore(tx).add([new], now)
    if not added:
        raise SuppressedAlready(channel)
    return added[0]


def lift(tx: Tx, position: int, note: str, by: By, now: datetime) -> Suppression:
    """Raises SuppressionNotFound, LiftedAlready."""
    store = SuppressionStore(tx)
    found = store.entry_for_update(position)
    if found is None:
        raise SuppressionNotFound(position)
    if found[0].lifted_at is not None:
        raise LiftedAlready(position)
    entry, address = found
    if address is not None:
        mark_reachable(tx, entry.channel, address, now)
    return store.lift(position, by, note, now)


def lift_proved(tx: Tx, addresses: Collection[tuple[str, str]], proved_at: datetime) -> None:
    """Somebody has just read a code or a link at each of these pairs of channel and address."""
    if not addresses:
        return
    channels, spelled = zip(*{(c, comparable(a)) for c, a in addresses}, strict=True)
    for channel, address in SuppressionStore(tx).lift_proved(channels, spelled, proved_at):
        mark_reachable(tx, channel, address, proved_at)


def search(
    tx: Tx,
    *,
    address: str | None,
    channel: str | None,
    reason: str | None,
    state: str | None,
    before: int | None,
    limit: int,
) -> tuple[list[Suppression], int | None]:
    """Newest first, and what to ask for next."""
    found = SuppressionStore(tx).search(wanted(address, channel, reason, state, before), limit + 1)
    more = len(found) > limit
    return found[:limit], found[limit - 1].position if more else None
