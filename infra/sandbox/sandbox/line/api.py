"""The LINE stand-in for programs: the Messaging API (/line/v2/bot/…), and what tests ask and arrange (/api/line/…)."""

import asyncio
import hmac
from typing import Any
from uuid import uuid4

from aiohttp import web

from sandbox.api import readable_json
from sandbox.faults import Mode
from sandbox.keys import FAULTS, TOKENS
from sandbox.line import people
from sandbox.line.platform import CONCURRENCY_LIMIT, FAILED, MONTHLY_LIMIT, RATE_LIMIT, Platform, Refused
from sandbox.line.users import User
from sandbox.line.webhooks import Webhooks
from sandbox.smtp import HANG_SECONDS

PLATFORM: web.AppKey[Platform] = web.AppKey("line platform", Platform)
WEBHOOKS: web.AppKey[Webhooks] = web.AppKey("line webhooks", Webhooks)

# What a fault of the mode `answer` may say in short.
WORDS = {"rate": RATE_LIMIT, "concurrency": CONCURRENCY_LIMIT, "month": MONTHLY_LIMIT, "recipient": FAILED}
GARBAGE = "<html><body>Please log in to this network</body></html>"


def answer(status: int, content: Any = None, **headers: str) -> web.Response:
    headers = {"x-line-request-id": str(uuid4())} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return web.json_response(content if content is not None else {}, status=status, headers=headers)


def refused(problem: Refused) -> web.Response:
    more = {"x_line_accepted_request_id": problem.accepted_request_id} if problem.accepted_request_id else {}
    return answer(problem.status, {"message": problem.message}, **more)


def check_token(request: web.Request) -> None:
    wanted = f"Bearer {request.app[TOKENS]['line']}"
    if not hmac.compare_digest(request.headers.get("Authorization", ""), wanted):
        raise Refused(401, "Authentication failed due to the following reason: invalid token")


async def send(request: web.Request) -> web.StreamResponse:
    """POST /line/v2/bot/message/{push, multicast}."""
    endpoint = request.match_info["endpoint"]
    faults, platform = request.app[FAULTS], request.app[PLATFORM]
    mode = Mode.NONE
    try:
        check_token(request)
        content = await read_object(request)
        to = content.get("to")
        recipients: list[Any] = to if isinstance(to, list) and endpoint != "push" else [to]
        mode = faults.strike(
            "line",
            Mode.REFUSE,
            Mode.BUSY,
            Mode.TIMEOUT,
            Mode.DROP_AFTER_ACCEPT,
            Mode.REJECT_RECIPIENT,
            Mode.GARBAGE,
        )
        if (told := faults.words("line")) is not None:
            status, _, words = told.partition(" ")
            raise Refused(int(status), WORDS.get(words, words or "told to answer so"))
        if mode is Mode.REFUSE:
            raise Refused(503, "Service Unavailable")
        if mode is Mode.BUSY:
            raise Refused(429, RATE_LIMIT)
        if mode is Mode.REJECT_RECIPIENT:
            raise Refused(400, FAILED)
        if mode is Mode.TIMEOUT:
            await asyncio.sleep(HANG_SECONDS)
            raise Refused(500, "Internal Server Error")
        await asyncio.sleep(faults.seconds("line", str(recipients[:1])))
        key = request.headers.get("X-Line-Retry-Key")
        request_id = platform.send(endpoint, recipients, content.get("messages"), key)
    except Refused as problem:
        if mode is Mode.DROP_AFTER_ACCEPT and request.transport is not None:
            request.transport.close()
        return refused(problem)
    if mode is Mode.GARBAGE:
        return web.Response(text=GARBAGE, content_type="text/html")
    if mode is Mode.DROP_AFTER_ACCEPT and request.transport is not None:
        request.transport.close()
    return answer(200, {"sentMessages": []} if endpoint == "push" else {}, x_line_request_id=request_id)


async def reply(request: web.Request) -> web.Response:
    try:
        check_token(request)
        content = await read_object(request)
        request_id = request.app[PLATFORM].reply(str(content.get("replyToken")), content.get("messages"))
    except Refused as problem:
        return refused(problem)
    return answer(200, {"sentMessages": []}, x_line_request_id=request_id)


async def link_token(request: web.Request) -> web.Response:
    try:
        check_token(request)
        return answer(200, {"linkToken": request.app[PLATFORM].new_link_token(request.match_info["user_id"])})
    except Refused as problem:
        return refused(problem)


async def profile(request: web.Request) -> web.Response:
    try:
        check_token(request)
        user = request.app[PLATFORM].users.get(request.match_info["user_id"])
        if user is None or not user.hears:
            raise Refused(404, "Not found")
    except Refused as problem:
        return refused(problem)
    return answer(200, {"userId": user.user_id, "displayName": user.name, "language": "zh-Hant"})


