"""Write to the desk without a login; what programs send is asked about; follow, answer and rate by the secret link."""

import io
import time

import pytest
from gateway.contact import proof
from gateway.files import uploads
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.seal import Seal
from limits.storage import MemoryStorage
from mtnet_contracts.calls.helpdesk import following

from ..conftest import SECRET_KEY, example

TOKEN = "w" * 43
WRITTEN = {
    "name": "某公司承辦人",
    "email": "clerk@agent.example.com",
    "subject": "無法上傳",
    "text": "附件\n傳不上去",
}
SENT = {"number": "HD2026-000123", "link_token": TOKEN}
SEAL = Seal(SECRET_KEY, b"contact form")


@pytest.fixture
def visitor(browser, services):
    services.answers["helpdesk.send_form"] = SENT
    browser.services = services
    return browser


def send(visitor, *, seconds_ago=60, forget=(), files=(), **changes):
    """The form as a person sends it: opened a minute ago."""
    visitor.get("/contact")
    hidden = {
        each["name"]: each["value"] for each in visitor.page.select("form#page-form input[type=hidden]")
    }
    shown = proof.Shown(int(time.time()) - seconds_ago, changes.get("key", hidden["key"]))
    hidden["shown"] = proof.handed_out(SEAL, shown)
    data = {name: value for name, value in (hidden | WRITTEN | changes).items() if name not in forget}
    answer = visitor.http.post("/contact", data=data | {"files": list(files)}, headers=visitor.headers)
    visitor.show(answer)
    return answer


def sent(visitor):
    return visitor.services.requests_to("helpdesk.send_form")


def test_what_was_written_is_sent_and_leads_to_its_page(visitor):
    answer = send(visitor, files=[(io.BytesIO(b"%PDF-1.7"), "截圖.pdf")])
    assert answer.headers["Location"] == f"/contact/{TOKEN}?sent=1"
    asked = sent(visitor)[0]
    assert {name: asked[name] for name in WRITTEN} == WRITTEN
    assert (asked["category"], asked["locale"], asked["suspicious"]) == (None, "zh-Hant", False)
    assert [each["filename"] for each in asked["uploads"]] == ["截圖.pdf"]


def test_the_page_needs_no_service_and_no_login(visitor):
    assert visitor.get("/contact").status_code == 200
    assert visitor.services.asked == []


@pytest.mark.parametrize(("key", "most"), [("one", 3), (None, 5)])
def test_what_is_sent_again_and_again_is_asked_about(visitor, portal, monkeypatch, key, most):
    """By one form, whose time was waited for once, or from one source."""
    monkeypatch.setitem(portal.extensions, "rate_counts", MemoryStorage())
    for _ in range(most):
        assert send(visitor, **({"key": key} if key else {})).status_code == 303
    assert send(visitor, **({"key": key} if key else {})).status_code == 422
    assert visitor.page.find(id="sum-error")


@pytest.mark.parametrize(
    ("forget", "field"),
    [(["email"], "email"), (["subject"], "subject"), (["text"], "text")],
)
def test_what_is_missing_is_asked_for_and_the_rest_stays(visitor, forget, field):
    assert send(visitor, forget=forget).status_code == 422
    assert visitor.page.find(id=f"{field}-error")
    assert not sent(visitor)
    for name in {"name", "email", "subject"} - set(forget):
        assert visitor.page.find("input", id=name)["value"] == WRITTEN[name]
    if "text" not in forget:
        assert visitor.page.find("textarea", id="text").text.strip().replace("\r\n", "\n") == WRITTEN["text"]


def test_a_telephone_number_is_enough(visitor):
    assert send(visitor, forget=["email"], phone="02-24201234").status_code == 303


@pytest.mark.parametrize(
    "program",
    [
        {"seconds_ago": 0},
        {"seconds_ago": proof.LONGEST_SECONDS + 60},
        {"leave_empty": "http://a"},
        {"text": "http://a http://b http://c http://d"},
        {"shown": "form.1.a"},
    ],
)
def test_what_looks_like_a_program_is_asked_a_sum_and_a_person_answers_it(visitor, program):
    assert send(visitor, **program).status_code == 422
    assert not sent(visitor)
    assert visitor.page.find(id="sum-error")
    form = {each["name"]: each.get("value", "") for each in visitor.page.select("form#page-form input[name]")}
    form["text"] = visitor.page.find("textarea", id="text").text.strip()
    wrong = visitor.http.post("/contact", data=form | {"sum": "99"}, headers=visitor.headers)
    assert wrong.status_code == 422
    question = SEAL.opened(form["asked"]).split(".")
    right = form | {"sum": str(int(question[2]) + int(question[3]))}
    assert visitor.http.post("/contact", data=right, headers=visitor.headers).status_code == 303
    # A person who was in haste is no spam; what fills in the field that nobody sees is no person.
    assert sent(visitor)[0]["suspicious"] is False
    visitor.http.post("/contact", data=right | {"leave_empty": "http://a"}, headers=visitor.headers)
    assert all(each["suspicious"] for each in sent(visitor)[1:])


