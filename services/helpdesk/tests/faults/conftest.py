"""An incident with five reporters."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from helpdesk.recording.actions import record_inbound
from mtnet_chassis.events.outbox import Outbox

from ..builders import an_actor, an_inbound

SAID = {"text_zh": "我們正在處理。", "text_en": "We are working on it."}
SOLVED = {"solution_zh": "已恢復，請重新送出。", "solution_en": "It works again. Please send it once more."}
# Longer than a slow run of all tests takes.
AGENT = an_actor(expires_at=datetime.now(UTC) + timedelta(days=1))
SUBJECTS = (
    "進港申請無法送出",
    "進港申請送出失敗",
    "無法送出進港申請",
    "進港申請送不出去",
    "進港申請沒辦法送出",
)


@pytest.fixture
def rows(transactions):
    def rows(sql, *values):
        with transactions.transaction() as tx:
            cursor = tx.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    return rows


@pytest.fixture
def ask(asking):
    return lambda call, **request: asking(call, of=AGENT, **request)


@pytest.fixture
def receive(transactions):
    """Somebody new writes; `key` keeps the texts of one test apart from those of another."""

    def receive(**changes):
        now = datetime.now(UTC)
        changes = {"address": f"{uuid4().hex}@example.com", "received_at": now} | changes
        with transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), an_inbound(item_id=uuid4(), **changes), now)

    return receive


@pytest.fixture
def five(receive, ask):
    """Five reporters: by mail in both languages, fax, LINE and telephone, who left a mail address."""
    found = [
        receive(subject=SUBJECTS[0]),
        receive(subject=SUBJECTS[1], locale="en"),
        receive(subject=SUBJECTS[2], channel="fax", address=f"+8862{uuid4().int % 10**8:08}"),
        receive(subject=SUBJECTS[3], channel="line", address=f"U{uuid4().hex}"),
    ]
    called = ask(
        "log_call",
        phone=f"09{uuid4().int % 10**8:08}",
        name="船務公司",
        email=f"{uuid4().hex}@example.com",
        subject=SUBJECTS[4],
        text="進港申請沒辦法送出",
    )
    return [str(each.ticket_id) for each in found] + [str(called["ticket_id"])]


@pytest.fixture
def record(ask):
    def record(ticket_ids=(), **changes):
        request = {
            "title_zh": "進港申請無法送出",
            "title_en": "Arrival notices cannot be sent",
            "affected_system": "port_affairs",
            "severity": "high",
            "started_at": (datetime.now(UTC) - timedelta(minutes=30)).isoformat(),
            "workaround_zh": "急件請改用傳真。",
            "workaround_en": "Send what is urgent by fax.",
        }
        return ask("record_fault", ticket_ids=list(ticket_ids), **(request | changes))

    return record


@pytest.fixture
def answered(rows):
    """What goes out about these tickets: channel, locale, text, whether it asks for a rating."""
    return lambda ticket_ids: rows(
        "SELECT payload::jsonb ->> 'channel', payload::jsonb ->> 'locale', payload::jsonb ->> 'text',"
        " payload::jsonb ->> 'rate' FROM outbox WHERE name = 'TicketAnswered'"
        " AND payload::jsonb ->> 'ticket_id' = ANY(%s) ORDER BY position",
        list(ticket_ids),
    )
