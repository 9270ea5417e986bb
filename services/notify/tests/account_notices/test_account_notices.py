"""What owners of accounts are told: the right people, the right words, and links that only one of them gets."""

from dataclasses import replace

import pytest
from mtnet_contracts import events
from mtnet_contracts.examples import example_of
from notify.account_notices import messages
from notify.contact_points.rules import EMAIL, SMS
from notify.routing.rules import BULK, NORMAL, URGENT
from notify.templates.actions import current_version, render_mail, render_text
from notify.templates.rules import LOCALES, Kind

from ..builders import CONTACT, LINKS, SECRETS, an_example

BOTH = pytest.mark.parametrize("locale", LOCALES)


def text_of(message, locale):
    details = message.details | SECRETS.get(message.kind, {})
    mail = render_mail(LINKS, message.kind, current_version(message.kind), locale, details)
    return f"{mail.subject}\n{mail.text}"


def to(written):
    return [(message.kind, *address) for message in written for address in message.named]


class TestContacts:
    def a_change(self, **changes):
        return replace(example_of(events.ContactChanged), **changes)

    def test_the_former_addresses_can_undo_it_and_the_new_one_is_greeted(self):
        event = self.a_change(
            emails=("old@example.com", "second@example.com"), old="old@example.com", new="new@example.com"
        )
        written = list(messages.contact_changed_messages(event))
        assert to(written) == [
            (Kind.CONTACT_CHANGED, EMAIL, "old@example.com"),
            (Kind.CONTACT_CHANGED, EMAIL, "second@example.com"),
            (Kind.CONTACT_CONFIRMED, EMAIL, "new@example.com"),
        ]
        assert [bool(message.sealed_secret) for message in written] == [True, False]
        assert written[0].secret_context == str(event.account_id)
        assert written[0].expires_at == event.undo_until
        assert len({message.message_id for message in written}) == 2

    def test_a_former_mobile_gets_a_text_message_with_the_link(self):
        event = self.a_change(
            channel="sms", old="+886912345678", new="+886922333444", emails=("a@example.com",)
        )
        (by_text,) = messages.contact_changed_messages(event)
        assert by_text.named == ((EMAIL, "a@example.com"), (SMS, "+886912345678"))
        details = by_text.details | SECRETS[Kind.CONTACT_CHANGED]
        for locale in LOCALES:
            text = render_text(LINKS, by_text.kind, 1, locale, details, SMS)
            assert text.endswith("https://mtnet.example/contacts/undo/abc")
            assert "carrier2026" in text

    @pytest.mark.parametrize(
        ("change", "told"), [("replaced", True), ("removed", True), ("made_primary", False)]
    )
    def test_only_a_mobile_that_is_gone_is_told_that_it_was_removed(self, change, told):
        event = self.a_change(
            change=change,
            channel="sms",
            old="+886912345678",
            new=None if change == "removed" else "+886922333444",
        )
        channels = {channel for _, channel, _ in to(messages.contact_changed_messages(event))}
        assert (SMS in channels) is told

    def test_a_mobile_that_was_proved_once_more_is_not_told_that_it_was_removed(self):
        same = "+886912345678"
        event = self.a_change(change="replaced", channel="sms", old=same, new=same)
        assert {channel for _, channel, _ in to(messages.contact_changed_messages(event))} == {EMAIL}

    def test_a_new_mobile_has_proved_itself_by_its_code_and_gets_no_message(self):
        event = self.a_change(change="added", channel="sms", old=None, new="+886922333444")
        assert {channel for _, channel, _ in to(messages.contact_changed_messages(event))} == {EMAIL}

    def test_an_address_that_was_there_already_is_told_once(self):
        event = self.a_change(
            change="made_primary", old="a@example.com", new="b@example.com",
            emails=("a@example.com", "b@example.com", "a@example.com"),
        )  # fmt: skip
        assert to(messages.contact_changed_messages(event)) == [
            (Kind.CONTACT_CHANGED, EMAIL, "a@example.com"),
            (Kind.CONTACT_CHANGED, EMAIL, "b@example.com"),
        ]

    @BOTH
    @pytest.mark.parametrize("change", ["added", "replaced", "removed", "made_primary"])
    @pytest.mark.parametrize("channel", ["email", "sms"])
    def test_no_mail_shows_a_whole_contact(self, change, channel, locale):
        old, new = (
            ("clerk@example.com", "office@example.com")
            if channel == "email"
            else ("+886912345678", "+886922333444")
        )
        event = self.a_change(
            change=change, channel=channel, emails=("told@example.com",),
            old=None if change == "added" else old, new=None if change == "removed" else new,
        )  # fmt: skip
        for message in messages.contact_changed_messages(event):
            text = text_of(message, locale)
            assert old not in text
            assert new not in text

    @BOTH
    def test_every_change_says_something_else(self, locale):
        said = {
            text_of(
                next(messages.contact_changed_messages(self.a_change(change=change, channel=channel))), locale
            )
            for change in ("added", "replaced", "removed")
            for channel in ("email", "sms")
        }
        assert len(said) == 6


