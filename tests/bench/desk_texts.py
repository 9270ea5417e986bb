"""What a million tickets say: no two alike, in Chinese and English, as mails to a helpdesk are. Made by the database.

Each piece is chosen by a hash of the ticket's count, so what a ticket says can be asked for without reading it.
"""

from __future__ import annotations

THINGS = (
    "船舶進港申請",
    "船舶出港申請",
    "危險品申報",
    "引水申請",
    "船員名冊",
    "旅客名單",
    "船席指泊",
    "貨物艙單",
    "加油作業申請",
    "壓艙水報告",
    "廢棄物申報",
    "船舶證書",
    "國籍證書",
    "適航證明",
    "拖船調度",
    "碼頭裝卸作業",
    "錨泊申請",
    "船舶移泊",
    "港埠費用",
    "航行計畫",
    "保全聲明",
    "衛生報告書",
    "遊艇活動報備",
    "客船航線許可",
    "貨櫃動態",
    "船舶載重線",
    "船員服務手冊",
    "航商帳號",
    "代理行委託書",
    "憑證簽章",
)
TROUBLES = (
    "無法送出",
    "畫面一直空白",
    "顯示逾時",
    "附件上傳失敗",
    "被退回但沒有原因",
    "查不到進度",
    "按鈕沒有反應",
    "出現錯誤代碼",
    "日期無法選擇",
    "資料存檔後消失",
    "重複收費",
    "收不到通知信",
    "欄位打不開",
    "船名帶錯",
    "狀態沒有更新",
    "下載的檔案是空的",
    "驗證碼不正確",
    "簽章失敗",
    "列印格式跑掉",
    "希望更正內容",
)
DETAILS = (
    "換過瀏覽器也一樣",
    "昨天還可以使用",
    "同事的電腦可以送",
    "今晚要進港，很急",
    "已經等了兩天",
    "錯誤畫面如附件",
    "請問要找哪個單位",
    "是不是系統正在維護",
    "重新登入後還是相同",
    "上個月也發生過",
    "案件編號已經給過一次",
    "請先幫忙保留船席",
    "希望能用傳真補件",
    "海關那邊已經放行",
    "代理行換人承辦",
    "費用已經繳清",
)
ADVICE = (
    "請先登出後清除瀏覽器暫存，再重新送出。",
    "已轉請業務單位查明，今日下班前回覆。",
    "附件請改為 PDF，每個不超過 10 MB。",
    "該筆資料已更正，請重新查詢。",
    "目前系統維護中，預計下午三點恢復。",
    "請由負責人以工商憑證登入後授權。",
    "費用重複部分將於七日內退還。",
    "請提供錯誤畫面與發生時間，以便追查。",
    "通知信已重新寄送，請一併檢查垃圾郵件匣。",
    "船席請洽航管中心，本系統僅供申報。",
)
COMPANIES = (
    "長風海運",
    "順安船務代理",
    "東嶼航業",
    "永泰船舶",
    "信海報關",
    "北辰輪船",
    "大洋港勤",
    "福隆裝卸",
    "金門快輪",
    "澎湖渡輪",
    "藍鯨遊艇",
    "和平油輪",
)
# Ships, and people, are two characters of these.
FIRST = tuple("海長永東南北和安福信泰順金玉星光明大新華宏嘉友德正天中立昌榮")
SECOND = tuple("洋風達運航昇利豐成輝春陽平祥泰隆發勝富強龍鳳鵬鷹雲霞濤瀾港灣")
SURNAMES = tuple("陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高")
ENGLISH_THINGS = (
    "port entry application",
    "berth request",
    "dangerous goods declaration",
    "crew list",
    "cargo manifest",
    "pilotage order",
    "ballast water report",
    "ship certificate",
    "security declaration",
    "invoice of port dues",
)
ENGLISH_TROUBLES = (
    "cannot be submitted",
    "was rejected without a reason",
    "shows an empty page",
    "times out",
    "has a wrong date",
    "is not visible to our agent",
    "lost its attachment",
    "was charged twice",
)
LISTS = {
    "things": THINGS, "troubles": TROUBLES, "details": DETAILS, "advice": ADVICE, "companies": COMPANIES,
    "first": FIRST, "second": SECOND, "surnames": SURNAMES, "english_things": ENGLISH_THINGS,
    "english_troubles": ENGLISH_TROUBLES,
}  # fmt: skip
VALUES = {name: list(each) for name, each in LISTS.items()}


def pick(name: str, salt: int) -> str:
    """SQL: one of a list by `n`. Other salts choose independently of each other."""
    return f"(%({name})s::text[])[1 + abs(hashint8extended(n::bigint, {salt}) %% {len(LISTS[name])})]"


ENGLISH = "hashint8extended(n::bigint, 1) %% 5 = 0"
THING, SHIP = pick("things", 2), f"({pick('first', 3)} || {pick('second', 4)})"
PERSON = f"({pick('surnames', 5)} || {pick('first', 6)} || {pick('second', 7)})"
TELEPHONE = (
    "regexp_replace(lpad((n::bigint * 7919 %% 100000000)::text, 8, '0'), '(..)(...)(...)', '09\\1-\\2-\\3')"
)
SUBJECT = f"""CASE WHEN {ENGLISH} THEN {pick("english_things", 2)} || ' ' || {pick("english_troubles", 8)} 
    || ', MV ' || n
    ELSE {THING} || {pick("troubles", 8)} || '（' || {SHIP} || '輪）' END"""
SAID = f"""CASE WHEN {ENGLISH} THEN 'Dear helpdesk, our ' || {pick("english_things", 2)} || ' for voyage V' || n || ' '
    || {pick("english_troubles", 8)} || '. It also happened with the ' || {pick("english_things", 9)}
    || ' last week. Please call ' || {TELEPHONE} || '. Regards, ' || {PERSON}
    ELSE '您好，' || {pick("companies", 10)} || '辦理' || {SHIP} || '輪的'
    || {THING} || '，' || {pick("troubles", 8)}
    || '，'
    || {pick("details", 11)} || '，' || {pick("details", 12)} || '。' || {pick("things", 9)}
    || '也'
    || {pick("troubles", 13)}
    || '，請協助處理。聯絡電話 ' || {TELEPHONE} || '，' || {PERSON} || '敬上' END"""
ANSWERED = f"{PERSON} || '您好：' || {pick('advice', 14)} || {pick('advice', 15)}"


def telephone(count: int, dashes: bool) -> str:
    """Of the ticket with this count; nobody else has it."""
    digits = f"09{count * 7919 % 100_000_000:08}"
    return f"{digits[:4]}-{digits[4:7]}-{digits[7:]}" if dashes else digits
