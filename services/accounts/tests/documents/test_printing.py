"""The form to be stamped and the receipt: what stands on them, in both languages, on one sheet."""

import dataclasses
import json
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pikepdf
import pytest
from accounts.applications.rules import content_hash, new_application
from accounts.documents.inspection.uploads import clean_form
from accounts.documents.printing import form_pdf, receipt_pdf
from accounts.documents.rules import read_qr
from accounts.documents.worker import WorkerFailed, work
from mtnet_chassis.runtime import child
from mtnet_contracts.vocabulary.answers import Answers
from mtnet_contracts.vocabulary.dates import moment_as_text

from ..builders import applicant, company, scanned, text_of
from ..conftest import START_CHILD

pytestmark = pytest.mark.slow

PORTAL = "https://portal.example.com"
NOW = datetime(2025, 2, 19, 9, 25, 24, tzinfo=UTC)


def an_application(**changes):
    fresh = new_application(
        application_id=UUID(int=7),
        random_hex="936ec90162340",
        identity_type="company",
        locale="zh-Hant",
        now=NOW,
    )
    given = {
        "identity": {"account_name": "QWERTYUI", "masked_id_number": "A123***"},
        "company": company(name_zh="堃犇䲜𠮷航運股份有限公司"),
        "applicant": applicant(name="海運業務承辦人", email="clerk@carrier.example.com"),
    }
    return dataclasses.replace(
        fresh, **({"answers": Answers.read(given), "submitted_at": NOW, "submission": 1} | changes)
    )


def a_form(application):
    return form_pdf(
        application,
        masked_id_number="A123***",
        digest=content_hash(application, "somebody"),
        portal_url=PORTAL,
    )


@pytest.mark.parametrize(
    ("kept", "printed"),
    [
        ("+886233436767", "02-3343-6767"),
        ("+886233436767#12", "02-3343-6767 #12"),
        ("+886912345678", "0912-345-678"),
        ("+886800022120", "0800-022-120"),
    ],
)
def test_a_telephone_is_printed_as_on_a_card(kept, printed):
    before = an_application().answers
    answers = dataclasses.replace(before, applicant=dataclasses.replace(before.applicant, phone=kept))
    text = text_of(a_form(an_application(answers=answers)))
    assert printed in text
    assert "+886" not in text


@pytest.mark.parametrize("locale", ["zh-Hant", "en"])
def test_the_form_fits_one_sheet_and_speaks_both_languages(locale):
    form = a_form(an_application(locale=locale))
    with pikepdf.open(BytesIO(form)) as document:
        assert len(document.pages) == 1
        assert document.Root.MarkInfo.Marked
    text = text_of(form)
    for words in (
        "PTAPPLY936EC90162340",
        "帳號申請表",
        "application form",
        "A123***",
        "QWERTYUI",
        "堃犇䲜𠮷",
        "基隆市" if locale == "zh-Hant" else "Keelung",
    ):
        assert words in text


def test_the_form_carries_no_full_id_number_and_its_code_leads_to_the_case():
    application = an_application()
    (code,) = clean_form(scanned(a_form(application))).codes
    assert code.startswith(f"{PORTAL}/f/")
    assert read_qr(code) == (application.case_number, content_hash(application, "somebody"))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("https://portal.example.com/f/PTAPPLY936EC90162340/0123456789abcdef", True),
        ("http://127.0.0.1:8000/f/PTAPPLY936EC90162340/0123456789abcdef", True),
        ("https://host.example.com/mtnet/f/PTAPPLY936EC90162340/0123456789abcdef", True),
        ("https://portal.example.com/case?number=PTAPPLY936EC90162340", False),
        ("https://portal.example.com/f/PTAPPLY936EC90162340/0", False),
        ("https://portal.example.com/f/PTAPPLY936EC90162340/0123456789abcdef/more", False),
        ("WIFI:S:office;;", False),
    ],
)
def test_a_code_of_ours_is_known_under_whatever_address_it_was_printed(text, printed):
    assert read_qr(text) == (("PTAPPLY936EC90162340", "0123456789abcdef") if printed else None)


def test_an_individual_has_no_company_on_the_form():
    application = an_application(identity_type="individual")
    application = dataclasses.replace(
        application, answers=dataclasses.replace(application.answers, company=None)
    )
    assert "統一編號" not in text_of(a_form(application))


def test_the_fingerprint_changes_with_every_answer_and_person():
    application = an_application()
    found = {content_hash(application, "somebody"), content_hash(application, "somebody else")}
    for section, name in (("company", "address"), ("applicant", "phone"), ("identity", "account_name")):
        other = dataclasses.replace(application.answers.section(section), **{name: "other"})
        changed = application.answers.with_section(other)
        found.add(content_hash(dataclasses.replace(application, answers=changed), "somebody"))
    assert len(found) == 5
    assert content_hash(application, "somebody") in found


def test_what_people_typed_is_never_read_as_markup():
    markup = "<img src='file:///etc/passwd'><script>EVIL</script>"
    answers = an_application().answers
    application = an_application(
        answers=answers.with_section(dataclasses.replace(answers.applicant, reason=markup))
    )
    assert "<script>EVIL</script>" in text_of(a_form(application)).replace("\r\n", "")


def test_the_child_ends_without_unloading_its_libraries(tmp_path):
    (tmp_path / "request.json").write_text(json.dumps({"html": "<p>text</p>"}))
    code = (
        "import atexit, runpy, sys; atexit.register(print, 'unloaded'); "
        f"sys.argv = ['tasks', 'document', {str(tmp_path)!r}]; "
        "runpy.run_module('accounts.documents.tasks', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "output").read_bytes().startswith(b"%PDF")


def test_drawing_opens_no_address():
    html = "<img src='file:///etc/hostname'><img src='http://127.0.0.1:9/x'><p>text</p>"
    _, document = work("document", {"html": html})
    assert document.startswith(b"%PDF-")


def test_the_worker_is_told_no_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("ACCOUNTS_BLIND_INDEX_KEY", "secret")
    seen = {}

    class Recorded(subprocess.Popen):
        def __init__(self, *arguments, env, **options):
            seen.update(env)
            super().__init__(*arguments, env=env, **options)

    monkeypatch.setattr(child, "start", START_CHILD)
    monkeypatch.setattr(subprocess, "Popen", Recorded)
    work("document", {"html": "<p>x</p>"})
    assert seen
    assert not [name for name in seen if "KEY" in name or "URL" in name]


def test_a_worker_that_fails_says_so():
    with pytest.raises(WorkerFailed, match="nothing of the kind"):
        work("nothing of the kind", {})


def test_the_receipt_tells_when_and_how_to_follow():
    text = text_of(receipt_pdf(an_application(), portal_url=PORTAL))
    for words in ("PTAPPLY936EC90162340", "114-02-19 17:25:24", "A123***", f"{PORTAL}/case"):
        assert words in text


def test_times_are_those_of_taipei_in_the_calendar_of_the_language():
    assert moment_as_text(NOW, "zh-Hant") == "114-02-19 17:25:24"
    assert moment_as_text(NOW, "en") == "2025-02-19 17:25:24"
    assert moment_as_text(datetime(2010, 12, 31, 16, 0, tzinfo=UTC), "zh-Hant") == "100-01-01 00:00:00"