class TestPasswords:
    @BOTH
    @pytest.mark.parametrize(
        ("state", "address", "zh", "en"),
        [
            ("active", "/reset-password/abc", "連結限用一次", "works once"),
            ("frozen", "/reactivate", "因超過 90 天未登入而凍結", "is frozen"),
            ("disabled", "/login", "證明文件", "evidence of who you are"),
            ("approved", "/case", "尚未啟用", "not active yet"),
        ],
    )
    def test_who_forgot_it_is_led_to_the_way_that_is_open(self, state, address, zh, en, locale):
        event = example_of(events.PasswordResetRequested)
        if state != "active":
            event = replace(event, sealed_token=None, expires_at=None)
        message = messages.password_reset_message(replace(event, account_state=state))
        text = text_of(message, locale)
        assert f"https://mtnet.example{address}" in text
        assert {"zh-Hant": zh, "en": en}[locale] in text
        assert (message.sealed_secret is None) is (state != "active")
        assert ("reset-password" in text) is (state == "active")

    @BOTH
    @pytest.mark.parametrize(
        ("how", "zh", "en"),
        [
            ("CHANGED", "的密碼已於", "was changed at"),
            ("RESET", "透過電子郵件中的連結", "with a link that we had sent"),
            ("REACTIVATION", "恢復使用時", "when the account was reactivated"),
        ],
    )
    def test_every_contact_learns_that_it_was_changed_and_how(self, how, zh, en, locale):
        event = replace(
            example_of(events.PasswordChanged),
            how=how, emails=("a@example.com", "b@example.com"), mobiles=("+886912345678",),
        )  # fmt: skip
        written = messages.password_changed_message(event)
        assert written.named == (
            (EMAIL, "a@example.com"), (EMAIL, "b@example.com"), (SMS, "+886912345678"),
        )  # fmt: skip
        text = text_of(written, locale)
        assert {"zh-Hant": zh, "en": en}[locale] in text
        assert "https://mtnet.example/forgot-password" in text
        by_text = render_text(LINKS, Kind.PASSWORD_CHANGED, 1, locale, written.details, SMS)
        assert event.account_name in by_text
        assert "0800-022-120" in by_text


@BOTH
def test_every_change_of_a_second_factor_says_something_else(locale):
    changes = [
        "totp_added", "totp_removed", "passkey_added", "passkey_removed", "recovery_codes_issued",
        "recovery_code_used", "reset_by_operator", "one that is new",
    ]  # fmt: skip
    event = example_of(events.SecondFactorChanged)
    said = {
        text_of(messages.second_factor_message(replace(event, change=change)), locale) for change in changes
    }
    assert len(said) == len(changes)
    # In a list of mails only the subject is seen.
    subjects = {
        text_of(messages.second_factor_message(replace(event, change=change)), locale).splitlines()[0]
        for change in changes
    }
    assert len(subjects) == len(changes)
    used = replace(event, change="recovery_code_used", label=None, remaining=0)
    text = text_of(messages.second_factor_message(used), locale)
    assert {"zh-Hant": "剩餘備用碼：0 組", "en": "Recovery codes left: 0"}[locale] in text


@BOTH
def test_a_login_on_a_new_device_says_when_and_where_and_how_to_say_no(locale):
    text = text_of(an_example(Kind.NEW_DEVICE_LOGIN), locale)
    assert "Chrome, Windows" in text
    assert "198.51.100.x" in text
    assert {"zh-Hant": "115-03-02 09:00:00", "en": "2026-03-02 09:00:00 (Taipei)"}[locale] in text
    assert "https://mtnet.example/not-me/abc" in text


@BOTH
def test_a_device_that_names_an_address_brings_no_link(locale):
    event = replace(example_of(events.NewDeviceLogin), device="https://evil.example Chrome", came_from="")
    text = text_of(messages.new_device_message(event), locale)
    assert "evil" not in text
    assert {"zh-Hant": "IP 位址", "en": "Internet address"}[locale] not in text


@BOTH
@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("PASSWORD_CHANGED", "請用新密碼登入", "Log in with the new password"),
        ("HELPDESK_CHECKED", "客服人員已確認您的身分", "The helpdesk checked who you are"),
        ("EVIDENCE_CHECKED", "證明文件已審核通過", "was checked and accepted"),
    ],
)
def test_a_reactivated_account_is_told_why_and_which_password_counts(reason, zh, en, locale):
    event = replace(example_of(events.AccountReactivated), reason=reason)
    text = text_of(messages.reactivated_message(event, CONTACT), locale)
    assert {"zh-Hant": zh, "en": en}[locale] in text


