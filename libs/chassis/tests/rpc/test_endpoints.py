"""Calls are checked, done once, and answered or refused, over a real broker and in one transaction."""

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import eventlet
import pika
import psycopg
import pytest
from ledger.service import BOOK, BOOKINGS, LedgerService, call
from mtnet_chassis.broker.reader import Delivery
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.rpc.actor import Actor, ActorSigner
from mtnet_chassis.rpc.endpoint import Anybody, Endpoint, UndeclaredRefusal
from mtnet_chassis.rpc.server import CallConsumer
from mtnet_chassis.runtime.services import plan_of
from mtnet_chassis.runtime.timers import TimerOnce
from mtnet_chassis.testing.calling import Caller
from mtnet_chassis.testing.pytest_plugin import eventually
from nameko.testing.services import worker_factory

pytestmark = pytest.mark.stack

LEDGER = True
SIGNER = ActorSigner(bytes(range(32)))


def actor(**changes):
    facts = {
        "account_id": uuid4(),
        "account_name": "northreviewer",
        "display_name": "北部航務中心審核員",
        "roles": frozenset({"reviewer"}),
        "session_id": uuid4(),
        "expires_at": datetime.now(UTC) + timedelta(minutes=2),
    }
    return Actor(**(facts | changes))


@pytest.fixture(scope="module")
def wired(broker):
    broker.apply(topology_of([plan_of("ledger")]))
    return broker


@pytest.fixture
def public_key():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    return base64.b64encode(key.public_bytes_raw()).decode()


@pytest.fixture
def ledger(run_process, wired, public_key):
    return run_process("serve", "ledger", ACTOR_PUBLIC_KEY=public_key)


@pytest.fixture
def caller(wired, ledger):
    caller = Caller(wired.amqp_url)
    yield caller
    caller.close()


def a_booking(**changes):
    return {"account_id": str(uuid4()), "number": 1} | changes


def bookings(dsn, account_id):
    with psycopg.connect(dsn) as tx:
        return tx.execute("SELECT count(*) FROM booking WHERE account_id = %s", (account_id,)).fetchone()[0]


def in_hand(dsn):
    """How many calls have written and not yet committed."""
    with psycopg.connect(dsn) as tx:
        return tx.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'booking'::regclass AND mode = 'RowExclusiveLock'"
        ).fetchone()[0]


def code(reply):
    assert reply["error"]["exc_type"] == "Refused", reply
    assert reply["error"]["exc_path"] == "mtnet_chassis.rpc.refusals.Refused"
    assert reply["error"]["value"] == reply["error"]["exc_args"][0]
    return reply["error"]["value"]


def test_a_call_is_answered(caller):
    assert caller.call("ledger.book", a_booking()) == {"result": {"bookings": 1}, "error": None}


def test_a_request_of_the_wrong_shape_is_refused_with_codes_at_the_fields(caller):
    reply = caller.call("ledger.book", {"account_id": "nobody"})
    assert code(reply) == "INVALID"
    assert reply["error"]["exc_args"][1]["fields"] == {"account_id": ["NOT_VALID"], "number": ["REQUIRED"]}


def test_a_refusal_undoes_what_the_door_wrote_unless_it_keeps_changes(caller, postgres_dsn):
    request = a_booking(wish="refuse")
    assert code(caller.call("ledger.book", request)) == "COUNTED"
    assert bookings(postgres_dsn, request["account_id"]) == 0
    reply = caller.call("ledger.book", request | {"wish": "count"})
    assert (code(reply), reply["error"]["exc_args"][1]["detail"]) == ("COUNTED", {"tries": 1})
    assert bookings(postgres_dsn, request["account_id"]) == 1


def test_a_domain_exception_becomes_the_code_that_the_service_names(caller):
    assert code(caller.call("ledger.book", a_booking(wish="no ledger"))) == "NO_LEDGER"


def test_a_mistake_is_answered_as_a_fault_without_its_words(caller, postgres_dsn):
    request = a_booking(wish="break")
    error = caller.call("ledger.book", request)["error"]
    assert (error["exc_type"], error["exc_args"], error["value"]) == ("ZeroDivisionError", [], "")
    assert bookings(postgres_dsn, request["account_id"]) == 0


