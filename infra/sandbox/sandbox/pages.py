"""The inbox page: every message, newest first, as its receiver would read it."""

import re
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from sandbox.keys import INBOX
from sandbox.words import WORDS, channel_titles, language_of

TAIPEI = ZoneInfo("Asia/Taipei")
LINK = re.compile(r"https?://[^\s<>\"'，。；、）」]+")


def taipei(moment: datetime) -> str:
    return moment.astimezone(TAIPEI).strftime("%Y-%m-%d %H:%M:%S")


def with_links(text: str) -> Markup:
    """Escaped text with its web addresses clickable."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        address = found.group().rstrip(".,;:!?)")
        parts.append(escape(text[end : found.start()]))
        parts.append(Markup('<a href="{0}">{0}</a>').format(address))
        end = found.start() + len(address)
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def preview(text: str, length: int = 160) -> str:
    short = " ".join(text.split())
    return short if len(short) <= length else short[: length - 1] + "…"


TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
)
TEMPLATES.filters.update(taipei=taipei, with_links=with_links, preview=preview)


def language_for(request: web.Request) -> str:
    asked = request.query.get("lang")
    return language_of(asked, request.cookies.get("lang"), request.headers.get("Accept-Language", ""))


def render(request: web.Request, template: str, status: int = 200, **values: object) -> web.Response:
    chosen = request.query.get("lang")
    language = language_for(request)
    nonce = token_urlsafe(16)
    other = request.rel_url.update_query(lang=WORDS[language]["other_code"])
    content = TEMPLATES.get_template(template).render(
        words=WORDS[language],
        channels=channel_titles(language),
        language=language,
        nonce=nonce,
        other_url=str(other),
        **values,
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'"
    )
    answer = web.Response(text=content, content_type="text/html", status=status)
    answer.headers["Content-Security-Policy"] = policy
    if chosen in WORDS:
        answer.set_cookie("lang", chosen, httponly=True, samesite="Lax", max_age=31_536_000)
    return answer


async def show_inbox(request: web.Request) -> web.Response:
    to, channel = request.query.get("to", "").strip(), request.query.get("channel", "")
    inbox = request.app[INBOX]
    messages = inbox.newest_first(containing=to, channel=channel, limit=200)
    newest = inbox.newest_first(limit=1)
    return render(
        request,
        "inbox.html",
        messages=messages,
        recipients=inbox.recipients(),
        to=to,
        channel=channel,
        newest=newest[0].id if newest else 0,
    )


async def show_message(request: web.Request) -> web.Response:
    message = request.app[INBOX].message(int(request.match_info["id"]))
    return render(request, "message.html", 200 if message else 404, message=message)


async def show_html(request: web.Request) -> web.Response:
    """The HTML part alone, for a frame without scripts; its links open outside the frame."""
    message = request.app[INBOX].message(int(request.match_info["id"]))
    if message is None or not message.html:
        raise web.HTTPNotFound
    answer = web.Response(text='<base target="_top">' + message.html, content_type="text/html")
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
        "sandbox allow-top-navigation-by-user-activation allow-popups"
    )
    return answer


async def download_attachment(request: web.Request) -> web.Response:
    message = request.app[INBOX].message(int(request.match_info["id"]))
    position = int(request.match_info["position"])
    if message is None or position >= len(message.attachments):
        raise web.HTTPNotFound
    attachment = message.attachments[position]
    name = quote(attachment.name, safe="")
    return web.Response(
        body=attachment.content,
        headers={
            "Content-Type": attachment.content_type,
            "Content-Disposition": f"attachment; filename=attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
        },
    )


ROUTES = [
    web.get("/", show_inbox),
    web.get(r"/messages/{id:\d+}", show_message),
    web.get(r"/messages/{id:\d+}/html", show_html),
    web.get(r"/messages/{id:\d+}/attachments/{position:\d+}", download_attachment),
]
