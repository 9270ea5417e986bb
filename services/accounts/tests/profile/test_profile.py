"""One's own data and contacts: what may be changed, what a code proves, and what undoing brings back."""

from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.data.sealing import unseal

from ..builders import an_active_account, an_owner
from ..conftest import NOTIFY_KEY, other_code, refusal, text

pytestmark = pytest.mark.stack


@pytest.fixture
def owner(ask, notify, transactions):
    applying, actor = an_active_account(ask, notify, transactions)
    return applying, actor


def undo_token(announced, actor):
    event = announced("ContactChanged", subject=str(actor.account_id))[-1]
    return unseal(text(NOTIFY_KEY.private_bytes_raw()), event["sealed_token"], event["account_id"])


def values(own, kind="email"):
    return [(c["value"], c["is_primary"]) for c in own["contacts"] if c["kind"] == kind]


def with_second_email(ask, notify, actor, value):
    sent = ask("request_contact_change", actor=actor, kind="email", value=value)
    return ask(
        "confirm_contact_change",
        actor=actor,
        change_id=sent["challenge_id"],
        code=notify.last_code(value),
    )


class TestOwnData:
    def test_begins_as_in_the_application_and_hides_most_of_the_id_number(self, ask, owner):
        applying, actor = owner
        found = ask("own_profile", actor=actor)
        assert found["phone"] == "+886233436767"
        assert found["masked_id_number"] == applying.identity["id_number"][:4] + "***"
        assert found["version"] == 0
        assert found["locale"] == "zh-Hant"

    def test_changes_what_is_sent_and_nothing_else(self, ask, owner, rows, announced):
        _, actor = owner
        ask("save_profile", actor=actor, version=0, title="經理", fax="02-3343-6768")
        found = ask("save_profile", actor=actor, version=1, locale="en", title="")
        assert (found["title"], found["fax"], found["locale"], found["version"]) == (
            None,
            "+886233436768",
            "en",
            2,
        )
        assert found["phone"] == "+886233436767"
        assert announced("MailLanguageChanged", subject=str(actor.account_id))[-1]["locale"] == "en"
        entries = rows(
            "SELECT detail -> 'fields' FROM audit_entry WHERE subject_id = %s AND action = 'profile_changed'"
            " ORDER BY position",
            actor.account_id,
        )
        assert [sorted(fields) for (fields,) in entries] == [["fax", "title"], ["locale", "title"]]

    def test_another_window_is_not_overwritten(self, ask, owner):
        _, actor = owner
        ask("save_profile", actor=actor, version=0, title="經理")
        assert refusal(ask, "save_profile", actor=actor, version=0, title="協理").code == "ANSWERS_CHANGED"
        assert ask("own_profile", actor=actor)["title"] == "經理"

    @pytest.mark.parametrize(
        ("sent", "fault"),
        [
            ({"phone": ""}, {"phone": ["REQUIRED"]}),
            ({"phone": "33436767"}, {"phone": ["PHONE_NEEDS_AREA_CODE"]}),
            ({"fax": "12"}, {"fax": ["PHONE_INVALID"]}),
            ({"locale": "fr"}, {"locale": ["NOT_A_CHOICE"]}),
            ({"title": "x" * 51}, {"title": ["TOO_LONG"]}),
        ],
    )
    def test_bad_answers_are_named(self, ask, owner, sent, fault):
        _, actor = owner
        assert refusal(ask, "save_profile", actor=actor, version=0, **sent).fields == fault

    def test_staff_without_an_application_have_a_profile_too(self, ask, owner, rows):
        _, actor = owner
        rows("UPDATE account SET application_id = NULL WHERE account_id = %s", actor.account_id)
        found = ask("own_profile", actor=actor)
        assert (found["phone"], found["masked_id_number"]) == (None, None)
        assert ask("save_profile", actor=actor, version=0, title="科長")["title"] == "科長"

    @pytest.mark.parametrize("call", ["own_profile", "own_contacts"])
    def test_nobody_reads_without_being_signed_in(self, ask, call):
        assert refusal(ask, call).code == "NOT_SIGNED_IN"


