"""The words of the inbox page, in Traditional Chinese and English."""

from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.labels import LABELS
from mtnet_contracts.vocabulary.texts import texts_of

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "lang": "zh-Hant-TW",
        "title": "測試信箱",
        "portal": "MTNet 航港單一窗口服務平臺",
        "notice": "本機測試環境：以下訊息並未寄出，僅供查看系統會寄給使用者的內容。",
        "skip": "跳到主要內容",
        "other": "English",
        "other_code": "en",
        "filter": "篩選",
        "recipient": "收件人",
        "recipient_hint": "電子郵件或行動電話號碼，可只輸入一部分",
        "channel": "管道",
        "all": "全部",
        "show": "套用篩選",
        "clear_filter": "清除篩選",
        "count": "{count} 則訊息",
        "none": "目前沒有訊息。在平臺申請帳號後，驗證碼與通知會出現在這裡。",
        "none_found": "沒有符合條件的訊息。",
        "new": "有新訊息，重新整理",
        "from": "寄件人",
        "to": "收件人",
        "received": "收到時間",
        "subject": "主旨",
        "no_subject": "（無主旨）",
        "attachments": "附件",
        "bytes": "位元組",
        "text_version": "純文字內容",
        "html_version": "HTML 內容",
        "headers": "郵件標頭",
        "back": "返回訊息清單",
        "missing": "找不到這則訊息，可能已被刪除。",
        "open_message": "檢視訊息",
        "time_zone": "臺北時間",
        "fax_tray": "傳真測試匣",
        "events": "介接系統收到的事件",
        "write": "寫信給客服",
        "answer": "回覆這封信",
        "authenticator": "驗證應用程式",
        "authenticator_notice": "代替行動電話上的驗證應用程式：兩步驟驗證要輸入的 6 位數字。示範帳號免填金鑰。",
        "key": "金鑰",
        "key_hint": "自己設定兩步驟驗證時，輸入頁面上顯示的金鑰。",
        "key_wrong": "金鑰不正確，請檢查後再試。",
        "code_now": "目前的驗證碼（剩餘 {left} 秒，每組只能使用一次）",
        "code_next": "下一組驗證碼（現在也可使用）",
    },
    "en": {
        "lang": "en",
        "title": "Test inbox",
        "portal": "MTNet Maritime Single Window",
        "notice": "Local test environment: nothing was sent. These are the messages people would receive.",
        "skip": "Skip to main content",
        "other": "中文",
        "other_code": "zh",
        "filter": "Filter",
        "recipient": "Recipient",
        "recipient_hint": "E-mail address or mobile number, or a part of it",
        "channel": "Channel",
        "all": "All",
        "show": "Apply filter",
        "clear_filter": "Clear filter",
        "count": "{count} messages",
        "none": "No messages yet. Codes and notices appear here once you apply for an account in the portal.",
        "none_found": "No message matches the filter.",
        "new": "New messages: show them",
        "from": "From",
        "to": "To",
        "received": "Received",
        "subject": "Subject",
        "no_subject": "(no subject)",
        "attachments": "Attachments",
        "bytes": "bytes",
        "text_version": "Plain text",
        "html_version": "HTML",
        "headers": "Mail headers",
        "back": "Back to all messages",
        "missing": "There is no such message; it may have been deleted.",
        "open_message": "View message",
        "time_zone": "Taipei time",
        "fax_tray": "Fax tray",
        "events": "Events of a downstream system",
        "write": "Write to the helpdesk",
        "answer": "Answer this mail",
        "authenticator": "Authenticator",
        "authenticator_notice": "In place of an authenticator app on a phone: the 6 digits of two-step verification. "
        "The demo accounts need no key.",
        "key": "Key",
        "key_hint": "When you set up two-step verification yourself: the key that the page shows.",
        "key_wrong": "This is not a key. Check it and try again.",
        "code_now": "Code now (for {left} more seconds; each works once)",
        "code_next": "The next code (accepted already)",
    },
}


def channel_titles(language: str) -> dict[str, str]:
    """What the page calls each channel, by its name."""
    texts = texts_of("en" if language == "en" else "zh-Hant", LABELS)
    return {name: texts[channel.title] for name, channel in CHANNELS.items()}


def language_of(chosen: str | None, remembered: str | None, accepted: str) -> str:
    """The language asked for, else the remembered one, else the browser's first, else Chinese."""
    for wish in (chosen, remembered):
        if wish in WORDS:
            return str(wish)
    first = accepted.split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"
