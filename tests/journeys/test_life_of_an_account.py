"""What can happen to an account once it is there, as its owner meets it: pages, and the mails that lead to them."""

import re
import time

import pytest

from tests.journeys.conftest import an_email
from tests.journeys.test_individual import apply_as_individual, open_account

pytestmark = pytest.mark.system


def path_in(message, page):
    return re.search(rf"{page}[A-Za-z0-9_\-]+", message["text"])[0]


@pytest.fixture
def member(system, visitor, person, reading):
    """Somebody logged in to an account of their own."""
    owner = visitor()
    number = apply_as_individual(owner, person, reading)
    return open_account(system, owner, visitor(), person, reading, number)


def wait_until_logged_out(browser, seconds=5):
    """The gateway keeps what it was told of a session for half a second."""
    deadline = time.monotonic() + seconds
    while browser.go("/account").path != "/login":
        assert time.monotonic() < deadline, "the session did not end"
        time.sleep(0.1)


def set_new_password(system, browser, person, password):
    """By the link that is sent to whoever forgot it."""
    before = system.newest_message_id()
    browser.go("/login").follow("忘記密碼")
    browser.send("/forgot-password", account_name=person.account_name, email=person.email)
    link = system.wait_for_message(to=person.email, containing="/reset-password/", after=before)
    browser.go(path_in(link, "/reset-password/"))
    browser.send(browser.path, password=password, again=password)
    assert browser.path == "/login"
    return browser.log_in(person.account_name, password)


def test_a_forgotten_password_is_set_by_mail_and_every_contact_is_told(
    system, visitor, person, reading, member
):
    elsewhere = set_new_password(system, visitor(), person, "Hafen!Kran7wal")
    assert elsewhere.path == "/account"
    wait_until_logged_out(member)
    told = system.wait_for_message(to=person.email, containing="您的 MTNet 帳號密碼已變更")
    assert "/forgot-password" in told["text"]
    assert "Hafen!Kran7wal" not in told["text"]
    texted = system.wait_for_message(
        to=reading.international(person.mobile), channel="sms", containing="密碼已於"
    )
    assert person.account_name in texted["text"]


def test_an_address_that_was_replaced_can_bring_the_contacts_back(system, visitor, person, reading, member):
    new = an_email("thief")
    member.go("/account/contacts")
    (change,) = member.page.select('a[href*="/account/contacts/new/email?for="]')
    member.go(change["href"])
    before = system.newest_message_id()
    form = member.page.find("form", id="page-form")["action"]
    member.send(form, value=new)
    code = reading.code_in(system.wait_for_message(to=new, after=before))
    member.send(member.path, code=code)
    assert new in member.words
    greeted = system.wait_for_message(to=new, containing="這個信箱已加入您的 MTNet 帳號")
    assert "/contacts/undo/" not in greeted["text"]

    told = system.wait_for_message(to=person.email, containing="/contacts/undo/")
    assert new not in told["text"]
    owner = visitor()
    owner.go(path_in(told, "/contacts/undo/"))
    owner.send(owner.path)
    system.wait_for_message(to=person.email, containing="聯絡方式已復原")
    wait_until_logged_out(member)
    member.send("/login", account_name=person.account_name, password=person.password, expect=422)
    assert "忘記密碼" in member.words, "the former password is not enough any more"
    set_new_password(system, owner, person, "Hafen!Kran7wal")
    owner.go("/account/contacts")
    assert person.email in owner.words
    assert new not in owner.words
