"""`mtnet retention`: show how long each service keeps personal data and what is due for removal, and remove it now.

Services apply their rules themselves, every hour. The command is for looking, or for not waiting an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from mtnet_chassis.data import retention
from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.data.retention import CHASSIS_RULES, Rule
from mtnet_chassis.runtime.services import retention_of
from mtnet_chassis.settings import env

PAGE_HEAD = """# How long personal data is kept

Generated from `retention.py` of each service. Do not edit; run `make docs`.

Each service applies its rules every hour. `make retention` shows how many rows are due for removal, and
`make retention APPLY=1` removes them at once. A new table needs a rule: a test compares the rules with the tables.

Events that a downstream system may be granted also stand in streams on the broker: 35 days, personal data at most 45
(ADR 0064). What was delivered to such a system is kept there by its own rules."""


def is_kept_here(service: str) -> bool:
    """Whether the service has rules of its own."""
    return retention_of(service) != CHASSIS_RULES


def shown(services: Iterable[str]) -> Iterator[str]:
    """A line for each rule: rows that are due for removal, rows in all, and how long they are kept."""
    now = datetime.now(UTC)
    for service in services:
        transactions = connect_transactions(env(f"{service.upper()}_DATABASE_URL"), size=1)
        try:
            with transactions.transaction() as tx:
                found = retention.counts(tx, retention_of(service), now)
        finally:
            transactions.close()
        for each in found:
            yield f"{service}.{each.rule.table}: {each.expired} due, {each.rows} in all; kept {each.rule.kept}"


def applied(services: Iterable[str]) -> Iterator[str]:
    """A line for each rule that changed rows."""
    now = datetime.now(UTC)
    for service in services:
        transactions = connect_transactions(env(f"{service.upper()}_DATABASE_URL"), size=1)
        try:
            done = retention.apply(transactions.transaction, retention_of(service), now)
        finally:
            transactions.close()
        for rule, number in done:
            yield f"{service}.{rule.table}: {number} {'erased' if rule.erase else 'removed'}"
        if not done:
            yield f"{service}: nothing is due"


def page(services: Iterable[str]) -> Iterator[str]:
    """The page docs/retention.md."""
    yield PAGE_HEAD
    for service in services:
        own = retention_of(service)[: -len(CHASSIS_RULES)]
        yield from _table(f"## {service}", own)
    yield from _table("## In the database of every service", CHASSIS_RULES)


def _table(heading: str, rules: Iterable[Rule]) -> Iterator[str]:
    personal = [rule for rule in rules if rule.holds]
    others = sorted({rule.table for rule in rules if not rule.holds})
    yield f"\n{heading}\n"
    if personal:
        yield "| table | personal data | kept | why |\n| --- | --- | --- | --- |"
        yield from (f"| `{r.table}` | {r.holds} | {r.kept} | {r.because} |" for r in personal)
        yield ""
    if others:
        yield f"Without personal data: {', '.join(f'`{table}`' for table in others)}."
