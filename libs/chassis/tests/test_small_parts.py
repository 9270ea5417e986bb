"""Settings, actors, sealed secrets and files."""

import base64
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_chassis.data.sealing import SealBroken, seal, unseal
from mtnet_chassis.events.retries import without_personal_data
from mtnet_chassis.rpc.actor import Actor, ActorNotValid, ActorSigner, ActorVerifier
from mtnet_chassis.settings import SettingMissing, env, env_int, secret
from mtnet_chassis.telemetry import _traceback, worded

KEY = Ed25519PrivateKey.generate()
SIGNER = ActorSigner(KEY.private_bytes_raw())
VERIFIER = ActorVerifier(KEY.public_key().public_bytes_raw())
ACTOR = Actor(
    account_id=uuid4(),
    account_name="northreviewer",
    display_name="北部航務中心審核員",
    roles=frozenset({"reviewer", "member"}),
    session_id=uuid4(),
    expires_at=datetime.now(UTC) + timedelta(hours=2),
    unit="north",
    organisation_id=uuid4(),
    person_key="k",
    ip="192.0.2.1",
)
SEALING_KEY = X25519PrivateKey.generate()
PRIVATE = base64.b64encode(SEALING_KEY.private_bytes_raw()).decode()
PUBLIC = base64.b64encode(SEALING_KEY.public_key().public_bytes_raw()).decode()


def test_an_actor_comes_back_as_it_was_signed():
    assert VERIFIER.verify(SIGNER.sign(ACTOR)) == ACTOR
    assert ACTOR.has_role("operator", "reviewer")
    assert not ACTOR.has_role("operator")


def test_an_expired_actor_is_nobody():
    token = SIGNER.sign(ACTOR)
    assert VERIFIER.verify(token) == ACTOR, "known as it is by now"
    with pytest.raises(ActorNotValid, match="expired"):
        VERIFIER.verify(token, now=ACTOR.expires_at)


def test_an_actor_signed_by_somebody_else_is_nobody():
    other = ActorSigner(Ed25519PrivateKey.generate().private_bytes_raw())
    with pytest.raises(ActorNotValid):
        VERIFIER.verify(other.sign(ACTOR))


def test_a_raised_role_breaks_the_signature():
    body, _, signature = SIGNER.sign(ACTOR).partition(".")
    raised, _, _ = SIGNER.sign(replace(ACTOR, roles=frozenset({"operator"}))).partition(".")
    assert raised != body
    with pytest.raises(ActorNotValid):
        VERIFIER.verify(f"{raised}.{signature}")


@given(st.text())
def test_no_text_makes_the_verifier_stumble(text):
    with pytest.raises(ActorNotValid):
        VERIFIER.verify(text)


@given(st.text(), st.text())
def test_a_sealed_secret_opens_for_its_holder_in_its_context(text, context):
    assert unseal(PRIVATE, seal(PUBLIC, text, context), context) == text


def test_a_sealed_secret_does_not_open_elsewhere():
    sealed = seal(PUBLIC, "123456", "challenge-1")
    assert "123456" not in sealed
    with pytest.raises(SealBroken):
        unseal(PRIVATE, sealed, "challenge-2")
    other = base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()).decode()
    with pytest.raises(SealBroken):
        unseal(other, sealed, "challenge-1")
    with pytest.raises(SealBroken):
        unseal(PRIVATE, "not sealed", "challenge-1")


def test_files_are_kept_by_key(tmp_path):
    files = Files(f"file://{tmp_path}/files")
    files.put("uploads/one.pdf", b"%PDF-1.7")
    assert files.get("uploads/one.pdf") == b"%PDF-1.7"
    assert files.exists("uploads/one.pdf")
    files.delete("uploads/one.pdf")
    files.delete("uploads/one.pdf")
    assert not files.exists("uploads/one.pdf")
    with pytest.raises(FileNotThere):
        files.get("uploads/one.pdf")


@pytest.mark.parametrize("name", ["a space", "100%", "%20", "航港"])
def test_files_lie_in_the_directory_that_their_address_means(tmp_path, name):
    files = Files((tmp_path / name).as_uri())
    files.put("forms/one.pdf", b"x")
    assert (tmp_path / name / "forms" / "one.pdf").read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_of_files_is_emptied_or_rid_of_what_is_old(tmp_path):
    files = Files(f"file://{tmp_path}/files")
    for key in ("uploads/one", "uploads/two", "forms/three"):
        files.put(key, b"x")
    assert files.delete_all("uploads/", older_than=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert files.delete_all("uploads/") == 2
    assert not files.exists("uploads/one")
    assert files.exists("forms/three")
    assert files.delete_all("nothing/") == 0


def test_a_missing_setting_is_named_and_a_secret_is_never_told(monkeypatch):
    monkeypatch.delenv("ACTOR_PUBLIC_KEY", raising=False)
    with pytest.raises(SettingMissing, match="ACTOR_PUBLIC_KEY"):
        env("ACTOR_PUBLIC_KEY")
    monkeypatch.setenv("ACTOR_PUBLIC_KEY", base64.b64encode(os.urandom(31)).decode())
    with pytest.raises(SettingMissing, match="32 bytes"):
        secret("ACTOR_PUBLIC_KEY", 32)
    monkeypatch.setenv("ACTOR_PUBLIC_KEY", "s3cr€t")
    with pytest.raises(SettingMissing) as told:
        secret("ACTOR_PUBLIC_KEY", 32)
    assert "s3cr" not in str(told.value)
    monkeypatch.setenv("WORKERS", "many")
    with pytest.raises(SettingMissing, match="WORKERS must be a whole number"):
        env_int("WORKERS", 10)


class Diagnosis:
    constraint_name = "account_by_id_number"


class RowRefused(Exception):
    """As psycopg's exceptions are: the text holds the row."""

    sqlstate = "23505"
    diag = Diagnosis()


def refused_row():
    return RowRefused("duplicate key\nDETAIL:  Key (id_number)=(A123456789) already exists.")


def test_an_exception_of_the_database_is_worded_without_the_row():
    assert worded(refused_row()) == "RowRefused: sqlstate 23505, constraint account_by_id_number"
    assert worded(ValueError("never")) == "ValueError: never"


def test_the_reason_of_a_dead_letter_holds_no_row():
    try:
        raise refused_row()
    except RowRefused as problem:
        reason = f"{type(problem).__name__}: {problem}"
        assert without_personal_data(reason) == "RowRefused: sqlstate 23505, constraint account_by_id_number"
    assert without_personal_data(reason) == "RowRefused: duplicate key"
    assert without_personal_data("TryLater: not yet") == "TryLater: not yet"


def test_a_log_line_with_a_traceback_holds_no_row():
    try:
        try:
            raise refused_row()
        except RowRefused as problem:
            raise ValueError("application not stored") from problem
    except ValueError:
        told = _traceback(sys.exc_info())
    assert "A123456789" not in told
    assert "constraint account_by_id_number" in told
    assert told.endswith("ValueError: application not stored")
    assert "refused_row()" in told, "the frames are there"
