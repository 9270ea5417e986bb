"""A walk over the catalogue: whatever happens to a person is told to them, or it is written down here why it is not."""

from mtnet_chassis.runtime.services import plan_of
from mtnet_contracts.event import catalogue

from ..builders import WRITTEN

ABOUT_PEOPLE = {"accounts", "review", "helpdesk"}
# Nothing is sent because of these events themselves.
SAID_ELSEWHERE = {
    "AccountOpened": "the activation mail says it",
    "AccountRolesChanged": "whoever ordered it tells them; the history of their account says it",
    "ApplicationApproved": "the activation mail says it, as soon as the account is there",
    "CaseForwarded": "the page that shows the progress says it; a decision is told by mail",
    "CaseOpened": "the receipt of the submission says it",
    "DeskActed": "it is about what an agent did",
    "FaqDraftProposed": "the agent is told in the ticket",
    "TicketChanged": "it tells the desk's pages that something happened; what was written is sent as an answer",
    "TicketClosed": "the last answer said that it ends",
    "TicketOpened": "the desk answers it",
    "TicketReopened": "the desk answers it",
    "ContactVerified": "the person has just typed the code on the page",
    "FaultAnnounced": "whoever reported it gets an answer to their ticket; the others read it on the portal",
    "FaultResolved": "whoever reported it gets an answer to their ticket; the others read it on the portal",
    "MailLanguageChanged": "the person has just chosen it on the page; the next mail shows it",
    "ReactivationApproved": "AccountReactivated says it, once it is true",
}


def of_people():
    return {event.event_name() for event in catalogue() if event.source in ABOUT_PEOPLE}


def test_every_event_about_a_person_has_a_message_or_a_reason():
    told = {event.event_name() for event, _ in WRITTEN.values()}
    assert of_people() - told - SAID_ELSEWHERE.keys() == set()
    assert told & SAID_ELSEWHERE.keys() == set()
    assert SAID_ELSEWHERE.keys() - of_people() == set()


def test_notify_hears_every_event_that_has_a_message():
    heard = {contract for group in plan_of("notify").groups for contract in group.contracts}
    assert {event for event, _ in WRITTEN.values()} <= heard
