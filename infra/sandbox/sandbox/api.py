"""The HTTP endpoints for programs: the gateways of all channels but mail, the inbox as JSON, and the faults."""

import asyncio
import hmac
import json
from dataclasses import asdict
from typing import Any

from aiohttp import web
from mtnet_contracts.vocabulary.channels import CHANNELS

from sandbox import sms
from sandbox.faults import Fault, Mode
from sandbox.keys import FAULTS, INBOX, TOKENS
from sandbox.messages import Message, is_mobile_number
from sandbox.smtp import HANG_SECONDS


def refusal(status: int, problem: str, **headers: str) -> web.Response:
    return web.json_response({"error": problem}, status=status, headers=headers)


async def send_message(request: web.Request) -> web.StreamResponse:
    """POST /<channel>, bearer token, {"to", "text", "reference"}: 202 and message_id; 200 if sent before."""
    channel = request.match_info["channel"]
    if channel not in request.app[TOKENS]:
        raise web.HTTPNotFound
    authorization = request.headers.get("Authorization", "")
    if not hmac.compare_digest(authorization, f"Bearer {request.app[TOKENS][channel]}"):
        return refusal(401, "the token is missing or wrong")
    mode = request.app[FAULTS].strike(
        channel, Mode.REFUSE, Mode.BUSY, Mode.TIMEOUT, Mode.DROP_AFTER_ACCEPT, Mode.REJECT_RECIPIENT
    )
    if (status := request.app[FAULTS].status(channel)) is not None:
        return refusal(status, "told to answer so")
    if mode is Mode.REFUSE:
        return refusal(503, "out of service")
    if mode is Mode.BUSY:
        return refusal(429, "too many messages", **{"Retry-After": "1"})
    if mode is Mode.TIMEOUT:
        await asyncio.sleep(HANG_SECONDS)
        return refusal(503, "too slow")
    try:
        content = await request.json()
        to, text, reference = content["to"], content["text"], content["reference"]
    except (ValueError, TypeError, KeyError):
        return refusal(422, "to, text and reference are needed")
    if not all(isinstance(each, str) and each for each in (to, text, reference)):
        return refusal(422, "to, text and reference are texts")
    if mode is Mode.REJECT_RECIPIENT or (channel == "sms" and not is_mobile_number(to)):
        return refusal(422, "no such recipient")
    await asyncio.sleep(request.app[FAULTS].seconds(channel, to))
    known = request.app[INBOX].sent_before(reference)
    if known is not None:
        return web.json_response({"message_id": str(known)}, status=200)
    message = Message(channel=channel, to=to, sender="MTNet", subject="", text=text)
    number = request.app[INBOX].add([message], reference)
    if channel == "sms":
        await sms.tell(request, "first", reference, to)
    if mode is Mode.DROP_AFTER_ACCEPT and request.transport is not None:
        request.transport.close()
    return web.json_response({"message_id": str(number)}, status=202)


async def list_messages(request: web.Request) -> web.Response:
    """GET /api/messages?to=&channel=&after=<id>&limit=: newest first."""
    query = request.query
    try:
        after, limit = int(query.get("after") or 0), int(query.get("limit") or 500)
    except ValueError:
        return refusal(400, "after is a message's id and limit a number")
    found = request.app[INBOX].newest_first(
        to=query.get("to", ""), channel=query.get("channel", ""), after=after, limit=limit
    )
    return web.json_response([message.as_json() for message in found], dumps=readable_json)


async def delete_messages(request: web.Request) -> web.Response:
    request.app[INBOX].empty()
    return web.Response(status=204)


async def set_fault(request: web.Request) -> web.Response:
    """PUT /api/faults {"channel", "mode", "count", and for some modes "stage", "answer", "seconds", "only"}."""
    try:
        content = dict(await request.json())
        channel, mode = content.pop("channel"), Mode(content.pop("mode"))
        fault = Fault(mode, **content)
    except (ValueError, TypeError, KeyError, AttributeError):
        return refusal(422, f"channel is one of {', '.join(CHANNELS)}; mode is one of {', '.join(Mode)}")
    if channel not in CHANNELS:
        return refusal(422, f"channel is one of {', '.join(CHANNELS)}")
    if problem := fault.problem(channel):
        return refusal(422, problem)
    request.app[FAULTS].set(channel, fault)
    return await show_faults(request)


async def show_faults(request: web.Request) -> web.Response:
    return web.json_response({channel: asdict(request.app[FAULTS].current(channel)) for channel in CHANNELS})


async def healthy(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def readable_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


ROUTES = [
    web.get("/api/messages", list_messages),
    web.delete("/api/messages", delete_messages),
    web.get("/api/faults", show_faults),
    web.put("/api/faults", set_fault),
    web.get("/healthz", healthy),
    web.get("/readyz", healthy),
    web.post("/{channel}", send_message),
]
