"""The words of the page of events, in Traditional Chinese and English."""

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "介接系統收到的事件",
        "notice": "這裡代替一個介接系統（demo）：平臺發生的事件送到它的佇列後，會立即出現在這裡，最新的在最上面。",
        "state_off": "這個環境沒有登記示範介接系統，因此沒有事件可看。",
        "state_away": "訊息伺服器目前沒有回應，恢復後會自動繼續接收，事件不會遺失。",
        "state_refused": "訊息伺服器不接受這組帳號。系統可能尚未登記或已停用，登記後會自動開始接收。",
        "state_reading": "接收中。",
        "credentials": "連線資料",
        "credentials_notice": "與核發給介接系統的資料相同，僅在本機有效。這個佇列一次只送給一個接收者，"
        "目前由本頁接收；要自己寫程式，請另外登記一個系統。",
        "host": "位址",
        "vhost": "虛擬主機",
        "user": "帳號",
        "password": "密碼",
        "queue": "佇列",
        "count": "最近 {count} 則",
        "none": "目前沒有事件。申請帳號、審核案件或登入後，事件會出現在這裡。",
        "reload": "重新整理",
        "received": "收到時間",
        "subject": "主體",
        "sequence": "序號",
        "headers": "標頭",
        "body": "內容",
        "lost": "連線中斷，正在重新連線…",
        "back": "返回測試信箱",
    },
    "en": {
        "title": "Events of a downstream system",
        "notice": "In place of a downstream system (demo): what happens in the portal reaches its queue, and is "
        "shown here at once, newest first.",
        "state_off": "No demonstration system is registered here, so there are no events to see.",
        "state_away": "The broker does not answer. Reading goes on by itself when it is back; no event is lost.",
        "state_refused": "The broker does not accept this user. The system may not be registered yet, or is suspended; "
        "reading begins by itself.",
        "state_reading": "Reading.",
        "credentials": "How it is connected",
        "credentials_notice": "As they are given to a downstream system; valid on this machine only. The queue "
        "serves one reader at a time, at present this page: to write a program, register a system of your own.",
        "host": "Address",
        "vhost": "Virtual host",
        "user": "User",
        "password": "Password",
        "queue": "Queue",
        "count": "The newest {count}",
        "none": "No events yet. Apply for an account, review a case or log in: events appear here.",
        "reload": "Reload",
        "received": "Received",
        "subject": "Subject",
        "sequence": "Sequence",
        "headers": "Headers",
        "body": "Body",
        "lost": "The connection was lost, trying again…",
        "back": "Back to the test inbox",
    },
}


def words_of(language: str) -> dict[str, str]:
    return WORDS[language]