def test_an_unknown_method_and_an_unreadable_body_are_answered(caller):
    assert caller.call("ledger.unheard_of")["error"]["exc_type"] == "MethodNotFound"
    sent = caller.send("ledger.book", b"not json")
    assert caller.replies()[sent]["error"]["exc_type"] == "JSONDecodeError"


def test_a_door_for_reviewers_wants_a_valid_token_of_a_reviewer(caller):
    request = a_booking()
    assert code(caller.call("ledger.bookings", request)) == "NOT_SIGNED_IN"
    stranger = ActorSigner(bytes(32)).sign(actor())
    assert code(caller.call("ledger.bookings", request, actor=stranger)) == "NOT_SIGNED_IN"
    late = SIGNER.sign(actor(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert code(caller.call("ledger.bookings", request, actor=late)) == "NOT_SIGNED_IN"
    member = SIGNER.sign(actor(roles=frozenset({"member"})))
    assert code(caller.call("ledger.bookings", request, actor=member)) == "NOT_ALLOWED"
    assert caller.call("ledger.bookings", request, actor=SIGNER.sign(actor()))["result"] == {"bookings": 0}


@pytest.mark.parametrize("name", ["ledger.book", "ledger.book_slowly"])
def test_the_same_key_gets_the_first_reply_and_books_once(caller, postgres_dsn, name):
    request, key = a_booking(), str(uuid4())
    assert caller.call(name, request, key=key)["result"] == {"bookings": 1}
    assert caller.call(name, request, key=key)["result"] == {"bookings": 1}
    assert bookings(postgres_dsn, request["account_id"]) == 1
    assert code(caller.call(name, request | {"number": 2}, key=key)) == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("name", ["ledger.book", "ledger.book_slowly"])
def test_two_calls_with_one_key_at_the_same_time_book_once_and_get_the_same_reply(caller, postgres_dsn, name):
    body = {"actor": None, "idempotency_key": str(uuid4()), "request": a_booking(wish="slow 0.3")}
    for _ in range(4):
        caller.send(name, body)
    replies = caller.replies(4)
    assert [reply["result"] for reply in replies.values()] == [{"bookings": 1}] * 4
    assert bookings(postgres_dsn, body["request"]["account_id"]) == 1


def bar(dsn, account_id, *, barred=True):
    with psycopg.connect(dsn) as tx:
        tx.execute("DELETE FROM wish WHERE wish = %s", (f"barred {account_id}",))
        if barred:
            tx.execute("INSERT INTO wish VALUES (%s, 0)", (f"barred {account_id}",))


@pytest.mark.parametrize("name", ["ledger.book", "ledger.book_slowly"])
def test_who_may_is_judged_before_a_kept_reply_is_given(caller, postgres_dsn, name):
    request, key = a_booking(), str(uuid4())
    assert caller.call(name, request, key=key)["result"] == {"bookings": 1}
    bar(postgres_dsn, request["account_id"])
    assert code(caller.call(name, request, key=key)) == "NOT_ALLOWED"
    assert code(caller.call(name, request, key=str(uuid4()))) == "NOT_ALLOWED"
    assert bookings(postgres_dsn, request["account_id"]) == 1
    bar(postgres_dsn, request["account_id"], barred=False)
    assert caller.call(name, request, key=key)["result"] == {"bookings": 1}


def test_who_may_is_judged_again_after_the_first_call_was_waited_for(caller, postgres_dsn):
    request = a_booking(wish="slow 1.5")
    body = {"actor": None, "idempotency_key": str(uuid4()), "request": request}
    for _ in range(2):
        caller.send("ledger.book", body)

    def both_at_work():
        with psycopg.connect(postgres_dsn) as tx:
            return tx.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
            ).fetchone()[0]

    eventually(both_at_work)
    bar(postgres_dsn, request["account_id"])
    done, refused = sorted(caller.replies(2).values(), key=lambda reply: reply["result"] is None)
    assert done["result"] == {"bookings": 1}
    assert code(refused) == "NOT_ALLOWED"


def test_what_the_gateway_adds_is_no_part_of_the_request(caller, postgres_dsn):
    request, key = a_booking(), str(uuid4())
    for address in ("192.0.2.1", "2001:db8::7", None):
        assert caller.call("ledger.book", request | {"ip": address}, key=key)["result"] == {"bookings": 1}
    assert bookings(postgres_dsn, request["account_id"]) == 1


def test_two_strangers_with_the_same_key_do_not_meet(caller, postgres_dsn):
    request = a_booking(ip="192.0.2.1")
    for asked, there in (
        (request, 1),
        (request, 1),
        (request | {"ip": "192.0.2.2"}, 2),
        (request | {"number": 2}, 3),
        (request, 1),
    ):
        assert caller.call("ledger.book_freely", asked, key="1")["result"] == {"bookings": there}
    assert bookings(postgres_dsn, request["account_id"]) == 3


def test_the_key_of_a_stranger_is_good_for_ten_minutes(caller, postgres_dsn):
    request, key = a_booking(ip="192.0.2.1"), str(uuid4())
    for minutes, there in ((9, 1), (1, 1), (1, 2)):
        assert caller.call("ledger.book_freely", request, key=key)["result"] == {"bookings": there}
        with psycopg.connect(postgres_dsn) as tx:
            tx.execute(
                "UPDATE idempotency_key SET answered_at = answered_at - %s::interval", (f"{minutes} min",)
            )


def test_a_secret_is_given_anew_and_not_kept(caller, postgres_dsn):
    request, key = a_booking(), str(uuid4())
    first, second = (caller.call("ledger.begin", request, key=key)["result"] for _ in range(2))
    assert first["account_id"] == second["account_id"]
    assert first["secret"] != second["secret"]
    with psycopg.connect(postgres_dsn) as tx:
        kept = tx.execute("SELECT reply FROM idempotency_key WHERE call = 'ledger.begin'").fetchall()
        assert kept == [({"account_id": first["account_id"]},)]
        tx.execute(
            "INSERT INTO booking (handler, event_id, account_id, number) VALUES ('endpoint', gen_random_uuid(), %s, 2)",
            (first["account_id"],),
        )
    third, fourth = (caller.call("ledger.begin", request, key=key)["result"] for _ in range(2))
    assert third["account_id"] not in (first["account_id"],)
    assert fourth["account_id"] == third["account_id"], "what was made instead is what the key stands for now"


def test_an_endpoint_that_a_deadlock_ends_does_its_work_again(caller, postgres_dsn):
    with psycopg.connect(postgres_dsn) as setup:
        setup.execute("INSERT INTO wish VALUES ('first', 0), ('second', 0)")
    request = a_booking(wish="two rows")
    with psycopg.connect(postgres_dsn) as other:
        # The endpoint's session looks for deadlocks first, so it is the one that PostgreSQL ends.
        other.execute("SET deadlock_timeout = '60s'")
        other.execute("SELECT 1 FROM wish WHERE wish = 'second' FOR UPDATE")
        sent = caller.send(
            "ledger.book", {"actor": None, "idempotency_key": str(uuid4()), "request": request}
        )

        def endpoint_waits():
            with psycopg.connect(postgres_dsn) as looking:
                return looking.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]

        eventually(endpoint_waits)
        other.execute("SELECT 1 FROM wish WHERE wish = 'first' FOR UPDATE")
    assert caller.replies(1)[sent]["result"] == {"bookings": 1}
    assert bookings(postgres_dsn, request["account_id"]) == 1


