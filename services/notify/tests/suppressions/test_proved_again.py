"""Whoever proves an address again takes it off the list, and is reached there again."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from mtnet_contracts.events import ApplicationResubmitted, ApplicationSubmitted, ContactChanged
from mtnet_contracts.examples import example_of
from notify.account_notices.endpoints import AccountNoticeEndpoints
from notify.contact_points.actions import keep_points, mark_unreachable, points_of
from notify.contact_points.rules import account
from notify.messages.endpoints import MessageEndpoints
from notify.suppressions import actions
from notify.suppressions.rules import By, Reason

pytestmark = pytest.mark.stack
# The handlers, without anything that is written.
HANDLER = SimpleNamespace(_write=lambda *_: None, _tell=lambda *_: None)
SUBMITTED = example_of(ApplicationSubmitted)
CHANGED = replace(
    example_of(ContactChanged), change="replaced", channel="email", new="Clerk@carrier.example.com"
)


def suppressed_before(tx, event_at, *addresses, channel="email"):
    before = event_at - timedelta(hours=1)
    actions.suppress(tx, channel, [(a, "5.1.1") for a in addresses], Reason.HARD_BOUNCE, before)


def test_a_new_application_takes_its_addresses_and_mobiles_off_the_list(tx):
    addresses = {("email", SUBMITTED.applicant.email), ("sms", SUBMITTED.applicant.mobile)}
    for channel, address in addresses:
        suppressed_before(tx, SUBMITTED.submitted_at, address, channel=channel)
    assert actions.suppressed(tx, addresses) == addresses
    MessageEndpoints.write_receipt(HANDLER, tx, SUBMITTED)
    assert actions.suppressed(tx, addresses) == frozenset()


def test_handing_in_again_proves_nothing_and_neither_does_a_fax_number(tx):
    event = example_of(ApplicationResubmitted)
    suppressed_before(tx, event.submitted_at, event.applicant.email)
    MessageEndpoints.write_second_receipt(HANDLER, tx, event)
    assert actions.suppressed(tx, {("email", event.applicant.email)})
    submitted = replace(SUBMITTED, applicant=replace(SUBMITTED.applicant, fax="02-33436767"))
    suppressed_before(tx, submitted.submitted_at, "02-33436767", channel="fax")
    MessageEndpoints.write_receipt(HANDLER, tx, submitted)
    assert actions.suppressed(tx, {("fax", "02-33436767")})


@pytest.mark.parametrize(
    ("change", "lifted"), [("added", True), ("replaced", True), ("removed", False), ("made_primary", False)]
)
def test_a_contact_that_was_confirmed_by_a_code_is_off_the_list(tx, change, lifted):
    event = replace(CHANGED, change=change)
    suppressed_before(tx, event.changed_at, event.new)
    AccountNoticeEndpoints.write_contact_notice(HANDLER, tx, event)
    assert actions.suppressed(tx, {("email", event.new)}) == (
        frozenset() if lifted else {("email", event.new)}
    )


@pytest.mark.parametrize("by_owner", [True, False])
def test_what_is_lifted_is_reached_again_however_it_is_spelled(tx, by_owner):
    owner, now = account(uuid4()), CHANGED.changed_at
    keep_points(tx, owner, [("email", "Clerk@Carrier.example.com")], now - timedelta(days=2))
    suppressed_before(tx, now, "clerk@carrier.example.com")
    assert mark_unreachable(tx, "email", "CLERK@carrier.example.com", now - timedelta(hours=1)) == [owner]
    if by_owner:
        actions.lift_proved(tx, [("email", "clerk@carrier.example.com")], now)
    else:
        entry = actions.search(tx, address=None, channel=None, reason=None, state=None, before=None, limit=1)[
            0
        ][0]
        actions.lift(tx, entry.position, "信箱已恢復", By(uuid4(), "operator1"), now)
    (point,) = points_of(tx, [owner])[owner]
    assert point.reachable
