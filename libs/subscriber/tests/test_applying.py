"""Events in the subscriber's own database, by both stores: once, in order, tried again, given up."""

import time

import pytest
from mtnet_subscriber import Poison
from mtnet_subscriber.applying import Applying, Arrived
from mtnet_subscriber.dead_letters import KeptLetters, NotThere
from mtnet_subscriber.ledger import DAY_MS, Ledger
from subscriber_stand import Sent, effects

DELAYS = (5, 30, 120)


class Clock:
    def __init__(self):
        self.now = time.time()

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def wishes():
    """What the handler does with events of an id: raise this."""
    return {}


@pytest.fixture
def ledger(store):
    return Ledger(store, "vessels")


@pytest.fixture
def applying(store, ledger, clock, wishes):
    mark = "?" if store.locks == "" else "%s"

    def activated(event, db):
        db.execute(
            f"INSERT INTO effect (event_id, stream, sequence) VALUES ({mark}, {mark}, {mark})",
            (str(event.id), event.stream, event.sequence),
        )
        if event.id in wishes:
            wishes[event.id](db)

    return Applying(
        store,
        ledger,
        {("accounts", "AccountActivated"): activated},
        delays=DELAYS,
        stopping=lambda seconds: False,
        clock=clock,
    )


def take(applying, *events, suspect=False, **more):
    applying.take([Arrived(each.message, suspect) for each in events], **more)


def fail(problem):
    def wish(db):
        raise problem

    return wish


def test_doubles_in_one_batch_and_later_have_one_effect_and_gaps_hold_nothing_up(applying, store):
    first, second, other = Sent("a", 1), Sent("a", 4), Sent("b", 2)
    take(applying, first, second, first, other)
    take(applying, second, first)
    assert sorted(effects(store)) == sorted([first.row, second.row, other.row])
    assert applying.counts["double"] == 3


def test_a_batch_is_applied_in_the_order_of_each_aggregate(applying, store):
    events = [Sent("a", number) for number in (3, 1, 2)]
    take(applying, *events)
    assert [sequence for _, _, sequence in effects(store)] == [1, 2, 3]


def test_a_batch_that_fails_is_applied_one_by_one_in_the_order_of_each_aggregate(applying, store, wishes):
    later, earlier, bad = Sent("a", 4), Sent("a", 3), Sent("b", 1)
    wishes[bad.id] = fail(ValueError("no"))
    take(applying, later, earlier, bad)
    assert effects(store) == [earlier.row, later.row]
    assert store.rows("SELECT event_id, state FROM mtnet_kept") == [(str(bad.id), "retrying")]


def test_what_a_handler_does_to_an_events_data_is_gone_at_the_next_attempt(store, ledger):
    seen = []

    def spoil(event, db):
        seen.append(dict(event.data))
        event.data.clear()
        if len(seen) == 1:
            raise ValueError("no")

    applying = Applying(
        store,
        ledger,
        {("accounts", "AccountActivated"): spoil},
        delays=DELAYS,
        stopping=lambda seconds: False,
    )
    take(applying, Sent("a", 1), Sent("b", 1))
    assert sorted(each["account_id"] for each in seen) == ["a", "a", "b"]


def test_an_event_without_a_handler_moves_the_position_on(applying, store, ledger):
    take(applying, Sent("a", 2, name="AccountFrozen"))
    with store.transaction():
        assert ledger.locked_positions(["accounts/account/a"]) == {"accounts/account/a": 2}
    assert effects(store) == []


def test_a_failing_event_holds_its_own_aggregate_only_and_order_is_kept_when_it_succeeds(
    applying, store, clock, wishes
):
    bad, later, last, other = Sent("a", 1), Sent("a", 2), Sent("a", 5), Sent("b", 1)
    wishes[bad.id] = fail(RuntimeError("not yet"))
    take(applying, bad, later, other)
    take(applying, last)
    assert effects(store) == [other.row]
    clock.now += DELAYS[0] - 1
    applying.work_due()
    assert effects(store) == [other.row]
    del wishes[bad.id]
    clock.now += 2
    applying.work_due()
    assert effects(store) == [other.row, bad.row, later.row, last.row]
    assert applying.count_kept(100) == 0


def test_after_the_last_delay_it_is_a_dead_letter_with_its_reason_until_it_is_retried(
    applying, store, clock, wishes
):
    bad, later = Sent("a", 1), Sent("a", 2)
    wishes[bad.id] = fail(RuntimeError("no such ship"))
    take(applying, bad, later)
    for delay in DELAYS:
        clock.now += delay + 1
        applying.work_due()
    letters = KeptLetters(store, "vessels")
    (letter,) = letters.all()
    assert (letter.event_id, letter.attempts, letter.reason) == (str(bad.id), 4, "RuntimeError: no such ship")
    clock.now += 10 * DAY_MS / 1000
    applying.work_due()
    assert effects(store) == []
    del wishes[bad.id]
    letters.retry(str(bad.id))
    clock.now = time.time() + 60
    applying.work_due()
    assert effects(store) == [bad.row, later.row]
    with pytest.raises(NotThere):
        letters.retry(str(bad.id))


