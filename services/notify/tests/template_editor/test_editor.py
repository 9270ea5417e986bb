"""Texts of operators: published, kept with the messages they wrote, compared, taken back; two editors; tests."""

import threading
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import zxingcpp
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.testing.emptying import emptying
from mtnet_contracts.calls.notify import templates as calls
from mtnet_contracts.event import new_event_id
from notify.channels.fax.notice import fax_of
from notify.channels.rules import Deferral
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import EMAIL, account
from notify.deliveries.sender import ChannelState, Sender
from notify.messages.actions import write_messages
from notify.messages.rules import message_id_for
from notify.providers.rules import RateLimit
from notify.template_editor import actions, faxes, rules, shapes, trials
from notify.template_editor.rules import (
    MOST_TESTS,
    NoOwnContact,
    TemplateChanged,
    TemplateFaulty,
    TemplateUnchanged,
    TooManyTests,
)
from notify.templates import actions as templates
from notify.templates.actions import current_version, release_texts, render_mail
from notify.templates.rules import LOCALES, Kind, NoSuchTemplate
from notify.templates.store import TemplateStore
from PIL import Image

from ..builders import LINKS, NOW, an_example, an_outgoing, seconds

FROZEN, ZH = Kind.ACCOUNT_FROZEN, "zh-Hant"
ACTOR = Actor(
    account_id=uuid4(),
    account_name="operator1",
    display_name="王小明",
    roles=frozenset({"operator"}),
    session_id=uuid4(),
    expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    ip="192.0.2.7",
)
OTHER = replace(ACTOR, account_id=uuid4(), account_name="operator2")


@pytest.fixture
def empty(transactions):
    with transactions.transaction() as tx:
        tx.execute(
            emptying(
                *("template_version", "template_in_use", "template_draft"),
                *("message", "outbox", "person", "contact_point", "preference"),
            )
        )
    return transactions


@pytest.fixture
def publish(empty):
    def publish(revision=0, kind=FROZEN, locale=ZH, actor=ACTOR, reason="more polite", at=NOW, **parts):
        with empty.transaction() as tx:
            return actions.publish(
                TemplateStore(tx), Outbox(tx), LINKS, actor, kind, locale, parts, revision, reason, at
            )

    return publish


@pytest.fixture
def write(empty):
    def write(kind=FROZEN, **changes):
        event_id = new_event_id()
        message = replace(
            an_example(kind), event_id=event_id, message_id=message_id_for(event_id, kind, EMAIL), **changes
        )
        with empty.transaction() as tx:
            write_messages(tx, [message], NOW)
        return message.message_id

    return write


@pytest.fixture
def rows(empty):
    def rows(sql, *values):
        with empty.transaction() as tx:
            return tx.execute(sql, values).fetchall()

    return rows


@pytest.fixture
def store(empty):
    with empty.transaction() as tx:
        yield TemplateStore(tx)


class Renderer:
    """A connection that renders what it is handed, and fails as it is told."""

    def __init__(self):
        self.mails = []
        self.failures = []

    def send(self, message):
        mail = render_mail(LINKS, message.kind, message.template_version, message.locale, message.details)
        self.mails.append(mail)
        if self.failures:
            raise self.failures.pop(0)
        return "250 OK"

    def close(self):
        pass


@pytest.fixture
def renderer():
    templates._KEPT.clear()
    return Renderer()


def a_sender(transactions, renderer, unsealing_key, clock=lambda: NOW):
    sender_id = uuid4()
    return Sender(
        ChannelState(EMAIL, LINKS, unsealing_key, RateLimit(1_000_000)),
        renderer,
        transactions.transaction,
        lambda: sender_id,
        clock,
        jitter=lambda: 0.0,
        sleep=lambda _: None,
        batch=50,
    )


VERSIONS = "SELECT template_version FROM message WHERE message_id = %s"


def test_a_message_keeps_the_version_it_was_written_with_and_a_retry_renders_the_same_text(
    empty, publish, write, renderer, unsealing_key, rows
):
    released = write()
    first = publish(subject="第一版 {{ account_name }}")
    of_first = write()
    second = publish(first["revision"], subject="第二版 {{ account_name }}")
    of_second = write()
    english = write(locale="en")
    assert [rows(VERSIONS, each)[0][0] for each in (released, of_first, of_second, english)] == [
        current_version(FROZEN),
        first["version"],
        second["version"],
        current_version(FROZEN),
    ]
    now = [NOW]
    renderer.failures = [Deferral("451")] * 4
    sender = a_sender(empty, renderer, unsealing_key, lambda: now[0])
    assert sender.send_due() == 4
    templates._KEPT.clear()  # another process tries again, after one more was published
    publish(second["revision"], subject="第三版 {{ account_name }}")
    now[0] += seconds(60)
    assert a_sender(empty, renderer, unsealing_key, lambda: now[0]).send_due() == 4
    tried, again = renderer.mails[:4], renderer.mails[4:]
    assert sorted(mail.subject for mail in tried) == sorted(mail.subject for mail in again)
    assert {"第一版 QWERTYUI", "第二版 QWERTYUI", "您的 MTNet 帳號已凍結"} <= {m.subject for m in again}
    assert "第三版 QWERTYUI" not in {mail.subject for mail in again}


