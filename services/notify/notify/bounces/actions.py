"""Take in what came back: once for each delivery, and never marked as read before it is committed."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

import psycopg
from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter, Gauge

from notify.bounces.rules import Bounce, NotUnderstood, Read, Weight, read_report
from notify.bounces.store import BounceStore
from notify.channels.rules import Failure
from notify.deliveries.actions import recipients_of, record_receipt
from notify.deliveries.rules import Receipt, ReceiptOutcome
from notify.suppressions.actions import suppress
from notify.suppressions.rules import EMAIL, SOFT_BOUNCES_COUNT_FOR, Reason, comparable, worn_out

MOST_AT_ONCE = 50
# What a report says stands before the mail that it returns.
LARGEST_BYTES = 256 * 1024
# Mails that are looked at for those whose time has come again.
MOST_UNREAD = 1_000
# A bounce may be here before the sender has recorded that the mail was accepted.
TRY_AGAIN_AFTER = timedelta(seconds=10)
KEEP_READ_FOR = timedelta(days=30)
KEEP_ASIDE_FOR = timedelta(days=180)
MOST_ASIDE = 1_000
TIDY_EVERY = timedelta(hours=1)

# What is said of a delivery whose mail came back. Only the first says that the address is dead.
FAILURES = {
    Weight.HARD: Failure.BOUNCED,
    Weight.SOFT: Failure.GAVE_UP,
    Weight.POLICY: Failure.MESSAGE_REFUSED,
}

BOUNCES = Counter(
    "mtnet_bounces_total",
    "Mails read from the mailbox of bounces (hard, soft, policy; delay, success, reply, loop; not_understood).",
    ["what"],
)
MAILBOX_AWAY = Gauge("mtnet_bounce_mailbox_away", "1 while the mailbox of bounces cannot be read.")

log = logger()


class Mailbox(Protocol):
    """What is needed of a mailbox; see mtnet_chassis.runtime.imap.ImapMailbox."""

    def new_mails(self, most: int) -> list[str]: ...
    def content(self, uid: str) -> bytes: ...
    def mark_read(self, uids: Sequence[str]) -> None: ...
    def set_aside(self, uids: Sequence[str]) -> None: ...
    def remove_read_before(self, day: date) -> int: ...
    def keep_newest_aside(self, most: int, before: date) -> int: ...


class BounceReader:
    """Reads one mailbox. `delivery_of` knows the delivery of a return path that we made."""

    def __init__(
        self,
        mailbox: Mailbox,
        database: Transactions,
        delivery_of: Callable[[str], UUID | None],
        clock: Callable[[], datetime],
    ) -> None:
        self.mailbox = mailbox
        self._database = database
        self._delivery_of = delivery_of
        self._clock = clock
        self._not_before: dict[str, datetime] = {}
        self._tidied_at: datetime | None = None

    def read_new(self) -> int:
        """Take in a batch. Returns how many mails it was, 0 when there is nothing new.

        Raises MailboxAway, psycopg.Error: then nothing is marked, and all of it is read again.
        """
        now = self._clock()
        self._tidy(now)
        unread = self.mailbox.new_mails(MOST_UNREAD)
        self._not_before = {uid: at for uid, at in self._not_before.items() if uid in set(unread)}
        batch = [uid for uid in unread if self._not_before.get(uid, now) <= now][:MOST_AT_ONCE]
        reports = {uid: self._read(uid) for uid in batch}
        aside = [uid for uid, report in reports.items() if isinstance(report, NotUnderstood)]
        later, mistaken = self._record({u: r for u, r in reports.items() if isinstance(r, Bounce)}, now)
        self._not_before |= dict.fromkeys(later, now + TRY_AGAIN_AFTER)
        self.mailbox.set_aside([*aside, *mistaken])
        self.mailbox.mark_read([uid for uid in batch if uid not in {*aside, *mistaken, *later}])
        for uid in set(batch) - set(later):
            BOUNCES.labels("not_understood" if uid in mistaken else _name_of(reports[uid])).inc()
        return len(batch)

    def _read(self, uid: str) -> Read:
        try:
            return read_report(self.mailbox.content(uid), self._delivery_of)
        except (ValueError, LookupError, TypeError, AttributeError) as mistake:
            # The library does not foresee everything that strangers write.
            log.warning("bounce not readable", problem=type(mistake).__name__)
            return NotUnderstood("mistake")

    def _record(self, bounces: dict[str, Bounce], now: datetime) -> tuple[list[str], list[str]]:
        """Which mails are to be read again later, and which ones make a mistake of ours show."""
        try:
            with self._database.transaction() as tx:
                later = record_bounces(tx, list(bounces.values()), now)
            return [uid for uid, bounce in bounces.items() if bounce.delivery_id in later], []
        except psycopg.OperationalError:
            raise
        except Exception as mistake:
            if len(bounces) == 1:
                log.exception("bounce set aside after a mistake", problem=type(mistake).__name__)
                return [], list(bounces)
        outcomes = [self._record({uid: bounce}, now) for uid, bounce in bounces.items()]
        return [uid for later, _ in outcomes for uid in later], [uid for _, bad in outcomes for uid in bad]

    def _tidy(self, now: datetime) -> None:
        if self._tidied_at is None or now - self._tidied_at >= TIDY_EVERY:
            self.mailbox.remove_read_before((now - KEEP_READ_FOR).date())
            self.mailbox.keep_newest_aside(MOST_ASIDE, (now - KEEP_ASIDE_FOR).date())
            self._tidied_at = now


def record_bounces(tx: Tx, bounces: Sequence[Bounce], now: datetime) -> set[UUID]:
    """Fail the deliveries, and suppress addresses where nobody reads. What was recorded before changes nothing.

    Returns the deliveries whose sender has not recorded yet that they were accepted: theirs come again later.
    """
    recipients = recipients_of(tx, [each.delivery_id for each in bounces])
    known = {each.delivery_id: each for each in bounces if each.delivery_id in recipients}
    if not known:
        return set()
    addresses = {delivery_id: comparable(recipients[delivery_id]) for delivery_id in known}
    fresh = BounceStore(tx).add(list(known.values()), addresses, now)
    worn = _worn_out(tx, {addresses[i] for i in fresh if known[i].weight is Weight.SOFT}, now)
    for reason, dead in (
        (Reason.HARD_BOUNCE, [i for i in fresh if known[i].weight is Weight.HARD]),
        (Reason.SOFT_BOUNCES, [i for i in fresh if addresses[i] in worn]),
    ):
        suppress(tx, EMAIL, [(addresses[i], known[i].code) for i in dead], reason, now)
    later = set()
    for delivery_id, bounce in known.items():
        dead_now = bounce.weight is Weight.SOFT and addresses[delivery_id] in worn
        receipt = Receipt(
            channel=EMAIL,
            delivery_id=delivery_id,
            outcome=ReceiptOutcome.FAILED,
            failure=Failure.BOUNCED if dead_now else FAILURES[bounce.weight],
            detail=bounce.code,
        )
        if not record_receipt(tx, receipt, now):
            later.add(delivery_id)
    log.info("bounces recorded", bounces=len(bounces), new=len(fresh), later=len(later))
    return later


def _worn_out(tx: Tx, addresses: set[str], now: datetime) -> set[str]:
    """Those of the addresses where so many mails came back softly that nobody reads there."""
    if not addresses:
        return set()
    counted = BounceStore(tx).soft_bounces(list(addresses), now - SOFT_BOUNCES_COUNT_FOR)
    return {address for address, moments in counted.items() if worn_out(moments, now)}


def _name_of(report: Read) -> str:
    if isinstance(report, Bounce):
        return report.weight
    return "not_understood" if isinstance(report, NotUnderstood) else report
