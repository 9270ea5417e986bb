"""Tickets by a text: it stands in the address, but no address of a person does; the list as a file; longer threads."""

import csv
import io

import pytest
from gateway.helpdesk import exports
from gateway.rpc.client import Refused

from .conftest import NUMBER, a_line, a_list, a_ticket

FOUND = {
    "subject": [{"text": "AA-01 ", "marked": False}, {"text": "無法上傳", "marked": True}],
    "requester_name": [],
    "said": [{"text": "<b>", "marked": False}, {"text": "無法上傳", "marked": True}],
}


def asked(desk):
    return desk.services.requests_to("helpdesk.list_tickets")[-1]


def test_a_text_goes_into_the_address_and_is_looked_for_in_all_views(desk):
    desk.get("/desk/")
    box = desk.page.find("form", role="search")
    assert box["action"].endswith("?view=all")
    answer = desk.post("/desk/search?view=all", page="/desk/", q="無法 上傳")
    assert answer.headers["Location"] == "/desk/?view=all&q=%E7%84%A1%E6%B3%95+%E4%B8%8A%E5%82%B3"
    desk.services.answers["helpdesk.list_tickets"] = a_list(a_line(found=FOUND), next_after="x")
    desk.get(answer.headers["Location"] + "&channel=fax")
    assert (asked(desk)["text"], asked(desk)["view"], asked(desk)["channel"]) == ("無法 上傳", "all", "fax")
    assert [mark.text for mark in desk.page.find_all("mark")] == ["無法上傳", "無法上傳"]
    assert "<b>" in desk.page.find(class_="portal-said").get_text()
    for link in (desk.page.find("a", rel="next"), *desk.page.select(".portal-tabs a")):
        assert "q=%E7%84%A1" in link["href"]
    assert desk.page.find("form", role="search")["action"].endswith("?view=all&channel=fax")
    assert desk.page.find("input", {"name": "q", "type": "hidden"})["value"] == "無法 上傳"


@pytest.mark.parametrize("typed", ["clerk@example.com", "0912-345-678", "U" + "0a" * 16])
def test_a_whole_address_stands_nowhere_in_an_address_line(desk, typed):
    desk.services.answers["helpdesk.list_tickets"] = a_list(a_line(), next_after="x")
    answer = desk.post("/desk/search?view=all", page="/desk/", q=typed)
    assert answer.status_code == 200
    assert (asked(desk)["text"], asked(desk)["limit"]) == (typed, 100)
    assert desk.page.find(id="q")["value"] == typed
    assert not [
        tag for tag in desk.page.find_all(["a", "form"]) if typed in str(tag.get("href") or tag.get("action"))
    ]
    assert desk.page.find("a", rel="next") is None
    assert "1" in desk.words


def test_while_the_search_is_made_ready_the_list_is_there_and_says_so(desk):
    answers = [Refused("SEARCH_NOT_READY"), a_list(a_line())]

    def answer(request):
        found = answers.pop(0)
        if isinstance(found, Refused):
            raise found
        return found

    desk.services.answers["helpdesk.list_tickets"] = answer
    assert desk.get("/desk/?q=船").status_code == 200
    assert "搜尋準備中" in desk.words
    desk.services.answers["helpdesk.list_tickets"] = a_list(whole=False)
    desk.get("/desk/?q=船")
    assert "搜尋索引建立中" in desk.words
    assert "沒有符合的案件" in desk.words


def test_the_list_is_a_file_as_filtered_bounded_and_without_formulas(desk, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 200)
    desk.services.answers["helpdesk.list_tickets"] = a_list(a_line(subject="=1+1"), next_after="x")
    answer = desk.get("/desk/tickets.csv?view=all&priority=high&q=船&after=y")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 4
    assert "200" in rows[3][0], "what is left out is said"
    assert rows[1][:2] == [NUMBER, "'=1+1"]
    first, second = desk.services.requests_to("helpdesk.list_tickets")[:2]
    assert (first["text"], first["priority"], first["after"], second["after"]) == ("船", "high", None, "x")
    desk.get("/desk/?view=all")
    assert "10,000" in desk.page.find("a", href="/desk/tickets.csv?view=all").get_text()
    desk.services.answers["helpdesk.list_tickets"] = a_list(a_line())
    assert len(desk.get("/desk/tickets.csv").get_data(as_text=True).splitlines()) == 2, "all of them"


def test_earlier_entries_are_a_page_away_and_the_newest_one_back(desk):
    desk.services.answers["helpdesk.ticket"] = a_ticket(older=True, older_before=77)
    desk.get(f"/desk/tickets/{NUMBER}")
    assert desk.page.find("a", href=f"/desk/tickets/{NUMBER}?before=77")
    desk.get(f"/desk/tickets/{NUMBER}?before=77")
    assert desk.services.requests_to("helpdesk.ticket")[-1] == {"number": NUMBER, "before": 77}
    assert desk.page.find("a", href=f"/desk/tickets/{NUMBER}")
