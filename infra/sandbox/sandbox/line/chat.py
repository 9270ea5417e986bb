"""The chat of the LINE stand-in: whoever tries the portal is the user, as on a phone."""

import re
from typing import Any

from aiohttp import web

from sandbox.line import people
from sandbox.line.api import PLATFORM, WEBHOOKS
from sandbox.line.platform import Refused
from sandbox.line.users import LONGEST_NAME, LONGEST_WORDS, User
from sandbox.line.words import FIRST_NAMES, words_of
from sandbox.pages import language_for, render

COOKIE = "line_user"
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
NONCE = re.compile(r"[\x21-\x7e]{10,255}")


def visitor(request: web.Request) -> User | None:
    """Whose phone this browser is."""
    user = request.app[PLATFORM].users.get(request.cookies.get(COOKIE, ""))
    return user if user is not None and user.person else None


async def show_chat(request: web.Request) -> web.Response:
    user = visitor(request)
    everybody = request.app[PLATFORM].users.people()
    if user is None or "people" in request.query:
        taken = {each.name for each in everybody}
        names = FIRST_NAMES[language_for(request)]
        suggestion = next((name for name in names if name not in taken), names[0])
        return page(
            request, "line/people.html", people=everybody, suggestion=suggestion, longest_name=LONGEST_NAME
        )
    newest = user.messages[-1].id if user.messages else 0
    shown: dict[str, Any] = {"newest": newest, "longest_words": LONGEST_WORDS, "pictures": ",".join(PICTURES)}
    return page(request, "line/chat.html", user=user, **shown)


async def be_somebody(request: web.Request) -> web.Response:
    """Become a new person, or one who is there already."""
    form = await request.post()
    users = request.app[PLATFORM].users
    user = users.get(str(form.get("user_id", "")))
    if user is None or not user.person:
        name = " ".join(str(form.get("name", "")).split()) or FIRST_NAMES[language_for(request)][0]
        user = users.new_person(name)
    answer = back_to_chat()
    answer.set_cookie(COOKIE, user.user_id, httponly=True, samesite="Lax", max_age=31_536_000)
    return answer


async def act(request: web.Request) -> web.Response:
    """POST /line/{follow, block, say}, by a button of the chat."""
    user = visitor(request)
    platform, webhooks = request.app[PLATFORM], request.app[WEBHOOKS]
    if user is not None:
        match request.match_info["what"]:
            case "follow":
                people.follow(platform, webhooks, user)
            case "block":
                people.block(platform, webhooks, user)
            case "say":
                form = await request.post()
                people.say(platform, webhooks, user, str(form.get("text", "")))
                picture = form.get("picture")
                if isinstance(picture, web.FileField) and picture.filename:
                    media_type = picture.content_type if picture.content_type in PICTURES else PICTURES[0]
                    people.send_picture(platform, webhooks, user, picture.file.read(), media_type)
    return back_to_chat()


async def show_dialog(request: web.Request) -> web.Response:
    """GET /line/dialog/accountLink?linkToken=&nonce=: LINE asks its user."""
    token, nonce = request.query.get("linkToken", ""), request.query.get("nonce", "")
    owner, user = request.app[PLATFORM].owner_of_link_token(token), visitor(request)
    if owner is None or not NONCE.fullmatch(nonce):
        return page(request, "line/dialog.html", 400, problem="dialog_old", user=user)
    return page(request, "line/dialog.html", user=user, token=token, line_nonce=nonce, problem="")


async def answer_dialog(request: web.Request) -> web.Response:
    form = await request.post()
    token, nonce = str(form.get("linkToken", "")), str(form.get("nonce", ""))
    user = visitor(request)
    linked = people.answer_dialog(request.app[PLATFORM], request.app[WEBHOOKS], user, token, nonce)
    if not linked:
        return page(request, "line/dialog.html", 403, problem="dialog_refused", user=user)
    return back_to_chat()


async def show_picture(request: web.Request) -> web.Response:
    """GET /line/pictures/<id>: what this browser's person sent."""
    user, content_id = visitor(request), request.match_info["content_id"]
    sent = {each.content.get("id") for each in user.messages if each.own} if user else set()
    try:
        content, media_type = request.app[PLATFORM].content(content_id if content_id in sent else "")
    except Refused:
        raise web.HTTPNotFound from None
    return web.Response(body=content, content_type=media_type)


async def newest(request: web.Request) -> web.Response:
    """GET /line/newest: the id of the last message in this browser's chat."""
    user = visitor(request)
    return web.json_response({"newest": user.messages[-1].id if user and user.messages else 0})


def back_to_chat() -> web.Response:
    return web.Response(status=303, headers={"Location": "/line#end"})


def page(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    return render(request, template, status, line=words_of(language_for(request)), **values)


ROUTES = [
    web.get("/line", show_chat),
    web.get("/line/newest", newest),
    web.get("/line/pictures/{content_id:[0-9]+}", show_picture),
    web.post("/line/people", be_somebody),
    web.post("/line/{what:follow|block|say}", act),
    web.get("/line/dialog/accountLink", show_dialog),
    web.post("/line/dialog/accountLink", answer_dialog),
]
