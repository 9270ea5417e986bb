"""The fax tray: what lies in the machines, page by page, and the latest calls."""

import asyncio
from functools import partial

from aiohttp import web

from sandbox.desk.words import words_of
from sandbox.fax.documents import page_picture
from sandbox.fax.gateway import FaxGateway
from sandbox.keys import INBOX
from sandbox.pages import render
from sandbox.words import language_of

GATEWAY: web.AppKey[FaxGateway] = web.AppKey("fax", FaxGateway)
FAXES_SHOWN = 50

WORDS = {
    "zh": {
        "title": "傳真測試匣",
        "notice": "這裡代替收件人的傳真機：每份傳真逐頁顯示，按一下圖片可看原尺寸。",
        "number": "傳真號碼",
        "number_hint": "可只輸入一部分",
        "empty": "傳真匣目前沒有紙張。",
        "page": "第 {page} 頁，共 {pages} 頁",
        "page_of": "傳真（{number}）第 {page} 頁",
        "document": "下載檔案",
        "calls": "最近的撥號",
        "pages": "頁數",
        "when": "時間",
        "outcome": "結果",
        "back": "返回測試信箱",
        "dialling": "撥號中",
        "delivered": "已送達",
        "busy": "忙線",
        "no_answer": "無人接聽",
        "no_carrier": "對方不是傳真機",
        "rejected": "對方拒收",
        "wrong_number": "空號",
    },
    "en": {
        "title": "Fax tray",
        "notice": "In place of people's fax machines: every fax, page by page. Click a page to see all its dots.",
        "number": "Fax number",
        "number_hint": "or a part of it",
        "empty": "There is no paper in the tray.",
        "page": "Page {page} of {pages}",
        "page_of": "Fax to {number}, page {page}",
        "document": "Download the file",
        "calls": "Latest calls",
        "pages": "Pages",
        "when": "Time",
        "outcome": "Result",
        "back": "Back to the test inbox",
        "dialling": "Dialling",
        "delivered": "Delivered",
        "busy": "Busy",
        "no_answer": "No answer",
        "no_carrier": "No fax machine",
        "rejected": "Refused",
        "wrong_number": "No such number",
    },
}


async def show_tray(request: web.Request) -> web.Response:
    to = request.query.get("to", "").strip()
    faxes = request.app[INBOX].newest_first(containing=to, channel="fax", limit=FAXES_SHOWN)
    language = language_of(
        request.query.get("lang"), request.cookies.get("lang"), request.headers.get("Accept-Language", "")
    )
    return render(
        request,
        "fax/tray.html",
        fax=WORDS[language],
        desk=words_of(language),
        sent="sent" in request.query,
        problem=request.query.get("problem", ""),
        faxes=faxes,
        calls=list(request.app[GATEWAY].calls),
        to=to,
    )


async def show_page(request: web.Request) -> web.Response:
    """One page as PNG; `?full` in all its dots."""
    message = request.app[INBOX].message(int(request.match_info["id"]))
    if message is None or message.channel != "fax" or not message.attachments:
        raise web.HTTPNotFound
    paper = message.attachments[0]
    draw = partial(
        page_picture,
        paper.content_type,
        paper.content,
        int(request.match_info["page"]),
        full="full" in request.query,
    )
    try:
        picture = await asyncio.to_thread(draw)
    except IndexError:
        raise web.HTTPNotFound from None
    return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "max-age=3600"})


async def count_received(request: web.Request) -> web.Response:
    """GET /api/fax/received: how often each Message-ID was accepted."""
    return web.json_response(request.app[GATEWAY].received())


ROUTES = [
    web.get("/fax", show_tray),
    web.get(r"/fax/{id:\d{1,12}}/{page:\d{1,4}}.png", show_page),
    web.get("/api/fax/received", count_received),
]
