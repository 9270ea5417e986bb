"""How long the desk waits for its list, for a search and for a ticket, with a million tickets.

`make bench ONLY=helpdesk.tickets`. PostgreSQL is private and as in `make run`. Of a hundred tickets two are live.
Measured is what the service does for a call inside its transaction: statements, and what becomes of their rows;
not the broker.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from helpdesk.desk_people.rules import Agent
from helpdesk.faults import actions as faults
from helpdesk.faults import shapes, telling
from helpdesk.ticket_list import actions
from helpdesk.ticket_list.rules import Asked
from helpdesk.tickets.shapes import ticket_view
from launcher.servers.postgres import PostgresServer
from mtnet_chassis.data.database import Transactions, Tx, connect_transactions
from mtnet_chassis.data.migrations import migrate
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.runtime.services import migrations_of
from mtnet_contracts.calls.helpdesk.faults import MOST_ADDED
from mtnet_contracts.vocabulary.desk import (
    DESK_CHANNELS,
    DESK_TEAMS,
    TICKET_CATEGORIES,
    TICKET_PRIORITIES,
)
from mtnet_contracts.vocabulary.ticket_numbers import ticket_number

from tests.bench import desk_search
from tests.bench import desk_texts as texts

NOW = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
YEAR = NOW.year
SIZES = (1_000_000,)
AGENTS = 40
PEOPLE_EACH = 10  # tickets of one person
ASKED = 400
REPORTERS = 10_000
REQUESTERS = f"""
INSERT INTO requester (requester_id, name, locale, first_seen_at, last_seen_at)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, {texts.PERSON}, 'zh-Hant', %(now)s, %(now)s
FROM generate_series(0, %(people)s) AS n
"""
TICKETS = f"""
INSERT INTO ticket (ticket_id, number, requester_id, channel, address, locale, subject, state, priority, category,
    owner_id, owner_name, team, created_at, updated_at, last_inbound_at, first_answer_due_at, first_answered_at,
    solution_due_at, paused_at, resolved_at, closed_at, due_at, link_token)
SELECT gen_random_uuid(), 'HD{YEAR}-' || lpad(n::text, greatest(6, length(n::text)), '0'),
    ('00000000-0000-4000-8000-' || lpad(to_hex(n %% (%(people)s + 1)), 12, '0'))::uuid,
    (%(channels)s::text[])[1 + n / 13 %% 5], 'clerk' || n || '@example.com', 'zh-Hant',
    {texts.SUBJECT}, state,
    (%(priorities)s::text[])[1 + n / 7 %% 4], (%(categories)s::text[])[1 + n / 3 %% 7],
    CASE WHEN n %% 3 > 0 THEN ('00000000-0000-4000-9000-' || lpad(to_hex(n %% %(agents)s), 12, '0'))::uuid END,
    CASE WHEN n %% 3 > 0 THEN '客服人員 ' || n %% %(agents)s END, (%(teams)s::text[])[1 + n / 11 %% 3],
    at, at, at, at + interval '4 hours', at + interval '1 hour', at + interval '3 days',
    CASE WHEN state LIKE 'waiting%%' THEN at END, CASE WHEN state IN ('resolved', 'closed') THEN at END,
    CASE WHEN state = 'closed' THEN at END,
    CASE WHEN state IN ('new', 'open') THEN at + interval '3 days' ELSE timestamptz '9999-01-01 00:00Z' END,
    'link' || n || repeat('x', 20)
FROM (SELECT n, %(now)s - (%(size)s - n) * interval '1 minute' AS at,
          CASE WHEN n %% 50 > 0 THEN CASE WHEN n %% 50 = 1 THEN 'resolved' ELSE 'closed' END
               WHEN n / 50 %% 4 = 0 THEN 'new' WHEN n / 50 %% 4 = 1 THEN 'waiting_customer' ELSE 'open' END AS state
      FROM generate_series(1, %(size)s) AS n) made
"""
ENTRIES = f"""
INSERT INTO entry (entry_id, ticket_id, kind, at, channel, author_name, subject, text, author_id)
SELECT gen_random_uuid(), t.ticket_id, kind, t.created_at, t.channel, {texts.PERSON}, t.subject,
    CASE WHEN kind = 'answer' THEN {texts.ANSWERED} ELSE {texts.SAID} END,
    CASE WHEN kind = 'answer' THEN t.owner_id END
FROM (SELECT *, split_part(number, '-', 2)::bigint AS n FROM ticket) t
CROSS JOIN unnest(ARRAY['inbound', 'answer']) AS kind
"""
# As the migration numbers the tickets that it finds: the triggers are off while they are filled.
CHANGES = """
INSERT INTO ticket_change (ticket_id, change)
SELECT ticket_id, nextval('ticket_change_number') FROM (SELECT ticket_id FROM ticket ORDER BY created_at) known
"""


def measured(postgres: PostgresServer, machine: dict[str, Any], sizes: tuple[int, ...]) -> dict[str, Any]:
    """Filled once for each size; each question is asked 400 times with other values."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "conditions": machine,
        "runs": [_run(postgres, size) for size in sizes],
    }


