"""The words of the receiver's page, in Traditional Chinese and English."""

from aiohttp import web

from sandbox.pages import language_for

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "Webhook 測試接收端",
        "notice": "代替介接系統接收平臺傳送的事件。請將 Webhook 網址設為 {address}，並在此貼上設定時顯示的簽章密鑰。",
        "system": "系統",
        "secret": "簽章密鑰（whsec_…）",
        "trust": "用這個密鑰驗證",
        "wrong": "系統名稱或密鑰格式不正確：名稱為英文小寫、數字與連字號，密鑰以 whsec_ 開頭。",
        "all": "全部",
        "none": "尚未收到任何事件。",
        "right": "簽章正確",
        "not_right": "簽章不正確",
        "unknown": "未設定密鑰，未驗證",
        "again": "第 {times} 次收到同一事件",
        "headers": "標頭",
        "inbox": "測試信箱",
    },
    "en": {
        "title": "Test receiver of webhooks",
        "notice": "Takes events in place of a downstream system. Register {address} as the webhook's address, and paste"
        " the signing secret here that was shown then.",
        "system": "System",
        "secret": "Signing secret (whsec_…)",
        "trust": "Verify by this secret",
        "wrong": "The name or the secret is not right: a name has small letters, digits and hyphens, a secret begins"
        " with whsec_.",
        "all": "All",
        "none": "No event has come yet.",
        "right": "signature right",
        "not_right": "signature wrong",
        "unknown": "not verified: no secret known",
        "again": "this event has come {times} times",
        "headers": "Headers",
        "inbox": "Test inbox",
    },
}


def words_for(request: web.Request) -> dict[str, str]:
    return WORDS[language_for(request)]
