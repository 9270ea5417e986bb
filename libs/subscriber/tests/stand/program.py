"""A subscriber's program as a process of its own: `program.py URL SYSTEM STORE [catch-up]`.

`wish` in an event's data may be fail_once, fail or poison.
"""

import logging
import sys

from mtnet_subscriber import Poison, PostgresStore, SqliteStore, Subscriber

url, system, place, *more = sys.argv[1:]
store = PostgresStore(place) if place.startswith("postgres") else SqliteStore(place)
mark = "%s" if place.startswith("postgres") else "?"
logging.basicConfig(level="INFO")
subscriber = Subscriber(url, system=system, store=store, delays=(0.1, 0.1, 0.1, 0.1, 0.1, 0.1))
failed = set()


@subscriber.on("accounts", "AccountActivated")
@subscriber.on("accounts", "AccountFrozen")
def handle(event, db):
    db.execute(
        f"INSERT INTO effect (event_id, stream, sequence) VALUES ({mark}, {mark}, {mark})",
        (str(event.id), event.stream, event.sequence),
    )
    wish = event.data["wish"]
    if wish == "poison":
        raise Poison("as wished")
    if wish == "fail" or (wish == "fail_once" and event.id not in failed):
        failed.add(event.id)
        raise RuntimeError("not yet")


if more:
    subscriber.catch_up()
subscriber.run()
