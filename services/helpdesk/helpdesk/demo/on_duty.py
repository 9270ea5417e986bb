"""What the demonstration shows of those on duty: the roster, hand-overs, faults in every state, a reactivation case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from uuid import NAMESPACE_URL, UUID, uuid5

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.dates import TAIPEI, taipei_day

from helpdesk.desk_people.rules import Agent
from helpdesk.faults import messages as fault_messages
from helpdesk.faults.rules import Fault, Update
from helpdesk.faults.rules import number_of as fault_number
from helpdesk.faults.store import FaultStore
from helpdesk.reactivations.rules import CHECKS, Case, Person
from helpdesk.reactivations.rules import number_of as case_number
from helpdesk.reactivations.store import ReactivationStore
from helpdesk.recording.actions import record_inbound
from helpdesk.shifts.actions import situation
from helpdesk.shifts.rules import BEGINS, SHIFT, Handover, Slot, slot_at
from helpdesk.shifts.store import ShiftStore
from helpdesk.tickets.rules import Inbound

# As accounts makes them for the demonstration.
NAMES = {"helpdesk1": "客服人員甲", "helpdesk2": "客服人員乙", "helpdesklead": "客服組長"}
DAYS_BACK, DAYS_AHEAD = 3, 10
DISABLED = "demoidle"


def account_id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mtnet-demo:{name}")


def demo_id(name: str) -> UUID:
    """The same each time, so that nothing is made twice."""
    return uuid5(NAMESPACE_URL, f"mtnet-demo-helpdesk:{name}")


FIRST, SECOND, LEAD = (Agent(account_id(name), NAMES[name]) for name in NAMES)


def put_roster(tx: Tx, now: datetime) -> int:
    """Two weeks with somebody in every shift, and the lead beside them in the morning."""
    store, made, today = ShiftStore(tx), 0, slot_at(now).day
    turns = cycle((FIRST, SECOND, LEAD, SECOND, FIRST))
    for day in range(-DAYS_BACK, DAYS_AHEAD + 1):
        for shift in BEGINS:
            slot, agents = Slot(today + timedelta(days=day), shift), {next(turns)}
            if shift == "morning":
                agents.add(LEAD)
            for agent in agents:
                made += store.put_down(slot, agent.account_id, agent.name, LEAD.name)
    return made


HANDOVERS = (
    "夜間無重大事件。船舶動態延遲的案件已轉請業務單位，對方表示中午前回覆；若有船公司再來電，請告知處理中。",
    "進港申請無法送出的申告陸續進線，已登載障礙並公告，申告人都收到通知。請持續留意業務單位的修復進度，"
    "有更新請發布。另有一件帳號復用待第二人核定。",
)


def put_handovers(tx: Tx, now: datetime) -> int:
    """Of the last two shifts; the newest waits to be taken over."""
    store = ShiftStore(tx)
    if store.handovers(None, 1):
        return 0
    ends = [slot_at(now).begins_at - SHIFT, slot_at(now).begins_at]
    now_open = situation(tx, now)
    writers = [(FIRST, SECOND), (SECOND, FIRST)]
    for text, end, (writer, reader) in zip(HANDOVERS, ends, writers, strict=True):
        slot, at = slot_at(end - SHIFT), end - timedelta(minutes=10)
        written = store.add_handover(
            Handover(0, slot.day, slot.shift, at, writer.account_id, writer.name, text, now_open)
        )
        if end != ends[-1]:
            store.save_acknowledged(written.acknowledged(reader, end))
    return len(HANDOVERS)


def _fault(name: str, hours_ago: float, now: datetime, **changes: object) -> Fault:
    at = now - timedelta(hours=hours_ago)
    made = Fault(
        fault_id=demo_id(f"fault {name}"),
        number="",
        title_zh=name,
        title_en="",
        affected_system="mtnet",
        severity="normal",
        started_at=at - timedelta(minutes=12),
        recorded_at=at,
        recorded_by=FIRST.name,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def _faults(now: datetime) -> tuple[tuple[Fault, tuple[Update, ...]], ...]:
    """One that is announced and worked on, one that only the desk knows, and two that are over."""

    def ago(hours: float) -> datetime:
        return now - timedelta(hours=hours)

    return (
        (
            _fault(
                "線上測驗無法登入",
                170,
                now,
                title_en="Nobody can enter the online examination",
                affected_system="examinations",
                severity="critical",
                workaround_zh="測驗時間延長一小時，請留在座位等候。",
                workaround_en="The examination is one hour longer; please stay in your seat.",
                cause="身分驗證服務的憑證過期。",
                solution_zh="已更新憑證，登入恢復正常；受影響考生的測驗時間已延長。",
                solution_en="The certificate was renewed and logins work again. Those affected have more time.",
                announced_at=ago(169.8),
                resolved_at=ago(169),
                resolved_by=LEAD.name,
            ),
            (
                Update(
                    "announced",
                    ago(169.8),
                    FIRST.name,
                    "部分考生輸入准考證號碼後無法登入，正在處理。",
                    "Some candidates cannot log in with their number. We are working on it.",
                ),
                Update(
                    "update",
                    ago(169.4),
                    LEAD.name,
                    "已找到原因，預計二十分鐘內恢復。",
                    "We found the cause and expect it to work within twenty minutes.",
                ),
                Update(
                    "resolved",
                    ago(169),
                    LEAD.name,
                    "已更新憑證，登入恢復正常；受影響考生的測驗時間已延長。",
                    "The certificate was renewed and logins work again. Those affected have more time.",
                ),
            ),
        ),
        (
            _fault(
                "申請書列印字型錯誤",
                30,
                now,
                title_en="Chinese characters are boxes in printed forms",
                severity="low",
                cause="列印主機更新後缺少字型。",
                solution_zh="已補裝字型，請重新列印。",
                solution_en="The fonts are installed again. Please print once more.",
                resolved_at=ago(27),
                resolved_by=SECOND.name,
            ),
            (),
        ),
        (
            _fault(
                "船舶動態更新延遲",
                5,
                now,
                title_en="Positions of vessels are late",
                affected_system="vessels",
                workaround_zh="請以電話向港口信號台確認。",
                workaround_en="Please ask the port signal station by telephone.",
            ),
            (),
        ),
        (
            _fault(
                "進港申請無法送出",
                1,
                now,
                title_en="Port entry applications cannot be sent",
                affected_system="port_affairs",
                severity="high",
                workaround_zh="急件請傳真至 02-8192-7019，註明船名及預定進港時間。",
                workaround_en="Fax what is urgent to 02-8192-7019, with the vessel's name and time of arrival.",
                announced_at=ago(0.8),
            ),
            (
                Update(
                    "announced",
                    ago(0.8),
                    SECOND.name,
                    "部分使用者送出進港申請時畫面沒有反應，正在處理。",
                    "For some users nothing happens when they send a port entry application. We are working on it.",
                ),
            ),
        ),
    )


def put_faults(tx: Tx, now: datetime) -> int:
    """Everybody reads of what is announced; nobody is written to."""
    store, outbox, made = FaultStore(tx), Outbox(tx), 0
    known = {
        each.fault_id for each in (*store.open_faults(), *store.resolved_faults(before=None, limit=1_000))
    }
    for described, updates in _faults(now):
        if described.fault_id in known:
            continue
        year = described.recorded_at.astimezone(TAIPEI).year
        fault = replace(described, number=fault_number(year, store.next_count()))
        store.add(fault)
        for update in updates:
            store.add_update(fault.fault_id, update)
        if updates and fault.resolved_at is None:
            outbox.announce(fault_messages.fault_announced(fault, updates[-1]))
        made += 1
    return made


def put_reactivation(tx: Tx, now: datetime) -> int:
    """A case for an account that accounts disabled: a fax came, one person has checked it, another has to decide."""
    store, at = ReactivationStore(tx), now - timedelta(hours=2)
    fax = Inbound(
        item_id=demo_id("fax of the reactivation"),
        channel="fax",
        address="+886255550099",
        name="某船員",
        subject="帳號停用申請復用",
        text=f"檢附復用申請書及身分證明文件，帳號 {DISABLED}，因出國工作一年未登入，請協助恢復使用。",
        category="mtnet",
        locale="zh-Hant",
        received_at=at,
    )
    recorded = record_inbound(tx, Outbox(tx), fax, at)
    if recorded.again:
        return 0
    first = Person(FIRST.account_id, "helpdesk1", FIRST.name, None)
    case = Case(
        reactivation_id=demo_id("reactivation"),
        number=case_number(now.astimezone(TAIPEI).year, store.next_count()),
        account_id=account_id(DISABLED),
        account_name=DISABLED,
        name="示範會員（久未登入）",
        organisation_name=None,
        person_key=None,
        account_state="disabled",
        evidence="fax",
        reference=recorded.number,
        received_on=taipei_day(at),
        opened_by=first,
        opened_at=at + timedelta(minutes=9),
    )
    at += timedelta(minutes=31)
    store.add(case)
    store.save(
        case.checked(
            first, case.version, CHECKS["fax"], "以帳號登記之手機回撥，本人確認；身分證明文件與登記相符。", at
        )
    )
    return 1
