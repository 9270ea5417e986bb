"""Whether the code on a stamped form was read: told to the applicant and to the reviewer."""

import pytest
from mtnet_contracts.calls import accounts

from .conftest import a_case, an_application, example

FINGERPRINT = "1a2b3c4d5e6f7a8b"
NUMBER = "PTAPPLY936EC90162340"
APPLICATION_ID = "0190b3c9-0d54-7e0a-b1c2-9d8e7f6a5b43"


def uploaded(**changes):
    form = example(accounts.FormView) | {"outdated": False, "size_bytes": 2048, "pages": 1}
    return an_application(form=form | changes, missing=[])


@pytest.mark.parametrize("path", ["form", "check"])
@pytest.mark.parametrize(("told", "shown"), [({"recognised": False}, True), ({"recognised": True}, False)])
def test_an_applicant_learns_that_the_code_could_not_be_read(browser, everything, path, told, shown):
    everything.answers["accounts.application"] = uploaded(**told)
    browser.cookie(f"case-{NUMBER}", "t" * 43).get(f"/apply/{NUMBER}/{path}")
    assert ("讀不到這份檔案上的 QR Code" in browser.words) is shown


@pytest.mark.parametrize(
    ("told", "shown", "hidden"),
    [
        (
            {"content_hash": FINGERPRINT, "recognised": False},
            (FINGERPRINT, "核對表上的案件編號"),
            ("已從 QR",),
        ),
        ({"content_hash": FINGERPRINT, "recognised": True}, (FINGERPRINT, "已從 QR Code 讀到"), ("讀不到",)),
        ({}, ("下載帳號申請表",), ("內容識別碼", "讀不到")),
    ],
)
def test_a_reviewer_learns_the_fingerprint_and_whether_to_compare_it(
    browser, everything, told, shown, hidden
):
    everything.answers["review.case"] = a_case() | {"form": a_case()["form"] | told}
    browser.cookie("sid", "s" * 43).get(f"/review/{APPLICATION_ID}")
    assert all(words in browser.words for words in shown)
    assert not any(words in browser.words for words in hidden)