def test_a_published_text_is_read_once_and_not_for_each_message(
    empty, publish, write, renderer, unsealing_key, monkeypatch
):
    publish(subject="第一版")
    for _ in range(5):
        write()
    asked = []
    texts = TemplateStore.texts
    monkeypatch.setattr(TemplateStore, "texts", lambda self, v: asked.append(set(v)) or texts(self, v))
    sender = a_sender(empty, renderer, unsealing_key)
    sender.send_due()
    write()
    sender.send_due()
    assert len(renderer.mails) == 6
    assert len(asked) == 1


def test_what_is_published_counts_from_its_commit_on_in_every_replica(empty, publish, write, rows):
    """No copy can be stale: each message asks for its version while it is stored."""
    for number in range(3):
        revision = rows("SELECT coalesce(max(revision), 0) FROM template_draft")[0][0]
        published = publish(revision, subject=f"第 {number} 版")
        assert rows(VERSIONS, write())[0][0] == published["version"]


def test_a_new_template_of_the_release_speaks_until_somebody_looked_at_the_operator_s_text(
    empty, publish, write, rows, monkeypatch, store
):
    published = publish(subject="第一版")
    from notify.messages import actions as messages

    later = current_version(FROZEN) + 1
    monkeypatch.setattr(messages, "current_version", lambda kind: later)
    assert rows(VERSIONS, write())[0][0] == later
    monkeypatch.setattr(actions.templates, "current_version", lambda kind: later)
    (line,) = [x for x in actions.lines(store) if (x["kind"], x["locale"]) == (FROZEN, ZH)]
    assert (line["in_use"], line["outdated"], line["last"].version) == (None, True, published["version"])


def test_of_two_editors_the_second_is_told(publish):
    seen = publish(subject="第一版")["revision"]
    publish(seen, subject="甲")
    with pytest.raises(TemplateChanged):
        publish(seen, actor=OTHER, subject="乙")
    with pytest.raises(TemplateChanged):
        publish(99, kind=Kind.ACCOUNT_CLOSED, subject="made up")


def test_of_two_at_the_same_time_one_publishes(empty, publish):
    outcomes, start = [], threading.Barrier(4)

    def run(number):
        start.wait()
        try:
            publish(subject=f"第 {number} 版")
            outcomes.append("published")
        except TemplateChanged:
            outcomes.append("told")

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(outcomes) == ["published", "told", "told", "told"]


def test_a_draft_is_kept_even_when_it_is_faulty_and_goes_with_publishing(empty, publish):
    with empty.transaction() as tx:
        saved = actions.save_draft(TemplateStore(tx), OTHER, FROZEN, ZH, {"subject": "{{ nmae }}"}, 0, NOW)
    with empty.transaction() as tx:
        found = actions.template(TemplateStore(tx), FROZEN, ZH)
    assert found["draft"].author == "operator2"
    assert found["revision"] == saved["revision"] == 1
    assert {p["name"]: p["text"] for p in found["parts"]}["subject"] == "{{ nmae }}"
    with pytest.raises(TemplateChanged):
        publish(0, subject="甲")
    publish(1, subject="甲")
    with empty.transaction() as tx:
        found = actions.template(TemplateStore(tx), FROZEN, ZH)
    assert found["draft"] is None
    assert {p["name"]: p["text"] for p in found["parts"]}["subject"] == "甲"


def test_a_faulty_text_is_not_published(publish, rows):
    with pytest.raises(TemplateFaulty):
        publish(kind=Kind.VERIFICATION_CODE, body="no code in it")
    assert rows("SELECT count(*) FROM template_version") == [(0,)]
    assert rows("SELECT count(*) FROM outbox") == [(0,)]


def test_what_says_what_the_release_says_is_left_to_the_release(publish, rows):
    release = release_texts(FROZEN, ZH)
    with pytest.raises(TemplateUnchanged):
        publish(**release)
    publish(**{**release, "subject": "凍結了", "line": ""})
    assert rows("SELECT parts FROM template_version") == [({"subject": "凍結了"},)]
    with pytest.raises(TemplateUnchanged):
        publish(1, subject=" 凍結了\r\n")


