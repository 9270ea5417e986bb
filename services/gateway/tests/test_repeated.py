"""What is sent twice: the key that goes along, and the raw files that stay behind."""

from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gateway.rpc.client import Refused, ServiceUnavailable

from .conftest import an_application

TOKEN = {"X-Application-Token": "t" * 43}
BEARER = {"Authorization": "Bearer " + "s" * 43}
NUMBER = "PTAPPLY936EC90162340"
PDF = b"%PDF-1.7 a stamped form"


@pytest.fixture
def raw_files(settings):
    """The uploads that lie in the object store."""
    folder = Path(urlsplit(settings.files_url).path) / "uploads"
    for left in folder.glob("*"):
        left.unlink()
    return lambda: sorted(folder.glob("*"))


def put_form(api, content=PDF, **headers):
    return api.put(
        "/api/v1/applications/current/form",
        data={"file": (BytesIO(content), "form.pdf")},
        headers=TOKEN | headers,
    )


def test_the_same_file_sent_again_is_the_same_request_and_leaves_nothing_behind(portal, services, raw_files):
    services.answers["accounts.attach_form"] = an_application()
    api = portal.test_client()
    for content in (PDF, PDF, PDF + b"other"):
        assert put_form(api, content, **{"Idempotency-Key": "one"}).status_code == 200
        assert raw_files() == []
    first, second, other = services.requests_to("accounts.attach_form")
    assert first["upload_key"] != second["upload_key"]
    assert first["sha256"] == second["sha256"] != other["sha256"]
    assert len(set(services.keys_to("accounts.attach_form"))) == 1


@pytest.mark.parametrize("refusal", ["IDEMPOTENCY_KEY_REUSED", "APPLICATION_TOKEN_INVALID", "FILE_BLANK"])
def test_a_refused_file_leaves_nothing_behind(portal, services, raw_files, refusal):
    services.answers["accounts.attach_form"] = Refused(refusal)
    assert put_form(portal.test_client()).status_code >= 400
    assert raw_files() == []


def test_a_file_that_accounts_may_still_be_reading_stays_where_it_is(portal, services, raw_files):
    services.answers["accounts.attach_form"] = ServiceUnavailable("accounts", "no answer in 10 s")
    assert put_form(portal.test_client()).status_code == 503
    (left,) = raw_files()
    left.unlink()


def test_the_page_sends_a_file_under_the_key_of_its_form(browser, everything, raw_files):
    everything.answers["accounts.attach_form"] = an_application(missing=["form"])
    browser.cookie(f"case-{NUMBER}", "t" * 43).get(f"/apply/{NUMBER}/form")
    key = browser.page.find("input", {"name": "key"})["value"]
    for _ in range(2):
        answer = browser.post(f"/apply/{NUMBER}/form", key=key, file=(BytesIO(PDF), "form.pdf"))
        assert answer.status_code == 303
    first, second = everything.keys_to("accounts.attach_form")
    assert first == second is not None
    assert raw_files() == []


def test_a_look_has_no_key_whatever_header_comes_along(portal, everything):
    api = portal.test_client()
    for path, headers in (
        ("/applications/current/form.pdf", TOKEN),
        ("/applications/current/receipt.pdf", TOKEN),
        ("/applications/current", TOKEN),
        ("/reviews", BEARER),
    ):
        api.get(f"/api/v1{path}", headers=headers | {"Idempotency-Key": "one"})
    assert everything.asked
    assert {key for _, _, _, key in everything.asked} == {None}


def test_a_program_may_begin_an_application_under_a_key(portal, everything):
    api = portal.test_client()
    for key in ("one", "one", "two"):
        sent = api.post(
            "/api/v1/applications", json={"identity_type": "company"}, headers={"Idempotency-Key": key}
        )
        assert sent.status_code == 201
    first, second, other = everything.keys_to("accounts.start_application")
    assert first == second != other
    assert None not in (first, other)


def test_long_keys_that_differ_at_the_end_are_two_keys(portal, everything):
    api = portal.test_client()
    for end in "ab":
        api.post(
            "/api/v1/applications",
            json={"identity_type": "company"},
            headers={"Idempotency-Key": "k" * 199 + end},
        )
    first, second = everything.keys_to("accounts.start_application")
    assert first != second
