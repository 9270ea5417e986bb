"""What operators do with broadcasts: write, count, start, pause, resume and cancel them, and look at them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.choices import LOCALES

from notify.broadcasts import reaching
from notify.broadcasts.rules import (
    Act,
    Broadcast,
    StaleVersion,
    State,
    added,
    check_start,
    details_of,
)
from notify.broadcasts.store import Stores
from notify.many_deliveries import actions as bulk
from notify.templates.actions import current_version, render_mail, render_text
from notify.templates.paragraphs import LinkNotAllowed, check_links
from notify.templates.rules import Kind, Links

FIELDS = {"zh-Hant": ("title_zh", "body_zh"), "en": ("title_en", "body_en")}
SAMPLE_NAMES = {"zh-Hant": "王小明", "en": "Wang Hsiao-ming"}


class FaultsInText(Exception):
    """Some fields hold an address that may not be linked to."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = list(fields)


@dataclass(frozen=True)
class Operator:
    """Who does it."""

    account_id: UUID
    name: str

    @staticmethod
    def of(actor: Actor) -> "Operator":
        return Operator(actor.account_id, actor.account_name)

    @property
    def pair(self) -> tuple[UUID, str]:
        return self.account_id, self.name


def write(stores: Stores, links: Links, by: Operator, now: datetime, **texts: Any) -> Broadcast:
    """A new draft. Raises FaultsInText."""
    new = Broadcast(
        broadcast_id=uuid4(),
        state=State.DRAFT,
        version=1,
        written_by=by.account_id,
        written_by_name=by.name,
        written_at=now,
        **_checked(links, texts),
    )
    stores.broadcasts.add(new)
    stores.broadcasts.add_step(new.broadcast_id, "write", now, by=by.pair)
    return new


def change(
    stores: Stores,
    links: Links,
    by: Operator,
    now: datetime,
    *,
    broadcast_id: UUID,
    version: int,
    **texts: Any,
) -> Broadcast:
    """Another text or segment. With another segment, its people are to be added anew.

    Raises BroadcastNotFound, NotInThisState, StaleVersion, FaultsInText.
    """
    broadcast = stores.broadcasts.broadcast_for_update(broadcast_id)
    state = broadcast.after(Act.CHANGE)
    if broadcast.version != version:
        raise StaleVersion
    changes = _checked(links, texts)
    same_people = all(
        changes[name] == getattr(broadcast, name) for name in ("segment", "segment_of", "category")
    )
    if not same_people:
        stores.broadcasts.clear_people(broadcast_id)
        changes |= {"people": 0, "counts": {}, "counted_at": None}
    stores.broadcasts.save(broadcast_id, state=state, **changes)
    stores.broadcasts.add_step(broadcast_id, Act.CHANGE, now, by=by.pair)
    return stores.broadcasts.broadcast(broadcast_id)


def _checked(links: Links, texts: dict[str, Any]) -> dict[str, Any]:
    """Columns of the given fields. Raises FaultsInText."""
    faults = []
    for names in FIELDS.values():
        for name in names:
            try:
                check_links(texts[name], links.portal_url)
            except LinkNotAllowed:
                faults.append(name)
    if faults:
        raise FaultsInText(faults)
    return {
        "category": texts["category"],
        "segment": texts["segment"],
        "segment_of": texts["segment_of"],
        "texts": {
            locale: {"title": texts[title], "body": texts[body]} for locale, (title, body) in FIELDS.items()
        },
    }


def add_people(
    stores: Stores,
    now: datetime,
    *,
    broadcast_id: UUID,
    person_kind: str,
    person_ids: Sequence[UUID],
    first: bool,
) -> int:
    """Part of the segment, with how they are reached today. Returns how many there are now.

    Raises BroadcastNotFound, NotInThisState.
    """
    broadcast = stores.broadcasts.broadcast_for_update(broadcast_id)
    state = broadcast.after(Act.COUNT)
    if first:
        stores.broadcasts.clear_people(broadcast_id)
        broadcast = replace(broadcast, people=0, counts={})
    new = stores.broadcasts.add_people(broadcast_id, person_kind, person_ids, broadcast.people)
    counts = reaching.counts_of_new(stores, broadcast, new, now)
    people = broadcast.people + len(new)
    stores.broadcasts.save(
        broadcast_id, state=state, people=people, counts=added(broadcast.counts, counts), counted_at=None
    )
    return people


