"""People with addresses and choices, a runner and a provider of a test."""

from datetime import timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.testing.emptying import emptying
from notify.broadcasts import actions, report
from notify.broadcasts.actions import Operator, Stores
from notify.broadcasts.running import Runner
from notify.broadcasts.sender import ChunkSender

from ..builders import LINKS, NOW

OPERATOR = Operator(uuid4(), "operator1")
TEXTS = {
    "title_zh": "系統維護",
    "body_zh": "本平臺週日維護。\n\n詳見 https://mtnet.example/news",
    "title_en": "Maintenance",
    "body_en": "The portal is maintained on Sunday.",
    "category": "information",
    "segment": "everybody",
    "segment_of": None,
}


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def tick(self, seconds):
        self.now += timedelta(seconds=seconds)


class Multicast:
    """A provider that takes many at once, knows its retry keys, and fails as it is told: once per entry."""

    def __init__(self):
        self.accepted = {}
        self.calls = []
        self.failures = []
        self.after_acceptance = []

    def multicast(self, retry_key, recipients, text, *, legal=False):
        self.calls.append((retry_key, tuple(recipients), text, legal))
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.accepted.setdefault(retry_key, tuple(recipients))
        if self.after_acceptance and (failure := self.after_acceptance.pop(0)):
            raise failure

    def close(self):
        pass

    @property
    def reached(self):
        return [each for recipients in self.accepted.values() for each in recipients]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def provider():
    return Multicast()


@pytest.fixture
def empty(transactions):
    with transactions.transaction() as tx:
        tx.execute(
            emptying(
                *("broadcast", "message", "outbox"),
                *("application_contact", "account_contact", "person", "contact_point", "preference"),
            )
        )
    return transactions


@pytest.fixture
def rows(empty):
    def rows(sql, *values):
        with empty.transaction() as tx:
            cursor = tx.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    return rows


@pytest.fixture
def act(empty, clock):
    """`act(actions.pause, broadcast_id=…)` in a transaction of its own."""

    def act(what, **request):
        with empty.transaction() as tx:
            return what(Stores.of(tx), OPERATOR, clock(), **request)

    return act


def add_people(transactions, *, line=0, email=0, off=0, unknown=0, locale="zh-Hant"):
    """Accounts, by how they are reached. Returns their ids, in that order."""
    ids = [uuid4() for _ in range(line + email + off + unknown)]
    known = ids[: line + email + off]
    channels = ["line"] * line + ["email"] * email + ["none"] * off
    values = {"ids": known, "channels": channels, "locale": locale}
    with transactions.transaction() as tx:
        for statement in (
            "INSERT INTO account_contact (account_id, name, email, locale)"
            " SELECT id, '王小明', id || '@example.com', %(locale)s FROM known",
            "INSERT INTO person (person_kind, person_id) SELECT 'account', id FROM known",
            "INSERT INTO preference (person_kind, person_id, category, channels, chosen_at)"
            " SELECT 'account', id, 'information', CASE channel WHEN 'line' THEN '{line}'::text[] ELSE '{}' END, now()"
            " FROM known WHERE channel <> 'email'",
            "INSERT INTO contact_point (person_kind, person_id, channel, address, position, proved_at, state_as_of)"
            " SELECT 'account', id, 'email', id || '@example.com', 1, now(), now() FROM known"
            " UNION ALL SELECT 'account', id, 'line', 'U' || replace(id::text, '-', ''), 0, now(), now() FROM known"
            " WHERE channel = 'line'",
        ):
            known_as = (
                "(SELECT * FROM unnest(%(ids)s::uuid[], %(channels)s::text[]) AS k (id, channel)) known"
            )
            tx.execute(statement.replace("FROM known", f"FROM {known_as}"), values)
    return ids


def add_to(transactions, broadcast_id, ids, size=5_000):
    for begin in range(0, len(ids), size):
        with transactions.transaction() as tx:
            actions.add_people(
                Stores.of(tx),
                NOW,
                broadcast_id=broadcast_id,
                person_kind="account",
                person_ids=ids[begin : begin + size],
                first=begin == 0,
            )


@pytest.fixture
def counted(empty, clock):
    """`counted(line=3, email=2)`: a broadcast to so many new people, ready to be started."""

    def counted(ids=None, texts=None, **ways):
        ids = add_people(empty, **ways) if ids is None else ids
        with empty.transaction() as tx:
            new = actions.write(Stores.of(tx), LINKS, OPERATOR, clock(), **TEXTS | (texts or {}))
        add_to(empty, new.broadcast_id, ids)
        with empty.transaction() as tx:
            return actions.count(Stores.of(tx), OPERATOR, clock(), broadcast_id=new.broadcast_id)

    return counted


@pytest.fixture
def started(counted, act):
    """`started(line=3, per_second=10)`: one that runs, or is to run at `start_at`."""

    def started(*, start_at=None, per_second=None, **people):
        broadcast = counted(**people)
        return act(
            actions.start,
            broadcast_id=broadcast.broadcast_id,
            version=broadcast.version,
            people=broadcast.people,
            start_at=start_at,
            per_second=per_second,
        )

    return started


@pytest.fixture
def runner(empty, clock):
    woken = []
    runner = Runner(empty, clock, {"line"}, woken.append)
    runner.woken = woken
    return runner


@pytest.fixture
def sender(empty, clock, provider):
    sender_id = uuid4()
    return ChunkSender(provider, LINKS, empty.transaction, lambda: sender_id, clock, jitter=lambda: 0.0)


@pytest.fixture
def look(empty, clock):
    def look(broadcast_id):
        clock.tick(31)
        with empty.transaction() as tx:
            return report.whole(Stores.of(tx), clock(), broadcast_id)

    return look