def tell(run: dict[str, Any]) -> None:
    for question in run["questions"]:
        print(
            f"{run['tickets']:>11,} tickets   {question['name']:<44}"
            f" half {question['milliseconds_50']:7.2f} ms   p95 {question['milliseconds_95']:7.2f} ms",
            flush=True,
        )
    desk_search.tell(run["tickets"], run["search"])
    for name, value in run["incident"].items():
        print(f"  an incident: {name} {value}", flush=True)


def _run(postgres: PostgresServer, size: int) -> dict[str, Any]:
    with _filled(postgres, size) as transactions:
        questions = [_timed(transactions, name, ask) for name, ask in _questions(size).items()]
        return {
            "tickets": size,
            "questions": questions,
            "search": desk_search.measured(transactions, size, NOW, YEAR),
            "incident": _incident(transactions),
        }


def _incident(transactions: Transactions) -> dict[str, Any]:
    """A fault that 10,000 live tickets report: put together, told, solved, each in parts as in the portal."""
    reporter = Actor(
        account_id=UUID(int=1), account_name="agent", display_name="客服人員", roles=frozenset({"helpdesk_agent"}),
        session_id=UUID(int=2), expires_at=NOW + timedelta(minutes=2),
    )  # fmt: skip
    about = dict.fromkeys(("workaround_zh", "workaround_en", "cause"), "")
    about |= {"title_zh": "無法送出船舶進港申請", "title_en": "Port entry applications cannot be sent"}
    took: dict[str, float] = {}
    with transactions.transaction() as tx:
        rows = tx.execute("SELECT ticket_id FROM ticket WHERE live LIMIT %s", (REPORTERS,)).fetchall()
    ids = [row[0] for row in rows]
    began = time.perf_counter()
    with transactions.transaction() as tx:
        fields = about | {"affected_system": "mtnet", "severity": "high", "started_at": NOW}
        made = faults.record_fault(tx, Outbox(tx), reporter, fields, (), NOW)
    number = made.fault.number
    for first in range(0, len(ids), MOST_ADDED):
        with transactions.transaction() as tx:
            part = ids[first : first + MOST_ADDED]
            faults.add_reports(
                tx, Outbox(tx), reporter, number, part, numbers=(), every_alike=False, tell=False, now=NOW
            )
    took["seconds_added"] = time.perf_counter() - began
    for name, act in {
        "told": lambda tx: faults.announce_fault(
            tx,
            Outbox(tx),
            reporter,
            number,
            version=1,
            text_zh="處理中。",
            text_en="Wait.",
            tell=True,
            now=NOW,
        ),
        "solved": lambda tx: faults.resolve_fault(
            tx,
            Outbox(tx),
            reporter,
            number,
            version=2,
            solution_zh="已恢復。",
            solution_en="Again.",
            cause="",
            now=NOW,
        ),
    }.items():
        began = time.perf_counter()
        with transactions.transaction() as tx:
            act(tx)
        took[f"seconds_until_the_page_answers_{name}"] = time.perf_counter() - began
        more = True
        while more:
            with transactions.transaction() as tx:
                more = telling.tell_on(tx, Outbox(tx), NOW)
        took[f"seconds_{name}"] = time.perf_counter() - began
    page = _timed(
        transactions,
        "the page of a fault with 10,000 reporters",
        lambda tx, _: shapes.fault_view(tx, number, NOW),
    )
    return {"reporters": len(ids), **took, "page": page}


def _questions(size: int) -> dict[str, Callable[[Tx, random.Random], Any]]:
    def page(**filters: Any) -> Callable[[Tx, random.Random], Any]:
        def ask(tx: Tx, chance: random.Random) -> Any:
            given = {name: value(chance) for name, value in filters.items()}
            after = given.pop("after", None)
            requester_id = given.pop("requester_id", None)
            return actions.page(
                tx, Asked(**given), _agent(chance), NOW, requester_id=requester_id, after=after, limit=25
            )

        return ask

    def always(value: Any) -> Callable[[random.Random], Any]:
        return lambda chance: value

    def one_of(values: tuple[str, ...]) -> Callable[[random.Random], Any]:
        return lambda chance: chance.choice(values)

    def somewhere(chance: random.Random) -> str:
        return f"{(NOW - chance.randrange(size) * timedelta(minutes=1)).isoformat()} {UUID(int=0)}"

    def somebody(chance: random.Random) -> UUID:
        return UUID(f"00000000-0000-4000-8000-{chance.randrange(size // PEOPLE_EACH):012x}")

    return {
        "live, by what is due first": page(view=always("live")),
        "live, longest waiting first": page(view=always("live"), sort=always("oldest")),
        "mine": page(view=always("mine")),
        "nobody's": page(view=always("unowned")),
        "overdue": page(view=always("overdue")),
        "live of a category and a channel": page(
            view=always("live"), category=one_of(TICKET_CATEGORIES), channel=one_of(DESK_CHANNELS)
        ),
        "all, a page anywhere": page(view=always("all"), after=somewhere),
        "all of a category": page(view=always("all"), category=one_of(TICKET_CATEGORIES)),
        "all of a channel, priority and team": page(
            view=always("all"),
            channel=one_of(DESK_CHANNELS),
            priority=one_of(TICKET_PRIORITIES),
            team=one_of(DESK_TEAMS),
        ),
        "all of one agent": page(view=always("all"), owner_id=_agent),
        "closed": page(view=always("closed"), after=somewhere),
        "of one person": page(view=always("all"), requester_id=somebody),
        "counts of the views": lambda tx, chance: actions.counts(tx, _agent(chance), NOW, 1_000),
        "what has changed": lambda tx, chance: actions.changes(tx, somewhere(chance), NOW, 100),
        "one ticket with its thread": lambda tx, chance: ticket_view(
            tx, Agent(_agent(chance), "客服人員"), ticket_number(YEAR, chance.randrange(1, size)), NOW
        ),
    }