def test_an_endpoint_that_writes_says_who_may(transactions):
    with pytest.raises(TypeError, match=r"ledger\.book writes: say who may call it"):
        Endpoint(BOOK, LedgerService.book, transaction=True)


def test_what_a_call_writes_is_one_transaction():
    with pytest.raises(TypeError, match=r"ledger\.book: what a call writes is one transaction"):
        Endpoint(BOOK, LedgerService.book, transaction=True, authorise=Anybody("a ledger"), autocommit=True)


def test_a_refused_call_may_use_its_key_again(caller):
    request, key = a_booking(wish="refuse"), str(uuid4())
    assert code(caller.call("ledger.book", request, key=key)) == "COUNTED"
    assert caller.call("ledger.book", request | {"wish": ""}, key=key)["result"] == {"bookings": 1}


def test_sigterm_answers_the_calls_in_hand(caller, ledger, postgres_dsn):
    sent = [
        caller.send("ledger.book", {"request": a_booking(wish="slow 1"), "idempotency_key": None})
        for _ in range(3)
    ]
    eventually(lambda: in_hand(postgres_dsn) == 3)
    assert ledger.stop() == 0
    assert sorted(caller.replies(3)) == sorted(sent)


def test_the_metrics_tell_how_long_calls_took(caller, ledger):
    caller.call("ledger.book", a_booking())
    text = ledger.get("/metrics")[1]
    assert 'mtnet_call_seconds_count{call="ledger.book",result="done"} 1.0' in text