def test_an_earlier_version_comes_back_as_a_new_one_and_so_does_the_release_s_text(
    empty, publish, write, rows
):
    first = publish(subject="第一版")
    second = publish(first["revision"], subject="第二版")

    def restore(version, revision):
        with empty.transaction() as tx:
            stores = TemplateStore(tx), Outbox(tx)
            return actions.restore(
                *stores, LINKS, OTHER, FROZEN, ZH, version, revision, "it was better", NOW + timedelta(days=1)
            )

    third = restore(first["version"], second["revision"])
    assert rows(VERSIONS, write())[0][0] == third["version"] > second["version"]
    fourth = restore(calls.RELEASE, third["revision"])
    assert fourth["version"] is None
    assert rows(VERSIONS, write())[0][0] == current_version(FROZEN)
    with pytest.raises(TemplateUnchanged):
        restore(calls.RELEASE, fourth["revision"])
    with pytest.raises(NoSuchTemplate):
        restore(7, fourth["revision"])
    with empty.transaction() as tx:
        history, more = actions.versions(TemplateStore(tx), FROZEN, ZH, None, 3)
        assert more == history[-1].version == second["version"]
        (oldest,), end = actions.versions(TemplateStore(tx), FROZEN, ZH, more, 3)
    assert (oldest.version, end) == (first["version"], None)
    assert [(v.parts, v.restored_from, v.author) for v in history] == [
        ({}, None, "operator2"),
        ({"subject": "第一版"}, first["version"], "operator2"),
        ({"subject": "第二版"}, None, "operator1"),
    ]


def test_every_act_is_told_to_the_audit_log(publish, rows):
    publish(subject="第一版", reason="a reason")
    ((name, payload),) = rows("SELECT name, payload::jsonb FROM outbox")
    assert name == "OperatorActed"
    assert payload["action"] == "template_published"
    assert payload["actor_account_id"] == str(ACTOR.account_id)
    assert {fact["name"]: fact["value"] for fact in payload["facts"]}["reason"] == "a reason"
    assert payload["ip"] == "192.0.2.7"


def test_a_difference_shows_what_was_changed_inside_a_line(publish, store):
    first = publish(subject="您的帳號 {{ account_name }} 已凍結", reason="x")
    parts = {p["part"]: p for p in actions.difference(store, FROZEN, ZH, calls.RELEASE, first["version"])}
    assert parts["body"]["same"]
    assert not parts["subject"]["same"]
    (row,) = parts["subject"]["rows"]
    assert "".join(piece.text for piece in row.newer) == "您的帳號 {{ account_name }} 已凍結"
    assert "{{ account_name }}" in [piece.text.strip() for piece in row.newer if piece.changed]
    with pytest.raises(NoSuchTemplate):
        actions.difference(store, FROZEN, ZH, calls.RELEASE, calls.DRAFT)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("", ""), ("a\nb\nc", "a\nc"), ("a\nb", "a\nx y\nb\nz"), ("一二三", "一四三"), ("", "a"), ("a", "")],
)
def test_a_difference_loses_no_line(older, newer):
    found = rules.differences(older, newer)
    for side, text in (("older", older), ("newer", newer)):
        lines = ["".join(p.text for p in getattr(r, side)) for r in found if getattr(r, side) is not None]
        assert "\n".join(lines) == text


@pytest.mark.parametrize("kind", actions.EDITABLE)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_release_s_texts_can_be_looked_at_on_every_channel(kind, locale):
    found = actions.preview(LINKS, kind, locale, {}, {})
    assert found["faults"] == []
    assert found["subject"] in found["html"]
    assert 'src="data:image/png;base64,' in found["html"]
    assert found["line"]
    assert found["fax"]
    assert (found["sms"] is not None) is ("sms" in release_texts(kind, locale))


def test_a_preview_shows_the_chosen_case_and_what_is_wrong_part_by_part():
    kind = Kind.VERIFICATION_CODE
    found = actions.preview(
        LINKS, kind, "en", {"sms": "{{ cdoe }}", "subject": "Hello"}, {"purpose": "device"}
    )
    assert found["subject"] == "Hello"
    assert "wants to log in" in found["text"]
    assert found["sms"] is None
    assert [(f.part, f.code, f.about) for f in found["faults"]] == [("sms", "PLACEHOLDER_UNKNOWN", "cdoe")]


