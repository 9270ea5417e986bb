"""The operators' page of deliveries: searched without an address in any address line, each attempt, send again."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser, a_delivery, a_session

PAGE = "/operations/messages"
AGAIN = f"{PAGE}/0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e01/again"


@pytest.fixture
def asked(everything):
    """Two pages of what was sent; remembers what was asked."""
    asked = []

    def find(request):
        asked.append(request)
        return {"items": [a_delivery()], "next_before": None if request.get("before") else "2026-11-26 x"}

    everything.answers["accounts.resume_session"] = a_session("operator")
    everything.answers["notify.find_deliveries"] = find
    return asked


@pytest.fixture
def operator(portal, asked):
    return Browser(portal).cookie("sid", "s" * 43)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}.csv"])
@pytest.mark.parametrize("role", ["member", "reviewer"])
def test_only_operators_see_what_was_sent(portal, everything, path, role):
    everything.answers["accounts.resume_session"] = a_session(role)
    assert Browser(portal).cookie("sid", "s" * 43).get(path).status_code == 403


def test_each_delivery_is_told_in_words_with_its_attempts(operator):
    operator.get(f"{PAGE}?name=PTAPPLY936EC90162340&state=failed")
    for words in (
        "申請退件補正",
        "失敗",
        "郵件遭退回",
        "業者已受理",
        "後續回報：未送達",
        "5.1.1",
        "c•••@carrier",
    ):
        assert words in operator.words, words


def test_an_address_that_is_looked_for_stands_in_no_link(operator, asked):
    answer = operator.post(PAGE, address="someone@else.example", state="failed")
    assert asked[-1]["address"] == "someone@else.example"
    assert asked[-1]["state"] == "failed"
    for link in operator.page.find_all(["a", "form"]):
        assert "someone" not in (link.get("href") or link.get("action") or "")
    assert answer.headers["Cache-Control"] == "no-store"
    operator.get(f"{PAGE}?address=someone@else.example")
    assert asked[-1]["address"] is None


def test_sending_again_wants_a_reason_and_leads_back_to_the_search(operator, everything):
    sent = []
    reply = {"message_id": a_delivery()["message_id"], "delivery_id": a_delivery()["delivery_id"]}
    everything.answers["notify.send_delivery_again"] = lambda request: sent.append(request) or reply
    assert operator.post(AGAIN, PAGE, reason=" ").status_code == 422
    assert "請說明重新寄送的原因" in operator.words
    assert sent == []
    answer = operator.post(f"{AGAIN}?state=failed", PAGE, reason="沒有收到")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?state=failed&done=1")
    assert sent[0]["reason"] == "沒有收到"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("STILL_ON_ITS_WAY", "仍在寄送中"),
        ("NOT_SENT_TWICE", "一次性連結"),
        ("ADDRESS_SUPPRESSED", "停寄名單"),
    ],
)
def test_what_cannot_be_sent_again_is_said_at_its_place(operator, everything, code, words):
    def refuse(request):
        raise Refused(code)

    everything.answers["notify.send_delivery_again"] = refuse
    assert operator.post(AGAIN, PAGE, reason="沒有收到").status_code == 409
    assert words in operator.words


def test_the_file_has_all_pages_and_masked_addresses(operator, asked):
    text = operator.get(f"{PAGE}.csv?state=failed").get_data(as_text=True)
    assert len(text.strip().splitlines()) == 3
    assert "c•••@carrier.example.com" in text
    assert [request.get("before") for request in asked] == [None, "2026-11-26 x"]
