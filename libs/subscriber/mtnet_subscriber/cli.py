"""`mtnet-subscriber status|dead|retry|discard`: look after what could not be applied."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pika.exceptions

from mtnet_subscriber.dead_letters import BrokersLetters, KeptLetters, NotThere
from mtnet_subscriber.ledger import Ledger
from mtnet_subscriber.stores import DATABASE_ERRORS, PostgresStore, SqliteStore

if TYPE_CHECKING:
    from mtnet_subscriber.stores import Store

LISTED = 100
REASONS = {
    "rejected": "this program could not read it",
    "delivery_limit": "it was returned too often",
    "maxlen": "the queue was full and dropped it",
    "expired": "it lay in the queue for too long",
}


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 nothing has that id, 2 a server cannot be reached or a setting is missing."""
    options = _parser().parse_args(arguments)
    missing = [name for name in ("system", "store") if not getattr(options, name)]
    if missing:
        _tell(*(f"--{name} or MTNET_{name.upper()} is missing" for name in missing))
        return 2
    try:
        with closing(_store(options.store)) as store:
            store.prepare()
            return _do(options, store)
    except (pika.exceptions.AMQPError, socket.gaierror) as problem:
        _tell(f"The broker cannot be reached or refuses: {type(problem).__name__}: {problem}")
    except NotThere as problem:
        _tell(f"No dead letter has the id {problem}. `mtnet-subscriber dead` lists them.")
        return 1
    except DATABASE_ERRORS as problem:
        _tell(f"The database cannot be reached or refuses: {problem}")
    return 2


def _do(options: argparse.Namespace, store: Store) -> int:
    kept = KeptLetters(store, options.system)
    brokers = BrokersLetters(options.url, options.system) if options.url else None
    if options.command == "status":
        return _status(Ledger(store, options.system), brokers)
    if options.command == "dead":
        return _dead(kept, brokers)
    wanted = None if options.all else options.event_id
    retrying = options.command == "retry"
    done = _in_database(kept, wanted, retrying)
    if brokers is not None and (wanted is None or done == 0):
        done += brokers.retry(wanted) if retrying else brokers.discard(wanted)
    if wanted is not None and done == 0:
        raise NotThere(wanted)
    _say(f"{done} {'to be tried again' if retrying else 'discarded'}")
    return 0


def _in_database(kept: KeptLetters, wanted: str | None, retrying: bool) -> int:
    if wanted is None:
        return kept.retry_all() if retrying else kept.discard_all()
    try:
        kept.retry(wanted) if retrying else kept.discard(wanted)
    except NotThere:
        return 0
    return 1


def _status(ledger: Ledger, brokers: BrokersLetters | None) -> int:
    summary = ledger.summary()
    _say(
        f"applied (last 60 days)  {summary.applied}",
        f"to be tried again       {summary.retrying}",
        f"waiting behind another  {summary.waiting}",
        f"dead letters            {summary.dead}",
    )
    if summary.oldest_ms is not None:
        _say(f"oldest of these         {int(time.time() - summary.oldest_ms / 1000)} s")
    if brokers is not None:
        live, dead = brokers.counts()
        _say(f"in the queue            {live}", f"its dead letters        {dead}")
    return 0


def _dead(kept: KeptLetters, brokers: BrokersLetters | None) -> int:
    for letter in kept.all(LISTED):
        _say(f"{letter.event_id}  {letter.stream} number {letter.sequence}  attempts {letter.attempts}")
        _say(f"    {letter.reason}")
    for each in brokers.all(LISTED) if brokers is not None else ():
        reason = REASONS.get(each.reason, each.reason)
        _say(f"{each.event_id or 'no id'}  {each.type or 'no type'}  in the broker's queue: {reason}")
        if each.problem:
            _say(f"    {each.problem}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mtnet-subscriber", description=__doc__)
    parser.add_argument("--system", default=os.environ.get("MTNET_SYSTEM"), help="or MTNET_SYSTEM")
    parser.add_argument(
        "--store",
        default=os.environ.get("MTNET_STORE"),
        help="a file of SQLite or an address postgresql://…; or MTNET_STORE",
    )
    parser.add_argument(
        "--url",
        default=os.environ.get("MTNET_AMQP_URL"),
        help="the broker, to see its queues, too; or MTNET_AMQP_URL, which no list of processes shows",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="how many were applied, wait, failed")
    commands.add_parser("dead", help="dead letters with their reasons, the oldest 100")
    for name, text in (
        ("retry", "try a dead letter again"),
        ("discard", "skip a dead letter; its aggregate goes on"),
    ):
        command = commands.add_parser(name, help=text)
        which = command.add_mutually_exclusive_group(required=True)
        which.add_argument("event_id", nargs="?", help="the id that `dead` shows")
        which.add_argument("--all", action="store_true", help="all dead letters")
    return parser


def _store(place: str) -> Store:
    if place.startswith(("postgresql://", "postgres://")):
        return PostgresStore(place)
    return SqliteStore(place)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _tell(*lines: str) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    raise SystemExit(main())
