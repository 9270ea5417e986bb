"""Broadcasts on PostgreSQL: counted, taken up, sent once, paused, cancelled, reported."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.data import retention
from notify.broadcasts import actions, reaching, report
from notify.broadcasts.actions import Stores
from notify.broadcasts.rules import MOST_AHEAD, NotInThisState, StaleVersion, State
from notify.broadcasts.running import Runner
from notify.channels.rules import Doubt, Failure, Outage, Refusal
from notify.retention import RULES

from ..builders import LINKS, NOW
from .conftest import OPERATOR, TEXTS, add_people, add_to

WAITING = "SELECT count(*) FROM delivery WHERE state = 'waiting' AND next_attempt_at <= %s"
DELIVER = (
    "UPDATE delivery SET state = 'delivered', next_attempt_at = NULL, attempts = 1, finished_at = now()"
    " WHERE state = 'waiting' AND next_attempt_at <= %s"
)


@pytest.fixture
def run(runner, sender, rows, clock):
    """Until nothing more happens: everything that is due is delivered."""

    def run(turns=50):
        for _ in range(turns):
            taken = runner.turn()
            sent = sum(1 for _ in iter(sender.send_one, False))
            rows(DELIVER, clock())
            runner.gather()
            if not taken and not sent:
                break
            clock.tick(0.1)

    return run


def ways(view):
    return {way["channel"] or way["reason"]: way["people"] for way in view["ways"]}


def outcomes(view):
    return {(each["channel"], each["outcome"], each["reason"]): each["people"] for each in view["outcomes"]}


def line_of(person_id):
    return f"U{person_id.hex}"


def test_who_is_reached_by_what_is_counted_before_the_start(counted, look):
    broadcast = counted(line=3, email=2, off=1, unknown=1)
    assert ways(look(broadcast.broadcast_id)) == {"line": 3, "email": 2, "SWITCHED_OFF": 1, "UNKNOWN": 1}


def test_a_person_who_is_added_twice_is_there_once(empty, counted, rows):
    ids = add_people(empty, email=3)
    broadcast = counted(ids=[*ids, ids[0]])
    add_to(empty, broadcast.broadcast_id, ids)
    with empty.transaction() as tx:
        again = {"person_kind": "account", "person_ids": ids, "first": False}
        assert actions.add_people(Stores.of(tx), NOW, broadcast_id=broadcast.broadcast_id, **again) == 3
    assert rows("SELECT position FROM broadcast_person ORDER BY position") == [(1,), (2,), (3,)]


def test_everybody_gets_it_once_by_the_channel_of_their_choice(empty, started, run, provider, rows, look):
    ids = add_people(empty, line=1_203, email=2, off=1)
    broadcast = started(ids=ids)
    run()
    assert sorted(provider.reached) == sorted(line_of(each) for each in ids[:1_203])
    assert [len(recipients) for _, recipients, _, _ in provider.calls] == [500, 500, 203]
    assert {text for _, _, text, _ in provider.calls} == {
        "系統維護\n\n本平臺週日維護。\n\n詳見 https://mtnet.example/news"
    }
    mails = rows(
        "SELECT d.recipient, d.priority, m.kind, m.person_id FROM delivery d JOIN message m USING (message_id)"
        " WHERE d.channel = 'email'"
    )
    assert sorted(mails) == sorted((f"{each}@example.com", 9, "broadcast", each) for each in ids[1_203:1_205])
    view = look(broadcast.broadcast_id)
    assert (view["state"], view["percent"]) == ("finished", 100)
    assert outcomes(view) == {
        ("line", "delivered", ""): 1_203,
        ("email", "delivered", ""): 2,
        (None, "unreached", "SWITCHED_OFF"): 1,
    }


def test_people_get_it_in_their_language(empty, started, run, provider):
    ids = [*add_people(empty, line=2, locale="en"), *add_people(empty, line=1)]
    started(ids=ids)
    run()
    assert {text.splitlines()[0]: len(recipients) for _, recipients, text, _ in provider.calls} == {
        "Maintenance": 2,
        "系統維護": 1,
    }


def test_of_a_slow_provider_no_more_waits_than_is_quickly_paused(started, runner, rows, clock):
    started(email=MOST_AHEAD + 700)
    for _ in range(20):
        runner.turn()
    assert rows(WAITING, clock()) == [(MOST_AHEAD,)]
    rows("UPDATE delivery SET state = 'delivered', next_attempt_at = NULL WHERE message_id IN"
         " (SELECT message_id FROM delivery LIMIT 300)")  # fmt: skip
    for _ in range(5):
        runner.turn()
    assert rows("SELECT count(*) FROM delivery") == [(MOST_AHEAD + 300,)]


def test_of_a_channel_that_takes_many_nobody_is_looked_at_alone_however_few_calls_are_left(
    started, runner, monkeypatch
):
    monkeypatch.setattr("notify.broadcasts.running.MOST_CHUNKS_AHEAD", 2)
    looked_at, reaches_of = [], reaching.reaches_of
    monkeypatch.setattr(
        reaching,
        "reaches_of",
        lambda tx, members, *more: looked_at.extend(members) or reaches_of(tx, members, *more),
    )
    started(line=1_200)
    looked_at.clear()
    assert runner.turn() == 1_000
    assert looked_at == []


def test_only_so_many_are_looked_at_one_by_one_in_one_transaction(started, runner, rows, monkeypatch):
    monkeypatch.setattr("notify.broadcasts.running.LARGEST_SLICE", 40)
    started(line=100, email=300)
    looked_at, reaches_of = [], reaching.reaches_of
    monkeypatch.setattr(
        reaching,
        "reaches_of",
        lambda tx, members, *more: looked_at.append(len(members)) or reaches_of(tx, members, *more),
    )
    taken = [runner.turn() for _ in range(20)]
    assert (max(looked_at), sum(looked_at)) == (40, 300)
    assert sum(taken) == 400
    assert rows("SELECT count(*), count(DISTINCT recipient) FROM delivery") == [(300, 300)]
    assert rows("SELECT sum(people)::integer FROM broadcast_chunk") == [(400,)]


def test_it_resumes_where_it_was_in_another_process(empty, started, runner, clock, rows, provider, sender):
    ids = add_people(empty, line=600, email=300)
    broadcast = started(ids=ids)
    runner.turn()
    another = Runner(empty, clock, {"line"}, lambda _: None)
    while another.turn():
        pass
    while sender.send_one():
        pass
    assert rows("SELECT count(*), count(DISTINCT recipient) FROM delivery") == [(300, 300)]
    assert len(provider.reached) == len(set(provider.reached)) == 600
    assert rows("SELECT frozen_to FROM broadcast WHERE broadcast_id = %s", broadcast.broadcast_id) == [(900,)]


def test_two_runners_never_take_up_the_same_people(empty, started, runner, clock):
    started(email=400)
    with empty.transaction() as held:
        assert Stores.of(held).broadcasts.running_for_update()
        assert Runner(empty, clock, {"line"}, lambda _: None).turn() == 0
    assert runner.turn() > 0


class TestLater:
    def test_it_begins_when_its_time_has_come(self, started, runner, clock, sender):
        started(line=2, start_at=clock() + timedelta(minutes=1))
        clock.tick(59.9)
        assert runner.turn() == 0
        clock.tick(0.1)
        assert runner.turn() == 2
        assert sender.send_one()

    def test_it_can_be_cancelled_before(self, started, runner, clock, act, provider, sender):
        broadcast = started(line=2, start_at=clock() + timedelta(minutes=1))
        act(actions.cancel, broadcast_id=broadcast.broadcast_id)
        clock.tick(120)
        assert runner.turn() == 0
        assert not sender.send_one()

    def test_the_next_start_is_known(self, started, runner, clock):
        assert runner.next_start() is None
        at = clock() + timedelta(minutes=1)
        started(line=1, start_at=at)
        assert runner.next_start() == at


def test_a_pace_is_kept(started, runner, rows, clock):
    started(email=400, per_second=20)
    for _ in range(50):
        runner.turn()
        clock.tick(0.1)
    assert 90 <= rows("SELECT count(*) FROM delivery")[0][0] <= 110


class TestPausing:
    def test_nothing_leaves_while_it_is_paused_and_all_of_it_afterwards(
        self, started, runner, sender, act, rows, clock, provider, run, look
    ):
        broadcast = started(line=1_000, email=30)
        runner.turn()
        act(actions.pause, broadcast_id=broadcast.broadcast_id)
        assert runner.turn() == 0
        assert not sender.send_one()
        clock.tick(3600)
        assert rows(WAITING, clock()) == [(0,)]
        act(actions.resume, broadcast_id=broadcast.broadcast_id)
        run()
        assert len(set(provider.reached)) == len(provider.reached) == 1_000
        assert rows("SELECT count(*) FROM delivery WHERE state = 'delivered'") == [(1_030,)]
        assert look(broadcast.broadcast_id)["state"] == "finished"

    def test_what_a_sender_puts_off_meanwhile_is_held_too(self, started, runner, act, rows, clock):
        broadcast = started(email=3)
        runner.turn()
        rows("UPDATE delivery SET sender_id = gen_random_uuid()")
        act(actions.pause, broadcast_id=broadcast.broadcast_id)
        rows("UPDATE delivery SET sender_id = NULL, next_attempt_at = %s", clock())
        runner.gather()
        assert rows(WAITING, clock()) == [(0,)]

    def test_pausing_and_resuming_twice_is_as_good_as_once(self, started, act):
        broadcast = started(email=1)
        for what in (actions.pause, actions.pause, actions.resume, actions.resume):
            after = act(what, broadcast_id=broadcast.broadcast_id)
        assert after.state is State.RUNNING

    def test_a_draft_cannot_be_paused(self, counted, act):
        with pytest.raises(NotInThisState):
            act(actions.pause, broadcast_id=counted(email=1).broadcast_id)


class TestCancelling:
    def test_what_has_not_left_is_called_back(self, started, runner, sender, act, rows, look, run):
        broadcast = started(line=600, email=5)
        while runner.turn():
            pass
        assert sender.send_one()
        act(actions.cancel, broadcast_id=broadcast.broadcast_id)
        run()
        view = look(broadcast.broadcast_id)
        assert outcomes(view) == {
            ("line", "delivered", ""): 500,
            ("line", "cancelled", ""): 100,
            ("email", "cancelled", ""): 5,
        }
        states = rows(
            "SELECT channel, state, count(*) FROM delivery GROUP BY channel, state ORDER BY channel"
        )
        assert states == [("email", "cancelled", 5), ("line", "delivered", 500)]

    def test_what_a_sender_had_in_hand_is_told_as_it_ended(self, started, runner, act, rows, look, clock):
        broadcast = started(email=2)
        runner.turn()
        rows("UPDATE delivery SET sender_id = gen_random_uuid()")
        act(actions.cancel, broadcast_id=broadcast.broadcast_id)
        rows("UPDATE delivery SET sender_id = NULL, next_attempt_at = NULL, state = 'delivered'")
        runner.gather()
        assert outcomes(look(broadcast.broadcast_id)) == {("email", "delivered", ""): 2}


class TestProviders:
    def test_a_chunk_that_may_have_been_accepted_is_tried_again_with_the_same_key(
        self, started, runner, sender, provider, clock
    ):
        started(line=3)
        runner.turn()
        provider.after_acceptance = [Doubt("connection cut", None)]
        assert sender.send_one()
        assert not sender.send_one()
        clock.tick(1)
        assert sender.send_one()
        assert len({key for key, *_ in provider.calls}) == 1
        assert len({recipients for _, recipients, _, _ in provider.calls}) == 1
        assert len(provider.reached) == 3

    def test_after_a_day_of_doubt_a_chunk_is_not_sent_again(
        self, started, runner, sender, provider, clock, look
    ):
        broadcast = started(line=3)
        runner.turn()
        provider.failures = [Outage("503")] * 5_000
        while sender.send_one():
            clock.tick(600)
        assert outcomes(look(broadcast.broadcast_id)) == {("line", "unknown", ""): 3}

    def test_what_a_provider_says_that_takes_nothing_is_told(self, started, runner, sender, provider, look):
        broadcast = started(line=3)
        runner.turn()
        provider.failures = [Outage("401")]
        sender.send_one()
        assert look(broadcast.broadcast_id)["trouble"] == "401"

    def test_a_chunk_that_is_refused_goes_out_by_mail(
        self, started, runner, sender, provider, run, rows, look
    ):
        broadcast = started(line=4)
        runner.turn()
        provider.failures = [Refusal(Failure.MESSAGE_REFUSED, "400")]
        run()
        assert rows("SELECT count(*), count(DISTINCT recipient) FROM delivery WHERE channel = 'email'") == [
            (4, 4)
        ]
        assert outcomes(look(broadcast.broadcast_id)) == {
            ("line", "failed", "MESSAGE_REFUSED"): 4,
            ("email", "delivered", ""): 4,
        }

    def test_a_chunk_of_a_dead_sender_is_tried_by_another_with_the_same_key(
        self, empty, started, runner, sender, provider, clock, rows
    ):
        started(line=3)
        runner.turn()
        dead = replace(sender, sender_id=uuid4)
        provider.after_acceptance = [SystemExit()]
        with pytest.raises(SystemExit):
            dead.send_one()
        assert not sender.send_one()
        clock.tick(61)
        assert sender.send_one()
        assert len(provider.calls) == 2
        assert len(provider.reached) == 3

    def test_a_process_that_has_long_waited_leases_one_chunk_at_a_time(
        self, empty, started, runner, clock, rows
    ):
        rows("ANALYZE broadcast, broadcast_chunk")
        with empty.transaction() as tx:
            chunks = Stores.of(tx).chunks
            # Its statement is prepared by now, and was planned for an empty table.
            assert [chunks.lease_due(uuid4(), clock()) for _ in range(20)] == [None] * 20
            started(line=1_200)
            runner.turn()
            leased = chunks.lease_due(uuid4(), clock())
        held = rows("SELECT chunk FROM broadcast_chunk WHERE sender_id IS NOT NULL")
        assert held == [(leased.chunk,)]

    def test_a_legal_notice_may_use_what_is_kept_of_the_month(
        self, counted, act, runner, sender, provider, empty
    ):
        ids = add_people(empty, line=1)
        with empty.transaction() as tx:
            tx.execute("UPDATE preference SET category = 'legal'")
        broadcast = counted(ids=ids, texts={"category": "legal"})
        act(actions.start, broadcast_id=broadcast.broadcast_id, version=broadcast.version, people=1,
            start_at=None, per_second=None)  # fmt: skip
        runner.turn()
        sender.send_one()
        assert [legal for *_, legal in provider.calls] == [True]


class TestReport:
    @pytest.mark.parametrize(("days", "left"), [(179, (1, 1, 1)), (181, (1, 0, 0)), (800, (0, 0, 0))])
    def test_people_go_after_half_a_year_and_how_many_were_reached_after_two(
        self, empty, started, run, rows, look, days, left
    ):
        broadcast = started(email=2)
        run()
        now = datetime.now(UTC)
        rows("UPDATE broadcast SET ended_at = %s", now - timedelta(days=days))
        list(retention.apply(empty.transaction, RULES, now))
        tables = ("broadcast", "broadcast_person", "broadcast_chunk")
        assert tuple(rows(f"SELECT count(*) > 0 FROM {table}")[0][0] for table in tables) == left
        if left == (1, 0, 0):
            assert outcomes(look(broadcast.broadcast_id)) == {("email", "delivered", ""): 2}

    def test_each_person_is_told_of_with_the_outcome(self, empty, started, run, rows):
        ids = add_people(empty, line=2, email=1, off=1)
        broadcast = started(ids=ids)
        run()
        seen, after = [], 0
        while after is not None:
            with empty.transaction() as tx:
                page = report.people(Stores.of(tx), broadcast_id=broadcast.broadcast_id, after=after, limit=2)
            seen += page["items"]
            after = page["next_after"]
        assert [each["position"] for each in seen] == [1, 2, 3, 4]
        assert {each["person_id"]: (each["channel"], each["outcome"], each["reason"]) for each in seen} == {
            ids[0]: ("line", "delivered", ""),
            ids[1]: ("line", "delivered", ""),
            ids[2]: ("email", "delivered", ""),
            ids[3]: (None, "unreached", "SWITCHED_OFF"),
        }

    def test_a_bounce_after_the_end_is_told(self, started, run, rows, look):
        broadcast = started(email=2)
        run()
        rows("UPDATE delivery SET state = 'failed', failure = 'BOUNCED' WHERE recipient ="
             " (SELECT min(recipient) FROM delivery)")  # fmt: skip
        assert outcomes(look(broadcast.broadcast_id)) == {
            ("email", "delivered", ""): 1,
            ("email", "failed", "BOUNCED"): 1,
        }

    def test_who_did_what_is_kept(self, started, act, run, look):
        broadcast = started(email=1)
        act(actions.pause, broadcast_id=broadcast.broadcast_id)
        act(actions.resume, broadcast_id=broadcast.broadcast_id)
        run()
        steps = [(step["act"], step["by"]) for step in look(broadcast.broadcast_id)["steps"]]
        assert steps == [
            ("write", "operator1"),
            ("count", "operator1"),
            ("start", "operator1"),
            ("pause", "operator1"),
            ("resume", "operator1"),
            ("finish", ""),
        ]

    def test_progress_grows_from_nothing_to_all(self, started, runner, sender, look):
        broadcast = started(line=2_000)
        assert look(broadcast.broadcast_id)["percent"] == 0
        shown = []
        while runner.turn() or sender.send_one():
            shown.append(look(broadcast.broadcast_id)["percent"])
        assert shown == sorted(shown)
        assert shown[-1] == 100


class TestChanging:
    def test_another_segment_is_counted_anew(self, empty, counted, clock, rows):
        broadcast = counted(email=2)
        with empty.transaction() as tx:
            after = actions.change(
                Stores.of(tx), LINKS, OPERATOR, clock(), broadcast_id=broadcast.broadcast_id,
                version=broadcast.version, **TEXTS | {"segment": "managers"},
            )  # fmt: skip
        assert (after.people, after.counted_at) == (0, None)
        assert rows("SELECT count(*) FROM broadcast_person") == [(0,)]

    def test_another_text_keeps_the_people_and_asks_who_has_seen_it(self, empty, counted, clock):
        broadcast = counted(email=2)
        change = {"broadcast_id": broadcast.broadcast_id, "version": broadcast.version}
        with empty.transaction() as tx:
            after = actions.change(
                Stores.of(tx), LINKS, OPERATOR, clock(), **change, **TEXTS | {"title_en": "x"}
            )
        assert (after.people, after.text("en").title) == (2, "x")
        assert after.version > broadcast.version
        with empty.transaction() as tx, pytest.raises(StaleVersion):
            actions.change(Stores.of(tx), LINKS, OPERATOR, clock(), **change, **TEXTS)

    def test_an_address_that_may_not_be_linked_is_told_at_its_field(self, empty, clock):
        bad = TEXTS | {"body_en": "http://evil.example", "title_zh": "https://a@b.example"}
        with empty.transaction() as tx, pytest.raises(actions.FaultsInText) as faults:
            actions.write(Stores.of(tx), LINKS, OPERATOR, clock(), **bad)
        assert faults.value.fields == ["title_zh", "body_en"]
