"""The link of a mail stops mails of its sort, and nothing else."""

from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.vocabulary.notices import Category
from notify.channels.email.unsubscribing import UnsubscribeLinks
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import account, application
from notify.preferences.actions import chosen_channels
from notify.service import NotifyService
from notify.unsubscribing import endpoints
from notify.unsubscribing.actions import LinkNotValid, category_of, unsubscribe

from ..builders import NOW

pytestmark = pytest.mark.stack
LINKS = UnsubscribeLinks("https://mtnet.example", b"k" * 32)
MAIL = [("email", "clerk@carrier.example.com")]


def token_of(person, category=Category.INFORMATION):
    return LINKS.of(person, category).rpartition("/")[2]


@pytest.fixture
def owner(tx):
    person = account(uuid4())
    contact_points.keep_points(tx, person, MAIL, NOW)
    return person


@pytest.mark.parametrize("category", [Category.INFORMATION, Category.REMINDER])
def test_one_click_stops_mails_of_one_sort_and_a_second_changes_nothing(tx, owner, category):
    before = chosen_channels(tx, [owner])[owner]
    for _ in range(2):
        assert unsubscribe(tx, LINKS, token_of(owner, category), NOW) is category
    after = chosen_channels(tx, [owner])[owner]
    assert after[category] == before[category] - {"email"}
    assert {c: after[c] for c in Category if c is not category} == {
        c: before[c] for c in Category if c is not category
    }


def test_looking_at_the_link_changes_nothing(tx, owner):
    before = chosen_channels(tx, [owner])
    assert category_of(LINKS, token_of(owner)) is Category.INFORMATION
    assert chosen_channels(tx, [owner]) == before


def test_a_link_from_before_there_was_an_account_stops_the_mails_of_the_account(tx, owner):
    applicant = application(uuid4())
    contact_points.keep_points(tx, applicant, MAIL, NOW)
    contact_points.take_over(tx, applicant.id, owner.id, None, NOW)
    unsubscribe(tx, LINKS, token_of(applicant), NOW + timedelta(days=1))
    assert "email" not in chosen_channels(tx, [owner])[owner][Category.INFORMATION]


def test_an_account_that_is_closed_gets_nothing_in_any_case(tx, owner):
    contact_points.forget(tx, owner)
    assert unsubscribe(tx, LINKS, token_of(owner), NOW) is Category.INFORMATION


def test_a_link_that_we_did_not_make_is_refused(tx, owner):
    forged = UnsubscribeLinks("https://mtnet.example", b"x" * 32).of(owner, Category.INFORMATION)
    with pytest.raises(LinkNotValid):
        unsubscribe(tx, LINKS, forged.rpartition("/")[2], NOW)
    with pytest.raises(LinkNotValid):
        category_of(LINKS, "x" * 38)


def test_the_calls_need_nobody_to_be_logged_in(transactions, monkeypatch):
    monkeypatch.setattr(endpoints, "links", lambda: LINKS)
    calls = {
        e.endpoint.call.name: e.endpoint for e in entrypoints_of(NotifyService) if hasattr(e, "endpoint")
    }

    def ask(name, token):
        return calls[name].answer(
            NotifyService(), {"request": {"unsubscribe_token": token}}, database=transactions, verifier=None
        )

    token = token_of(account(uuid4()), Category.REMINDER)
    assert ask("unsubscribe_link", token) == ask("unsubscribe", token) == {"category": "reminder"}
    with pytest.raises(Refused, match="LINK_NOT_VALID"):
        ask("unsubscribe", b64encode(b"nothing that we made").decode())
