"""What has served its time is removed, with its files; what is in use stays."""

from datetime import UTC, datetime, timedelta

import pytest
from accounts.actions.desk import desk_for
from accounts.actions.lifecycle import tidy
from mtnet_chassis.files import Files

from .builders import Applying
from .conftest import refusal

pytestmark = pytest.mark.stack


def test_a_draft_nobody_resumed_goes_with_its_files_and_a_submitted_application_stays(
    ask, notify, told, transactions, rows
):
    draft, submitted = Applying(ask, notify, "company"), Applying(ask, notify)
    draft.complete()
    submitted.hand_in()
    files = Files(told.files_url)
    ((key,),) = rows("SELECT key FROM form_file WHERE application_id = %s", draft.application_id)
    made = draft("generate_form")["key"]
    files.put("uploads/left-behind", b"x")
    files.put(f"forms/{draft.application_id}/known-to-no-row.pdf", b"x")
    assert files.exists(key)
    later = datetime.now(UTC) + timedelta(days=30, minutes=1)
    with transactions.transaction() as tx:
        assert tidy(desk_for(tx, told, later), files) >= 1
    assert not files.exists(key)
    assert not files.exists(made)
    assert not files.exists("uploads/left-behind")
    assert not files.exists(f"forms/{draft.application_id}/known-to-no-row.pdf")
    assert refusal(draft, "application").code == "APPLICATION_TOKEN_INVALID"
    assert rows("SELECT status FROM application WHERE application_id = %s", submitted.application_id) == [
        ("submitted",)
    ]
    assert rows("SELECT count(*) FROM challenge") == [(0,)]


def test_an_upload_of_today_stays(told, transactions):
    files = Files(told.files_url)
    files.put("uploads/of-today", b"x")
    with transactions.transaction() as tx:
        tidy(desk_for(tx, told), files)
    assert files.exists("uploads/of-today")


def test_a_form_that_was_stored_and_never_attached_goes_and_an_attached_one_stays(
    ask, notify, told, transactions, rows, monkeypatch
):
    carrier = Applying(ask, notify, "company")
    carrier.hand_in()
    late = Applying(ask, notify, "company")
    late.complete()
    with monkeypatch.context() as patch:
        patch.setattr("accounts.actions.submitting.attach_form", dies)
        with pytest.raises(ProcessDied):
            late.upload(late.form())
    ((key,),) = rows("SELECT key FROM unattached_form WHERE key LIKE %s", f"forms/{late.application_id}/%")
    late.submit()
    with transactions.transaction() as tx:
        noted_again = desk_for(tx, told).forms
        for _ in range(2):
            noted_again.add_unattached_form(carrier_key(rows, carrier), datetime.now(UTC))
    attached = [key for (key,) in rows("SELECT key FROM form_file")]
    files = Files(told.files_url)
    assert files.exists(key)
    for hours, stays in ((23, True), (25, False)):
        with transactions.transaction() as tx:
            tidy(desk_for(tx, told, datetime.now(UTC) + timedelta(hours=hours)), files)
        assert files.exists(key) is stays
    assert len(attached) >= 2
    assert all(files.exists(one) for one in attached)
    assert rows("SELECT count(*) FROM unattached_form") == [(0,)]


def carrier_key(rows, carrier):
    ((key,),) = rows("SELECT key FROM form_file WHERE application_id = %s", carrier.application_id)
    return key


class ProcessDied(Exception):
    """What a kill looks like from inside."""


def dies(*_, **__):
    raise ProcessDied
