"""變更密碼進行帳號啟用: the owner of a frozen account comes back with a code and a new password."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from accounts.inactivity.rules import dates_after_activity
from accounts.sessions.adapters import hashed
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import put_accounts
from ..conftest import other_code, refusal

pytestmark = pytest.mark.stack

OLD, NEW = "ZAs145@1", "Ebb&Flow-7391"
LONG_AGO = date(2026, 1, 31)


@pytest.fixture
def person(rows, told):
    """`person(state)`: an account with a mailbox, a telephone and a password."""

    def person(state="frozen", **changes):
        (account_id,) = put_accounts(rows, state, LONG_AGO)
        email, mobile = f"owner{uuid4().hex[:8]}@example.com", f"09{uuid4().int % 10**8:08d}"
        values = {"email": email, "mobile": mobile, "password_hash": hashed(OLD)} | changes
        rows(
            f"UPDATE account SET {', '.join(f'{name} = %({name})s' for name in values)}"
            " WHERE account_id = %(account_id)s",
            values | {"account_id": account_id},
        )
        ((name,),) = rows("SELECT account_name FROM account WHERE account_id = %s", account_id)
        return name, account_id, values

    return person


def asked(ask, name, **changes):
    source = f"198.51.{uuid4().int % 256}.{uuid4().int % 256}"
    return ask("request_reactivation_code", account_name=name, **({"ip": source} | changes))["challenge_id"]


def log_in(ask, name, password):
    return ask("log_in", account_name=name, password=password)


@pytest.mark.parametrize(("channel", "contact"), [("email", "email"), ("sms", "mobile")])
def test_a_code_and_a_new_password_make_the_account_active_at_once(
    ask, person, notify, rows, announced, channel, contact
):
    name, account_id, values = person()
    assert refusal(ask, "log_in", account_name=name, password=OLD).code == "ACCOUNT_FROZEN"
    challenge = asked(ask, name.upper(), channel=channel)
    code = notify.last_code(values[contact])
    done = ask("reactivate_account", challenge_id=challenge, code=code, password=NEW, ip="192.0.2.7")
    assert done == {"account_name": name}
    assert refusal(ask, "log_in", account_name=name, password=OLD).code == "LOGIN_FAILED"
    today = taipei_day(datetime.now(UTC))
    dates = dates_after_activity(today)
    assert rows(
        "SELECT state, frozen_at, active_on, freeze_on, remind_on, disable_on, reminded_days FROM account"
        " WHERE account_id = %s",
        account_id,
    ) == [("active", None, today, dates.freeze_on, dates.remind_on, dates.disable_on, None)]
    assert log_in(ask, name, NEW)["account"]["account_name"] == name
    (event,) = announced("AccountReactivated", str(account_id))
    assert (event["reason"], event["active_on"]) == ("PASSWORD_CHANGED", str(today))
    assert rows(
        "SELECT actor_account_id, host(ip), detail FROM audit_entry"
        " WHERE action = 'account_reactivated' AND subject_id = %s",
        account_id,
    ) == [(account_id, "192.0.2.7", {"by": "owner"})]


def test_a_wrong_code_is_counted_and_opens_nothing(ask, person, notify, rows):
    name, account_id, values = person()
    challenge = asked(ask, name)
    code = notify.last_code(values["email"])
    for _ in range(5):
        refused = refusal(
            ask, "reactivate_account", challenge_id=challenge, code=other_code(code), password=NEW, ip=None
        )
        assert refused.code == "CODE_WRONG"
    assert rows("SELECT tries FROM challenge WHERE question_id = %s", challenge) == [(5,)]
    refused = refusal(ask, "reactivate_account", challenge_id=challenge, code=code, password=NEW, ip=None)
    assert refused.code == "CODE_WRONG"
    assert rows("SELECT state FROM account WHERE account_id = %s", account_id) == [("frozen",)]


def test_a_password_that_breaks_a_rule_leaves_the_code_as_good_as_it_was(ask, person, notify, rows):
    name, _, values = person()
    challenge = asked(ask, name)
    code = notify.last_code(values["email"])
    refused = refusal(ask, "reactivate_account", challenge_id=challenge, code=code, password="abc", ip=None)
    assert refused.code == "INVALID"
    assert "PASSWORD_TOO_SHORT" in refused.fields["password"]
    assert rows("SELECT tries, used_at FROM challenge WHERE question_id = %s", challenge) == [(0, None)]
    assert ask("reactivate_account", challenge_id=challenge, code=code, password=NEW, ip=None)


def test_the_same_form_sent_twice_is_answered_twice_and_done_once(ask, person, notify, announced, rows):
    name, account_id, values = person()
    challenge = asked(ask, name)
    form = {
        "challenge_id": challenge,
        "code": notify.last_code(values["email"]),
        "password": NEW,
        "ip": "192.0.2.7",
    }
    first = ask("reactivate_account", **form)
    assert ask("reactivate_account", **form) == first
    assert len(announced("AccountReactivated", str(account_id))) == 1
    assert refusal(ask, "reactivate_account", **form | {"password": OLD}).code == "CODE_WRONG"
    rows("UPDATE challenge SET used_at = used_at - interval '11 minutes' WHERE question_id = %s", challenge)
    assert refusal(ask, "reactivate_account", **form).code == "CODE_WRONG"


@pytest.mark.parametrize("state", ["approved", "active", "disabled", "closed"])
def test_only_a_frozen_account_gets_a_code_and_nobody_learns_which_it_is(ask, person, announced, rows, state):
    name, _, _ = person(state)
    before = len(announced("VerificationCodeRequested"))
    answers = {
        frozenset(ask("request_reactivation_code", account_name=one, ip="192.0.2.9"))
        for one in (name, "nobody")
    }
    assert len(answers) == 1
    assert len(announced("VerificationCodeRequested")) == before


def test_a_frozen_account_without_a_telephone_gets_no_text_message(ask, person, announced):
    name, _, _ = person(mobile=None)
    before = len(announced("VerificationCodeRequested"))
    assert asked(ask, name, channel="sms")
    assert len(announced("VerificationCodeRequested")) == before


@pytest.mark.parametrize("state", ["active", "disabled", "closed"])
def test_a_code_opens_nothing_when_the_account_is_another_meanwhile(ask, person, notify, rows, state):
    name, account_id, values = person()
    challenge = asked(ask, name)
    code = notify.last_code(values["email"])
    rows("UPDATE account SET state = %s WHERE account_id = %s", state, account_id)
    refused = refusal(ask, "reactivate_account", challenge_id=challenge, code=code, password=NEW, ip=None)
    assert refused.code == "CODE_WRONG"
    assert rows("SELECT state FROM account WHERE account_id = %s", account_id) == [(state,)]


def test_a_code_for_something_else_reactivates_nobody(ask, person, notify, rows):
    """A code that confirms a device goes to the same mailbox."""
    name, account_id, values = person("active")
    challenge = ask("request_device_code", account_name=name, ip="192.0.2.11")["challenge_id"]
    code = notify.last_code(values["email"])
    rows("UPDATE account SET state = 'frozen' WHERE account_id = %s", account_id)
    refused = refusal(ask, "reactivate_account", challenge_id=challenge, code=code, password=NEW, ip=None)
    assert refused.code == "CODE_WRONG"


def test_codes_for_one_name_from_one_source_are_limited(ask, person):
    name, _, _ = person()
    for _ in range(5):
        asked(ask, name, ip="192.0.2.12")
    refused = refusal(ask, "request_reactivation_code", account_name=name, ip="192.0.2.12")
    assert refused.code == "TOO_MANY_CODES"
