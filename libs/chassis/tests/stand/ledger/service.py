"""The ledger's endpoints and handlers; what a payment wishes for happens."""

import os
from collections import Counter
from typing import ClassVar
from uuid import uuid4

import eventlet
from marshmallow import fields
from mtnet_chassis.data.database import Database
from mtnet_chassis.events.consumer import on_event, on_events
from mtnet_chassis.events.inbox import Poison, TryLater
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Anybody, Refused, Renewal, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.call import CALLS, NOT_ALLOWED, Call
from mtnet_contracts.vocabulary.kinds import Source
from mtnet_contracts.vocabulary.shapes import Shape

from ledger.events import Booked, Paid


class BookRequest(Shape):
    account_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    wish = fields.String(load_default="")
    ip = Source()


class BookReply(Shape):
    bookings = fields.Integer(required=True)
    note = fields.Raw()


class OpenLedgerMissing(Exception):
    """A domain exception which the service maps to a code."""


class BegunReply(BookReply):
    account_id = fields.UUID(required=True)
    secret = fields.String(required=True)


def call(name, *, reply=BookReply, **options):
    made = Call(service="ledger", name=name, request=BookRequest, reply=reply, **options)
    del CALLS[f"ledger.{name}"]  # the portal's catalogue of calls has no ledger
    return made


BOOK = call("book", refusals=("COUNTED", "NO_LEDGER"), writes=True)
BOOK_SLOWLY = call("book_slowly", writes=True)
BOOK_FREELY = call("book_freely", writes=True)
BEGIN = call("begin", reply=BegunReply, writes=True, repeat="renew")
BOOKINGS = call("bookings")


ANYBODY = Anybody("a ledger of tests")


def owner(service, tx, actor, request):
    """Whoever is not barred: `INSERT INTO wish VALUES ('barred <account>', 0)`."""
    if tx.execute("SELECT 1 FROM wish WHERE wish = %s", (f"barred {request['account_id']}",)).fetchone():
        raise Refused(NOT_ALLOWED)
    return f"account:{request['account_id']}"


def begun_again(service, tx, actor, request, kept):
    bookings = count(tx, kept["account_id"])
    return {**kept, "bookings": bookings, "secret": str(uuid4())} if bookings == 1 else None


BEGUN = Renewal(keeps=lambda reply: {"account_id": reply["account_id"]}, renews=begun_again)


class LedgerService:
    name = "ledger"
    refusals: ClassVar[dict] = {OpenLedgerMissing: "NO_LEDGER"}

    database = Database()

    @on_event(Paid, group="ordered", ordered=True)
    def book_in_order(self, tx, event):
        if event.wish == "die in order":
            os._exit(9)
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

    @endpoint(BOOK, authorise=owner)
    def book(self, tx, actor, request):
        if request["wish"] == "no ledger":
            raise OpenLedgerMissing
        book_once(tx, request["account_id"], request["number"])
        if request["wish"] == "refuse":
            raise Refused("COUNTED")
        if request["wish"] == "count":
            raise Refused("COUNTED", keeps_changes=True, detail={"tries": 1})
        if request["wish"] == "break":
            raise ZeroDivisionError
        if request["wish"] == "two rows":
            for name in ("first", "second"):
                tx.execute("SELECT 1 FROM wish WHERE wish = %s FOR UPDATE", (name,))
        if request["wish"] in UNANSWERABLE:
            return {"bookings": 1, "note": UNANSWERABLE[request["wish"]]}
        if request["wish"] == "time out":
            raise eventlet.Timeout
        if request["wish"] == "leave":
            raise SystemExit(9)
        if request["wish"].startswith("slow"):
            eventlet.sleep(float(request["wish"].partition(" ")[2]))
        return {"bookings": count(tx, request["account_id"])}

    @endpoint(BOOK_SLOWLY, transaction=False, authorise=owner)
    def book_slowly(self, actor, request):
        with self.database.transaction() as tx:
            book_once(tx, request["account_id"], request["number"])
        eventlet.sleep(0.3)
        with self.database.transaction() as tx:
            return {"bookings": count(tx, request["account_id"])}

    @endpoint(BOOK_FREELY, authorise=ANYBODY)
    def book_freely(self, tx, actor, request):
        book_once(tx, request["account_id"], request["number"])
        return {"bookings": count(tx, request["account_id"])}

    @endpoint(BEGIN, authorise=ANYBODY, renewal=BEGUN)
    def begin(self, tx, actor, request):
        account_id = uuid4()
        book_once(tx, account_id, request["number"])
        return {"account_id": account_id, "bookings": 1, "secret": str(uuid4())}

    @endpoint(BOOKINGS, roles={"reviewer"})
    def bookings(self, tx, actor, request):
        return {"bookings": count(tx, request["account_id"])}

    @timer_once(3600, variable="LEDGER_SECONDS")
    def tick(self, tx):
        (alone,) = tx.execute("SELECT pg_try_advisory_xact_lock(1)").fetchone()
        eventlet.sleep(float(os.environ.get("LEDGER_TICK_TAKES", "0")))
        tx.execute(
            "INSERT INTO wish VALUES (%s, 1) ON CONFLICT (wish) DO UPDATE SET times = wish.times + 1",
            ("tick" if alone else "tick beside another",),
        )


Service = LedgerService

CIRCLE: list = []
CIRCLE.append(CIRCLE)
UNANSWERABLE = {
    "an object": object(),
    "bytes": b"bytes",
    "half a pair": "\ud83d",
    "a circle": CIRCLE,
    "a key": {(1, 2): 3},
}


def book(tx, handler, event):
    tx.execute(
        "INSERT INTO booking (handler, event_id, account_id, number) VALUES (%s, %s, %s, %s)",
        (handler, event.event_id, event.account_id, event.number),
    )


def book_once(tx, account_id, number):
    tx.execute(
        "INSERT INTO booking (handler, event_id, account_id, number) VALUES ('endpoint', gen_random_uuid(), %s, %s)",
        (account_id, number),
    )


def count(tx, account_id):
    return tx.execute("SELECT count(*) FROM booking WHERE account_id = %s", (account_id,)).fetchone()[0]


def grant(tx, event):
    match event.wish.split():
        case ["poison"]:
            raise Poison("never")
        case ["die"]:
            os._exit(9)  # as a segmentation fault, or the kernel when memory is short
        case ["leave"]:
            raise SystemExit(9)
        case ["time", "out"]:
            raise eventlet.Timeout
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