def test_a_door_called_directly_is_the_method_as_written(tx):
    service = worker_factory(LedgerService)
    assert service.book(tx, None, {"account_id": uuid4(), "number": 1, "wish": ""}) == {"bookings": 1}


def test_a_code_that_the_call_does_not_list_is_a_mistake(transactions, public_key):
    from mtnet_chassis.rpc.actor import ActorVerifier
    from mtnet_chassis.rpc.endpoint import Refused

    def refuse(service, tx, actor, request):
        raise Refused("NEVER_HEARD_OF")

    verifier = ActorVerifier(base64.b64decode(public_key))
    token = SIGNER.sign(actor())
    with pytest.raises(UndeclaredRefusal, match="NEVER_HEARD_OF"):
        Endpoint(BOOKINGS, refuse, transaction=True, roles={"reviewer"}).answer(
            None, {"actor": token, "request": a_booking()}, database=transactions, verifier=verifier
        )


@pytest.mark.parametrize(
    "wish", ["an object", "bytes", "half a pair", "a circle", "a key", "time out", "leave", "break"]
)
def test_a_call_is_answered_and_acknowledged_whatever_happens(caller, ledger, wired, wish):
    reply = caller.call("ledger.book", a_booking(wish=wish))
    assert reply["result"] is None
    assert reply["error"]["exc_type"] in {
        "TypeError", "ValueError", "UnicodeEncodeError", "Timeout", "SystemExit", "ZeroDivisionError",
    }  # fmt: skip
    assert reply["error"]["exc_args"] == [], "what went wrong is for the log"
    assert caller.call("ledger.book", a_booking())["error"] is None
    # Whatever was not acknowledged would go back into the queue now.
    assert ledger.stop() == 0
    with pika.BlockingConnection(pika.URLParameters(wired.amqp_url)) as connection:
        waiting = connection.channel().queue_declare("rpc-ledger", passive=True).method.message_count
    assert waiting == 0


def test_a_call_whose_properties_nobody_can_read_is_acknowledged():
    connection = Sent()
    consumer = CallConsumer()
    consumer.endpoints["book"] = SimpleNamespace(endpoint=SimpleNamespace(call=BOOK))
    consumer._answer(Delivery(connection, 7, "ledger.book", b"\x00<\x00\x00\xff", b"{}"))
    assert connection.acknowledged == [7]
    assert connection.published == []


def test_a_call_whose_reply_cannot_be_published_is_acknowledged():
    connection = Sent(publish=ZeroDivisionError)
    consumer = CallConsumer()
    delivery = Delivery(connection, 7, "ledger.nothing", b"", b"{}", known={"reply_to": "gateway-replies-1"})
    consumer._answer(delivery)
    assert connection.acknowledged == [7]


class Sent:
    """A connection that keeps what it is told."""

    def __init__(self, publish=None):
        self.published = []
        self.acknowledged = []
        self._problem = publish

    def publish(self, *message):
        if self._problem:
            raise self._problem
        self.published.append(message)

    def ack(self, tag):
        self.acknowledged.append(tag)