def test_poison_is_a_dead_letter_at_once_and_a_discarded_one_lets_its_aggregate_go_on(
    applying, store, clock, wishes
):
    bad, later = Sent("a", 1), Sent("a", 2)
    wishes[bad.id] = fail(Poison("never"))
    take(applying, bad, later)
    letters = KeptLetters(store, "vessels")
    letters.discard(str(bad.id))
    take(applying, bad)
    clock.now += 60  # the command line tells the time by itself
    applying.work_due()
    assert effects(store) == [later.row]
    with pytest.raises(NotThere):
        letters.discard(str(later.id))


def test_an_event_that_comes_after_a_later_one_is_a_dead_letter_and_holds_nothing(applying, store, clock):
    early, late = Sent("a", 1), Sent("a", 2)
    take(applying, late)
    take(applying, early)
    (letter,) = KeptLetters(store, "vessels").all()
    assert letter.event_id == str(early.id)
    assert "after number 2" in letter.reason
    following = Sent("a", 3)
    take(applying, following)
    assert effects(store) == [late.row, following.row]
    KeptLetters(store, "vessels").retry(str(early.id))
    clock.now += 60
    applying.work_due()
    assert effects(store)[-1] == early.row


def test_reading_a_stream_again_skips_what_is_earlier(applying, store):
    take(applying, Sent("a", 2))
    take(applying, Sent("a", 1), old=True)
    assert applying.counts["earlier"] == 1
    assert KeptLetters(store, "vessels").all() == []


def test_what_was_delivered_again_is_kept_before_it_is_tried(applying, store, clock, wishes):
    """So that its attempts are counted even when each of them ends the process."""
    bad, later = Sent("a", 1), Sent("a", 2)

    def die(db):
        raise KeyboardInterrupt

    wishes[bad.id] = die
    take(applying, bad, later, suspect=True)
    assert effects(store) == []
    for _ in range(len(DELAYS) + 1):
        with pytest.raises(KeyboardInterrupt):
            applying.work_due()
        clock.now += 1000
    applying.work_due()
    (letter,) = KeptLetters(store, "vessels").all()
    assert letter.event_id == str(bad.id)
    assert "ended while" in letter.reason
    assert effects(store) == []


def test_of_what_was_delivered_again_each_has_one_effect_in_order(applying, store):
    events = [Sent("a", number) for number in (1, 2, 3)]
    take(applying, *events, suspect=True)
    applying.work_due()
    take(applying, *events, suspect=True)
    applying.work_due()
    assert effects(store) == [each.row for each in events]


@pytest.mark.parametrize("word", ["commit", "rollback", "COMMIT"])
def test_a_handler_cannot_end_the_transaction_unnoticed(applying, store, wishes, word):
    bad = Sent("a", 1)
    wishes[bad.id] = lambda db: db.execute(word) if word.isupper() else getattr(db, word)()
    take(applying, bad)
    assert store.rows("SELECT state FROM mtnet_kept") == [("retrying",)]
    if not word.isupper():
        assert effects(store) == []


def test_the_inbox_forgets_after_two_months_and_still_nothing_is_applied_twice(applying, store, clock):
    event = Sent("a", 1)
    take(applying, event)
    clock.now = event.occurred_at.timestamp() + 61 * 24 * 3600
    applying.forget()
    assert store.rows("SELECT count(*) FROM mtnet_inbox") == [(0,)]
    take(applying, event)
    assert effects(store) == [event.row]


@pytest.mark.slow  # 2,500 rows
def test_the_inbox_forgets_all_that_is_old_however_many(applying, store, ledger, clock):
    long_ago = int((clock.now - 61 * 24 * 3600) * 1000)
    store.run_many(
        "INSERT INTO mtnet_inbox (system, event_id, occurred_ms) VALUES (?, ?, ?)",
        [("vessels", str(number), long_ago) for number in range(2_500)],
    )
    take(applying, fresh := Sent("a", 1))
    applying.forget()
    assert store.rows("SELECT event_id FROM mtnet_inbox") == [(str(fresh.id),)]


@pytest.mark.slow  # 230 events, each in a transaction of its own
@pytest.mark.parametrize("act", ["retry", "discard"])
def test_all_dead_letters_are_all_of_them(applying, store, clock, wishes, act):
    events = [Sent(f"a{number}", 1) for number in range(230)]
    for each in events:
        wishes[each.id] = fail(Poison("never"))
    take(applying, *events)
    assert store.rows("SELECT count(*) FROM mtnet_kept WHERE state = 'dead'") == [(230,)]
    letters = KeptLetters(store, "vessels")
    assert getattr(letters, f"{act}_all")() == 230
    wishes.clear()
    clock.now = time.time() + 1
    applying.work_due()
    assert store.rows("SELECT count(*) FROM mtnet_kept") == [(0,)]
    assert len(effects(store)) == (230 if act == "retry" else 0)
    assert Ledger(store, "vessels").summary().applied == 230


def test_two_systems_in_one_database_do_not_see_each_other(applying, store):
    event = Sent("a", 1)
    take(applying, event)
    assert Ledger(store, "vessels").summary().applied == 1
    assert Ledger(store, "crew").summary().applied == 0