def test_the_sum_cannot_be_left_out_once_it_was_asked(visitor):
    assert send(visitor, asked="anything").status_code == 422
    assert visitor.page.find(id="sum-error")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([(io.BytesIO(b""), "空.pdf")], "空.pdf"),
        ([(io.BytesIO(b"x" * 101), "大.tif")], "大.tif"),
        ([(io.BytesIO(b"x"), f"{number}.txt") for number in range(11)], "10"),
    ],
)
def test_files_that_cannot_be_taken_are_named_before_anything_is_sent(visitor, files, words, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_FILE_BYTES", 100)
    assert send(visitor, files=files).status_code == 422
    assert words in visitor.page.find(id="files-error").get_text()
    assert not sent(visitor)


@pytest.mark.parametrize(("files", "again"), [([], False), ([(io.BytesIO(b"x"), "航線.txt")], True)])
def test_files_are_to_be_chosen_again_only_by_who_had_chosen_some(visitor, files, again):
    assert send(visitor, text="", files=files).status_code == 422
    assert visitor.page.find(id="text-error")
    assert ("請重新選擇檔案" in visitor.page.find(id="files-hint").get_text()) is again


@pytest.mark.parametrize(
    ("refused", "status", "field"),
    [
        (Refused("INVALID", {"email": ["EMAIL_INVALID"]}), 422, "email"),
        (Refused("INVALID", {"subject": ["TOO_LONG"]}), 422, "subject"),
        (Refused("FILE_TOO_LARGE"), 409, "files"),
    ],
)
def test_what_the_desk_refuses_stands_at_its_field(visitor, refused, status, field):
    visitor.services.answers["helpdesk.send_form"] = refused
    assert send(visitor).status_code == status
    assert visitor.page.find(id=f"{field}-error")


def test_while_the_desk_is_away_what_was_written_can_be_read_and_copied(visitor):
    visitor.services.answers["helpdesk.send_form"] = ServiceUnavailable("helpdesk", "away")
    assert send(visitor).status_code == 503


# The secret link


FILE_ID = "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e03"
FILE = {"attachment_id": FILE_ID, "filename": "截圖.pdf", "size": 8, "held_back": ""}
HELD = FILE | {"filename": "說明.pdf", "held_back": "not_scanned"}


def a_thread(**changes):
    entries = [
        example(following.FollowedEntry) | {"mine": True, "text": "附件 <b>", "attachments": [FILE]},
        example(following.FollowedEntry) | {"mine": False, "text": "請改用 PDF", "attachments": [HELD]},
    ]
    return example(following.FollowedTicket) | {
        "number": "HD2026-000123", "subject": "無法上傳", "state": "resolved", "may_answer": True, "may_rate": True,
        "satisfaction": None, "satisfaction_comment": "", "entries": entries,
    } | changes  # fmt: skip


@pytest.fixture
def follower(visitor):
    for call in ("follow_ticket", "answer_by_link", "rate_ticket"):
        visitor.services.answers[f"helpdesk.{call}"] = a_thread()
    return visitor


def test_the_link_shows_what_both_wrote_and_the_address_to_keep(follower):
    answer = follower.get(f"/contact/{TOKEN}?sent=1")
    assert answer.status_code == 200
    assert "請改用 PDF" in follower.words
    assert follower.page.find("b") is None
    assert f"http://portal.example/contact/{TOKEN}" in follower.words
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "refused", [Refused("DESK_LINK_INVALID"), Refused("INVALID", {"link_token": ["NOT_VALID"]})]
)
def test_a_link_that_leads_nowhere_says_so(follower, refused):
    follower.services.answers["helpdesk.follow_ticket"] = refused
    assert follower.get("/contact/x").status_code == 404


