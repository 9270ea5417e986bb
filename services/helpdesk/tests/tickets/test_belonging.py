"""What comes in without a reference: a person's open matter goes on, whatever way they write by."""

from datetime import timedelta

import pytest
from helpdesk.tickets.belonging import NO_SUBJECT, SAME_MATTER_WITHIN, Candidate, belongs_to, title_of_answer
from helpdesk.tickets.rules import State

from ..builders import NOW, a_ticket, an_inbound, hours

SUBJECTS = {"email": "請問一件事", "web": "補充說明", "fax": "", "line": "", "phone": "來電"}


def goes_on(ticket, channel, at=None, subject=None, **changes):
    subject = SUBJECTS[channel] if subject is None else subject
    inbound = an_inbound(channel=channel, subject=subject, **changes)
    found = belongs_to(inbound, [Candidate("person", ticket, True)], at or NOW + hours(1))
    assert found.apart == (found.to is ticket and channel == "web")
    return found.to is ticket


@pytest.mark.parametrize("channel", ["email", "web", "fax", "line"])
@pytest.mark.parametrize("opened_by", ["email", "web", "fax", "line", "phone"])
def test_another_way_in_is_the_same_matter(opened_by, channel):
    same_way_with_subjects = opened_by == channel in ("email", "web")
    assert goes_on(a_ticket(channel=opened_by), channel) == (not same_way_with_subjects)


@pytest.mark.parametrize("opened_by", ["email", "web", "fax", "line", "phone"])
def test_a_logged_call_is_what_the_agent_says_it_is_about(opened_by):
    ticket = a_ticket(channel=opened_by)
    assert not goes_on(ticket, "phone")
    assert goes_on(ticket, "phone", subject=ticket.subject)


@pytest.mark.parametrize("channel", ["email", "web", "fax", "line", "phone"])
def test_the_same_subject_is_the_same_matter_by_any_way(channel):
    ticket = a_ticket(channel="email")
    assert goes_on(ticket, channel, subject=f"RE: {ticket.subject}")


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("channel", ["email", "web", "fax", "line"])
def test_what_is_solved_is_opened_by_its_subject_or_in_its_chat_alone(state, channel):
    opened_by = {"email": "web", "web": "email"}.get(channel, channel)
    ticket = a_ticket(state, channel=opened_by)
    live = state not in (State.RESOLVED, State.CLOSED)
    assert goes_on(ticket, channel) == (live or (channel == "line" and state == State.RESOLVED))


@pytest.mark.parametrize("channel", ["email", "web", "fax", "line"])
def test_another_system_is_another_matter(channel):
    ticket = a_ticket(channel="phone", category="port_affairs")
    assert goes_on(ticket, channel, category="port_affairs")
    assert goes_on(ticket, channel, category=None)
    assert not goes_on(ticket, channel, category="crew")


@pytest.mark.parametrize("channel", ["email", "web", "fax", "line"])
def test_after_a_week_it_is_a_new_matter(channel):
    ticket = a_ticket(channel="phone")
    assert goes_on(ticket, channel, at=ticket.last_inbound_at + SAME_MATTER_WITHIN)
    assert not goes_on(ticket, channel, at=ticket.last_inbound_at + SAME_MATTER_WITHIN + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("last", "subject", "locale", "title"),
    [
        ("Re: 進港申請", "進港申請", "zh-Hant", "進港申請"),
        ("", "進港申請", "zh-Hant", "進港申請"),
        ("", NO_SUBJECT, "zh-Hant", "您的來訊"),
        ("", NO_SUBJECT, "en", "Your message"),
        ("", "", "en", "Your message"),
    ],
)
def test_an_answer_is_called_as_the_person_called_it(last, subject, locale, title):
    assert title_of_answer(last, subject, locale) == title
