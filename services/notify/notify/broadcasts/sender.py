"""Sending chunks: one call of a provider that takes many people at once, and one recorded outcome for all of them."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.telemetry import logger
from mtnet_contracts.vocabulary.notices import Category

from notify.broadcast_chunks.actions import chunks_in
from notify.broadcast_chunks.rules import LeasedChunk
from notify.broadcasts.rules import BroadcastText, details_of, outcome_name, retry_at, retry_key
from notify.broadcasts.running import freeze_otherwise
from notify.broadcasts.store import Stores
from notify.channels.rules import Deferral, Doubt, Outage, Refusal, SendsToMany
from notify.templates.actions import current_version, load_texts, render_text
from notify.templates.rules import Kind, Links

log = logger()


@dataclass
class ChunkSender:
    """Sends over one connection, one chunk at a time. Others do the same beside it, here and in other processes.

    A chunk that is sent twice, since its sender died or its lease was lost, has the same retry key both times.
    """

    connection: SendsToMany
    links: Links
    transaction: Callable[[], AbstractContextManager[Tx]]
    sender_id: Callable[[], UUID | None]
    clock: Callable[[], datetime]
    jitter: Callable[[], float] = random.random
    _written: tuple[UUID, str, int, str] | None = None
    _words: str = ""

    def send_one(self) -> bool:
        """False: nothing was due. Raises psycopg.Error."""
        sender_id = self.sender_id()
        if sender_id is None:
            return False
        with self.transaction() as tx:
            leased = chunks_in(tx).lease_due(sender_id, self.clock())
            if leased is not None and leased.template_version is not None:
                load_texts(tx, [leased.template_version])
        if leased is None:
            return False
        failpoint("broadcasts.after_lease_of_chunk")
        self._send(leased, sender_id)
        return True

    def close(self) -> None:
        self.connection.close()

    def _send(self, leased: LeasedChunk, sender_id: UUID) -> None:
        legal = leased.category == Category.LEGAL
        try:
            self.connection.multicast(
                retry_key(leased.broadcast_id, leased.chunk),
                leased.recipients,
                self._text(leased),
                legal=legal,
            )
        except Refusal as refused:
            self._refused(leased, sender_id, refused)
        except (Deferral, Doubt, Outage) as later:
            self._put_off(leased, sender_id, later.detail)
        except Exception as mistake:
            # A text or a channel has a fault: the chunk waits for a repair.
            log.exception("chunk sending mistake", broadcast_id=str(leased.broadcast_id), chunk=leased.chunk)
            self._put_off(leased, sender_id, type(mistake).__name__)
        else:
            failpoint("broadcasts.after_acceptance_of_chunk")
            self._sent(leased, sender_id, outcome_name(leased.channel, "delivered", None))

    def _text(self, leased: LeasedChunk) -> str:
        """Of the chunks of one broadcast most say the same."""
        version = leased.template_version or current_version(Kind.BROADCAST)
        written = (leased.broadcast_id, leased.locale, version, leased.channel)
        if self._written != written:
            details = details_of(BroadcastText(**leased.texts[leased.locale]), "")
            self._words = render_text(
                self.links, Kind.BROADCAST, version, leased.locale, details, leased.channel
            )
            self._written = written
        return self._words

    def _refused(self, leased: LeasedChunk, sender_id: UUID, refused: Refusal) -> None:
        """Nobody of them got it: they are written to by another channel, where they have one."""
        now = self.clock()
        with self.transaction() as tx:
            stores = Stores.of(tx)
            broadcast = stores.broadcasts.broadcast_for_update(leased.broadcast_id)
            counts = {outcome_name(leased.channel, "failed", refused.failure): len(leased.positions)}
            if stores.chunks.close(
                leased.broadcast_id, leased.chunk, counts, now, detail=refused.detail, sender_id=sender_id
            ):
                freeze_otherwise(stores, broadcast, leased, refused.failure, now)
        log.error(
            "chunk refused",
            broadcast_id=str(leased.broadcast_id),
            chunk=leased.chunk,
            failure=refused.failure,
        )

    def _put_off(self, leased: LeasedChunk, sender_id: UUID, detail: str) -> None:
        now = self.clock()
        at = retry_at(leased.attempts, leased.first_tried_at, now, self.jitter())
        if at is None:
            # It may have arrived: to send it once more, by whatever channel, might be to send it twice.
            self._sent(leased, sender_id, outcome_name(leased.channel, "unknown", None), detail)
            return
        with self.transaction() as tx:
            chunks_in(tx).put_off(leased, sender_id, at, detail)
        log.warning("chunk put off", broadcast_id=str(leased.broadcast_id), chunk=leased.chunk, answer=detail)

    def _sent(self, leased: LeasedChunk, sender_id: UUID, outcome: str, detail: str = "") -> None:
        counts = {outcome: len(leased.positions)}
        with self.transaction() as tx:
            recorded = chunks_in(tx).sent(leased, sender_id, counts, self.clock(), detail)
        log.info(
            "chunk sent" if recorded else "lease of a chunk lost",
            broadcast_id=str(leased.broadcast_id),
            chunk=leased.chunk,
            people=len(leased.positions),
            outcome=outcome,
        )