def test_an_answer_and_a_rating_go_by_the_link(follower):
    answer = follower.post(f"/contact/{TOKEN}/answer", page=f"/contact/{TOKEN}", text="可以了")
    assert answer.headers["Location"] == f"/contact/{TOKEN}?answered=1"
    assert follower.services.requests_to("helpdesk.answer_by_link") == [
        {"link_token": TOKEN, "text": "可以了", "file_ids": []}
    ]
    answer = follower.post(
        f"/contact/{TOKEN}/satisfaction", page=f"/contact/{TOKEN}", satisfaction="5", comment="很快"
    )
    assert answer.headers["Location"] == f"/contact/{TOKEN}?rated=1"
    assert follower.services.requests_to("helpdesk.rate_ticket") == [
        {"link_token": TOKEN, "satisfaction": 5, "comment": "很快"}
    ]


@pytest.mark.parametrize(
    ("part", "form", "field"),
    [("answer", {"text": " "}, "text"), ("satisfaction", {"satisfaction": ""}, "satisfaction")],
)
def test_what_is_empty_is_asked_for(follower, part, form, field):
    assert follower.post(f"/contact/{TOKEN}/{part}", page=f"/contact/{TOKEN}", **form).status_code == 422
    assert follower.page.find(id=f"{field}-error")


def test_what_was_written_stays_when_the_desk_refuses(follower):
    follower.services.answers["helpdesk.answer_by_link"] = Refused("WRITTEN_OFTEN_ENOUGH")
    assert (
        follower.post(f"/contact/{TOKEN}/answer", page=f"/contact/{TOKEN}", text="可以了").status_code == 409
    )
    assert follower.page.find("textarea", id="text").text.strip() == "可以了"


def test_what_is_closed_is_not_answered_any_more(follower):
    follower.services.answers["helpdesk.follow_ticket"] = a_thread(
        state="closed", may_answer=False, may_rate=False
    )
    follower.get(f"/contact/{TOKEN}")
    assert follower.page.find("textarea") is None
    assert follower.page.select("main a[href='/contact']")


def test_files_of_the_thread_open_by_the_link_and_what_is_held_back_says_why(follower):
    follower.get(f"/contact/{TOKEN}")
    link = follower.page.find("a", string="截圖.pdf")["href"]
    assert link == f"/contact/{TOKEN}/files/{FILE_ID}"
    assert follower.page.find("a", string="說明.pdf") is None
    assert "病毒" in follower.page.find(class_="portal-thread").get_text()
    follower.services.answers["helpdesk.followed_file"] = Refused("FILE_MISSING")
    assert follower.get(link).status_code == 404
    assert follower.page.find(id="error-summary")
    follower.services.answers["helpdesk.followed_file"] = Refused("DESK_LINK_INVALID")
    assert follower.get(link).status_code == 404


def test_files_go_with_what_the_person_writes_and_stay_when_something_is_wrong(follower):
    kept = {"files": [{"file_id": FILE_ID, "filename": "截圖.pdf", "size": 8, "held_back": ""}]}
    follower.services.answers["helpdesk.keep_files_by_link"] = kept
    path, page = f"/contact/{TOKEN}/answer", f"/contact/{TOKEN}"
    assert (
        follower.post(path, page=page, text="", files=[(io.BytesIO(b"%PDF-1.7"), "截圖.pdf")]).status_code
        == 422
    )
    box = follower.page.find("input", {"name": "kept_file"})["value"]
    assert follower.post(path, page=page, text="如圖", kept_file=box).status_code == 303
    assert follower.services.requests_to("helpdesk.answer_by_link")[0]["file_ids"] == [FILE_ID]


@pytest.mark.parametrize(
    ("refused", "status", "field"),
    [
        (Refused("FILE_INFECTED", detail={"filename": "截圖.pdf"}), 422, "files-error"),
        (Refused("TICKET_CLOSED"), 409, "error-summary"),
    ],
)
def test_files_that_are_not_taken_leave_what_was_written(follower, refused, status, field):
    follower.services.answers["helpdesk.keep_files_by_link"] = refused
    chosen = [(io.BytesIO(b"%PDF-1.7"), "截圖.pdf")]
    answer = follower.post(f"/contact/{TOKEN}/answer", page=f"/contact/{TOKEN}", text="如圖", files=chosen)
    assert answer.status_code == status
    assert follower.page.find(id=field)
    assert follower.page.find("textarea", id="text").text.strip() == "如圖"
    assert not follower.services.requests_to("helpdesk.answer_by_link")