class TestContacts:
    def test_an_address_counts_after_its_code_and_the_old_one_is_told(
        self, ask, notify, owner, announced, rows
    ):
        applying, actor = owner
        old = applying.applicant["email"]
        (first,) = [c for c in ask("own_contacts", actor=actor)["contacts"] if c["kind"] == "email"]
        sent = ask(
            "request_contact_change",
            actor=actor,
            kind="email",
            value="new.office@EXAMPLE.com",
            replaces=first["contact_id"],
        )
        waiting = ask("own_contacts", actor=actor)
        assert values(waiting) == [(old, True)]
        assert [w["value"] for w in waiting["waiting"]] == ["new.office@example.com"]
        assert announced("ContactChanged", subject=str(actor.account_id)) == []
        code = notify.last_code("new.office@example.com")
        wrong = refusal(
            ask,
            "confirm_contact_change",
            actor=actor,
            change_id=sent["challenge_id"],
            code=other_code(code),
        )
        assert (wrong.code, wrong.detail) == ("CODE_WRONG", {"tries_left": 4})
        own = ask("confirm_contact_change", actor=actor, change_id=sent["challenge_id"], code=code)
        assert values(own) == [("new.office@example.com", True)]
        assert own["waiting"] == []
        assert rows("SELECT email FROM account WHERE account_id = %s", actor.account_id) == [
            ("new.office@example.com",)
        ]
        (event,) = announced("ContactChanged", subject=str(actor.account_id))
        assert (event["change"], event["old"], event["new"], event["emails"]) == (
            "replaced",
            old,
            "new.office@example.com",
            [old],
        )

    def test_a_code_is_good_once_and_for_its_own_change_only(self, ask, notify, owner):
        _, actor = owner
        one = ask("request_contact_change", actor=actor, kind="email", value="one@example.com")
        two = ask("request_contact_change", actor=actor, kind="mobile", value="0912000111")
        code = notify.last_code("one@example.com")
        if code != notify.last_code("+886912000111"):
            crossed = refusal(
                ask, "confirm_contact_change", actor=actor, change_id=two["challenge_id"], code=code
            )
            assert crossed.code == "CODE_WRONG"
        ask("confirm_contact_change", actor=actor, change_id=one["challenge_id"], code=code)
        again = refusal(ask, "confirm_contact_change", actor=actor, change_id=one["challenge_id"], code=code)
        assert again.code == "CONTACT_NOT_FOUND"

    def test_somebody_elses_change_is_not_found(self, ask, notify, owner, transactions):
        _, actor = owner
        sent = ask("request_contact_change", actor=actor, kind="email", value="mine@example.com")
        _, other = an_active_account(ask, notify, transactions)
        code = notify.last_code("mine@example.com")
        for call, more in (
            ("confirm_contact_change", {"code": code}),
            ("resend_contact_code", {}),
        ):
            refused = refusal(ask, call, actor=other, change_id=sent["challenge_id"], **more)
            assert refused.code == "CONTACT_NOT_FOUND"
        (own, *_) = ask("own_contacts", actor=actor)["contacts"]
        for call in ("remove_contact", "make_contact_primary"):
            assert refusal(ask, call, actor=other, contact_id=own["contact_id"]).code == "CONTACT_NOT_FOUND"

    def test_codes_are_limited_by_account_however_many_addresses_are_tried(self, ask, owner):
        _, actor = owner
        for n in range(20):
            ask("request_contact_change", actor=actor, kind="email", value=f"n{n}@example.com")
        assert (
            refusal(ask, "request_contact_change", actor=actor, kind="email", value="x@example.com").code
            == "TOO_MANY_CODES"
        )
        assert len(ask("own_contacts", actor=actor)["waiting"]) == 1

    def test_another_code_comes_after_a_minute_and_guessing_ends(self, ask, notify, owner):
        _, actor = owner
        sent = ask("request_contact_change", actor=actor, kind="email", value="wait@example.com")
        change = {"actor": actor, "change_id": sent["challenge_id"]}
        assert refusal(ask, "resend_contact_code", **change).code == "TOO_SOON"
        wrong = other_code(notify.last_code("wait@example.com"))
        codes = [refusal(ask, "confirm_contact_change", **change, code=wrong).code for _ in range(6)]
        assert codes == ["CODE_WRONG"] * 5 + ["CODE_VOID"]

    def test_a_second_address_can_become_the_first_and_the_last_one_stays(
        self, ask, notify, owner, announced
    ):
        applying, actor = owner
        old = applying.applicant["email"]
        own = with_second_email(ask, notify, actor, "second@example.com")
        assert values(own) == [(old, True), ("second@example.com", False)]
        third = refusal(ask, "request_contact_change", actor=actor, kind="email", value="third@example.com")
        assert third.code == "TOO_MANY_CONTACTS"
        known = refusal(ask, "request_contact_change", actor=actor, kind="email", value="second@example.com")
        assert known.fields == {"value": ["CONTACT_KNOWN"]}
        second = own["contacts"][1]["contact_id"]
        own = ask("make_contact_primary", actor=actor, contact_id=second)
        assert values(own) == [("second@example.com", True), (old, False)]
        assert announced("ContactChanged", subject=str(actor.account_id))[-1]["email"] == "second@example.com"
        own = ask("remove_contact", actor=actor, contact_id=own["contacts"][1]["contact_id"])
        assert values(own) == [("second@example.com", True)]
        assert refusal(ask, "remove_contact", actor=actor, contact_id=second).code == "LAST_EMAIL"

    @pytest.mark.parametrize(
        ("kind", "value", "fault"),
        [
            ("email", "no address", "EMAIL_INVALID"),
            ("email", "a@localhost", "EMAIL_INVALID"),
            ("mobile", "02-33436767", "MOBILE_INVALID"),
            ("mobile", "0912", "MOBILE_INVALID"),
            ("email", "", "REQUIRED"),
        ],
    )
    def test_what_is_no_contact_is_said_at_its_field(self, ask, owner, kind, value, fault):
        _, actor = owner
        refused = refusal(ask, "request_contact_change", actor=actor, kind=kind, value=value)
        assert refused.fields == {"value": [fault]}


