"""From an answered ticket to what became of it: proposed once, without anything of a person, decided by the editors."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from helpdesk.faq_proposals import actions
from helpdesk.faq_proposals.rules import State
from helpdesk.recording.actions import record_inbound
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.events import FaqDraftDeclined, FaqDraftPublished
from mtnet_contracts.examples import example_of

from ..builders import NOW, an_actor, an_inbound

SERVICES = ("helpdesk",)
TEXTS = {
    "category": "port_affairs",
    "question_zh": "送出後沒有反應怎麼辦？",
    "question_en": "Nothing happens when I submit",
    "answer_zh": "請重新整理頁面後再送出。",
    "answer_en": "Reload the page, then submit again.",
}


@pytest.fixture
def ticket(transactions, asking):
    """Opened by 王大明, and answered; its id."""
    with transactions.transaction() as tx:
        opened = record_inbound(
            tx, Outbox(tx), an_inbound(name="王大明", address=f"{uuid4().hex}@example.com"), NOW
        )
    seen = asking("ticket", of=an_actor(), number=opened.number)
    asked = {"version": seen["version"], "text": "王大明您好：請重新整理頁面後再送出。", "then": "resolved"}
    asking("answer_ticket", of=an_actor(), ticket_id=str(opened.ticket_id), **asked)
    return str(opened.ticket_id)


def events(rows, name):
    return [
        row[0] for row in rows("SELECT payload::jsonb FROM outbox WHERE name = %s ORDER BY position", name)
    ]


def test_the_form_begins_with_the_ticket_s_words_and_shows_what_is_of_a_person(ticket, asking):
    begun = asking("faq_beginning", of=an_actor(), ticket_id=ticket)
    assert (begun["question_zh"], begun["answer_en"]) == ("無法送出船舶進港申請", "")
    assert begun["may_propose"]
    assert begun["personal"] == [{"field": "answer_zh", "kind": "name", "text": "王大明"}]


def test_what_may_be_of_a_person_is_refused_until_somebody_has_looked(ticket, asking, rows):
    texts = TEXTS | {"answer_zh": "王大明的電話是 0912345678"}
    with pytest.raises(Refused) as refused:
        asking("propose_faq", of=an_actor(), ticket_id=ticket, **texts)
    assert refused.value.code == "PERSONAL_DATA"
    assert [each["text"] for each in refused.value.detail["personal"]] == ["0912345678", "王大明"]
    assert rows("SELECT 1 FROM faq_proposal WHERE ticket_id = %s", ticket) == []
    asking("propose_faq", of=an_actor(), ticket_id=ticket, **texts, checked=True)
    acted = [each for each in events(rows, "DeskActed") if each["action"] == "propose_faq"][-1]
    assert {"name": "checked", "value": "True"} in acted["facts"]


def test_it_is_proposed_once_and_the_agent_sees_what_became_of_it(ticket, asking, rows, transactions):
    agent = an_actor()
    for _ in range(2):
        asking("propose_faq", of=agent, key=f"a-key-{ticket}", ticket_id=ticket, **TEXTS)
    ((number,),) = rows("SELECT number FROM ticket WHERE ticket_id = %s", ticket)
    (told,) = [each for each in events(rows, "FaqDraftProposed") if each["ticket_number"] == number]
    assert told["question_en"] == TEXTS["question_en"]
    with pytest.raises(Refused) as refused:
        asking("propose_faq", of=an_actor(), ticket_id=ticket, **TEXTS)
    assert refused.value.code == "PROPOSED_ALREADY"
    assert not asking("faq_beginning", of=an_actor(), ticket_id=ticket)["may_propose"]

    draft_id = UUID(told["draft_id"])
    declined = replace(example_of(FaqDraftDeclined), draft_id=draft_id, reason="已有相同的常見問題。")
    published = replace(example_of(FaqDraftPublished), draft_id=draft_id)
    with transactions.transaction() as tx:
        for state, event, more in (
            (State.DECLINED, declined, {"reason": declined.reason}),
            (State.DECLINED, declined, {"reason": "again"}),
            (State.PUBLISHED, published, {"slug": "question-1"}),
        ):
            actions.note_decision(tx, event.draft_id, state, NOW + timedelta(hours=1), **more)
    (kept,) = asking("faq_beginning", of=an_actor(), ticket_id=ticket)["proposals"]
    assert (kept["state"], kept["reason"], kept["slug"]) == ("declined", "已有相同的常見問題。", None)
    changes = rows(
        "SELECT before, after FROM entry_change JOIN entry USING (entry_id) WHERE field = 'faq_draft'"
        " AND ticket_id = %s ORDER BY sequence",
        ticket,
    )
    assert changes == [(None, "proposed"), ("proposed", "declined")]
    # Another one may be proposed then.
    asking("propose_faq", of=an_actor(), ticket_id=ticket, **TEXTS)


def test_what_nobody_answered_is_not_proposed(asking, transactions):
    with transactions.transaction() as tx:
        opened = record_inbound(tx, Outbox(tx), an_inbound(address=f"{uuid4().hex}@example.com"), NOW)
    with pytest.raises(Refused) as refused:
        asking("propose_faq", of=an_actor(), ticket_id=str(opened.ticket_id), **TEXTS)
    assert refused.value.code == "NOT_ANSWERED_YET"


def test_a_proposal_goes_with_its_ticket(ticket, asking, transactions, rows):
    asking("propose_faq", of=an_actor(), ticket_id=ticket, **TEXTS)
    with transactions.transaction() as tx:
        tx.execute("DELETE FROM entry WHERE ticket_id = %s", (ticket,))
        tx.execute("DELETE FROM ticket WHERE ticket_id = %s", (ticket,))
    assert rows("SELECT 1 FROM faq_proposal WHERE ticket_id = %s", ticket) == []