def count(stores: Stores, by: Operator, now: datetime, *, broadcast_id: UUID) -> Broadcast:
    """All people of the segment are there. Raises BroadcastNotFound, NotInThisState."""
    broadcast = stores.broadcasts.broadcast_for_update(broadcast_id)
    stores.broadcasts.save(broadcast_id, state=broadcast.after(Act.COUNT), counted_at=now)
    stores.broadcasts.add_step(broadcast_id, Act.COUNT, now, by=by.pair, detail={"people": broadcast.people})
    return stores.broadcasts.broadcast(broadcast_id)


def start(
    stores: Stores,
    by: Operator,
    now: datetime,
    *,
    broadcast_id: UUID,
    version: int,
    people: int,
    start_at: datetime | None,
    per_second: int | None,
) -> Broadcast:
    """Now, or at `start_at`. Raises BroadcastNotFound, StaleVersion, and what `check_start` raises."""
    broadcast = stores.broadcasts.broadcast_for_update(broadcast_id)
    act = check_start(broadcast, people, start_at, now)
    if broadcast.version != version:
        raise StaleVersion
    state = broadcast.after(act)
    stores.broadcasts.save(
        broadcast_id,
        state=state,
        start_at=start_at,
        per_second=per_second,
        started_at=now if state is State.RUNNING else None,
    )
    detail = {"people": people, "per_second": per_second, "start_at": start_at and start_at.isoformat()}
    stores.broadcasts.add_step(
        broadcast_id, act, now, by=by.pair, detail={k: v for k, v in detail.items() if v is not None}
    )
    return stores.broadcasts.broadcast(broadcast_id)


def pause(stores: Stores, by: Operator, now: datetime, *, broadcast_id: UUID) -> Broadcast:
    """Nothing more leaves but what a sender has in hand. Raises BroadcastNotFound, NotInThisState."""
    broadcast = stores.broadcasts.broadcast_for_update(broadcast_id)
    if broadcast.state is not State.PAUSED:
        stores.broadcasts.save(broadcast_id, state=broadcast.after(Act.PAUSE))
        stores.broadcasts.add_step(broadcast_id, Act.PAUSE, now, by=by.pair)
    bulk.hold(stores.tx, stores.chunks.messages_of_open(broadcast_id))
    return stores.broadcasts.broadcast(broadcast_id)


def resume(stores: Stores, by: Operator, now: datetime, *, broadcast_id: UUID) -> Broadcast:
    """Raises BroadcastNotFound, NotInThisState."""
    broadcast = stores.broadcasts.broadcast_for_update(broadcast_id)
    if broadcast.state is not State.RUNNING:
        stores.broadcasts.save(broadcast_id, state=broadcast.after(Act.RESUME), next_at=None)
        stores.broadcasts.add_step(broadcast_id, Act.RESUME, now, by=by.pair)
        bulk.release(stores.tx, stores.chunks.messages_of_open(broadcast_id), now)
    return stores.broadcasts.broadcast(broadcast_id)


def cancel(stores: Stores, by: Operator, now: datetime, *, broadcast_id: UUID) -> Broadcast:
    """What has not left is called back, for good. Raises BroadcastNotFound, NotInThisState."""
    broadcast = stores.broadcasts.broadcast_for_update(broadcast_id)
    if broadcast.state is not State.CANCELLED:
        stores.broadcasts.save(broadcast_id, state=broadcast.after(Act.CANCEL), ended_at=now)
        stores.broadcasts.add_step(broadcast_id, Act.CANCEL, now, by=by.pair)
    stores.chunks.close_waiting(broadcast_id, now)
    bulk.cancel(stores.tx, stores.chunks.messages_of_open(broadcast_id), now)
    return stores.broadcasts.broadcast(broadcast_id)


def preview(broadcast: Broadcast, links: Links) -> list[dict[str, Any]]:
    """How it looks on each channel in each language, to somebody who does not exist."""
    found = []
    version = current_version(Kind.BROADCAST)
    for locale in LOCALES:
        details = details_of(broadcast.text(locale), SAMPLE_NAMES[locale])
        mail = render_mail(links, Kind.BROADCAST, version, locale, details)
        found.append(
            {
                "channel": "email",
                "locale": locale,
                "subject": mail.subject,
                "text": mail.text,
                "html": mail.html,
            }
        )
        for channel in ("line", "fax"):
            text = render_text(links, Kind.BROADCAST, version, locale, details, channel)
            found.append({"channel": channel, "locale": locale, "subject": "", "text": text, "html": ""})
    return found