def test_a_fax_is_previewed_as_the_pages_that_are_sent_and_says_the_text_for_faxes(publish, empty):
    kind, texts = Kind.APPLICATION_RECEIVED, {"fax": "傳真專用文字\n\n{{ case_number }}"}
    found = actions.preview(LINKS, kind, ZH, texts, {})
    (page,) = (
        Image.open(BytesIO(b64decode(each))) for each in faxes.pages(LINKS, found, kind, ZH, texts, NOW)
    )
    assert page.size == (864, 1144)
    (code,) = zxingcpp.read_barcodes(page.convert("L"))
    assert code.text.startswith("https://mtnet.example/case?number=")
    assert faxes.pages(LINKS, found | {"fax": None}, kind, ZH, texts, NOW) == []

    version = publish(kind=kind, **texts)["version"]
    with empty.transaction() as tx:
        templates.load_texts(tx, [version])
    sent = fax_of(replace(an_outgoing(kind, ZH), template_version=version), LINKS, NOW)
    assert sent.paragraphs[0].text == "傳真專用文字"
    assert fax_of(an_outgoing(kind, ZH), LINKS, NOW).paragraphs[0].text != "傳真專用文字"


@pytest.mark.parametrize(
    "source", ["{{ nmae }}", "{{ name", "{% if why == 'x' %}y{% endif %}", "**x", "x" * 9000]
)
@pytest.mark.parametrize("part", ["subject", "body", "line"])
def test_what_says_what_a_faulty_mail_says_is_not_shown_either(part, source):
    found = actions.preview(LINKS, FROZEN, ZH, {part: source}, {})
    if found["faults"]:
        assert found["line"] is None
        assert (found["html"] is None) is (found["fax"] is None) is (part != "line")


def test_a_text_that_is_not_the_kind_s_cannot_be_asked_for():
    with pytest.raises(NoSuchTemplate):
        actions.kind_of("../layout")
    assert actions.own_text(FROZEN, ZH, {"sms": "x", "subject": "y"}) == {"subject": "y"}


def test_meanings_and_samples_are_told_in_the_reader_s_language(store):
    view = shapes.template_view(actions.template(store, Kind.APPLICATION_RETURNED, ZH), LINKS, "en")
    by_name = {each["name"]: each for each in view["placeholders"]}
    assert by_name["resubmit_by"]["meaning"] == "By when it has to be handed in again"
    assert by_name["resubmit_by"]["sample"] == "115年3月22日"
    assert by_name["reasons"]["sample"].startswith("- 申請人聯絡電話：")
    assert by_name["hotline"]["common"]
    assert calls.TEMPLATE.dump_reply(view)


class Woken:
    def __init__(self):
        self.woken = 0

    def wake(self, *, urgent):
        self.woken += 1


@pytest.fixture
def try_out(empty):
    def try_out(actor=ACTOR, kind=FROZEN, at=NOW, chosen=None, **parts):
        with empty.transaction() as tx:
            sending = tx, empty, {"email": Woken(), "sms": Woken()}
            return trials.send_to_oneself(
                TemplateStore(tx), sending, LINKS, actor, kind, ZH, parts, chosen or {}, at
            )

    return try_out


def test_a_test_goes_to_the_operator_s_own_contacts_only_and_writes_no_other_message(
    empty, try_out, rows, renderer, unsealing_key, write
):
    with empty.transaction() as tx:
        given = (("email", "operator@mtnet.example"), ("sms", "+886912345678"), ("fax", "+886233436767"))
        contact_points.keep_points(tx, account(ACTOR.account_id), given, NOW)
    found = try_out(kind=Kind.VERIFICATION_CODE, subject="試試看", sms="{{ code }} 試")
    assert found == {"recipients": ["o•••@mtnet.example", "+886 9•• ••• 678"]}
    assert rows("SELECT channel, recipient FROM delivery ORDER BY channel") == [
        ("email", "operator@mtnet.example"),
        ("sms", "+886912345678"),
    ]
    a_sender(empty, renderer, unsealing_key, lambda: datetime.now(UTC)).send_due()
    assert [mail.subject for mail in renderer.mails] == ["［測試］試試看"]
    assert "482913" in renderer.mails[0].text
    assert rows(VERSIONS, write(Kind.VERIFICATION_CODE)) == [(current_version(Kind.VERIFICATION_CODE),)]
    with empty.transaction() as tx:
        assert actions.versions(TemplateStore(tx), Kind.VERIFICATION_CODE, ZH, None, 10) == ([], None)


def test_an_operator_without_a_contact_and_one_who_tries_too_often_are_told(empty, try_out):
    with pytest.raises(NoOwnContact):
        try_out(subject="x")
    with empty.transaction() as tx:
        contact_points.keep_points(tx, account(ACTOR.account_id), (("email", "o@mtnet.example"),), NOW)
    with pytest.raises(TemplateFaulty):
        try_out(subject="{{ x }}")
    for _ in range(MOST_TESTS):
        try_out(subject="x")
    with pytest.raises(TooManyTests):
        try_out(subject="x")
    try_out(subject="x", at=NOW + timedelta(hours=1, seconds=1))
