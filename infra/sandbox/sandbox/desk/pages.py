"""Write to the helpdesk: the page of a mail program, and the form of the fax tray."""

import re

from aiohttp import web
from aiohttp.web_request import FileField

from sandbox.desk.letters import letter
from sandbox.desk.mailroom import LARGEST_FILE_BYTES, Letter, Mailroom, NotWritten
from sandbox.desk.words import words_of
from sandbox.fax.documents import TYPES, NothingToFax, count_pages
from sandbox.keys import INBOX
from sandbox.messages import Message
from sandbox.pages import language_for, render

MAILROOM: web.AppKey[Mailroom] = web.AppKey("mailroom", Mailroom)
NUMBER = re.compile(r"\+?[0-9][0-9 -]{4,18}[0-9]")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,200}>")
MOST_ANSWERED = 10


async def show_form(request: web.Request) -> web.Response:
    """GET /write; `?answer=<id>` answers a mail of the inbox."""
    answered = _answered(request)
    return _form(request, values=_beginning(request, answered), answer=request.query.get("answer", ""))


async def send(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    values = {name: str(form.get(name, "")) for name in ("from", "to", "subject", "text")}
    answered = request.app[INBOX].message(_number(str(form.get("answer", ""))))
    files = [each for each in form.getall("files", ()) if isinstance(each, FileField) and each.filename]
    written = Letter(
        sender=values["from"],
        to=values["to"],
        subject=values["subject"],
        text=values["text"],
        files=tuple((each.filename, each.content_type, each.file.read(LARGEST_FILE_BYTES)) for each in files),
        answers=_message_ids(answered),
    )
    mailroom = request.app[MAILROOM]
    try:
        if not mailroom.takes(written.to):
            raise NotWritten("to")
        mailroom.write(written)
    except NotWritten as problem:
        return _form(request, 422, values=values, answer=str(form.get("answer", "")), problem=str(problem))
    return web.Response(status=303, headers={"Location": "/write?sent=1"})


async def fax_in(request: web.Request) -> web.StreamResponse:
    """POST /fax/in: pages to the helpdesk's number, from a file or from what was typed."""
    form = await request.post()
    number, upload = str(form.get("number", "")).strip(), form.get("file")
    problem = "" if NUMBER.fullmatch(number) else "number"
    kind, document = "image/tiff", b""
    if isinstance(upload, FileField) and upload.filename:
        kind, document = upload.content_type, upload.file.read(LARGEST_FILE_BYTES)
        try:
            if kind not in TYPES:
                raise NothingToFax
            count_pages(kind, document)
        except NothingToFax:
            problem = problem or "file"
    elif str(form.get("text", "")).strip():
        document = letter(str(form["text"]))
    else:
        problem = problem or "nothing"
    if problem:
        return web.Response(status=303, headers={"Location": f"/fax?problem={problem}#in"})
    request.app[MAILROOM].fax(re.sub(r"[ -]", "", number), kind, document)
    return web.Response(status=303, headers={"Location": "/fax?sent=1#in"})


def _form(request: web.Request, status: int = 200, **values: object) -> web.Response:
    mailroom = request.app[MAILROOM]
    return render(
        request,
        "desk/write.html",
        status,
        desk=words_of(language_for(request)),
        desk_address=mailroom.addresses[0] if mailroom.addresses else "",
        sent="sent" in request.query,
        **{"problem": "", **values},
    )


def _answered(request: web.Request) -> Message | None:
    return request.app[INBOX].message(_number(request.query.get("answer", "")))


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,12}", text) else 0


def _beginning(request: web.Request, answered: Message | None) -> dict[str, str]:
    """What stands in the form at first."""
    addresses = request.app[MAILROOM].addresses
    if answered is None:
        return {
            "from": "clerk@agency.example",
            "to": addresses[0] if addresses else "",
            "subject": "",
            "text": "",
        }
    subject = answered.subject if answered.subject.lower().startswith("re:") else f"Re: {answered.subject}"
    quoted = "\n".join(f"> {line}" for line in answered.text.splitlines()[:50])
    return {
        "from": answered.to,
        "to": answered.headers.get("Reply-To", answered.sender).split("<")[-1].strip("> "),
        "subject": subject,
        "text": f"\n\n{answered.sender} wrote:\n{quoted}",
    }


def _message_ids(answered: Message | None) -> tuple[str, ...]:
    if answered is None:
        return ()
    told = f"{answered.headers.get('References', '')} {answered.headers.get('Message-ID', '')}"
    return tuple(dict.fromkeys(MESSAGE_ID.findall(told)))[-MOST_ANSWERED:]


ROUTES = [web.get("/write", show_form), web.post("/write", send), web.post("/fax/in", fax_in)]
