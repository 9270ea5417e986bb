"""A fax number that somebody types: dialled a few times at most, and theirs only after the code."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_chassis.data.sealing import unseal
from mtnet_chassis.rpc.endpoint import Refused
from notify.channels.registry import channel_plans
from notify.fax_codes import actions, rules
from notify.fax_codes.adapters import fax_number
from notify.fax_codes.rules import CodeExpired, CodeVoid, CodeWrong, FaxCode, NumberInvalid, SentOfDay

from ..asking import an_owner, choices_on_record
from ..builders import NOW, seconds

SERVICES = ("notify",)
KEY = bytes(32)


def a_code(**changes):
    challenge_id = uuid4()
    return FaxCode(
        **{
            "challenge_id": challenge_id,
            "account_id": uuid4(),
            "number": "+886233436768",
            "code_hash": rules.hashed(KEY, challenge_id, "123456"),
            "sent_at": NOW,
            "expires_at": NOW + rules.LIFE,
        }
        | changes
    )


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("02-3343-6768", "+886233436768"),
        ("(02) 3343 6768", "+886233436768"),
        ("+886 2 3343 6768", "+886233436768"),
        ("00886233436768", "+886233436768"),
        ("０２－３３４３－６７６８", "+886233436768"),
        ("082-325-699", "+88682325699"),
        ("0800-022-120", "+886800022120"),
    ],
)
def test_a_number_is_understood_as_people_write_it(typed, dialled):
    assert fax_number(typed) == dialled


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "FAX_INVALID"),
        ("fax", "FAX_INVALID"),
        ("33436768", "PHONE_NEEDS_AREA_CODE"),
        ("0912345678", "FAX_INVALID"),
        ("+1 212 555 0123", "FAX_INVALID"),
        ("+442079460123", "FAX_INVALID"),
        ("0203-123-456", "FAX_INVALID"),
        ("02-33436768#12", "FAX_INVALID"),
        ("0" * 30, "FAX_INVALID"),
    ],
)
def test_what_no_fax_machine_of_taiwan_can_have_is_not_dialled(typed, code):
    with pytest.raises(NumberInvalid) as refused:
        fax_number(typed)
    assert refused.value.code == code


@given(st.text(max_size=30))
def test_no_text_is_dialled_that_is_no_number(typed):
    with suppress(NumberInvalid):
        assert re.fullmatch(r"\+886\d{7,10}", fax_number(typed))


def test_a_code_has_six_digits_and_its_hash_is_of_no_use_without_the_key():
    assert rules.new_code(lambda below: 7) == "000007"
    assert rules.new_code(lambda below: below - 1) == "999999"
    code = a_code()
    rules.judge(code, rules.hashed(KEY, code.challenge_id, "123456"), NOW)
    for key, challenge in ((b"other", code.challenge_id), (KEY, uuid4())):
        with pytest.raises(CodeWrong):
            rules.judge(code, rules.hashed(key, challenge, "123456"), NOW)


def test_a_code_lives_ten_minutes_works_once_and_is_tried_five_times():
    right = lambda code: rules.hashed(KEY, code.challenge_id, "123456")  # noqa: E731
    last = a_code(tries=rules.MOST_TRIES - 1)
    rules.judge(last, right(last), NOW + rules.LIFE - seconds(1))
    for problem, code, at in (
        (CodeExpired, a_code(), NOW + rules.LIFE),
        (CodeExpired, a_code(used_at=NOW), NOW),
        (CodeVoid, a_code(tries=rules.MOST_TRIES), NOW),
    ):
        assert not code.is_waiting(at)
        with pytest.raises(problem):
            rules.judge(code, right(code), at)


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (SentOfDay(2, 2, NOW - rules.RESEND_AFTER), None),
        (SentOfDay(1, 1, NOW - seconds(59)), rules.TooSoon),
        (SentOfDay(3, 1, NOW - timedelta(hours=2)), rules.TooManyFaxes),
        (SentOfDay(0, 3, None), rules.TooManyFaxes),
    ],
)
def test_faxes_are_few_a_day_for_one_account_and_to_one_number(sent, problem):
    if problem is None:
        rules.require_allowed(sent, NOW)
    else:
        with pytest.raises(problem):
            rules.require_allowed(sent, NOW)


# Against the database, as the gateway asks


@pytest.fixture
def with_fax(monkeypatch):
    monkeypatch.setattr(actions, "channel_plans", lambda: channel_plans() | {"fax": None})


def refusal(asking, call, **request):
    with pytest.raises(Refused) as refused:
        asking(call, **request)
    return refused.value.code, refused.value.fields


def code_in(fax, unsealing_key):
    return unseal(unsealing_key, fax.sealed_secret, fax.secret_context)


@pytest.mark.stack
def test_a_number_counts_after_the_code_that_the_machine_printed(
    asking, with_fax, monkeypatch, unsealing_key
):
    sent = []
    monkeypatch.setattr("notify.fax_codes.endpoints.send", lambda tx, _, __, faxes: sent.extend(faxes))
    owner, number = an_owner(), f"02-3343-{uuid4().int % 10_000:04d}"
    waiting = asking("request_fax_code", of=owner, number=number)
    (fax,) = sent
    assert fax.named == (("fax", waiting["number"]),)
    assert fax.expires_at == datetime.fromisoformat(waiting["expires_at"])
    assert fax.person is None, "a code is shown in no message centre"
    shown = asking("own_notifications", of=owner)
    assert shown["waiting_fax"] == waiting
    assert shown["contact_points"] == []
    assert code_in(fax, unsealing_key) not in str(shown)
    about = {"of": owner, "challenge_id": waiting["challenge_id"]}
    code = code_in(fax, unsealing_key)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert refusal(asking, "confirm_fax_code", code=wrong, **about) == (
        "CODE_WRONG",
        {"code": ["CODE_WRONG"]},
    )
    stranger = {"of": an_owner(), "challenge_id": waiting["challenge_id"]}
    assert refusal(asking, "confirm_fax_code", code=code, **stranger)[0] == "CODE_WRONG"
    asking("confirm_fax_code", code=f"{code[:3]} {code[3:]}", **about)
    (point,) = asking("own_notifications", of=owner)["contact_points"]
    assert (point["channel"], point["address"], point["own"]) == ("fax", waiting["number"], True)
    assert refusal(asking, "confirm_fax_code", code=code, **about)[0] == "CODE_EXPIRED"
    assert refusal(asking, "request_fax_code", of=owner, number=number)[0] == "CONTACT_KNOWN"
    assert asking("remove_fax_number", of=owner) == {"removed": True}
    assert asking("remove_fax_number", of=owner) == {"removed": False}
    on_record = choices_on_record(asking.database, owner.account_id)
    assert [event["change"] for event in on_record] == ["fax_number_added", "fax_number_removed"]
    assert waiting["number"] not in str(on_record)
    with asking.database.transaction() as tx:
        told = tx.execute(
            "SELECT name, payload::jsonb ->> 'number' FROM outbox WHERE name LIKE 'FaxNumber%%' AND subject = %s"
            " ORDER BY position",
            (str(owner.account_id),),
        ).fetchall()
    assert told == [("FaxNumberConfirmed", waiting["number"]), ("FaxNumberRemoved", None)]


@pytest.mark.stack
def test_wrong_codes_are_counted_and_then_none_is_right(asking, with_fax, monkeypatch, unsealing_key):
    sent = []
    monkeypatch.setattr("notify.fax_codes.endpoints.send", lambda tx, _, __, faxes: sent.extend(faxes))
    owner = an_owner()
    waiting = asking("request_fax_code", of=owner, number=f"02-3343-{uuid4().int % 10_000:04d}")
    code = code_in(sent[0], unsealing_key)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    about = {"of": owner, "challenge_id": waiting["challenge_id"]}
    found = [refusal(asking, "confirm_fax_code", code=wrong, **about)[0] for _ in range(6)]
    assert found == ["CODE_WRONG"] * 5 + ["CODE_VOID"]
    assert refusal(asking, "confirm_fax_code", code=code, **about)[0] == "CODE_VOID"
    assert asking("own_notifications", of=owner)["waiting_fax"] is None


@pytest.mark.stack
def test_faxes_are_counted_for_the_number_whoever_asks(asking, with_fax, monkeypatch):
    monkeypatch.setattr("notify.fax_codes.endpoints.send", lambda *_: None)
    number = f"02-3343-{uuid4().int % 10_000:04d}"
    first = an_owner()
    asking("request_fax_code", of=first, number=number)
    assert refusal(asking, "request_fax_code", of=first, number=number)[0] == "TOO_SOON"
    for _ in range(2):
        asking("request_fax_code", of=an_owner(), number=number)
    assert refusal(asking, "request_fax_code", of=an_owner(), number=number)[0] == "TOO_MANY_FAXES"
    invalid = refusal(asking, "request_fax_code", of=first, number="33436768")
    assert invalid == ("INVALID", {"number": ["PHONE_NEEDS_AREA_CODE"]})


@pytest.mark.stack
def test_the_same_wish_with_its_key_sends_one_fax(asking, with_fax, monkeypatch):
    sent = []
    monkeypatch.setattr("notify.fax_codes.endpoints.send", lambda tx, _, __, faxes: sent.extend(faxes))
    wish = {"of": an_owner(), "number": f"02-3343-{uuid4().int % 10_000:04d}", "key": uuid4().hex}
    assert asking("request_fax_code", **wish) == asking("request_fax_code", **wish)
    assert len(sent) == 1


@pytest.mark.stack
def test_without_the_channel_no_fax_is_promised(asking, monkeypatch):
    monkeypatch.setattr(actions, "channel_plans", lambda: {"email": None})
    assert refusal(asking, "request_fax_code", of=an_owner(), number="02-3343-6768")[0] == "FAX_AWAY"
