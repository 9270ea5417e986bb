"""Who lives is told by a database session: at once when it is gone, never because a clock went on."""

import psycopg
import pytest
from mtnet_chassis.data.presence import GRACE_SECONDS, TRUSTED_SECONDS, Absentees, Presence
from mtnet_chassis.testing.pytest_plugin import eventually

SPACE = 77
pytestmark = pytest.mark.stack


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def presence(postgres_dsn, clock):
    presence = Presence(postgres_dsn, SPACE, clock=clock)
    presence.show()
    yield presence
    presence.withdraw()


@pytest.fixture
def dead(transactions, clock):
    """`dead(id, …)`: a look at them now."""
    absentees = Absentees(SPACE, clock=clock)

    def dead(*ids):
        with transactions.transaction() as tx:
            return absentees.dead(tx, ids)

    return dead


@pytest.fixture
def until_held_by(transactions):
    """Wait until so many sessions hold a lock: PostgreSQL notices the end of one a moment later."""

    def held():
        with transactions.transaction() as tx:
            count = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s::oid"
            return tx.execute(count, (SPACE,)).fetchone()[0]

    return lambda sessions: eventually(lambda: held() == sessions)


def end_its_session(transactions):
    with transactions.transaction() as tx:
        tx.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s::oid",
            (SPACE,),
        )


def test_who_shows_itself_lives_however_much_time_passes(presence, dead, clock):
    for _ in range(100):
        assert dead(presence.id_if_present()) == []
        clock.now += GRACE_SECONDS
        presence.show()


def test_who_is_gone_is_dead_after_three_seconds_and_not_at_the_first_look(
    presence, dead, clock, until_held_by
):
    identity = presence.id_if_present()
    presence.withdraw()
    until_held_by(0)
    assert dead(identity) == []
    clock.now += GRACE_SECONDS - 0.1
    assert dead(identity) == []
    clock.now += 0.1
    assert dead(identity) == [identity]


def test_who_is_back_in_time_under_its_id_has_lost_nothing(
    presence, dead, clock, transactions, until_held_by
):
    identity = presence.id_if_present()
    end_its_session(transactions)
    until_held_by(0)
    assert dead(identity) == []
    with pytest.raises(psycopg.Error):
        presence.show()
    assert presence.id_if_present() is None, "a broken session proves nothing"
    presence.show()
    clock.now += 2 * GRACE_SECONDS
    assert dead(identity) == []
    assert presence.id_if_present() == identity


def test_who_was_seen_in_between_is_counted_anew(presence, dead, clock, until_held_by):
    identity = presence.id_if_present()
    for _ in range(5):
        presence.withdraw()
        until_held_by(0)
        assert dead(identity) == []
        clock.now += GRACE_SECONDS - 1
        assert dead(identity) == []
        presence.show()
        assert dead(identity) == []
        clock.now += GRACE_SECONDS


def test_who_was_long_without_a_word_does_not_trust_itself(presence, clock):
    clock.now += TRUSTED_SECONDS + 0.1
    assert presence.id_if_present() is None
    presence.show()
    assert presence.id_if_present() is not None


def test_two_of_one_space_are_told_apart(presence, dead, clock, postgres_dsn, until_held_by):
    other = Presence(postgres_dsn, SPACE, clock=clock)
    other.show()
    gone = other.id_if_present()
    other.withdraw()
    until_held_by(1)
    dead(presence.id_if_present(), gone)
    clock.now += GRACE_SECONDS
    presence.show()
    assert dead(presence.id_if_present(), gone) == [gone]
