"""How a person changed the ways in which they are told stands in the audit log, and in their own history."""

from dataclasses import replace
from uuid import uuid4

import pytest
from accounts.audit import actions, messages
from accounts.audit.store import AuditStore
from accounts.history.rules import OWNER, SOMEBODY, as_read_by_owner
from mtnet_contracts.events import NotificationChoiceChanged
from mtnet_contracts.examples import example_of

CHANGES = ["notifications_changed", "line_linked", "line_unlinked", "fax_number_added", "fax_number_removed"]


def test_a_choice_becomes_an_entry_about_its_person(tx):
    event = replace(example_of(NotificationChoiceChanged), ip="192.0.2.7")
    actions.record(AuditStore(tx), **messages.entry_of_choice(event))
    row = tx.execute(
        "SELECT at, actor_account_id, action, subject_id, detail, host(ip::inet) FROM audit_entry"
        " ORDER BY position DESC LIMIT 1"
    ).fetchone()
    assert row == (
        event.changed_at,
        event.actor_account_id,
        "notifications_changed",
        event.person_id,
        {"categories": ["information", "legal"]},
        "192.0.2.7",
    )


@pytest.mark.parametrize("change", CHANGES)
def test_its_owner_reads_that_they_did_it(change):
    owner, event = uuid4(), example_of(NotificationChoiceChanged)
    read = as_read_by_owner(
        event.changed_at, change, actor=owner, owner=owner, unit=None, ip="192.0.2.7", detail={}
    )
    assert (read.action, read.category, read.by, read.ip) == (change, "changes", OWNER, "192.0.2.7")


def test_what_an_applicant_did_with_a_pass_is_told_of_as_somebodys():
    event = example_of(NotificationChoiceChanged)
    read = as_read_by_owner(
        event.changed_at, "line_linked", actor=None, owner=uuid4(), unit=None, ip=None, detail={}
    )
    assert read.by == SOMEBODY
