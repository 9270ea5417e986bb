"""Accounts as a process of its own: decisions over real RabbitMQ, and calls that do not wait for each other."""

import json
import time
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pika
import pytest
from mtnet_chassis.broker.topology import RETRY_SCHEDULE
from mtnet_chassis.events.envelope import headers_for
from mtnet_chassis.runtime.services import plan_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import ReactivationApproved
from mtnet_contracts.examples import example_of

from .builders import Applying, approved, opened, put_accounts, returned

pytestmark = pytest.mark.stack

SERVICES = ("accounts",)


@pytest.fixture
def running(topology, run_process, environment):
    return run_process("serve", "accounts", ACCOUNTS_LIFECYCLE_SECONDS="1", **environment)


@pytest.fixture
def channel(topology):
    connection = pika.BlockingConnection(pika.URLParameters(topology.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    yield channel
    connection.close()


@pytest.fixture
def publish(channel):
    """`publish(event, sequence)` as the relay of review would; `body` puts another body under its name."""

    def publish(event, sequence, body=None, attempt=None):
        headers = headers_for(
            event_id=event.event_id,
            source=event.source,
            name=event.event_name(),
            aggregate=event.aggregate,
            subject=event.aggregate_id,
            sequence=sequence,
            occurred_at=event.occurred_at,
            traceparent=None,
        )
        if attempt is not None:
            headers["x-retry-attempt"] = attempt
        channel.basic_publish(
            f"{event.source}.events",
            event.event_name(),
            json.dumps(event.to_payload()).encode() if body is None else body,
            pika.BasicProperties(delivery_mode=2, content_type="application/json", headers=headers),
        )

    return publish


@pytest.fixture
def call(channel):
    """`send(name, **request)` and `reply()` in Nameko's wire format."""
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "nameko-rpc", queue)
    order = {}

    def send(name, **request):
        order[number := str(uuid4())] = name
        body = {"args": [], "kwargs": {"actor": None, "idempotency_key": None, "request": request}}
        properties = pika.BasicProperties(
            reply_to=queue, correlation_id=number, content_type="application/json"
        )
        channel.basic_publish("nameko-rpc", f"accounts.{name}", json.dumps(body).encode(), properties)

    def replies(count, seconds=15):
        """Name, result and seconds since asking for them, in the order in which they come."""
        found, started = [], time.monotonic()
        for method, properties, body in channel.consume(queue, inactivity_timeout=seconds, auto_ack=True):
            if method is None:
                break
            found.append((order[properties.correlation_id], json.loads(body), time.monotonic() - started))
            if len(found) == count:
                break
        channel.cancel()
        return found

    send.replies = replies
    return send


@pytest.fixture
def applying(ask, notify):
    applying = Applying(ask, notify)
    applying.hand_in()
    return applying


def status(rows, applying):
    return rows("SELECT status FROM application WHERE application_id = %s", applying.application_id)


def test_the_queues_are_pinned():
    groups = {
        (group.queue, group.ordered): {contract.event_name() for contract in group.contracts}
        for group in plan_of("accounts").groups
    }
    assert groups == {
        ("accounts.decisions", True): {
            "CaseOpened",
            "CaseForwarded",
            "ApplicationReturned",
            "ApplicationApproved",
            "ApplicationRejected",
        },
        ("accounts.reactivate_on_approval", False): {"ReactivationApproved"},
        ("accounts.record_desk_act", False): {"DeskActed"},
        ("accounts.record_editor_act", False): {"EditorActed"},
        ("accounts.record_notification_choice", False): {"NotificationChoiceChanged"},
        ("accounts.record_operator_act", False): {"OperatorActed"},
    }


def test_an_approved_reactivation_arrives_twice_and_counts_once(running, publish, rows, announced, channel):
    (account_id,) = put_accounts(rows, "disabled", date(2025, 1, 31))
    event = replace(
        example_of(ReactivationApproved),
        event_id=new_event_id(),
        reactivation_id=uuid4(),
        account_id=account_id,
    )
    of_one = replace(
        event, event_id=new_event_id(), reactivation_id=uuid4(), approved_by=event.checked_by.upper()
    )
    publish(of_one, 1)
    for number in (1, 1):
        publish(event, number)
    publish(replace(event, event_id=new_event_id()), 2)
    state = "SELECT state FROM account WHERE account_id = %s"
    eventually(lambda: rows(state, account_id) == [("active",)])
    dead = "accounts.reactivate_on_approval.dead"
    eventually(lambda: channel.queue_declare(dead, passive=True).method.message_count == 1)
    _, properties, _ = channel.basic_get(dead, auto_ack=True)
    assert "one person" in properties.headers["x-dead-reason"]
    assert len(announced("AccountReactivated", str(account_id))) == 1


def test_an_approval_opens_one_account_however_often_it_arrives(running, publish, rows, applying):
    decision = approved(applying)
    for _ in range(3):
        publish(decision, 2)
    publish(opened(applying), 1)
    eventually(lambda: status(rows, applying) == [("approved",)])
    duplicates = running.events_handled()["duplicate"]
    publish(decision, 2)
    eventually(lambda: running.events_handled()["duplicate"] > duplicates)
    assert rows("SELECT count(*) FROM account WHERE application_id = %s", applying.application_id) == [(1,)]
    names = rows(
        "SELECT outbox.name FROM outbox JOIN account ON account_id::text = subject"
        " WHERE application_id = %s ORDER BY position",
        applying.application_id,
    )
    assert names == [("AccountOpened",), ("ActivationLinkIssued",)]


def test_decisions_are_applied_in_their_order_whatever_order_they_arrive_in(running, publish, rows, applying):
    publish(returned(applying), 2)
    publish(opened(applying), 1)
    eventually(lambda: status(rows, applying) == [("returned",)])
    steps = rows(
        "SELECT status FROM step WHERE application_id = %s ORDER BY position", applying.application_id
    )
    assert steps == [("submitted",), ("in_review",), ("returned",)]


def test_an_event_nobody_can_read_lands_in_the_dead_letters_with_its_reason(
    running, publish, topology, applying
):
    publish(opened(applying), 1, body=b'{"unit": 7}')
    ((headers, body),) = topology.wait_for_messages("accounts.decisions.dead", 1)
    assert "application_id" in headers["x-dead-reason"]
    assert body == b'{"unit": 7}'


def test_a_decision_about_no_application_climbs_the_ladder_and_leaves_a_dead_letter(
    running, publish, topology, applying
):
    nobody = replace(opened(applying), application_id=uuid4(), event_id=new_event_id())
    publish(nobody, 1, attempt=len(RETRY_SCHEDULE))
    reasons = {}
    # A service killed by the test before may have left its dead letter twice.
    while str(nobody.event_id) not in reasons:
        ((headers, _),) = topology.wait_for_messages("accounts.decisions.dead", 1)
        reasons[headers["cloudEvents_id"]] = headers["x-dead-reason"]
    assert "no application" in reasons[str(nobody.event_id)]


def test_drawing_a_form_and_hashing_keep_nobody_waiting(running, call, ask, notify):
    carrier = Applying(ask, notify, "company")
    carrier.fill_in()
    carrier.prove_contacts()
    call("privacy_notice")
    assert call.replies(1)
    call("generate_form", application_token=carrier.token)
    for _ in range(3):
        call("log_in", account_name="nobody123", password="Wrong!2026side")
    for _ in range(5):
        call("privacy_notice")
    answered = call.replies(9)
    names = [name for name, _, _ in answered]
    assert names[-1] == "generate_form"
    assert sorted(names) == ["generate_form"] + ["log_in"] * 3 + ["privacy_notice"] * 5
    made = answered[-1][1]
    assert made["error"] is None, made
    assert made["result"]["size_bytes"] > 10_000
    refused = next(body for name, body, _ in answered if name == "log_in")
    assert refused["error"]["exc_args"][0] == "LOGIN_FAILED"


def test_an_upload_is_checked_by_the_running_service(running, call, ask, notify):
    from accounts.settings import settings
    from mtnet_chassis.data.files import Files

    carrier = Applying(ask, notify, "company")
    carrier.fill_in()
    carrier.prove_contacts()
    key = f"uploads/{uuid4()}"
    Files(settings().files_url).put(key, carrier.form())
    call("attach_form", application_token=carrier.token, upload_key=key, filename="form.pdf")
    ((_, body, _),) = call.replies(1)
    assert body["error"] is None, body
    assert body["result"]["form"]["pages"] == 1


def test_the_timer_runs_the_lifecycle(running, rows):
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale, approved_at,"
        " active_on, freeze_on, disable_on) VALUES (gen_random_uuid(), 'longaway', '會員', 'active', 'individual',"
        " '{member}', 'member@example.com', 'zh-Hant', now(), current_date - 120, current_date - 30,"
        " current_date + 245)"
    )
    state = "SELECT state FROM account WHERE account_name = 'longaway'"
    eventually(lambda: rows(state) == [("frozen",)])