def test_a_timer_whose_tick_fails_ticks_again():
    ticked = []
    timer = TimerOnce(0.01, None)
    timer.container = SimpleNamespace(service_name="ledger", extensions=[])
    timer.method_name = "tick"
    timer.setup()

    def tick(database):
        ticked.append(1)
        if len(ticked) == 3:
            timer._stopped.send(True)
        raise [ValueError, eventlet.Timeout, ValueError][len(ticked) - 1]

    timer.tick = tick
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mtnet_chassis.runtime.timers.database_of", lambda container: None)
        timer._run()
    assert len(ticked) == 3


@pytest.mark.parametrize("transaction", [True, False])
def test_a_timer_gets_the_transaction_of_its_lock_where_it_wants_one(transactions, transaction):
    got, beside = [], []
    timer = TimerOnce(1, None, transaction)
    timer.container = SimpleNamespace(service_name="ledger")
    timer.method_name = "look"

    def look(*given):
        got.append(given)
        beside.append(timer.tick(transactions))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "mtnet_chassis.runtime.timers.instance_of", lambda container: SimpleNamespace(look=look)
        )
        assert timer.tick(transactions)
    assert [len(given) for given in got] == [int(transaction)]
    assert beside == [False]


def test_a_timer_ticks_in_one_replica_at_a_time(run_process, wired, postgres_dsn):
    """A tick takes longer than the time between two, so that both replicas want to at once."""
    for _ in range(2):
        run_process("serve", "ledger", LEDGER_SECONDS="1", LEDGER_TICK_TAKES="1.2")

    def times(wish):
        with psycopg.connect(postgres_dsn) as tx:
            row = tx.execute("SELECT times FROM wish WHERE wish = %s", (wish,)).fetchone()
        return row[0] if row else 0

    eventually(lambda: times("tick") >= 4)
    assert times("tick beside another") == 0


@pytest.fixture
def answer(transactions, public_key, monkeypatch):
    """The reply of the ledger to a call that the broker delivers; no broker is needed to look at it."""
    from mtnet_chassis.broker.reader import Delivery
    from mtnet_chassis.rpc import server as answering
    from mtnet_chassis.rpc.actor import ActorVerifier

    monkeypatch.setattr(answering, "instance_of", lambda _: worker_factory(LedgerService))
    consumer = answering.CallConsumer()
    consumer.container, consumer.database = None, transactions
    consumer.verifier = ActorVerifier(base64.b64decode(public_key))

    def answer(call, request, *, key=None, actor=None, redelivered):
        endpoint = Endpoint(
            call,
            getattr(LedgerService, call.name),
            transaction=True,
            authorise=Anybody("who is no matter here"),
        )
        consumer.endpoints[call.name] = answering.CallEntrypoint(endpoint)
        body = json.dumps({"kwargs": {"actor": actor, "idempotency_key": key, "request": request}}).encode()
        delivery = Delivery(None, 1, f"ledger.{call.name}", b"", body, redelivered, known={})
        return consumer.reply_to(f"ledger.{call.name}", delivery)

    return answer


def test_a_write_without_a_key_that_comes_a_second_time_is_not_done_again(answer, postgres_dsn):
    request = a_booking()
    assert answer(BOOK, request, redelivered=False)["error"] is None
    assert answer(BOOK, request, redelivered=True)["error"]["exc_type"] == "MayBeDone"
    secret = call("book", writes=True, repeat="anew")
    assert answer(secret, request, key="a-key", redelivered=True)["error"]["exc_type"] == "MayBeDone"
    assert bookings(postgres_dsn, request["account_id"]) == 1


def test_a_write_with_a_key_and_a_read_that_come_a_second_time_are_answered(answer, postgres_dsn):
    request, key = a_booking(), str(uuid4())
    for redelivered in (False, True):
        assert answer(BOOK, request, key=key, redelivered=redelivered)["result"] == {"bookings": 1}
    token = SIGNER.sign(actor())
    assert answer(BOOKINGS, request, actor=token, redelivered=True)["result"] == {"bookings": 1}


def test_every_service_answers_a_ping_by_itself(caller):
    assert caller.call("ledger.ping") == {"result": {}, "error": None}


