"""Events of applications and accounts through real RabbitMQ become addresses, in whatever order they come."""

from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import AccountClosed, AccountOpened, ApplicationSubmitted, ContactChanged
from mtnet_contracts.examples import example_of
from mtnet_contracts.vocabulary.notices import Category
from notify.contact_points import actions, rules
from notify.preferences import actions as preferences

from ..builders import NOW, seconds

SERVICES = ("notify",)
pytestmark = pytest.mark.stack
LINKED = "U" + "0" * 32


def fresh(event, at, **changes):
    return replace(example_of(event), event_id=new_event_id(), occurred_at=NOW + seconds(at), **changes)


def test_addresses_and_choices_are_the_same_in_whatever_order_events_come(running, publish, transactions):
    def found(person):
        with transactions.transaction() as tx:
            points = actions.points_of(tx, [person]).get(person, [])
            chosen = preferences.chosen_channels(tx, [person])[person][Category.LEGAL]
        return [(point.channel, point.address) for point in points], chosen

    people = []
    for order in permutations(range(3)):
        application_id, account_id = uuid4(), uuid4()
        applicant = rules.application(application_id)
        with transactions.transaction() as tx:
            actions.add_verified(tx, applicant, "line", LINKED, NOW)
            preferences.choose(tx, applicant, {Category.LEGAL: frozenset({"line", "fax"})}, NOW)
        submitted = example_of(ApplicationSubmitted)
        numbers = replace(submitted.applicant, email="clerk@x.tw", fax="+886224201234")
        about = {"account_id": account_id, "mobile": None}
        events = [
            replace(
                submitted, event_id=new_event_id(), application_id=application_id, applicant=numbers, company=None
            ),
            fresh(
                AccountOpened, 1, application_id=application_id, email="clerk@x.tw", fax="+886224201234", **about
            ),
            fresh(
                ContactChanged, 2, email="new@x.tw", emails=("clerk@x.tw",), second_email="clerk@x.tw",
                second_mobile=None, **about,
            ),
        ]  # fmt: skip
        for number in order:
            publish(events[number])
        people.append((applicant, rules.account(account_id)))
    emails = [("email", "new@x.tw"), ("email", "clerk@x.tw")]
    for _, owner in people:
        points = [*emails, ("fax", "+886224201234"), ("line", LINKED)]
        eventually(
            lambda owner=owner, points=points: found(owner) == (points, {"email", "line", "fax"}), seconds=30
        )
    # Whoever takes a LINE user for the owner of an account hears of a link that was made before there was one.
    with transactions.transaction() as tx:
        told = tx.execute(
            "SELECT payload::jsonb ->> 'account_id', payload::jsonb ->> 'line_user_id' FROM outbox"
            " WHERE name = 'LineLinked'"
        ).fetchall()
    assert sorted(told) == sorted((str(owner.id), LINKED) for _, owner in people)
    (applicant, owner), *_ = people
    assert found(applicant)[1] == {"email"}
    publish(fresh(AccountClosed, 3, account_id=owner.id))
    eventually(lambda: found(owner) == ([], {"email"}))
