"""What the demonstration shows of tickets, and the texts of the desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from helpdesk.canned_answers.rules import CannedAnswer
from helpdesk.canned_answers.store import CannedAnswerStore
from helpdesk.deadlines.actions import working_calendar
from helpdesk.demo.on_duty import FIRST, LEAD, SECOND, demo_id
from helpdesk.desk_people.rules import Agent
from helpdesk.quick_answers.rules import Author, QuickAnswer
from helpdesk.quick_answers.rules import State as QuickAnswerState
from helpdesk.quick_answers.store import QuickAnswerStore
from helpdesk.recording.actions import record_inbound
from helpdesk.tickets.rules import DONE, Inbound, State
from helpdesk.tickets.store import TicketStore

CANNED_ANSWERS = (
    (
        "帳號已凍結：如何自行恢復",
        "mtnet",
        "{name} 您好：\n\n您的帳號因超過 90 天未登入而凍結。請以原密碼登入，系統會傳送驗證碼，"
        "設定新密碼後即可使用。\n\n案件編號 {number}\n{agent} 敬上",
        "Dear {name},\n\nYour account was frozen because nobody logged in for 90 days. Log in with your password, "
        "enter the code that is sent to you and set a new password.\n\nTicket {number}\n{agent}",
    ),
    (
        "請補充資料",
        None,
        "{name} 您好：\n\n為協助您處理，請補充發生時間、操作步驟及畫面截圖，"
        "並回覆本信或於 {link} 填寫。\n\n{agent} 敬上",
        "Dear {name},\n\nTo help you, we need to know when it happened, what you did and what the screen showed. "
        "Answer this message, or write at {link}.\n\n{agent}",
    ),
    (
        "已轉請業務單位處理",
        "port_affairs",
        "{name} 您好：\n\n您的問題（{subject}）已轉請業務單位處理，有結果將立即通知您。\n\n"
        "案件編號 {number}\n{agent} 敬上",
        "Dear {name},\n\nYour question ({subject}) is with the unit in charge. We will tell you as soon as we know "
        "more.\n\nTicket {number}\n{agent}",
    ),
    (
        "用印檔案被退回：常見原因",
        "mtnet",
        "{name} 您好：\n\n用印檔案常因印章不清楚、缺頁或檔案超過 10 MB 而退回。"
        "請以 300 dpi 掃描後重新上傳。\n\n{agent} 敬上",
        "Dear {name},\n\nStamped forms are mostly returned because the stamp cannot be read, a page is missing, or "
        "the file is larger than 10 MB. Scan it at 300 dpi and upload it again.\n\n{agent}",
    ),
)


QUICK_ANSWERS = (
    (
        "mtnet",
        "忘記密碼怎麼辦？",
        "I forgot my password. What can I do?",
        "請在登入頁點選「忘記密碼」，輸入帳號及電子郵件。系統會寄出 30 分鐘內有效的連結，設定新密碼後即可登入。",
        "Choose “Forgotten password” on the login page and enter your account name and e-mail address. The link that "
        "you get works for 30 minutes; set a new password with it and log in.",
    ),
    (
        "mtnet",
        "帳號凍結了，如何恢復？",
        "My account is frozen. How do I get it back?",
        "超過 90 天未登入的帳號會凍結。請以原密碼登入，依畫面取得驗證碼並設定新密碼，帳號即刻恢復。",
        "An account that nobody uses for 90 days is frozen. Log in with your password, get a code as the page says and "
        "set a new password: the account is active at once.",
    ),
    (
        "mtnet",
        "用印檔案被退回，怎麼重新送件？",
        "My stamped form was returned. How do I submit it again?",
        "請以案件編號查詢進度，點選「修改並重新送出」。更正標示的欄位後，重新下載表單、用印、掃描並上傳，案件編號不變。",
        "Look up your case by its number and choose to change and resubmit it. Correct the marked fields, download the "
        "form again, stamp, scan and upload it. The number stays the same.",
    ),
    (
        "mtnet",
        "沒有收到驗證碼",
        "I did not get the code",
        "請先查看垃圾郵件匣，並確認號碼或信箱是否正確。一分鐘後可重新傳送；仍未收到請撥 0800-022-120。",
        "Look into the spam folder and check the number or address. After a minute you can have it sent again; if "
        "nothing comes, call 0800-022-120.",
    ),
    (
        "mtnet",
        "自然人憑證無法登入，HiCOS 元件如何安裝？",
        "My certificate card does not log me in. How do I install HiCOS?",
        "本平臺目前以帳號、密碼及兩步驟驗證登入，不需安裝 HiCOS 元件。憑證登入開放時將另行公告。",
        "For now you log in with account name, password and a second step; HiCOS is not needed. We will announce it "
        "when cards can be used.",
    ),
)


def put_canned_answers(tx: Tx, now: datetime) -> int:
    store = CannedAnswerStore(tx)
    known = {each.canned_answer_id for each in store.all(1_000)}
    made = 0
    for title, category, body_zh, body_en in CANNED_ANSWERS:
        if demo_id(title) not in known:
            store.save(CannedAnswer(demo_id(title), title, category, body_zh, body_en, 0, 1, now, "客服組長"))
            made += 1
    return made


def put_quick_answers(tx: Tx, now: datetime) -> int:
    store = QuickAnswerStore(tx)
    lead = Author(LEAD.account_id, LEAD.name, lead=True)
    made = 0
    for category, question_zh, question_en, answer_zh, answer_en in QUICK_ANSWERS:
        if store.answer(demo_id(question_zh)) is None:
            answer = QuickAnswer(
                answer_id=demo_id(question_zh),
                number=None,
                state=QuickAnswerState.PUBLISHED,
                category=category,
                question={"zh-Hant": question_zh, "en": question_en},
                answer={"zh-Hant": answer_zh, "en": answer_en},
                owner_id=lead.account_id,
                owner_name=lead.name,
                review_on=(now + timedelta(days=180)).date(),
                version=1,
                changed_at=now,
            )
            store.save(answer, "written", "", lead)
            made += 1
    return made


@dataclass(frozen=True)
class Matter:
    """What somebody invented wrote: who, by which channel, about what; what the desk has done with it by now."""

    who: str
    channel: str
    subject: str
    text: str
    category: str | None
    hours_ago: float
    then: str = "new"
    priority: str = "normal"
    answer: str = "您好，已收到您的問題，處理中。"


SHIPPING, CUSTOMS, CREW, PORT, EXAM = (
    "某船務代理公司承辦人",
    "某報關行承辦人",
    "某船員",
    "某港務單位承辦人",
    "某應考人",
)
MATTERS = (
    Matter(
        SHIPPING,
        "email",
        "無法送出船舶進港申請",
        "按下送出後畫面沒有反應，船期在即。",
        "port_affairs",
        0.4,
        priority="high",
    ),
    Matter(CUSTOMS, "line", "", "請問帳單繳費後多久會更新？", "port_affairs", 0.7),
    Matter(CREW, "phone", "船員證書換發進度", "來電詢問換發進度，已告知查詢方式。", "crew", 1.2, "resolved"),
    Matter(PORT, "fax", "更正船舶規格資料", "檢附更正申請書，請協助更新。", "vessels", 2, "open"),
    Matter(
        EXAM,
        "web",
        "線上測驗無法登入",
        "輸入准考證號碼後顯示查無資料。",
        "examinations",
        2.5,
        "waiting_customer",
    ),
    Matter(
        SHIPPING,
        "email",
        "帳號被凍結",
        "出國三個月回來無法登入，請協助恢復。",
        "mtnet",
        3,
        "waiting_customer",
    ),
    Matter(
        SHIPPING,
        "email",
        "Cannot upload the stamped form",
        "The page says the file is too large.",
        "mtnet",
        3.5,
        "open",
    ),
    Matter(CUSTOMS, "web", "申請書列印字型錯誤", "列印出來的中文變成方框。", "mtnet", 5),
    Matter(
        PORT,
        "email",
        "泊位資料與實際不符",
        "系統顯示三號碼頭，實際為五號。",
        "port_affairs",
        6,
        "waiting_third_party",
    ),
    Matter(CREW, "line", "", "海員手冊要準備哪些文件？", "crew", 7, "resolved"),
    Matter(
        SHIPPING,
        "phone",
        "進港申請逾時",
        "船公司來電，申請逾時未獲核准，急件。",
        "port_affairs",
        8,
        "open",
        "urgent",
    ),
    Matter(EXAM, "email", "成績複查", "請問成績複查如何申請？", "examinations", 10, "resolved"),
    Matter(CUSTOMS, "fax", "委任書遞送", "檢附委任書影本一份。", "carriers", 12, "open"),
    Matter(
        SHIPPING,
        "email",
        "運價備查資料退件原因",
        "收到退件通知，但看不懂退件原因。",
        "carriers",
        20,
        "waiting_customer",
    ),
    Matter(
        PORT,
        "web",
        "請求增列使用權限",
        "單位新進同仁需要船舶管理權限。",
        "vessels",
        22,
        "waiting_third_party",
    ),
    Matter(CREW, "email", "驗證碼收不到", "手機收不到驗證碼，已試三次。", "mtnet", 26, "resolved", "high"),
    Matter(SHIPPING, "line", "", "請問週日凌晨維護會影響申報嗎？", "mtnet", 30, "resolved"),
    Matter(
        CUSTOMS, "email", "港埠費用明細查詢", "請提供上個月港埠費用明細。", "port_affairs", 40, "resolved"
    ),
    Matter(EXAM, "phone", "報名繳費期限", "來電詢問繳費期限，已告知。", "examinations", 48, "closed"),
    Matter(
        SHIPPING,
        "email",
        "船舶動態更新延遲",
        "船舶動態比實際晚約二小時。",
        "vessels",
        55,
        "waiting_third_party",
        "high",
    ),
    Matter(PORT, "email", "行事曆匯入失敗", "匯入檔案顯示格式錯誤。", "other", 70, "resolved", "low"),
    Matter(CREW, "web", "訓練紀錄補登", "二月份的訓練紀錄沒有顯示。", "crew", 80, "waiting_customer"),
)
# Each matter comes twice, from two who do not know of each other, on other days.
ROUNDS = 2
AGENTS = (FIRST, SECOND)


def put_tickets(tx: Tx, now: datetime) -> int:
    """Nothing is sent: the answers were given before the demonstration begins."""
    outbox, made = Outbox(tx), 0
    for number, (turn, matter) in enumerate((t, m) for t in range(ROUNDS) for m in MATTERS):
        at = now - timedelta(hours=matter.hours_ago + 71 * turn)
        item_id = demo_id(f"matter {turn} {matter.text}")
        inbound = Inbound(
            item_id=item_id,
            channel=matter.channel,
            address=_address(matter.channel, number),
            name=matter.who,
            subject=matter.subject,
            text=matter.text,
            category=matter.category,
            locale="en" if matter.subject.isascii() and matter.subject else "zh-Hant",
            received_at=at,
        )
        recorded = record_inbound(tx, outbox, inbound, at)
        if not recorded.again:
            _worked_on(tx, recorded.ticket_id, matter, AGENTS[number % 2], at)
            made += 1
    return made


def _address(channel: str, number: int) -> str:
    return {
        "email": f"demo{number}@example.com",
        "web": f"demo{number}@example.com",
        "fax": f"+8862555500{number:02}",
        "phone": f"+8869125500{number:02}",
        "line": f"U{demo_id(str(number)).hex}",
    }[channel]


def _worked_on(tx: Tx, ticket_id: UUID, matter: Matter, agent: Agent, at: datetime) -> None:
    """An agent has sorted it, and answered where it is no longer new."""
    store, calendar = TicketStore(tx), working_calendar()
    soon = at + timedelta(minutes=12)
    ticket = store.ticket_for_update(ticket_id).changed({"priority": matter.priority}, at, calendar)
    if matter.then != "new":
        then = State.RESOLVED if matter.then == "closed" else State(matter.then)
        ticket = ticket.answered_by(agent, ticket.version, then, soon, calendar)
        store.add_entry(
            uuid4(),
            ticket_id,
            "answer",
            soon,
            channel=ticket.channel,
            address=ticket.address,
            author_id=agent.account_id,
            author_name=agent.name,
            text=matter.answer,
            delivery="delivered",
            delivered_at=soon,
        )
    if matter.then == "closed":
        ticket = ticket.moved(State.CLOSED, soon, calendar)
    if ticket.state in DONE:
        ticket = replace(ticket, satisfaction=3 + agent.account_id.int % 3)
    store.save_ticket(ticket)