async def content(request: web.Request) -> web.StreamResponse:
    """GET /line/v2/bot/message/<id>/content: a picture that somebody sent. Of faults: those below, and `answer`."""
    faults = request.app[FAULTS]
    try:
        check_token(request)
        mode = faults.strike(
            "line", Mode.REFUSE, Mode.BUSY, Mode.TIMEOUT, Mode.DROP_AFTER_ACCEPT, Mode.GARBAGE
        )
        if (told := faults.words("line")) is not None:
            status, _, words = told.partition(" ")
            raise Refused(int(status), words or "told to answer so")
        if mode in (Mode.REFUSE, Mode.BUSY):
            raise Refused(503 if mode is Mode.REFUSE else 429, "Service Unavailable")
        if mode is Mode.TIMEOUT:
            await asyncio.sleep(HANG_SECONDS)
            raise Refused(500, "Internal Server Error")
        found, media_type = request.app[PLATFORM].content(request.match_info["content_id"])
    except Refused as problem:
        return refused(problem)
    if mode is Mode.GARBAGE:
        return web.Response(text=GARBAGE, content_type="text/html")
    if mode is not Mode.DROP_AFTER_ACCEPT:
        return web.Response(body=found, content_type=media_type)
    cut = web.StreamResponse(headers={"Content-Type": media_type, "Content-Length": str(len(found))})
    await cut.prepare(request)
    await cut.write(found[: len(found) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut


async def quota(request: web.Request) -> web.Response:
    try:
        check_token(request)
    except Refused as problem:
        return refused(problem)
    limit = request.app[PLATFORM].quota
    return answer(200, {"type": "none"} if limit is None else {"type": "limited", "value": limit})


async def consumption(request: web.Request) -> web.Response:
    try:
        check_token(request)
    except Refused as problem:
        return refused(problem)
    return answer(200, {"totalUsage": request.app[PLATFORM].used()})


async def read_object(request: web.Request) -> dict[str, Any]:
    """Raises Refused."""
    try:
        content = await request.json()
    except ValueError:
        raise Refused(400, "The request body could not be parsed as JSON (line: 1, column: 1)") from None
    if not isinstance(content, dict):
        raise Refused(400, "The request body has 1 error(s)")
    return content


# For tests


async def show_state(request: web.Request) -> web.Response:
    """GET /api/line: what was accepted and received, and what was told to the portal."""
    platform, webhooks = request.app[PLATFORM], request.app[WEBHOOKS]
    keys = platform.keys.values()
    return web.json_response(
        {
            "accepted": dict(platform.accepted),
            "reached": platform.users.reached(),
            "doubled": platform.users.doubled(),
            "keys": len(keys),
            "tries": sum(tried.tries for tried in keys),
            "quota": platform.quota,
            "used": platform.used(),
            "people": [shape(user) for user in platform.users.people()],
            "webhooks": list(webhooks.sent),
        },
        dumps=readable_json,
    )


async def arrange(request: web.Request) -> web.Response:
    """PUT /api/line {"quota": messages a month | null, "copies": how often each event is sent}."""
    content = await request.json()
    if "quota" in content:
        request.app[PLATFORM].quota = content["quota"]
    if "copies" in content:
        request.app[WEBHOOKS].copies = min(max(int(content["copies"]), 1), 5)
    return await show_state(request)


async def add_users(request: web.Request) -> web.Response:
    """POST /api/line/users {"name"} for a person; {"count"} for so many friends without a page."""
    content, users = await request.json(), request.app[PLATFORM].users
    if "count" in content:
        return web.json_response(users.new_crowd(int(content["count"])), status=201)
    return web.json_response(shape(users.new_person(str(content["name"]))), status=201, dumps=readable_json)


async def show_user(request: web.Request) -> web.Response:
    user = request.app[PLATFORM].users.get(request.match_info["user_id"])
    if user is None:
        raise web.HTTPNotFound
    platform = request.app[PLATFORM]
    more = {
        "received": platform.users.received(user.user_id),
        "messages": [{"own": each.own, **each.content} for each in user.messages],
        "reply_token": platform.last_reply_token(user.user_id),
    }
    return web.json_response(shape(user) | more, dumps=readable_json)


async def act(request: web.Request) -> web.Response:
    """POST /api/line/users/<id>/{follow, unfollow, say, picture}: what the person does; `say` with {"text"}, `picture`
    with the bytes.
    """
    user = request.app[PLATFORM].users.get(request.match_info["user_id"])
    if user is None:
        raise web.HTTPNotFound
    platform, webhooks = request.app[PLATFORM], request.app[WEBHOOKS]
    match request.match_info["what"]:
        case "follow":
            people.follow(platform, webhooks, user)
        case "unfollow":
            people.block(platform, webhooks, user)
        case "say":
            people.say(platform, webhooks, user, str((await request.json())["text"]))
        case "picture":
            people.send_picture(platform, webhooks, user, await request.read(), request.content_type)
    return web.json_response(shape(user), dumps=readable_json)


async def send_event(request: web.Request) -> web.Response:
    """POST /api/line/events: the body as an event, signed, however old or often sent."""
    request.app[WEBHOOKS].send(await request.json())
    return web.Response(status=202)


async def empty(request: web.Request) -> web.Response:
    request.app[PLATFORM].empty()
    return web.Response(status=204)


def shape(user: User) -> dict[str, Any]:
    return {"user_id": user.user_id, "name": user.name, "friend": user.friend, "blocked": user.blocked}


ROUTES = [
    web.post("/line/v2/bot/message/{endpoint:push|multicast}", send),
    web.post("/line/v2/bot/message/reply", reply),
    web.post("/line/v2/bot/user/{user_id}/linkToken", link_token),
    web.get("/line/v2/bot/message/{content_id:[0-9]+}/content", content),
    web.get("/line/v2/bot/profile/{user_id}", profile),
    web.get("/line/v2/bot/message/quota", quota),
    web.get("/line/v2/bot/message/quota/consumption", consumption),
    web.get("/api/line", show_state),
    web.put("/api/line", arrange),
    web.delete("/api/line", empty),
    web.post("/api/line/users", add_users),
    web.get("/api/line/users/{user_id}", show_user),
    web.post("/api/line/users/{user_id}/{what:follow|unfollow|say|picture}", act),
    web.post("/api/line/events", send_event),
]
