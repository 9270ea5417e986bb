"""The privacy notice goes along with an account: agreed to in the application, asked for at a login when it is new."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from accounts.consents import cli
from mtnet_chassis.rpc.actor import ActorVerifier
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import an_account, an_active_account
from ..conftest import ACTOR_KEY, log_in, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"
OLD = "2019-01"
MIGRATION = Path(__file__).parents[2] / "migrations" / "0100_account_consents.sql"


@pytest.fixture
def version(ask):
    return ask("privacy_notice")["version"]


@pytest.fixture
def member(transactions, rows):
    """Somebody who agreed to the version before the one in force, years ago."""
    rows(
        "INSERT INTO privacy_notice (version, effective_on, title, body) VALUES (%s, '2019-01-01', '{}', '{}')"
        " ON CONFLICT DO NOTHING",
        OLD,
    )
    account = an_account(transactions, PASSWORD, agreed=False)
    rows(
        "INSERT INTO account_consent VALUES (%s, %s, '2019-05-05', 'application', '192.0.2.1')",
        account.account_id,
        OLD,
    )
    return account


@pytest.fixture
def entered(ask, member):
    return log_in(ask, member.account_name, PASSWORD, ip="192.0.2.9")


def actor_of(entered):
    return ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(entered["actor"])


def audited(rows, account_id):
    found = rows(
        "SELECT action, detail ->> 'version', host(ip) FROM audit_entry"
        " WHERE subject_id = %s AND action LIKE 'notice%%' ORDER BY position",
        account_id,
    )
    return [tuple(row) for row in found]


def test_whoever_applied_has_agreed_and_is_not_asked(ask, notify, transactions, rows, version):
    applying, actor = an_active_account(ask, notify, transactions)
    found = ask("own_consents", actor=actor)
    assert found["needed"] is None
    assert [(c["notice_version"], c["how"]) for c in found["agreed"]] == [(version, "application")]
    ((at, ip),) = rows("SELECT agreed_at, ip FROM consent WHERE application_id = %s", applying.application_id)
    assert rows("SELECT agreed_at, ip FROM account_consent WHERE account_id = %s", actor.account_id) == [
        (at, ip)
    ]
    entered = log_in(ask, actor.account_name, PASSWORD)
    assert (entered["needs_consent"], actor_of(entered).needs_consent) == (False, False)


def test_a_new_version_is_asked_for_at_the_next_login_and_nothing_else_is_possible(
    ask, member, entered, version
):
    assert entered["needs_consent"]
    resumed = ask("resume_session", session_token=entered["session_token"])
    actor = actor_of(resumed)
    assert (resumed["needs_consent"], actor.needs_consent) == (True, True)
    needed = ask("own_consents", actor=actor)["needed"]
    assert (needed["version"], sorted(needed["body"])) == (version, ["en", "zh-Hant"])
    for call, request in (
        ("own_profile", {}),
        ("save_profile", {"version": 0, "title": "經理"}),
        ("sessions", {}),
        ("own_history", {}),
        ("second_factors", {}),
    ):
        assert refusal(ask, call, actor=actor, **request).code == "CONSENT_REQUIRED", call


def test_only_the_notice_ones_rights_and_leaving_stay_open(ask):
    open_before = {
        name for name, endpoint in ask.endpoints.items() if endpoint.roles and endpoint.before_consent
    }
    assert open_before == {
        "own_consents",
        "agree_to_notice",
        "decline_notice",
        "confirmation",
        "copy_of_own_data",
        "document_of_own_data",
        "own_privacy_requests",
        "ask_for_privacy_right",
        "withdraw_privacy_request",
        "close_own_account",
    }


def test_what_stays_open_can_be_used(ask, entered):
    actor = actor_of(entered)
    assert ask("own_privacy_requests", actor=actor) == {"requests": []}
    asked = ask("ask_for_privacy_right", actor=actor, key=str(uuid4()), kind="delete", words="請刪除我的資料")
    assert asked["state"] == "open"
    assert ask("copy_of_own_data", actor=actor)["data"]["consents"][0]["notice_version"] == OLD
    ask("extend_session", session_token=entered["session_token"])
    ask("log_out", session_token=entered["session_token"])
    assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"


def test_agreeing_opens_every_session_and_is_on_record_once(ask, rows, member, entered, version):
    other = log_in(ask, member.account_name, PASSWORD)
    assert other["needs_consent"]
    actor = actor_of(entered)
    for _ in range(2):
        found = ask("agree_to_notice", actor=actor, notice_version=version)
        assert found["needed"] is None
    assert [(c["notice_version"], c["how"]) for c in found["agreed"]] == [
        (version, "login"),
        (OLD, "application"),
    ]
    for each in (entered, other):
        resumed = ask("resume_session", session_token=each["session_token"])
        assert not resumed["needs_consent"]
        ask("own_profile", actor=actor_of(resumed))
    assert not log_in(ask, member.account_name, PASSWORD)["needs_consent"]
    assert audited(rows, member.account_id) == [("notice_agreed", version, "192.0.2.9")]
    entry = ask("own_history", actor=actor_of(resumed), category="changes")["entries"][0]
    assert (entry["action"], entry["by"], entry["detail"]) == ("notice_agreed", "owner", {"version": version})


def test_not_now_changes_nothing_and_is_on_record_once_a_session(ask, rows, member, entered, version):
    actor = actor_of(entered)
    for _ in range(3):
        ask("decline_notice", actor=actor)
    assert audited(rows, member.account_id) == [("notice_declined", version, "192.0.2.9")]
    resumed = ask("resume_session", session_token=entered["session_token"])
    assert resumed["needs_consent"]
    assert refusal(ask, "own_profile", actor=actor_of(resumed)).code == "CONSENT_REQUIRED"
    again = log_in(ask, member.account_name, PASSWORD)
    assert again["needs_consent"]
    # Who needs not agree has nothing to decline.
    ask("agree_to_notice", actor=actor_of(again), notice_version=version)
    ask("decline_notice", actor=actor_of(again))
    assert [action for action, _, _ in audited(rows, member.account_id)] == [
        "notice_declined",
        "notice_agreed",
    ]


@pytest.mark.parametrize("read", [OLD, "2099-01", "never"])
def test_only_the_version_in_force_can_be_agreed_to(ask, rows, member, entered, read):
    refused = refusal(ask, "agree_to_notice", actor=actor_of(entered), notice_version=read)
    assert (refused.code, refused.fields) == ("INVALID", {"notice_version": ["NOTICE_OUTDATED"]})
    assert audited(rows, member.account_id) == []


def test_an_ended_session_agrees_to_nothing(ask, rows, member, entered, version):
    ask("log_out", session_token=entered["session_token"])
    refused = refusal(ask, "agree_to_notice", actor=actor_of(entered), notice_version=version)
    assert refused.code == "SESSION_ENDED"
    assert refusal(ask, "decline_notice", actor=actor_of(entered)).code == "SESSION_ENDED"
    assert audited(rows, member.account_id) == []


def test_accounts_of_before_have_agreed_to_what_their_applications_did(ask, notify, transactions, rows):
    _, actor = an_active_account(ask, notify, transactions)
    before = rows("SELECT * FROM account_consent WHERE account_id = %s", actor.account_id)
    rows("DELETE FROM account_consent WHERE account_id = %s", actor.account_id)
    (seeding,) = re.findall(r"INSERT INTO account_consent.*?;", MIGRATION.read_text("utf-8"), re.DOTALL)
    rows(seeding.rstrip(";") + " ON CONFLICT DO NOTHING")
    assert rows("SELECT * FROM account_consent WHERE account_id = %s", actor.account_id) == before


@pytest.fixture
def command(environment, postgres_dsn, told, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    return cli.main


def test_a_version_is_published_shown_and_taken_back_on_record(command, ask, rows, version, tmp_path, capsys):
    zh, en = tmp_path / "zh.txt", tmp_path / "en.txt"
    zh.write_text("新告知書\n\n一、目的", "utf-8")
    en.write_text("New notice\n\n1. Purposes", "utf-8")
    begins = taipei_day(datetime.now(UTC)) + timedelta(days=1)
    new, who = f"t{uuid4().hex[:8]}", ["--who", "operator1", "--reason", "個資法修正"]
    publish = ["publish", new, "--from", begins.isoformat(), "--zh", str(zh), "--en", str(en), *who]
    assert command(publish) == 0
    assert "asked at their next login" in capsys.readouterr().out
    assert rows("SELECT effective_on, title, body FROM privacy_notice WHERE version = %s", new) == [
        (begins, {"zh-Hant": "新告知書", "en": "New notice"}, {"zh-Hant": "一、目的", "en": "1. Purposes"})
    ]
    # It is not in force yet.
    assert ask("privacy_notice")["version"] == version
    assert command(["show"]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first.split() == [new, "from", begins.isoformat(), "agreed", "to", "by", "0", "accounts"]
    assert any(line.startswith(version) for line in others)
    assert command(publish) == 1
    assert "there already" in capsys.readouterr().err
    assert command(["withdraw", new, *who]) == 0
    assert command(["withdraw", version, *who]) == 1
    assert "still to come into force" in capsys.readouterr().err
    assert rows("SELECT 1 FROM privacy_notice WHERE version = %s", version)
    entries = rows(
        "SELECT action, detail FROM audit_entry WHERE detail ->> 'version' = %s ORDER BY position", new
    )
    ordered = {"version": new, "who": "operator1", "reason": "個資法修正"}
    assert entries == [
        ("notice_published", ordered | {"from": begins.isoformat()}),
        ("notice_withdrawn", ordered),
    ]


def test_a_file_that_is_no_notice_is_told_and_nothing_is_kept(command, rows, tmp_path, capsys):
    good, huge, bytes_ = tmp_path / "good.txt", tmp_path / "huge.txt", tmp_path / "bytes.txt"
    good.write_text("標題\n\n內容", "utf-8")
    huge.write_text("標題\n" + "字" * 50_000, "utf-8")
    bytes_.write_bytes(b"\xff\xfe\xff")
    begins = date(2098, 1, 1).isoformat()
    for bad in (huge, bytes_, tmp_path / "missing.txt"):
        arguments = ["publish", "2098-01", "--from", begins, "--zh", str(bad), "--en", str(good)]
        assert command([*arguments, "--who", "operator1", "--reason", "x"]) == 1
        assert capsys.readouterr().err.startswith("Not done: ")
    assert rows("SELECT 1 FROM privacy_notice WHERE version = '2098-01'") == []
