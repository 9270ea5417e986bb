"""The ledger's doors and handlers; what a payment wishes for happens."""

from collections import Counter
from typing import ClassVar

import eventlet
from marshmallow import fields
from mtnet_chassis.database import Database
from mtnet_chassis.doors import Refused, door
from mtnet_chassis.entrypoints import on_event, on_events, timer_once
from mtnet_chassis.inbox import Poison, TryLater
from mtnet_chassis.outbox import Outbox
from mtnet_contracts.calls.call import CALLS, Call, Shape

from ledger.events import Booked, Paid


class BookRequest(Shape):
    account_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    wish = fields.String(load_default="")


class BookReply(Shape):
    bookings = fields.Integer(required=True)


class OpenLedgerMissing(Exception):
    """A domain exception which the service maps to a code."""


def call(name, **options):
    made = Call(service="ledger", name=name, request=BookRequest, reply=BookReply, **options)
    del CALLS[f"ledger.{name}"]  # the portal's catalogue of calls has no ledger
    return made


BOOK = call("book", refusals=("COUNTED", "NO_LEDGER"), writes=True)
BOOK_SLOWLY = call("book_slowly", writes=True)
BOOKINGS = call("bookings", actor="required", roles=frozenset({"reviewer"}))


class LedgerService:
    name = "ledger"
    refusals: ClassVar[dict] = {OpenLedgerMissing: "NO_LEDGER"}

    database = Database()

    @on_event(Paid, group="ordered", ordered=True)
    def book_in_order(self, tx, event):
        book(tx, "ordered", event)

    @on_events(Paid, group="batch")
    def book_many(self, tx, events):
        tx.cursor().executemany(
            "INSERT INTO booking (handler, event_id, account_id, number) VALUES ('batch', %s, %s, %s)",
            [(e.event_id, e.account_id, e.number) for e in events],
        )
        Outbox(tx).announce_many(
            [Booked(account_id=e.account_id, paid_event_id=e.event_id, number=e.number) for e in events]
        )

    @on_event(Paid, group="wishes")
    def grant_wish(self, tx, event):
        grant(tx, event)
        book(tx, "wishes", event)

    @door(BOOK)
    def book(self, tx, actor, request):
        if request["wish"] == "no ledger":
            raise OpenLedgerMissing
        tx.execute(
            "INSERT INTO booking (handler, event_id, account_id, number)"
            " VALUES ('door', gen_random_uuid(), %s, %s)",
            (request["account_id"], request["number"]),
        )
        if request["wish"] == "refuse":
            raise Refused("COUNTED")
        if request["wish"] == "count":
            raise Refused("COUNTED", keeps_changes=True, detail={"tries": 1})
        if request["wish"] == "break":
            raise ZeroDivisionError
        if request["wish"].startswith("slow"):
            eventlet.sleep(float(request["wish"].partition(" ")[2]))
        return {"bookings": count(tx, request["account_id"])}

    @door(BOOK_SLOWLY, transaction=False)
    def book_slowly(self, actor, request):
        with self.database.transaction() as tx:
            tx.execute(
                "INSERT INTO booking (handler, event_id, account_id, number)"
                " VALUES ('door', gen_random_uuid(), %s, %s)",
                (request["account_id"], request["number"]),
            )
        eventlet.sleep(0.3)
        with self.database.transaction() as tx:
            return {"bookings": count(tx, request["account_id"])}

    @door(BOOKINGS)
    def bookings(self, tx, actor, request):
        return {"bookings": count(tx, request["account_id"])}

    @timer_once(3600, variable="LEDGER_SECONDS")
    def tick(self, tx):
        tx.execute(
            "INSERT INTO wish VALUES ('tick', 1) ON CONFLICT (wish) DO UPDATE SET times = wish.times + 1"
        )
        eventlet.sleep(0.3)


Service = LedgerService


def book(tx, handler, event):
    tx.execute(
        "INSERT INTO booking (handler, event_id, account_id, number) VALUES (%s, %s, %s, %s)",
        (handler, event.event_id, event.account_id, event.number),
    )


def count(tx, account_id):
    return tx.execute("SELECT count(*) FROM booking WHERE account_id = %s", (account_id,)).fetchone()[0]


def grant(tx, event):
    match event.wish.split():
        case ["poison"]:
            raise Poison("never")
        case ["later"]:
            raise TryLater("not yet")
        case ["fail", times] if FAILED[times] < int(times):
            FAILED[times] += 1
            raise ValueError(f"time {FAILED[times]}")
        case ["fail"]:
            raise ValueError("always")
        case ["slow", seconds]:
            eventlet.sleep(float(seconds))


FAILED = Counter()
