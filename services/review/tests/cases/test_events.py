"""Events through real RabbitMQ: once in effect, in order, and never silently lost."""

from dataclasses import replace
from uuid import uuid4

import pytest
from mtnet_chassis.broker.topology import RETRY_SCHEDULE
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import (
    ApplicationResubmitted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ContactVerified,
)
from mtnet_contracts.examples import example_of

pytestmark = pytest.mark.stack

SERVICES = ("review",)


@pytest.fixture
def rows(transactions):
    def rows(sql, *values):
        with transactions.transaction() as tx:
            return tx.execute(sql, values).fetchall()

    return rows


def an_application(event, application_id, **changes):
    number = f"PTAPPLY{application_id.hex[:13].upper()}"
    return replace(
        example_of(event),
        event_id=new_event_id(),
        application_id=application_id,
        case_number=number,
        **changes,
    )


def test_a_submission_opens_one_case_however_often_it_arrives(running, publish, rows):
    application_id = uuid4()
    submitted = an_application(ApplicationSubmitted, application_id)
    for _ in range(3):
        publish(submitted, 1)
    publish(an_application(ApplicationWithdrawn, application_id), 2)
    state = "SELECT state FROM review_case WHERE application_id = %s"
    eventually(lambda: rows(state, application_id) == [("withdrawn",)])
    history = rows(
        "SELECT action FROM case_entry WHERE application_id = %s ORDER BY entry_id", application_id
    )
    assert history == [("submitted",), ("withdrawn",)]
    assert rows("SELECT name FROM outbox WHERE subject = %s", str(application_id)) == [("CaseOpened",)]


def test_what_overtakes_waits_for_its_turn(running, publish, rows):
    application_id = uuid4()
    publish(an_application(ApplicationWithdrawn, application_id), 3)
    publish(replace(example_of(ContactVerified), application_id=application_id), 1)
    publish(an_application(ApplicationSubmitted, application_id), 2)
    state = "SELECT state FROM review_case WHERE application_id = %s"
    eventually(lambda: rows(state, application_id) == [("withdrawn",)])


def test_an_event_nobody_can_read_lands_in_the_dead_letters_with_its_reason(running, publish, topology, rows):
    submitted = an_application(ApplicationSubmitted, uuid4())
    publish(submitted, 1, body=b'{"case_number": 7}')
    ((headers, body),) = topology.wait_for_messages("review.cases.dead", 1)
    assert "application_id" in headers["x-dead-reason"]
    assert body == b'{"case_number": 7}'
    assert rows("SELECT 1 FROM review_case WHERE application_id = %s", submitted.application_id) == []


def test_a_correction_of_a_case_nobody_returned_is_tried_again_and_changes_nothing(
    running, publish, topology, rows
):
    application_id = uuid4()
    publish(an_application(ApplicationSubmitted, application_id), 1)
    publish(an_application(ApplicationResubmitted, application_id), 2)
    ((headers, _),) = topology.wait_for_messages("review.retry.5s", 1)
    assert "NotReturned" in headers["x-last-error"]
    found = rows("SELECT submission, state FROM review_case WHERE application_id = %s", application_id)
    assert found == [(1, "open")]


def test_a_handler_that_fails_to_the_end_of_the_ladder_leaves_a_dead_letter_with_its_reason(
    running, publish, topology
):
    correction = an_application(ApplicationResubmitted, uuid4())
    publish(correction, 1, attempt=len(RETRY_SCHEDULE))
    assert "the case is not here yet" in dead_letter_of(topology, correction.application_id)["x-dead-reason"]


def dead_letter_of(topology, application_id):
    """The headers of its own: one of an earlier test may come a second time."""
    while True:
        ((headers, body),) = topology.wait_for_messages("review.cases.dead", 1)
        if str(application_id).encode() in body:
            return headers