def _agent(chance: random.Random) -> UUID:
    return UUID(f"00000000-0000-4000-9000-{chance.randrange(AGENTS):012x}")


def _timed(transactions: Transactions, name: str, ask: Callable[[Tx, random.Random], Any]) -> dict[str, Any]:
    chance, took = random.Random(name), []
    for number in range(ASKED + 20):
        began = time.perf_counter()
        with transactions.transaction() as tx:
            ask(tx, chance)
        if number >= 20:
            took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return {
        "name": name,
        "asked": ASKED,
        "milliseconds_50": took[ASKED // 2],
        "milliseconds_95": took[ASKED * 95 // 100],
        "milliseconds_longest": took[-1],
    }


@contextmanager
def _filled(postgres: PostgresServer, size: int) -> Iterator[Transactions]:
    """A database of its own with so many tickets, each with two rows in its thread; indexes are built afterwards."""
    name = f"helpdesk{size}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    dsn = postgres.dsn(name)
    try:
        migrate(dsn, migrations_of("helpdesk"))
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET synchronous_commit = off")
            connection.execute("SET maintenance_work_mem = '512MB'")
            # Foreign keys are not looked up for each row of a million.
            connection.execute("SET session_replication_role = replica")
            indexes = connection.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('ticket', 'entry')"
                " AND indexname NOT LIKE '%key'"
            ).fetchall()
            for index, _ in indexes:
                if not index.endswith("_pkey"):
                    connection.execute(f"DROP INDEX {index}")
            values = {
                "size": size,
                "people": size // PEOPLE_EACH,
                "agents": AGENTS,
                "now": NOW,
                "channels": list(DESK_CHANNELS),
                "priorities": list(TICKET_PRIORITIES),
                "categories": list(TICKET_CATEGORIES),
                "teams": list(DESK_TEAMS),
                **texts.VALUES,
            }
            for statement in (REQUESTERS, TICKETS, ENTRIES, CHANGES):
                connection.execute(statement, values)
            for index, definition in indexes:
                if not index.endswith("_pkey"):
                    connection.execute(definition)
            connection.execute("VACUUM (ANALYZE) ticket, entry, requester, ticket_change")
            connection.execute("CHECKPOINT")
        transactions = connect_transactions(dsn, size=2)
        try:
            yield transactions
        finally:
            transactions.close()
    finally:
        with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def section(found: dict[str, Any]) -> str:
    """For docs/benchmarks.md."""
    told = found["conditions"]
    lines = [
        "# How long the desk waits",
        "",
        "Written by `make bench ONLY=helpdesk`; the figures are those of `bench-results/helpdesk.json`. Each question",
        f"is asked {ASKED} times with other values, one by one: statements, and what becomes of their rows, not",
        "the broker. Of a hundred tickets two are live.",
        "",
        "| tickets | question | half within (ms) | p95 (ms) |",
        "| ---: | --- | ---: | ---: |",
    ]
    lines += [
        f"| {run['tickets']:,} | {each['name']} | {each['milliseconds_50']:.2f} | {each['milliseconds_95']:.2f} |"
        for run in found["runs"]
        for each in run["questions"]
    ]
    for run in found["runs"]:
        lines += desk_search.lines(run["tickets"], run["search"]) if "search" in run else []
    for incident in (run["incident"] for run in found["runs"] if "incident" in run):
        lines += [
            "",
            f"**An incident that {incident['reporters']:,} tickets report**, in parts as in the portal: put together in"
            f" {incident['seconds_added']:.1f} s ({MOST_ADDED} at once); all told in {incident['seconds_told']:.1f} s,"
            f" of which the agent waits {incident['seconds_until_the_page_answers_told']:.2f} s; all told the solution"
            f" and solved in {incident['seconds_solved']:.1f} s. Its page: p95"
            f" {incident['page']['milliseconds_95']:.1f} ms.",
        ]
    lines += [
        "",
        f"Measured {found['at'][:10]} on {told['cores']} cores, Python {told['python']}, {told['postgresql']}.",
    ]
    return "\n".join(lines) + "\n"