def test_a_ping_is_answered_with_the_failure_where_the_database_is_away():
    from mtnet_chassis.rpc import server as answering

    class Away:
        def transaction(self):
            raise psycopg.OperationalError("away")

    consumer = answering.CallConsumer()
    consumer.database = Away()
    assert consumer.reply_to("ledger.ping", None)["error"]["exc_type"] == "OperationalError"


def test_a_service_killed_at_a_write_without_a_key_does_not_do_it_when_it_is_back(
    caller, ledger, run_process, public_key, postgres_dsn
):
    """Whether it was done the next process cannot know: killed before the commit, or after it and before the ack."""
    request, keyed = a_booking(wish="slow 3"), a_booking(wish="slow 1")
    sent = caller.send("ledger.book", {"actor": None, "idempotency_key": None, "request": request})
    again = caller.send("ledger.book", {"actor": None, "idempotency_key": str(uuid4()), "request": keyed})
    eventually(lambda: in_hand(postgres_dsn) == 2)
    ledger.kill()
    run_process("serve", "ledger", ACTOR_PUBLIC_KEY=public_key)
    replies = caller.replies(2)
    assert replies[sent]["error"]["exc_type"] == "MayBeDone"
    assert replies[again]["result"] == {"bookings": 1}
    assert bookings(postgres_dsn, request["account_id"]) == 0
    assert bookings(postgres_dsn, keyed["account_id"]) == 1


@pytest.mark.parametrize("minutes", [None, 10.1])
def test_what_is_dangerous_wants_somebody_who_confirmed_of_late_who_they_are(
    transactions, public_key, minutes
):
    from mtnet_chassis.rpc.actor import ActorVerifier
    from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, Refused

    done = []

    def book(service, tx, actor, request):
        done.append(actor)
        return {"bookings": 1}

    def ask(confirmed_at, key):
        token = SIGNER.sign(actor(confirmed_at=confirmed_at))
        body = {"actor": token, "request": a_booking(), "idempotency_key": key}
        return dangerous.answer(
            None, body, database=transactions, verifier=ActorVerifier(base64.b64decode(public_key))
        )

    dangerous = Endpoint(
        BOOK,
        book,
        transaction=True,
        roles={"reviewer"},
        authorise=lambda service, tx, actor, request: "somebody",
        confirmed_within=CONFIRMED_WITHIN,
    )
    now, key = datetime.now(UTC), str(uuid4())
    before = minutes and now - timedelta(minutes=minutes)
    with pytest.raises(Refused, match="CONFIRMATION_REQUIRED"):
        ask(before, key)
    assert done == []
    assert ask(now - timedelta(minutes=9), key) == {"bookings": 1}
    # The reply is kept under the key: it is not given to a session that was left open.
    with pytest.raises(Refused, match="CONFIRMATION_REQUIRED"):
        ask(before, key)


def test_only_somebody_who_is_logged_in_can_confirm_who_they_are():
    with pytest.raises(TypeError, match="only somebody who is logged in"):
        Endpoint(
            BOOK,
            LedgerService.book,
            transaction=True,
            authorise=Anybody("nothing is judged here"),
            confirmed_within=timedelta(minutes=10),
        )


@pytest.mark.stack
def test_whoever_has_not_agreed_to_a_new_privacy_notice_is_refused_unless_the_call_is_open_to_them(
    transactions, public_key
):
    from mtnet_chassis.rpc.actor import ActorVerifier
    from mtnet_chassis.rpc.endpoint import Refused

    def answers(token, **more):
        made = Endpoint(
            BOOK,
            lambda service, tx, actor, request: {"bookings": 1},
            transaction=True,
            roles={"reviewer"},
            authorise=lambda service, tx, actor, request: "somebody",
            **more,
        )
        body = {"actor": token, "request": a_booking(), "idempotency_key": None}
        return made.answer(
            None, body, database=transactions, verifier=ActorVerifier(base64.b64decode(public_key))
        )

    asked, agreed = SIGNER.sign(actor(needs_consent=True)), SIGNER.sign(actor())
    with pytest.raises(Refused, match="CONSENT_REQUIRED"):
        answers(asked)
    assert answers(agreed) == answers(asked, before_consent=True) == {"bookings": 1}
