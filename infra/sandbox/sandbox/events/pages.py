"""The page of events: what has arrived, and what arrives while one looks."""

import json

from aiohttp import web

from sandbox.events.watching import Seen, Watcher
from sandbox.events.words import words_of
from sandbox.pages import TEMPLATES, language_for, render
from sandbox.words import WORDS

WATCHER: web.AppKey[Watcher] = web.AppKey("watcher", Watcher)
SHOWN = 50
MOST_LISTENERS = 20
BEAT_SECONDS = 15.0
LISTENERS: web.AppKey[set[int]] = web.AppKey("listeners", set)


def add_to(app: web.Application, watcher: Watcher) -> None:
    app[WATCHER], app[LISTENERS] = watcher, set()

    async def start(_: web.Application) -> None:
        watcher.start()

    async def stop(_: web.Application) -> None:
        await watcher.close()

    app.on_startup.append(start)
    app.on_shutdown.append(stop)


async def show_events(request: web.Request) -> web.Response:
    watcher = request.app[WATCHER]
    seen = watcher.newest_first()[:SHOWN]
    return render(
        request,
        "events/events.html",
        told=words_of(language_for(request)),
        state=watcher.state,
        credentials=watcher.credentials,
        seen=seen,
        newest=seen[0].number if seen else 0,
        shown=SHOWN,
    )


async def follow(request: web.Request) -> web.StreamResponse:
    """GET /events/live: server-sent events `state` and `seen`, the latter with the item's HTML."""
    watcher, listeners = request.app[WATCHER], request.app[LISTENERS]
    if len(listeners) >= MOST_LISTENERS:
        raise web.HTTPServiceUnavailable(
            text="too many pages follow the events", headers={"Retry-After": "10"}
        )
    language = language_for(request)
    after = _number(request.headers.get("Last-Event-ID") or request.query.get("after", ""))
    answer = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    listeners.add(id(answer))
    try:
        await answer.prepare(request)
        told = ""
        while not watcher.stopping:
            if told != watcher.state:
                told = watcher.state
                await answer.write(_message("state", words_of(language)[f"state_{told}"]))
            news = watcher.newest_first(after)[:SHOWN]
            for each in reversed(news):
                await answer.write(_message("seen", _item(each, language), each.number))
            if news:
                after = news[0].number
                continue
            await watcher.change(BEAT_SECONDS)
            await answer.write(b": still here\n\n")
    except ConnectionResetError:  # the page was closed
        pass
    finally:
        listeners.discard(id(answer))
    return answer


async def list_events(request: web.Request) -> web.Response:
    """GET /api/events?after=<number>: the same as JSON, newest first."""
    watcher = request.app[WATCHER]
    seen = watcher.newest_first(_number(request.query.get("after", "")))
    return web.json_response(
        {
            "state": watcher.state,
            "events": [
                {
                    "number": each.number,
                    "event": each.event,
                    "headers": dict(each.headers),
                    "body": each.body,
                    "received_at": each.received_at.isoformat(),
                }
                for each in seen
            ],
        }
    )


def _item(seen: Seen, language: str) -> str:
    return TEMPLATES.get_template("events/item.html").render(
        each=seen, told=words_of(language), words=WORDS[language]
    )


def _message(name: str, text: str, number: int | None = None) -> bytes:
    """JSON has no line breaks, which would end the field."""
    identity = "" if number is None else f"id: {number}\n"
    return f"event: {name}\n{identity}data: {json.dumps(text, ensure_ascii=False)}\n\n".encode()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0


ROUTES = [
    web.get("/events", show_events),
    web.get("/events/live", follow),
    web.get("/api/events", list_events),
]
