"""No form of the desk calls a field by its raw name in an error."""

import re

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls.helpdesk import canned_answers, faq_proposals, faults, quick_answers
from mtnet_contracts.calls.helpdesk import tickets as calls

from ..conftest import a_session, example
from .conftest import NUMBER

ADDRESS = f"/desk/tickets/{NUMBER}"


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
@pytest.mark.parametrize(
    ("path", "call", "form"),
    [
        ("/desk/calls/new", calls.LOG_CALL, {}),
        (f"{ADDRESS}/answer", calls.ANSWER_TICKET, {"text": "x"}),
        (f"{ADDRESS}/note", calls.ADD_NOTE, {"note": "x"}),
        (f"{ADDRESS}/addresses", calls.REVEAL_ADDRESSES, {"reason": "x"}),
        (f"{ADDRESS}/question", faq_proposals.PROPOSE_FAQ, {}),
        ("/desk/views", canned_answers.SAVE_VIEW, {"name": "x"}),
        ("/desk/canned/new", canned_answers.SAVE_CANNED_ANSWER, {}),
        ("/desk/answers/new", quick_answers.SAVE_QUICK_ANSWER, {}),
        ("/desk/faults/new", faults.RECORD_FAULT, {}),
    ],
)
def test_no_error_of_a_form_shows_the_raw_name_of_a_field(desk, path, call, form, language):
    desk.services.answers["accounts.resume_session"] = a_session("helpdesk_lead")
    page = "/desk/" if path == "/desk/views" else ADDRESS if path.startswith(ADDRESS) else path
    fields = call.request().fields
    desk.services.answers["helpdesk.faq_beginning"] = example(faq_proposals.FAQ_BEGINNING.reply)
    desk.services.answers[f"helpdesk.{call.name}"] = Refused(
        "INVALID", {name: ["TOO_LONG"] for name in fields}
    )
    assert desk.post(f"{path}?lang={language}", page=page, **form).status_code == 422
    shown = desk.page.find(id="error-summary").get_text(" ", strip=True)
    assert "_" not in shown
    names = {name for name in fields if name.isascii()}
    said = set(re.findall(r"「([^」]*)」", shown)) if language == "zh-Hant" else set()
    assert not said & names
