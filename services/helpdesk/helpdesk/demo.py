"""Make the desk look alive: `python -m helpdesk.demo`. Once; what is there stays. Never in production."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from mtnet_chassis.data.database import Tx, connect_transactions
from mtnet_chassis.settings import env

from helpdesk.canned_answers.rules import CannedAnswer
from helpdesk.canned_answers.store import CannedAnswerStore

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


def demo_id(name: str) -> UUID:
    """The same each time, so that nothing is made twice."""
    return uuid5(NAMESPACE_URL, f"mtnet-demo-helpdesk:{name}")


def put_canned_answers(tx: Tx, now: datetime) -> int:
    store = CannedAnswerStore(tx)
    known = {each.canned_answer_id for each in store.all(1_000)}
    made = 0
    for title, category, body_zh, body_en in CANNED_ANSWERS:
        if demo_id(title) not in known:
            store.save(CannedAnswer(demo_id(title), title, category, body_zh, body_en, 0, 1, now, "客服組長"))
            made += 1
    return made


# Each makes what is not there yet, and says how many.
PARTS: tuple[tuple[str, Callable[[Tx, datetime], int]], ...] = (("canned answers", put_canned_answers),)


def main() -> int:
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    with transactions.transaction() as tx:
        for name, put in PARTS:
            if made := put(tx, datetime.now(UTC)):
                sys.stdout.write(f"demo helpdesk: {made} {name}\n")
    transactions.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