@BOTH
@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("BY_OWNER", "帳號本人的申請", "as was asked for"),
        ("BY_OPERATOR", "平臺管理人員", "by the portal's staff"),
    ],
)
def test_a_closed_account_is_told_by_whom(reason, zh, en, locale):
    event = replace(example_of(events.AccountClosed), reason=reason)
    assert {"zh-Hant": zh, "en": en}[locale] in text_of(messages.closed_message(event, CONTACT), locale)


@BOTH
def test_a_disabled_account_is_told_why_and_that_evidence_brings_it_back(locale):
    text = text_of(an_example(Kind.ACCOUNT_DISABLED), locale)
    assert "0800-022-120" in text
    assert "service@mtnet.gov.tw" in text
    assert {"zh-Hant": "連續 12 個月未登入", "en": "for 12 months"}[locale] in text
    assert {"zh-Hant": "證明文件", "en": "evidence of who you are"}[locale] in text


@BOTH
@pytest.mark.parametrize("reason", events.ReactivationRefused.REASONS)
def test_a_refusal_of_evidence_says_why_and_that_it_may_be_handed_in_again(reason, locale):
    event = replace(example_of(events.ReactivationRefused), reason=reason)
    text = text_of(messages.reactivation_refused_message(event, CONTACT), locale)
    assert "0800-022-120" in text
    assert event.note in text
    zh, en = {
        "not_recognised": ("帳號為您所有", "the account is yours"),
        "not_entitled": ("申請使用此帳號", "you may ask for"),
        "incomplete": ("缺漏", "missing"),
        "no_answer": ("聯絡", "could not be reached"),
    }[reason]
    assert {"zh-Hant": zh, "en": en}[locale] in text


class TestPrivacyRequests:
    @BOTH
    @pytest.mark.parametrize("kind", ["view", "copy", "correct", "stop", "delete"])
    @pytest.mark.parametrize("outcome", ["DONE", "REFUSED", "EXTENDED", "WITHDRAWN"])
    def test_an_answer_says_what_was_asked_what_became_of_it_and_why(self, kind, outcome, locale):
        event = replace(
            example_of(events.PrivacyRequestAnswered), kind=kind, outcome=outcome, note="Line 1\n<b>2</b>"
        )
        text = text_of(messages.privacy_request_answered_message(event), locale)
        assert "Line 1\n<b>2</b>" in text
        assert "PD20260219-0001" in text
        due = {"zh-Hant": "115年3月21日", "en": "2026-03-21"}[locale]
        assert (due in text) is (outcome == "EXTENDED")
        last = {"zh-Hant": "最後一封通知", "en": "the last message"}[locale]
        assert (last in text) is ((kind, outcome) == ("delete", "DONE"))

    @pytest.mark.parametrize(("days_left", "words"), [(3, "3 天內"), (0, "今天"), (-2, "已逾期")])
    def test_operators_are_told_how_much_time_is_left_and_no_name(self, days_left, words):
        event = replace(
            example_of(events.PrivacyRequestDueSoon),
            days_left=days_left,
            emails=("a@x.example", "b@x.example"),
        )
        written = messages.privacy_request_due_message(event)
        assert written.named == ((EMAIL, "a@x.example"), (EMAIL, "b@x.example"))
        text = text_of(written, "zh-Hant")
        assert words in text.splitlines()[0]
        assert f"https://mtnet.example/operations/privacy-requests/{event.request_id}" in text
        assert "您好" not in text


def test_security_overtakes_everything_and_mass_notices_wait_for_all():
    urgent = {kind for kind in Kind if an_example(kind).plan.priority == URGENT}
    assert urgent == {
        Kind.VERIFICATION_CODE, Kind.ACTIVATION_LINK, Kind.PASSWORD_RESET, Kind.PASSWORD_CHANGED,
        Kind.NEW_DEVICE_LOGIN, Kind.SECOND_FACTOR_CHANGED, Kind.CONTACT_CHANGED, Kind.CONTACT_CHANGE_UNDONE,
    }  # fmt: skip
    assert {kind for kind in Kind if an_example(kind).plan.priority == BULK} == {
        Kind.BROADCAST,
        Kind.ACCOUNT_FROZEN, Kind.ACCOUNT_DISABLED, Kind.REMINDER_DUE,
    }  # fmt: skip
    assert an_example(Kind.ACCOUNT_CLOSED).plan.priority == NORMAL


def test_one_event_written_again_makes_the_same_messages():
    changed, due = example_of(events.ContactChanged), example_of(events.PrivacyRequestDueSoon)
    first, again = (list(messages.contact_changed_messages(changed)) for _ in range(2))
    assert first == again
    assert messages.privacy_request_due_message(due) == messages.privacy_request_due_message(due)