class TestUndoing:
    def test_brings_back_what_was_before_and_ends_every_session(self, ask, notify, owner, announced, rows):
        applying, actor = owner
        old = applying.applicant["email"]
        entered = ask("log_in", account_name=actor.account_name, password="Quay!2026side")
        with_second_email(ask, notify, actor, "thief@example.com")
        token = undo_token(announced, actor)
        # What was done after the change is undone with it.
        contacts = ask("own_contacts", actor=actor)["contacts"]
        thief = next(c for c in contacts if c["value"] == "thief@example.com")
        ask("make_contact_primary", actor=actor, contact_id=thief["contact_id"])
        later = undo_token(announced, actor)
        found = ask("contact_change_to_undo", undo_token=token)
        assert old not in str(found["contacts_before"])
        ask("undo_contact_change", undo_token=token, ip="192.0.2.5")
        assert values(ask("own_contacts", actor=actor)) == [(old, True)]
        assert rows("SELECT email FROM account WHERE account_id = %s", actor.account_id) == [(old,)]
        assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"
        for used in (token, later):
            assert refusal(ask, "undo_contact_change", undo_token=used).code == "UNDO_LINK_INVALID"
        again = {"account_name": actor.account_name, "password": "Quay!2026side"}
        assert refusal(ask, "log_in", **again).code == "NEW_PASSWORD_REQUIRED"
        (event,) = announced("ContactChangeUndone", subject=str(actor.account_id))
        assert event["emails"] == [old]

    def test_voids_what_still_waits_for_a_code(self, ask, notify, owner, announced):
        _, actor = owner
        with_second_email(ask, notify, actor, "thief@example.com")
        waiting = ask("request_contact_change", actor=actor, kind="mobile", value="0912000222")
        ask("undo_contact_change", undo_token=undo_token(announced, actor))
        code = notify.last_code("+886912000222")
        refused = refusal(
            ask, "confirm_contact_change", actor=actor, change_id=waiting["challenge_id"], code=code
        )
        assert refused.code == "CONTACT_NOT_FOUND"

    def test_is_over_after_72_hours(self, ask, notify, owner, announced, rows):
        _, actor = owner
        with_second_email(ask, notify, actor, "kept@example.com")
        token = undo_token(announced, actor)
        rows("UPDATE contact_change SET undo_until = now() WHERE account_id = %s", actor.account_id)
        for call in ("contact_change_to_undo", "undo_contact_change"):
            assert refusal(ask, call, undo_token=token).code == "UNDO_LINK_INVALID"
        assert len(values(ask("own_contacts", actor=actor))) == 2

    def test_an_unknown_link_says_the_same(self, ask):
        for call in ("contact_change_to_undo", "undo_contact_change"):
            assert refusal(ask, call, undo_token="x" * 43).code == "UNDO_LINK_INVALID"


def test_a_form_sent_twice_changes_once(ask, owner):
    _, actor = owner
    first = ask("save_profile", actor=actor, key="k1", version=0, title="經理")
    assert ask("save_profile", actor=actor, key="k1", version=0, title="經理") == first
    assert ask("own_profile", actor=actor)["version"] == 1


def test_contacts_are_changed_only_by_somebody_who_has_just_said_who_they_are(ask, owner):
    _, actor = owner
    stale = an_owner(
        actor.account_id,
        account_name=actor.account_name,
        confirmed_at=datetime.now(UTC) - timedelta(minutes=11),
    )
    (own, *_) = ask("own_contacts", actor=stale)["contacts"]
    for call, request in (
        ("request_contact_change", {"kind": "email", "value": "new@example.com"}),
        ("remove_contact", {"contact_id": own["contact_id"]}),
        ("make_contact_primary", {"contact_id": own["contact_id"]}),
    ):
        assert refusal(ask, call, actor=stale, **request).code == "CONFIRMATION_REQUIRED"
