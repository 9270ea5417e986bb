"""`POST /receiver/<system>` takes events; `/receiver` shows them; `/api/receiver` is for programs."""

import asyncio
from collections import Counter
from dataclasses import asdict

from aiohttp import web

from sandbox.api import readable_json, refusal
from sandbox.pages import render
from sandbox.receiver.kept import LARGEST_BODY_BYTES, Fault, Mode, Receivers
from sandbox.receiver.words import words_for

RECEIVERS: web.AppKey[Receivers] = web.AppKey("receivers", Receivers)
DRIP_SECONDS = 0.2
FLOOD_BYTES = 50 * 1024 * 1024
SHOWN = 100


async def take_event(request: web.Request) -> web.StreamResponse:
    receivers, system = request.app[RECEIVERS], request.match_info["system"]
    headers = {name.lower(): value for name, value in request.headers.items()}
    raw = await request.content.read(LARGEST_BODY_BYTES)
    receivers.asks(system)
    fault = receivers.strike(system, headers.get("ce-type", ""))
    if fault.mode is Mode.SLOW:
        await asyncio.sleep(fault.seconds)
    if (answer := _refused(request, fault)) is not None:
        return answer
    kept = receivers.keep(system, headers, raw.decode("utf-8", "replace"))
    if kept.verified is False:
        return refusal(401, "the signature is not right")
    if fault.mode in (Mode.CUT_AFTER, Mode.GARBAGE) and request.transport is not None:
        if fault.mode is Mode.GARBAGE:
            request.transport.write(b"\x00\xff what is this?\r\n\r\n")
        request.transport.close()
    if fault.mode in (Mode.DRIP, Mode.FLOOD):
        return await _endless(request, fault.mode)
    return web.json_response({"taken": kept.number})


def _refused(request: web.Request, fault: Fault) -> web.Response | None:
    """What is answered in place of taking the event."""
    match fault.mode:
        case Mode.REFUSE:
            return refusal(500, "told to answer so")
        case Mode.AWAY:
            return refusal(503, "told to answer so")
        case Mode.BUSY:
            return refusal(429, "told to answer so", **{"Retry-After": f"{fault.seconds:.0f}"})
        case Mode.GONE:
            return refusal(410, "no more, please")
        case Mode.REDIRECT:
            return web.Response(status=307, headers={"Location": fault.to or "http://169.254.169.254/"})
        case Mode.CUT:
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=500)
    return None


async def _endless(request: web.Request, mode: Mode) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await answer.prepare(request)
    try:
        sent = 0
        while mode is Mode.DRIP or sent < FLOOD_BYTES:
            piece = b"." if mode is Mode.DRIP else b"." * 65536
            await answer.write(piece)
            sent += len(piece)
            if mode is Mode.DRIP:
                await asyncio.sleep(DRIP_SECONDS)
    except ConnectionError:
        pass
    return answer


async def list_events(request: web.Request) -> web.Response:
    """GET /api/receiver?system=: what came, newest first; how often each id came; how many requests there were."""
    receivers, system = request.app[RECEIVERS], request.query.get("system", "")
    found = receivers.newest_first(system, 2000)
    times: Counter[str] = Counter()
    for (of, event_id), n in receivers.times.items():
        if system in ("", of):
            times[event_id] += n
    return web.json_response(
        {"items": [each.as_json() for each in found], "times": dict(times), "asked": dict(receivers.asked)},
        dumps=readable_json,
    )


async def delete_events(request: web.Request) -> web.Response:
    request.app[RECEIVERS].empty()
    return web.Response(status=204)


async def trust(request: web.Request) -> web.Response:
    """PUT /api/receiver/<system> {"secrets": ["whsec_…"]}: by which what comes is verified."""
    try:
        secrets = (await request.json())["secrets"]
        if not isinstance(secrets, list) or not all(isinstance(each, str) for each in secrets):
            raise TypeError
        request.app[RECEIVERS].trust(request.match_info["system"], secrets)
    except (ValueError, TypeError, KeyError):
        return refusal(422, "secrets is a list of at most three, each whsec_…")
    return web.Response(status=204)


async def set_fault(request: web.Request) -> web.Response:
    """PUT /api/receiver/<system>/fault {"mode", "count", "seconds", "to", "only"}."""
    try:
        content = dict(await request.json())
        fault = Fault(Mode(content.pop("mode")), **content)
        problem = fault.problem()
        if not problem:
            request.app[RECEIVERS].misbehave(request.match_info["system"], fault)
    except (ValueError, TypeError, KeyError):
        return refusal(
            422, f"mode is one of {', '.join(Mode)}; count, seconds, to and only may stand beside it"
        )
    if problem:
        return refusal(422, problem)
    return web.json_response(asdict(fault))


async def show_events(request: web.Request) -> web.Response:
    receivers, system = request.app[RECEIVERS], request.query.get("system", "")
    return render(
        request,
        "receiver/events.html",
        said=words_for(request),
        events=receivers.newest_first(system, SHOWN),
        times={event_id: n for (_, event_id), n in receivers.times.items()},
        systems=receivers.systems(),
        trusted=receivers.secrets,
        system=system,
        problem=request.query.get("problem", ""),
    )


async def trust_by_form(request: web.Request) -> web.Response:
    """The page's form: a system and its secret."""
    form = await request.post()
    system, secret = str(form.get("system", "")).strip()[:60], str(form.get("secret", "")).strip()[:200]
    where = (
        f"/receiver?system={system}"
        if system.replace("-", "").isalnum() and system.isascii()
        else "/receiver?"
    )
    try:
        if where.endswith("?"):
            raise ValueError
        request.app[RECEIVERS].trust(system, [secret])
    except ValueError:
        raise web.HTTPSeeOther(f"{where}&problem=secret") from None
    raise web.HTTPSeeOther(where)


def add_to(app: web.Application) -> None:
    app[RECEIVERS] = Receivers()


ROUTES = [
    web.get("/receiver", show_events),
    web.post("/receiver", trust_by_form),
    web.post("/receiver/{system}", take_event),
    web.get("/api/receiver", list_events),
    web.delete("/api/receiver", delete_events),
    web.put("/api/receiver/{system}", trust),
    web.put("/api/receiver/{system}/fault", set_fault),
]
