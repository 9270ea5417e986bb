"""Endpoints with transactions of their own are safe to call again after a crash or a lost reply."""

import threading
from uuid import uuid4

import pytest
from accounts.activation import actions as activation
from accounts.documents import actions as documents
from accounts.passwords import actions as passwords
from accounts.settings import settings
from mtnet_chassis.data.files import Files

from ..builders import Applying, approved, opened
from ..conftest import refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture
def invited(ask, notify, transactions):
    """Somebody with an activation link: the account's name and the link's token."""
    applying = Applying(ask, notify)
    applying.hand_in()
    with transactions.transaction() as tx:
        ask.service.record_waiting(tx, opened(applying))
        ask.service.open_account(tx, approved(applying))
    name = applying.identity["account_name"]
    return name, notify.last_link(name)


@pytest.fixture
def carrier(ask, notify):
    """A company whose form is printed and waits to be uploaded."""
    carrier = Applying(ask, notify, "company")
    carrier.fill_in()
    carrier.prove_contacts()
    return carrier


class Died(Exception):
    """Stands for SIGKILL: no handler knows it, nothing after it runs."""


def test_an_activation_whose_answer_was_lost_is_answered_again(ask, invited, announced, rows):
    name, link = invited
    request = {"activation_token": link, "password": PASSWORD, "key": str(uuid4())}
    first = ask("activate_account", **request)
    # The key's reply is stored after the endpoint's own commit: a process killed in between leaves none.
    rows("DELETE FROM idempotency_key")
    assert ask("activate_account", **request) == first
    assert len([e for e in announced("AccountActivated") if e["account_name"] == name]) == 1
    assert ask("log_in", account_name=name, password=PASSWORD)["session_token"]


def test_two_activations_at_once_succeed_both_and_activate_once(ask, invited, announced, monkeypatch):
    name, link = invited
    together, answers = threading.Barrier(2, timeout=30), []

    def hashed_together(password):
        together.wait()
        return password

    monkeypatch.setattr(passwords, "guesses", lambda password, words: 10**9)
    monkeypatch.setattr(passwords, "hashed", hashed_together)
    monkeypatch.setattr(activation, "verified", lambda stored, password: stored == password)

    def activate():
        answers.append(ask("activate_account", activation_token=link, password=PASSWORD))

    threads = [threading.Thread(target=activate) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [answer["account_name"] for answer in answers] == [name, name]
    assert len([e for e in announced("AccountActivated") if e["account_name"] == name]) == 1


def test_a_used_link_is_no_way_to_guess_the_password_and_says_nothing_later(ask, invited, rows):
    name, link = invited
    ask("activate_account", activation_token=link, password=PASSWORD)
    for n in range(5):
        guess = refusal(ask, "activate_account", activation_token=link, password=f"Guess!2026{n}")
        assert guess.code == "ACTIVATION_LINK_INVALID"
    again = {"activation_token": link, "password": PASSWORD}
    assert refusal(ask, "activate_account", **again).code == "ACTIVATION_LINK_INVALID"
    assert ask("log_in", account_name=name, password=PASSWORD)
    rows("DELETE FROM failed_login")
    assert ask("activate_account", **again)
    rows("UPDATE activation_link SET used_at = used_at - interval '11 min'")
    assert refusal(ask, "activate_account", **again).code == "ACTIVATION_LINK_INVALID"


@pytest.mark.parametrize("place", ["checked_upload", "attach_form", "forget_upload"])
def test_a_form_whose_attaching_died_anywhere_is_attached_by_the_next_call(
    ask, carrier, rows, monkeypatch, place
):
    upload_key = f"uploads/{uuid4()}"
    files = Files(settings().files_url)
    files.put(upload_key, carrier.form())
    request = {"upload_key": upload_key, "filename": "用印檔案.pdf", "key": str(uuid4())}
    work = getattr(documents, place)

    def died_after(*arguments, **named):
        work(*arguments, **named)
        raise Died

    monkeypatch.setattr(documents, place, died_after)
    with pytest.raises(Died):
        carrier("attach_form", **request)
    monkeypatch.setattr(documents, place, work)
    assert carrier("attach_form", **request)["form"]["filename"] == "用印檔案.pdf"
    kept = rows("SELECT key FROM form_file WHERE application_id = %s", carrier.application_id)
    assert len(kept) == 1
    assert files.exists(kept[0][0])
    assert not files.exists(upload_key)


def test_the_upload_of_a_refused_form_is_removed(ask, carrier):
    upload_key = f"uploads/{uuid4()}"
    files = Files(settings().files_url)
    files.put(upload_key, b"no form at all")
    assert refusal(carrier, "attach_form", upload_key=upload_key, filename="x.pdf").code == "FILE_TYPE"
    assert not files.exists(upload_key)
