"""How long personal data is kept: rules as data, one or more for each table, applied in bounded batches.

A service says its rules in `<service>/retention.py` as `RULES`. Those of the chassis's own tables are below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import sql

from mtnet_chassis.data.database import Tx

BATCH = 2_000
# Who applies the rules of a database; replicas that come later have nothing to do.
LOCK = 0x72657465


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How long the rows of one table are kept.

    holds: which personal data; empty for a table that has none.
    kept: for how long and from when, in words; `because` is the reason or the law.
    expired: an SQL condition on rows of `table` whose time is over at `%(now)s`. Without it something else removes
        the rows, as `kept` says.
    erase: an SQL `SET` list for rows that stay without what is personal. Without it they are deleted. A condition with
        `erase` must not hold any more for erased rows.
    remove: removes one batch in place of a DELETE, where more than the row has to go. Called with the transaction,
        the moment and the most rows; returns how many it removed.
    """

    table: str
    holds: str = ""
    kept: str
    because: str
    expired: LiteralString = ""
    erase: LiteralString = ""
    remove: Callable[[Tx, datetime, int], int] | None = None


@dataclass(frozen=True)
class Count:
    """Of one rule: rows in the table, and rows whose time is over."""

    rule: Rule
    rows: int
    expired: int


def nothing_personal(*tables: str, because: str) -> tuple[Rule, ...]:
    """Rules for tables without personal data."""
    return tuple(Rule(table=table, kept="as long as needed", because=because) for table in tables)


def counts(tx: Tx, rules: Iterable[Rule], now: datetime) -> list[Count]:
    """What the rules would do now, without doing it."""
    found = []
    for rule in rules:
        table = sql.Identifier(rule.table)
        condition = sql.SQL(rule.expired or "false")
        row = tx.execute(
            sql.SQL("SELECT count(*), count(*) FILTER (WHERE {}) FROM {}").format(condition, table),
            {"now": now},
        ).fetchone()
        found.append(Count(rule, *(row or (0, 0))))
    return found


def apply(
    transaction: Callable[[], AbstractContextManager[Tx]], rules: Iterable[Rule], now: datetime
) -> list[tuple[Rule, int]]:
    """Remove or erase every row whose time is over. Returns each rule that changed rows, and how many.

    Rules are applied in their order, so rows that refer to others come first. Each batch has its own transaction. Safe
    to repeat and to stop; while another process applies the rules, this one leaves them to it.
    """
    done = []
    for rule in rules:
        if not rule.expired:
            continue
        total = 0
        while changed := _batch(transaction, rule, now):
            total += changed
        if total:
            done.append((rule, total))
    return done


def _batch(transaction: Callable[[], AbstractContextManager[Tx]], rule: Rule, now: datetime) -> int:
    with transaction() as tx:
        row = tx.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,)).fetchone()
        if row is None or not row[0]:
            return 0
        if rule.remove:
            return rule.remove(tx, now, BATCH)
        return tx.execute(_statement(rule), {"now": now, "most": BATCH}).rowcount


def _statement(rule: Rule) -> sql.Composed:
    table = sql.Identifier(rule.table)
    # By row address: the tables have no key in common, and a batch must not look at the whole table.
    rows = sql.SQL(
        "ctid = ANY (ARRAY (SELECT ctid FROM {} WHERE {} LIMIT %(most)s FOR UPDATE SKIP LOCKED))"
    ).format(table, sql.SQL(rule.expired))
    if rule.erase:
        return sql.SQL("UPDATE {} SET {} WHERE {}").format(table, sql.SQL(rule.erase), rows)
    return sql.SQL("DELETE FROM {} WHERE {}").format(table, rows)


CHASSIS_RULES: tuple[Rule, ...] = (
    Rule(
        table="outbox",
        holds="what an event says: names, contacts, decisions",
        kept="until the relay has sent it, usually some milliseconds",
        because="delivery of the event",
    ),
    Rule(
        table="outbox_dead",
        holds="what an event says",
        kept="until an operator has dealt with it (`make stuck`)",
        because="an event that cannot be sent must not be lost",
    ),
    Rule(
        table="parked_event",
        holds="what an event says",
        kept="until the events before it have arrived",
        because="events of one subject are applied in order",
    ),
    Rule(
        table="idempotency_key",
        holds="the answer to a call",
        kept="7 days",
        because="a caller who repeats a call within minutes gets the same answer",
        expired="answered_at < %(now)s - interval '7 days'",
    ),
    Rule(
        table="operator_act",
        holds="the operator's name; the message that was stuck",
        kept="the message 90 days; who did what as long as the system runs",
        because="what operators did must be traceable",
        expired="acted_at < %(now)s - interval '90 days' AND (body IS NOT NULL OR headers IS NOT NULL)",
        erase="headers = NULL, body = NULL",
    ),
    Rule(
        table="begun_attempt",
        kept="30 days",
        because="ids of events only; longer than an event is retried",
        expired="begun_at < %(now)s - interval '30 days'",
    ),
    Rule(
        table="inbox",
        kept="30 days, removed by each service for its own groups",
        because="ids of events only",
    ),
    *nothing_personal("stream_position", "aggregate_sequence", because="ids and numbers only"),
)
