"""A login in two steps: for whom, with what, how often; and what a stranger learns of it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from accounts.second_factors.rules import RECOVERY_CODES
from cryptography.exceptions import InvalidTag
from mtnet_chassis.rpc.actor import ActorVerifier
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import a_member, an_active_account
from ..conftest import ACTOR_KEY, APPS, code_for, log_in, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture(autouse=True)
def nothing_counted(rows):
    rows("DELETE FROM failed_login")


@pytest.fixture
def reviewer(transactions):
    """Somebody whose role requires a second factor, and who has none yet."""
    return a_member(transactions, PASSWORD, "reviewer", unit="north", identity_type="bureau")


@pytest.fixture
def enrolled(ask, reviewer):
    """The same, with an authenticator app; and their recovery codes."""
    return reviewer, log_in(ask, reviewer, PASSWORD)["recovery_codes"]


@pytest.fixture
def member(transactions):
    return a_member(transactions, PASSWORD)


def first_step(ask, name, **more):
    asked = refusal(ask, "log_in", account_name=name, password=PASSWORD, **more)
    assert asked.code == "SECOND_FACTOR_REQUIRED"
    return asked.detail


def actor_of(entered):
    return ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(entered["actor"])


def changes(announced, name):
    return [
        (event["change"], event.get("remaining"))
        for event in announced("SecondFactorChanged")
        if event["account_name"] == name
    ]


def actions_of(rows, name):
    found = rows(
        "SELECT action FROM audit_entry JOIN account ON account_id = subject_id WHERE account_name = %s"
        " ORDER BY position",
        name,
    )
    return [action for (action,) in found]


def sessions_of(rows, name):
    return rows("SELECT count(*) FROM session JOIN account USING (account_id) WHERE account_name = %s", name)[
        0
    ][0]


def test_who_needs_a_second_factor_sets_one_up_at_the_next_login(ask, rows, announced, reviewer):
    asked = first_step(ask, reviewer)
    assert asked["enrol"]
    assert sessions_of(rows, reviewer) == 0
    step = ask("second_step", login_token=asked["login_token"])
    assert (step["account_name"], step["methods"]) == (reviewer, [])
    assert f"secret={step['secret']}" in step["uri"]
    # A page that is loaded again shows the same key.
    assert ask("second_step", login_token=asked["login_token"])["secret"] == step["secret"]
    APPS[reviewer] = (step["secret"], 0)
    wrong = refusal(ask, "take_second_step", login_token=asked["login_token"], code="000000")
    assert wrong.code == "SECOND_FACTOR_WRONG"
    entered = ask("take_second_step", login_token=asked["login_token"], code=code_for(reviewer))
    assert len(set(entered["recovery_codes"])) == RECOVERY_CODES
    assert actor_of(entered).confirmed_at is not None
    # One notice of the one thing done, with how many codes came with it.
    assert changes(announced, reviewer) == [("totp_added", RECOVERY_CODES)]
    assert actions_of(rows, reviewer) == [
        "second_step_asked",
        "totp_added",
        "recovery_codes_issued",
        "logged_in",
    ]
    # From now on the code is asked for, and no secret is shown any more.
    again = first_step(ask, reviewer)
    assert not again["enrol"]
    step = ask("second_step", login_token=again["login_token"])
    assert (step["methods"], step["secret"], step["uri"]) == (["totp", "recovery"], None, None)


def test_the_secret_and_the_codes_are_not_in_the_tables(ask, rows, enrolled):
    name, codes = enrolled
    secret, _ = APPS[name]
    ((sealed, hashes),) = rows(
        "SELECT encode(secret, 'escape'), (SELECT string_agg(encode(code_hash, 'escape'), ' ') FROM recovery_code"
        " WHERE recovery_code.account_id = totp.account_id) FROM totp JOIN account USING (account_id)"
        " WHERE account_name = %s",
        name,
    )
    assert secret not in sealed
    assert not any(code.replace("-", "") in hashes for code in codes)


def test_a_secret_that_was_moved_to_another_row_does_not_open(ask, rows, enrolled, transactions):
    other = a_member(transactions, PASSWORD, "operator")
    log_in(ask, other, PASSWORD)
    rows(
        "UPDATE totp SET secret = (SELECT secret FROM totp JOIN account USING (account_id) WHERE account_name = %s)"
        " FROM account WHERE account.account_id = totp.account_id AND account_name = %s",
        enrolled[0],
        other,
    )
    token = first_step(ask, other)["login_token"]
    with pytest.raises(InvalidTag):
        ask("take_second_step", login_token=token, code="123456")


def test_whose_role_requires_none_logs_in_with_the_password_alone(ask, member):
    assert ask("log_in", account_name=member, password=PASSWORD)["session_token"]


def test_a_code_is_accepted_once(ask, enrolled):
    name, _ = enrolled
    token = first_step(ask, name)["login_token"]
    used = code_for(name)
    ask("take_second_step", login_token=token, code=used)
    token = first_step(ask, name)["login_token"]
    assert refusal(ask, "take_second_step", login_token=token, code=used).code == "SECOND_FACTOR_WRONG"
    assert ask("take_second_step", login_token=token, code=code_for(name))


def test_two_windows_with_one_code_open_one_session(ask, rows, enrolled):
    name, _ = enrolled
    before, code = sessions_of(rows, name), code_for(name)
    tokens = [first_step(ask, name)["login_token"] for _ in range(4)]

    def enter(token):
        try:
            ask("take_second_step", login_token=token, code=code)
        except Refused as refused:
            return refused.code
        return "in"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(enter, tokens))
    assert outcomes == ["SECOND_FACTOR_WRONG"] * 3 + ["in"]
    assert sessions_of(rows, name) == before + 1


def test_a_code_of_two_minutes_ago_is_none(ask, enrolled):
    name, _ = enrolled
    token = first_step(ask, name)["login_token"]
    old = pyotp.TOTP(APPS[name][0]).generate_otp(int(time.time()) // 30 - 4)
    assert refusal(ask, "take_second_step", login_token=token, code=old).code == "SECOND_FACTOR_WRONG"


def test_a_recovery_code_is_good_once_and_its_owner_is_told(ask, announced, rows, enrolled):
    name, codes = enrolled
    token = first_step(ask, name)["login_token"]
    assert ask("take_second_step", login_token=token, code=codes[3].lower().replace("-", " "))
    token = first_step(ask, name)["login_token"]
    assert refusal(ask, "take_second_step", login_token=token, code=codes[3]).code == "SECOND_FACTOR_WRONG"
    assert ask("take_second_step", login_token=token, code=codes[0])
    used = [left for change, left in changes(announced, name) if change == "recovery_code_used"]
    assert used == [RECOVERY_CODES - 1, RECOVERY_CODES - 2]


def test_a_login_opens_one_session_and_only_for_a_quarter_of_an_hour(ask, rows, enrolled):
    name, codes = enrolled
    token = first_step(ask, name)["login_token"]
    ask("take_second_step", login_token=token, code=codes[0])
    assert refusal(ask, "take_second_step", login_token=token, code=codes[1]).code == "LOGIN_EXPIRED"
    token = first_step(ask, name)["login_token"]
    rows("UPDATE pending_login SET expires_at = now()")
    assert refusal(ask, "second_step", login_token=token).code == "LOGIN_EXPIRED"
    assert refusal(ask, "take_second_step", login_token=token, code=codes[1]).code == "LOGIN_EXPIRED"


@pytest.mark.parametrize(
    "change", ["password_hash = 'changed'", "state = 'frozen'", "state = 'disabled'", "state = 'closed'"]
)
def test_what_changed_between_the_steps_begins_the_login_anew(ask, rows, enrolled, change):
    name, codes = enrolled
    token = first_step(ask, name)["login_token"]
    rows(f"UPDATE account SET {change} WHERE account_name = %s", name)
    assert refusal(ask, "take_second_step", login_token=token, code=codes[0]).code == "LOGIN_EXPIRED"


def test_five_wrong_codes_suspend_the_source_and_not_the_owner_s_device(ask, rows, enrolled):
    name, codes = enrolled
    token = first_step(ask, name)["login_token"]
    device = ask("take_second_step", login_token=token, code=codes[0])["device_token"]
    token = first_step(ask, name)["login_token"]
    guess = {"login_token": token, "ip": "192.0.2.9"}
    for _ in range(5):
        assert refusal(ask, "take_second_step", **guess, code="000000").code == "SECOND_FACTOR_WRONG"
    assert refusal(ask, "take_second_step", **guess, code=codes[1]).code == "SECOND_FACTOR_WRONG"
    # That code was not looked at: it is still good on the owner's device.
    assert ask("take_second_step", **guess, code=codes[1], device_token=device)
    reasons = rows(
        "SELECT detail ->> 'reason' FROM audit_entry WHERE action = 'second_step_failed' ORDER BY position DESC"
        " LIMIT 6"
    )
    assert [reason for (reason,) in reasons] == ["suspended"] + ["wrong"] * 5


def test_nothing_is_said_of_a_second_factor_before_the_password_is_right(ask, enrolled, member):
    name, _ = enrolled
    answers = {
        str(refusal(ask, "log_in", account_name=who, password="wrong").args)
        for who in (name, member, "nobodyhere123")
    }
    assert len(answers) == 1


def test_nobody_goes_on_with_an_invented_login(ask):
    assert refusal(ask, "second_step", login_token="t" * 43).code == "LOGIN_EXPIRED"
    assert refusal(ask, "take_second_step", login_token="t" * 43, code="123456").code == "LOGIN_EXPIRED"


def test_of_many_logins_that_were_begun_ten_are_kept(ask, rows, enrolled):
    name, codes = enrolled
    tokens = [first_step(ask, name)["login_token"] for _ in range(12)]
    kept = rows(
        "SELECT count(*) FROM pending_login JOIN account USING (account_id) WHERE account_name = %s", name
    )
    assert kept == [(10,)]
    assert ask("take_second_step", login_token=tokens[-1], code=codes[0])


def test_a_confirmation_needs_the_second_factor_too(ask, enrolled):
    name, codes = enrolled
    token = first_step(ask, name)["login_token"]
    entered = ask("take_second_step", login_token=token, code=codes[0])
    asked = {"session_token": entered["session_token"], "password": PASSWORD}
    assert ask("confirmation", actor=actor_of(entered))["methods"] == ["totp", "recovery"]
    assert refusal(ask, "confirm_identity", **asked).code == "SECOND_FACTOR_WRONG"
    assert refusal(ask, "confirm_identity", **asked, code="000000").code == "SECOND_FACTOR_WRONG"
    wrong = asked | {"password": "wrong"}
    assert refusal(ask, "confirm_identity", **wrong, code=codes[1]).code == "CONFIRMATION_FAILED"
    # A wrong password does not use the code up.
    assert ask("confirm_identity", **asked, code=codes[1])["session_token"]


# Looking after them, logged in


def own(ask, call, actor, **request):
    return ask(call, actor=actor, **request)


def test_a_member_may_set_one_up_and_remove_it(ask, announced, member):
    actor = actor_of(ask("log_in", account_name=member, password=PASSWORD))
    nothing = {"required": False, "totp_since": None, "passkeys": [], "recovery_codes_left": 0}
    assert own(ask, "second_factors", actor) == nothing
    assert refusal(ask, "renew_recovery_codes", actor=actor).code == "NO_SECOND_FACTOR"
    assert refusal(ask, "confirm_totp", actor=actor, code="123456").code == "NOTHING_BEGUN"
    secret = own(ask, "begin_totp", actor)["secret"]
    APPS[member] = (secret, 0)
    assert refusal(ask, "confirm_totp", actor=actor, code="000000").code == "SECOND_FACTOR_WRONG"
    codes = own(ask, "confirm_totp", actor, code=code_for(member))["recovery_codes"]
    assert own(ask, "second_factors", actor)["recovery_codes_left"] == len(codes) == RECOVERY_CODES
    token = first_step(ask, member)["login_token"]
    assert ask("take_second_step", login_token=token, code=code_for(member))
    # Another app in its place: the former one is good no more, and the codes stay.
    APPS[f"new {member}"] = (own(ask, "begin_totp", actor)["secret"], 0)
    assert own(ask, "confirm_totp", actor, code=code_for(f"new {member}"))["recovery_codes"] == []
    token = first_step(ask, member)["login_token"]
    assert refusal(ask, "take_second_step", login_token=token, code=code_for(member))
    renewed = own(ask, "renew_recovery_codes", actor)["recovery_codes"]
    assert not set(renewed) & set(codes)
    own(ask, "remove_totp", actor)
    own(ask, "remove_totp", actor)
    assert ask("log_in", account_name=member, password=PASSWORD)["session_token"]
    assert changes(announced, member) == [
        ("totp_added", RECOVERY_CODES),
        ("totp_added", None),
        ("recovery_codes_issued", RECOVERY_CODES),
        ("totp_removed", None),
    ]


def test_the_last_factor_of_a_reviewer_stays(ask, enrolled):
    name, _ = enrolled
    actor = actor_of(log_in(ask, name, PASSWORD))
    assert own(ask, "second_factors", actor)["required"]
    assert refusal(ask, "remove_totp", actor=actor).code == "SECOND_FACTOR_NEEDED"


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("begin_totp", {}),
        ("confirm_totp", {"code": "123456"}),
        ("remove_totp", {}),
        ("renew_recovery_codes", {}),
        ("begin_passkey", {}),
        ("add_passkey", {"passkey": "{}", "label": "x"}),
        ("remove_passkey", {"passkey_id": "00000000-0000-0000-0000-000000000001"}),
    ],
)
def test_each_change_needs_somebody_who_confirmed_who_they_are(ask, member, call, request_):
    from dataclasses import replace

    actor = actor_of(ask("log_in", account_name=member, password=PASSWORD))
    long_ago = replace(actor, confirmed_at=datetime.now(UTC) - timedelta(minutes=11))
    assert refusal(ask, call, actor=long_ago, **request_).code == "CONFIRMATION_REQUIRED"


def test_an_operator_gives_somebody_who_lost_everything_a_new_start(
    ask, rows, announced, enrolled, environment, postgres_dsn, monkeypatch, capsys
):
    from accounts.second_factors import cli

    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    name, _ = enrolled
    entered = log_in(ask, name, PASSWORD)
    words = ["reset", name.upper(), "--who", "operator1", "--reason", "證件已查驗"]
    assert cli.main(words) == 0
    assert "no second factor" in capsys.readouterr().out
    assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"
    assert first_step(ask, name)["enrol"]
    assert changes(announced, name)[-1] == ("reset_by_operator", None)
    assert rows("SELECT detail FROM audit_entry WHERE action = 'second_factors_reset'")[-1] == (
        {"who": "operator1", "reason": "證件已查驗"},
    )
    assert cli.main(["reset", "nobodyhere123", "--who", "operator1", "--reason", "x"]) == 1


def test_every_address_of_the_owner_is_told(ask, notify, transactions, announced, rows):
    _, actor = an_active_account(ask, notify, transactions)
    rows(
        "INSERT INTO account_contact (contact_id, account_id, kind, value, compared, verified_at, is_primary)"
        " VALUES (gen_random_uuid(), %s, 'email', 'second@example.com', 'second@example.com', now(), false)",
        actor.account_id,
    )
    begun = ask("begin_totp", actor=actor)
    ask("confirm_totp", actor=actor, code=pyotp.TOTP(begun["secret"]).now())
    told = announced("SecondFactorChanged", str(actor.account_id))
    assert told
    for event in told:
        assert len(event["emails"]) == 2
        assert "second@example.com" in event["emails"]
