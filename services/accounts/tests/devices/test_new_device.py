"""The owner is told of a login on a new device; "this was not me" protects the account; devices are forgotten."""

from datetime import timedelta
from uuid import uuid4

import pytest
from accounts.devices.rules import shortened
from mtnet_chassis.data.sealing import unseal

from ..builders import an_active_account
from ..conftest import NOTIFY_KEY, refusal, text

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
PASSWORD = "Quay!2026side"

stack = pytest.mark.stack


@pytest.fixture
def owner(ask, notify, transactions):
    """Somebody who has logged in once; `enter()` logs in again."""
    _, actor = an_active_account(ask, notify, transactions)

    def enter(**more):
        sent = {"ip": "192.0.2.7", "user_agent": PHONE, "device_token": None} | more
        return ask("log_in", account_name=actor.account_name, password=PASSWORD, **sent)

    actor_and_enter = actor, enter
    enter()
    return actor_and_enter


@pytest.fixture
def news(announced):
    def news(actor):
        return announced("NewDeviceLogin", str(actor.account_id))

    return news


def token_in(event):
    return unseal(text(NOTIFY_KEY.private_bytes_raw()), event["sealed_token"], event["account_id"])


@stack
def test_the_first_login_is_no_news_and_one_on_another_device_is(owner, news):
    actor, enter = owner
    assert news(actor) == []
    known = enter()["device_token"]
    (event,) = news(actor)
    assert (event["device"], event["came_from"]) == ("Safari, iPhone", "192.0.2.x")
    enter(device_token=known)
    assert len(news(actor)) == 1


@stack
def test_a_wrong_password_on_a_new_device_tells_nobody(ask, owner, news):
    actor, _ = owner
    wrong = {"account_name": actor.account_name, "password": "Wrong!2026side"}
    assert refusal(ask, "log_in", **wrong).code == "LOGIN_FAILED"
    assert news(actor) == []


@stack
def test_this_was_not_me_ends_sessions_forgets_devices_and_asks_for_a_new_password(
    ask, owner, news, announced
):
    actor, enter = owner
    first = enter()
    second = enter()
    token = token_in(news(actor)[-1])
    seen = ask("login_notice", notice_token=token)
    assert (seen["account_name"], seen["device"]) == (actor.account_name, "Safari, iPhone")
    assert ask("resume_session", session_token=second["session_token"])
    ask("disown_login", notice_token=token)
    for entered in (first, second):
        assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"
    right = {"account_name": actor.account_name, "password": PASSWORD}
    assert refusal(ask, "log_in", **right, device_token=first["device_token"]).code == "NEW_PASSWORD_REQUIRED"
    assert ask("devices", actor=actor)["devices"] == []
    assert refusal(ask, "disown_login", notice_token=token).code == "NOTICE_NOT_VALID"
    assert refusal(ask, "login_notice", notice_token=token).code == "NOTICE_NOT_VALID"


@stack
@pytest.mark.parametrize(("age", "good"), [(timedelta(days=6, hours=23), True), (timedelta(days=7), False)])
def test_a_link_is_good_for_seven_days(ask, owner, news, rows, age, good):
    actor, enter = owner
    enter()
    token = token_in(news(actor)[-1])
    rows("UPDATE login_notice SET expires_at = expires_at - %s WHERE account_id = %s", age, actor.account_id)
    if good:
        assert ask("login_notice", notice_token=token)
    else:
        assert refusal(ask, "disown_login", notice_token=token).code == "NOTICE_NOT_VALID"


@stack
def test_an_invented_link_is_not_valid(ask):
    assert refusal(ask, "login_notice", notice_token="x" * 43).code == "NOTICE_NOT_VALID"
    assert refusal(ask, "disown_login", notice_token="x" * 43).code == "NOTICE_NOT_VALID"


@stack
def test_a_forgotten_device_is_new_again_and_others_stay(ask, owner, news):
    actor, enter = owner
    known, other = enter()["device_token"], enter()["device_token"]
    devices = ask("devices", actor=actor)["devices"]
    assert {device["label"] for device in devices} == {"Safari, iPhone"}
    before = len(news(actor))
    ask("forget_device", actor=actor, device_id=devices[0]["device_id"])
    assert len(ask("devices", actor=actor)["devices"]) == len(devices) - 1
    enter(device_token=other)
    assert len(news(actor)) == before + 1
    enter(device_token=known)
    assert len(news(actor)) == before + 1


@stack
def test_nobody_forgets_the_devices_of_others(ask, owner, notify, transactions):
    actor, _ = owner
    _, other = an_active_account(ask, notify, transactions)
    (device,) = ask("devices", actor=actor)["devices"]
    ask("forget_device", actor=other, device_id=device["device_id"])
    ask("forget_device", actor=other, device_id=str(uuid4()))
    assert ask("devices", actor=actor)["devices"] == [device]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.7", "192.0.2.x"),
        ("2001:db8:12:34::1", "2001:db8:12::x"),
        ("::1", "0:0:0::x"),
        (None, ""),
        ("unknown", ""),
    ],
)
def test_a_mail_tells_where_it_was_but_not_exactly(address, shown):
    assert shortened(address) == shown
